import { guarded } from "./guard.ts";

/** So long a part that can't be had is let alone. */
const RETRY_MS = 30_000;

/**
 * A part that not every page needs: a file of its own, beside the script. It is got with the first need; nothing while it
 * is on its way, and then `again` runs when it is here. One that can't be had is empty, until a later need brings it.
 */
export function importing<Part extends object>(load: () => Promise<Part>): (again: () => void) => Partial<Part> | undefined {
  let part: Partial<Part> | undefined;
  let loading: Promise<void> | undefined;
  /** When the next try is due; of one that is here, never. */
  let due = 0;
  const keep = (loaded: Partial<Part>, next: number): void => {
    part = loaded;
    due = next;
    loading = undefined;
  };
  return (again) => {
    if (Date.now() > due) {
      // Behind a request for the numbers that was made in this task: there may be one open connection, and they go first.
      // The browser's console tells why a part can't be had.
      loading ??= Promise.resolve().then(load).then((loaded) => keep(loaded, Infinity), () => keep({}, Date.now() + RETRY_MS));
      void loading.then(guarded(again));
    }
    return part;
  };
}
