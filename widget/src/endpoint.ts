/** As absolute and without a slash at the end; the script's own origin where none is told. */
export function endpointOf(value: string | null): string {
  try {
    return new URL(value || "/", value ? document.baseURI : import.meta.url).href.replace(/\/+$/, "");
  } catch {
    return "";
  }
}
