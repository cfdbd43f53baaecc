/** What is said aloud to those who do not see it: now and then, once for all elements that show the same. */

const QUIET_MS = 30_000;

const said = new Map<string, { readonly text: string; readonly at: number }>();

/** Puts the news on `channel` into a live region. The first is none: it is read with the page. */
export function announce(region: HTMLElement, channel: string, text: string): void {
  const last = said.get(channel);
  const now = Date.now();
  if (last && (last.text === text || now - last.at < QUIET_MS)) return;
  if (last) region.textContent = text;
  said.set(channel, { text, at: now });
}
