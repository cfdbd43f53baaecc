/** The same function, but what it throws is told to the console and not to the page around it. */
export function guarded<A extends unknown[]>(run: (...args: A) => void): (...args: A) => void {
  return (...args) => {
    try {
      run(...args);
    } catch (error) {
      console.warn("roll-call:", error);
    }
  };
}

const told = new Set<string>();

/** What a page's author would want to know, said once however many elements are concerned. */
export function warnOnce(text: string): void {
  if (told.has(text)) return;
  told.add(text);
  console.warn("roll-call:", text);
}
