import { guarded } from "./guard.ts";

/** Parts that not every page needs: files of their own, beside the script. */
const imports = {
  chart: () => import("./chart-figure.ts"),
  client: () => import("./client-live.ts"),
  words: () => import("./languages.ts"),
};

type Parts = { [Name in keyof typeof imports]: Partial<Awaited<ReturnType<(typeof imports)[Name]>>> };

const parts: Partial<Parts> = {};

/** A part, or nothing while it is on its way; then `again` runs when it is here. One that can't be had is empty. */
export function onNeed<Name extends keyof Parts>(name: Name, again: () => void): Parts[Name] | undefined {
  const part = parts[name];
  if (!part) {
    imports[name]()
      // The browser's console tells why.
      .catch(() => ({}))
      .then(
        guarded((loaded) => {
          parts[name] = loaded as Parts[Name];
          again();
        }),
      );
  }
  return part;
}
