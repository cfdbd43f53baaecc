import { fields } from "./json.ts";
import { parseLive, parseView, type Live, type View } from "./view.ts";

export interface Answer {
  readonly view: View | undefined;
  /**
   * Where nothing is kept yet, the answer can at least name the socket: a channel that is watched by a pattern exists
   * only once somebody is in it.
   */
  readonly live: Live | undefined;
  /** What is wrong, where another try would be answered alike: `404 unknown_channel`. Else empty. */
  readonly reason: string;
  /** The moment on the server's clock; `NaN` if the answer does not say. */
  readonly date: number;
  /** Whether that is now, or only the making of an answer that may have lain in a cache since. */
  readonly exact: boolean;
}

interface Asker {
  readonly channel: string;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

const PATIENCE_MS = 15_000;

/** The most that the server answers together. */
const TOGETHER = 50;

/** By endpoint, those who have asked in this moment. */
const waiting = new Map<string, Asker[]>();

/**
 * Asks once for the kept view; rejects when there is no answer. Who asks in the same moment asks together: in the same
 * task if it is urgent, else with all timers that are due.
 */
export function requestSnapshot(endpoint: string, channel: string, urgent: boolean): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const askers = waiting.get(endpoint) ?? [];
    if (askers.push({ channel, resolve, reject }) > 1) return;
    waiting.set(endpoint, askers);
    (urgent ? queueMicrotask : setTimeout)(() => {
      waiting.delete(endpoint);
      // Sorted, so that all who ask for the same have one address for it. A comma ends a name there.
      const names = [...new Set(askers.map(({ channel }) => channel))].sort();
      const lists = names.filter((name) => !name.includes(","));
      while (lists.length) void ask(endpoint, lists.splice(0, TOGETHER), askers);
      for (const name of names) if (name.includes(",")) void ask(endpoint, [name], askers);
    });
  });
}

async function ask(endpoint: string, names: readonly string[], all: readonly Asker[]): Promise<void> {
  const askers = all.filter(({ channel }) => names.includes(channel));
  const isAlone = names.length < 2;
  try {
    const path = (isAlone ? "/" : "?channels=") + names.map(encodeURIComponent).join();
    const response = await fetch(`${endpoint}/v1/presence${path}`, { signal: AbortSignal.timeout(PATIENCE_MS) });
    const { status, headers } = response;
    // What is no JSON is an answer, too, if none of Rollcall's; a connection that breaks is none.
    const answer = fields(JSON.parse((await response.text()).replace(/^[^{].*/s, "0")));
    const age = headers.get("age");
    // Half a second more: `Date` has whole seconds, cut off.
    const date = Date.parse(headers.get("date") ?? "") + 500 + Number(age) * 1000;
    const alone = new Set<string>();
    for (const { channel, resolve } of askers) {
      const kept = isAlone ? answer : fields(answer["channels"])[channel];
      const view = parseView(kept);
      const isLater = !!view || status > 499;
      // What is not kept, or was left out, is answered more fully alone.
      if (!isLater && !isAlone) alone.add(channel);
      else {
        const { code } = answer;
        const reason = isLater || code === "no_snapshot" ? "" : `${status} ${code ?? "no view"}`;
        resolve({ view, live: parseLive(kept), reason, date, exact: !!age });
      }
    }
    for (const name of alone) void ask(endpoint, [name], askers);
  } catch (error) {
    for (const { reject } of askers) reject(error);
  }
}
