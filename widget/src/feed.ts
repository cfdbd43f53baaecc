import { backoff } from "./backoff.ts";
import { guarded } from "./guard.ts";
import { openLive, type Link } from "./live.ts";
import { requestSnapshot } from "./snapshot-request.ts";
import { parseView, type Live, type View } from "./view.ts";

/** `unknown`: nothing to show yet. `stale`: the view is older than two and a half periods. */
export type State = "unknown" | "current" | "stale";

/** What a feed is about; elements that ask for the same share it. */
export interface Source {
  /** Base URL of the HTTP API, without a slash at the end. */
  readonly endpoint: string;
  readonly channel: string;
  readonly token: string;
  readonly observer: boolean;
}

/**
 * The newest view of one channel: one request for the first, a socket for those that follow, and polling once a
 * period for as long as no socket is to be had.
 */
export interface Feed {
  readonly view: View | undefined;
  readonly state: State;
  /** Whether a socket is being tried at the moment. */
  readonly connecting: boolean;
  /** Milliseconds since `time`, a moment on the server's clock. */
  age(time: number): number;
  /** Asks the HTTP API once; never rejects. */
  refresh(): Promise<void>;
}

const STALE_PERIODS = 2.5;
/** How often the age of a stale view is written anew. */
const STALE_TICK_MS = 15_000;
const REQUEST_MS = 15_000;
const REQUEST_BACKOFF_CAP_MS = 60_000;

type Timer = ReturnType<typeof setTimeout> | undefined;

interface RunningFeed extends Feed {
  readonly listeners: Set<() => void>;
  close(): void;
}

const feeds = new Map<string, RunningFeed>();

/**
 * The page's one feed of `source`: however many elements show it, the visitor asks once and is counted once.
 * `listener` runs after each change until `stop` is called; with its last listener a feed ends.
 * With a `seed`, a view of this channel that names a socket, nothing needs to be asked at all.
 */
export function follow(source: Source, listener: () => void, seed?: View): [feed: Feed, stop: () => void] {
  const key = JSON.stringify(source);
  const feed = feeds.get(key) ?? startFeed(source, seed);
  feeds.set(key, feed);
  // An entry of its own for each call: one listener may hold a feed twice while it changes over.
  const entry = guarded(listener);
  feed.listeners.add(entry);
  return [
    feed,
    () => {
      feed.listeners.delete(entry);
      if (feed.listeners.size) return;
      feeds.delete(key);
      feed.close();
    },
  ];
}

function startFeed({ endpoint, channel, token, observer }: Source, seed?: View): RunningFeed {
  const listeners = new Set<() => void>();
  let closed = false;
  let view: View | undefined;
  let state: State = "unknown";
  let link: Link = "none";
  let address: string | undefined;
  let disconnect: (() => void) | undefined;
  let request: Promise<void> | undefined;
  let abort = new AbortController();
  /** Requests so far; of use only until there is a view. */
  let tries = 0;
  let pollTimer: Timer;
  let tickTimer: Timer;
  /** The server's clock against ours, in milliseconds. The visitor's clock is believed until there is evidence. */
  let offset = 0;

  const age = (time: number): number => Math.max(0, Date.now() + offset - time);
  const notify = (): void => listeners.forEach((listener) => listener());

  /** Settles the state, and comes back when time alone will change it. */
  const tick = (): void => {
    if (!view) return;
    const left = view.period * STALE_PERIODS * 1000 - age(view.taken_at);
    state = left < 0 ? "stale" : "current";
    clearTimeout(tickTimer);
    tickTimer = setTimeout(tick, left < 0 ? STALE_TICK_MS : left + 1);
    notify();
  };

  /** What readers see never goes back in time, whichever way it came. */
  const accept = (newer: View | undefined, fresh?: boolean): void => {
    if (closed || newer?.channel !== channel || (view && newer.taken_at <= view.taken_at)) return;
    // It was published as soon as it was taken.
    if (fresh) offset = newer.taken_at - Date.now();
    view = newer;
    tick();
    connect(newer.live);
  };

  /** Opens the socket that the view names, once; another one when that changes. */
  const connect = (live: Live | undefined): void => {
    const named = JSON.stringify(live);
    if (named === address) return;
    address = named;
    disconnect?.();
    link = "none";
    disconnect =
      live &&
      openLive(live, token, observer ? "" : channel, onLink, (data, fresh) => accept(parseView(data), fresh));
    schedulePoll();
  };

  const onLink = (changed: Link): void => {
    link = changed;
    if (link === "open") {
      clearTimeout(pollTimer);
      pollTimer = undefined;
    }
    schedulePoll();
    notify();
  };

  const schedulePoll = (): void => {
    if (link === "open" || pollTimer || request || closed) return;
    let delay = backoff(tries, REQUEST_BACKOFF_CAP_MS);
    if (view) {
      const period = view.period * 1000;
      const due = period - age(view.taken_at);
      // A socket on its way gets a whole period: most come back sooner, and then nothing is asked. The rest is for
      // the roll call, which takes a moment, and so that not all visitors ask in the same one.
      delay = (link === "connecting" || due < 0 ? period : due) + 1000 + (Math.random() * period) / 10;
    }
    pollTimer = setTimeout(() => {
      pollTimer = undefined;
      // Out of sight only the first view matters: with its socket the visitor is counted.
      if (!view || !document.hidden) void refresh();
    }, delay);
  };

  const refresh = (): Promise<void> => (request ??= ask());

  const ask = async (): Promise<void> => {
    const deadline = setTimeout(() => abort.abort(), REQUEST_MS);
    abort = new AbortController();
    try {
      const [kept, live, date, exact] = await requestSnapshot(endpoint, channel, abort.signal);
      // An answer out of a cache can prove our clock slow, but to call it fast by that would make every kept answer
      // look fresh.
      if (date > (exact ? 0 : Date.now() + offset)) offset = date - Date.now();
      if (kept) accept(kept);
      else if (!view && !closed) connect(live);
    } catch {
      // Whatever is shown stays, and grows stale by its own time.
    }
    tries++;
    clearTimeout(deadline);
    request = undefined;
    schedulePoll();
  };

  const onVisible = (): void => {
    if (document.hidden) return;
    tick();
    // A poll that came due out of sight was let go.
    if (link !== "open" && !pollTimer) void refresh();
  };

  document.addEventListener("visibilitychange", onVisible);
  accept(seed);
  if (link === "none") void refresh();

  return {
    get view() {
      return view;
    },
    get state() {
      return state;
    },
    get connecting() {
      return link === "connecting";
    },
    listeners,
    age,
    refresh,
    close() {
      closed = true;
      disconnect?.();
      abort.abort();
      clearTimeout(pollTimer);
      clearTimeout(tickTimer);
      document.removeEventListener("visibilitychange", onVisible);
    },
  };
}
