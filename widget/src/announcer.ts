/** What is said aloud to those who do not see it: now and then, once for the whole page. */

const QUIET_MS = 30_000;

/** When something of the kind was last said. */
const said: { state?: number; number?: number } = {};

/** Puts news into a live region. A state may come soon after a number: it is no repetition. */
export function announce(region: HTMLElement, kind: keyof typeof said, text: string): void {
  const now = Date.now();
  if (now - (said[kind] ?? 0) < QUIET_MS) return;
  said[kind] = now;
  region.textContent = text;
}
