import { guarded } from "./guard.ts";

/** Parts that not every page needs: files of their own, beside the script. */
const imports = {
  chart: () => import("./chart-figure.ts"),
  client: () => import("./client-live.ts"),
  words: () => import("./languages.ts"),
};

type Parts = { [Name in keyof typeof imports]: Partial<Awaited<ReturnType<(typeof imports)[Name]>>> };

const parts: Partial<Parts> = {};

/** So long a part that can't be had is let alone. */
const RETRY_MS = 30_000;
/** When the next try is due; of those that are here, never. */
const due: { [Name in keyof Parts]?: number } = {};

/**
 * A part, or nothing while it is on its way; then `again` runs when it is here. One that can't be had is empty, until a
 * later need brings it.
 */
export function onNeed<Name extends keyof Parts>(name: Name, again: () => void): Parts[Name] | undefined {
  const part = parts[name];
  if (!part || Date.now() > due[name]!) {
    const keep = (loaded: object, next: number): void => {
      parts[name] = loaded as Parts[Name];
      due[name] = next;
    };
    imports[name]()
      // The browser's console tells why.
      .then((loaded) => keep(loaded, Infinity), () => keep({}, Date.now() + RETRY_MS))
      .then(guarded(again));
  }
  return part;
}
