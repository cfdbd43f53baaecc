import { backoff } from "./backoff.ts";
import type { Link, OpenLive } from "./live.ts";
import { serverClock } from "./server-clock.ts";
import { requestSnapshot } from "./snapshot-request.ts";
import type { Wallet } from "./token.ts";
import { parseView, type Live, type View } from "./view.ts";

/** `unknown`: nothing to show yet. `stale`: the view is older than two and a half periods. */
export type State = "unknown" | "current" | "stale";

/** How things stand. */
export interface News {
  readonly view: View | undefined;
  readonly state: State;
  readonly link: Link;
  /** Why there is no socket and none will be tried; empty while there is no such reason. */
  readonly reason: string;
}

/** What a feed is about; elements that ask for the same share it. */
export interface Source {
  /** Base URL of the HTTP API, without a slash at the end. */
  readonly endpoint: string;
  readonly channel: string;
  readonly token: string;
  readonly tokenUrl: string;
  readonly observer: boolean;
  /** How the views are brought: by a socket of ours or by the page's own client. */
  readonly open: OpenLive;
}

/**
 * The newest view of one channel: one request for the first, a socket for those that follow, and polling once a
 * period for as long as no socket is to be had.
 */
export interface Feed {
  readonly source: Source;
  now(): News;
  /** Milliseconds since `time`, a moment on the server's clock. */
  age(time: number): number;
  /** Asks the HTTP API once; never rejects. */
  refresh(): Promise<void>;
}

const STALE_PERIODS = 2.5;
/** How often the age of a stale view is written anew. */
const STALE_TICK_MS = 15_000;
/** Seconds: no server takes roll calls more often, whatever a view out of the socket says. */
const SHORTEST_PERIOD = 10;
const REQUEST_MS = 15_000;
const REQUEST_BACKOFF_CAP_MS = 60_000;

type Timer = ReturnType<typeof setTimeout> | undefined;

/** A feed as its keeper sees it. */
export interface RunningFeed extends Feed {
  /** Each runs after each change. */
  readonly listeners: Set<() => void>;
  close(): void;
}

/** With a `seed`, a view of this channel that names a socket, nothing needs to be asked at all. */
export function startFeed(source: Source, seed?: View): RunningFeed {
  const { endpoint, channel } = source;
  const wallet: Wallet = { ...source };
  const clock = serverClock();
  const listeners = new Set<() => void>();
  const life = new AbortController();
  /** Ended, or in the browser's back/forward cache. */
  let closed = false;
  let view: View | undefined;
  let state: State = "unknown";
  let link: Link = "none";
  let reason = "";
  let live: Live | undefined;
  let disconnect: (() => void) | undefined;
  let request: Promise<void> | undefined;
  let abort = new AbortController();
  /** The endpoint's newest view: only that says where the socket is, and how often the endpoint may be asked. */
  let told: View | undefined;
  /** The socket names another one. */
  let doubted = false;
  /** Requests so far; of use only until there is a view. */
  let tries = 0;
  let pollTimer: Timer;
  let tickTimer: Timer;

  const notify = (): void => listeners.forEach((listener) => listener());

  /** Settles the state, and comes back when time alone will change it. */
  const tick = (): void => {
    if (!view) return;
    const left = view.period * STALE_PERIODS * 1000 - clock.age(view.taken_at);
    state = left < 0 ? "stale" : "current";
    clearTimeout(tickTimer);
    tickTimer = setTimeout(tick, left < 0 ? STALE_TICK_MS : left + 1);
    notify();
  };

  /** What readers see never goes back in time, whichever way it came; names may be added to a number. */
  const show = (newer: View, fresh?: boolean): void => {
    if (view && newer.taken_at < view.taken_at + Number(!newer.members || !!view.members)) return;
    // It was published as soon as it was taken.
    if (fresh) clock.set(newer.taken_at);
    view = newer;
    tick();
  };

  /** A view of the endpoint: an older one, out of some cache, moves no socket. */
  const onAnswer = (kept: View): void => {
    if (kept.channel !== channel) return;
    show(kept);
    if (told && kept.taken_at < told.taken_at) return;
    told = kept;
    connect(kept.live);
  };

  /**
   * A view of the socket. Whoever can publish there could name a socket of their own, and the visitor's token would go
   * to it: another address is no more than a reason to ask the endpoint, when its next view is due.
   */
  const onData = (data: unknown, fresh: boolean): void => {
    const newer = parseView(data);
    if (closed || newer?.channel !== channel) return;
    show({ ...newer, live }, fresh);
    if (isSame(newer.live, live)) return;
    doubted = true;
    schedulePoll();
  };

  /** Opens the socket that is named, once; another one when that changes. */
  const connect = (named: Live | undefined): void => {
    if (isSame(named, live)) return;
    live = named;
    disconnect?.();
    link = "none";
    reason = "";
    disconnect = live && source.open(live, wallet, source.observer ? "" : channel, onLink, onData);
    schedulePoll();
  };

  const onLink = (changed: Link, why = ""): void => {
    link = changed;
    reason = why;
    if (link === "open") {
      clearTimeout(pollTimer);
      pollTimer = undefined;
    }
    schedulePoll();
    notify();
  };

  const schedulePoll = (): void => {
    if ((link === "open" && !doubted) || pollTimer || request || closed) return;
    let delay = backoff(tries, REQUEST_BACKOFF_CAP_MS);
    if (view) {
      const period = Math.max((told ?? view).period, SHORTEST_PERIOD) * 1000;
      const due = period - clock.age(view.taken_at);
      // A socket on its way gets a whole period: most come back sooner, and then nothing is asked. The rest is for
      // the roll call, which takes a moment, and so that not all visitors ask in the same one.
      delay = (link === "connecting" || due < 0 ? period : due) + 1000 + (Math.random() * period) / 10;
    }
    pollTimer = setTimeout(() => {
      pollTimer = undefined;
      // Out of sight only the socket matters: by that the visitor is counted.
      if (!view || doubted || !document.hidden) void refresh();
    }, delay);
  };

  const refresh = (): Promise<void> => (request ??= ask());

  const ask = async (): Promise<void> => {
    const mine = (abort = new AbortController());
    const deadline = setTimeout(() => mine.abort(), REQUEST_MS);
    try {
      const [kept, named, date, exact] = await requestSnapshot(endpoint, channel, mine.signal);
      // Given up while its last words came.
      mine.signal.throwIfAborted();
      doubted = false;
      clock.hear(date, exact);
      if (kept) onAnswer(kept);
      else if (!view && named) connect(named);
    } catch {
      // Whatever is shown stays, and grows stale by its own time.
    }
    clearTimeout(deadline);
    // Given up, and another one may be under way.
    if (abort !== mine) return;
    tries++;
    request = undefined;
    schedulePoll();
  };

  const pause = (): void => {
    closed = true;
    disconnect?.();
    abort.abort();
    request = undefined;
    clearTimeout(pollTimer);
    clearTimeout(tickTimer);
    pollTimer = undefined;
  };

  const onPage = ({ type, persisted }: Event & { persisted?: boolean }): void => {
    if (type === "pagehide") pause();
    // Out of the back/forward cache, or into another network, where an open socket may be a dead one.
    else if (type === "online" || persisted) {
      const named = live;
      pause();
      closed = false;
      tries = 0;
      live = undefined;
      connect(named);
      tick();
      void refresh();
    } else if (!document.hidden) {
      tick();
      // A poll that came due out of sight was let go.
      if (link !== "open" && !pollTimer) void refresh();
    }
  };

  for (const type of PAGE_EVENTS) addEventListener(type, onPage, life);
  if (seed?.channel === channel) {
    show(seed);
    connect(seed.live);
  }
  if (link === "none") void refresh();

  return {
    source,
    now: () => ({ view, state, link, reason }),
    listeners,
    age: clock.age,
    refresh,
    close() {
      pause();
      life.abort();
    },
  };
}

/** The first bubbles up to the window. */
const PAGE_EVENTS = ["visibilitychange", "online", "pagehide", "pageshow"];

const isSame = (one: Live | undefined, other: Live | undefined): boolean => JSON.stringify(one) === JSON.stringify(other);
