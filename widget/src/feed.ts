import { backoff } from "./backoff.ts";
import { warnOnce } from "./guard.ts";
import { enterLive, type Connection, type Link, type Source } from "./live.ts";
import { serverClock } from "./server-clock.ts";
import { requestSnapshot } from "./snapshot-request.ts";
import { parseView, type Live, type View } from "./view.ts";

/** `unknown`: nothing to show yet. `stale`: the view is older than two and a half periods. */
export type State = "unknown" | "current" | "stale";

/** How things stand. */
export interface News {
  readonly view: View | undefined;
  readonly state: State;
  readonly link: Link;
  /** What is wrong: why there is no socket and none will be tried, or no view to be had. Empty while nothing is. */
  readonly reason: string;
  /** The visitor's; empty: a guest's, or not known yet. */
  readonly token: string;
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
const REQUEST_BACKOFF_CAP_MS = 60_000;
/** How long nothing is asked where the answer would be the same: a channel that nobody watches. */
const HOPELESS_MS = 600_000;

/** By the number of the try, the same for all feeds of a page: those who wait alike ask together. */
const chances: number[] = [];
const chance = (attempt: number): number => (chances[attempt] ??= Math.random());

type Timer = ReturnType<typeof setTimeout> | undefined;

/** A feed as its keeper sees it. */
export interface RunningFeed extends Feed {
  /** Each runs after each change. While one of them says `true`, the visitor is counted. */
  readonly listeners: Map<() => void, boolean>;
  /** To be called when the listeners have changed. */
  count(): void;
  /** Lets everything go. */
  pause(): void;
  /** Takes it up again, where it was. */
  resume(): void;
  /** The page came into sight. */
  look(): void;
}

/** With a `seed`, a view of this channel that names a socket, nothing needs to be asked at all. */
export function startFeed(source: Source, seed?: View): RunningFeed {
  const { endpoint, channel, token, tokenUrl, getToken } = source;
  const clock = serverClock();
  const listeners = new Map<() => void, boolean>();
  /** Ended, or in the browser's back/forward cache. */
  let closed = false;
  let view: View | undefined;
  let state: State = "unknown";
  let link: Link = "none";
  let reason = "";
  /** What is wrong with the last answer. */
  let trouble = "";
  let live: Live | undefined;
  let connection: Connection | undefined;
  let disconnect: (() => void) | undefined;
  /** While the visitor is counted. */
  let uncount: (() => void) | undefined;
  let request: Promise<void> | undefined;
  /** The endpoint's newest view: only that says where the socket is, and how often the endpoint may be asked. */
  let told: View | undefined;
  /** The socket names another one. */
  let doubted = false;
  /** Answers so far; of use only until there is a view. */
  let tries = 0;
  /** Requests so far. */
  let asked = 0;
  let pollTimer: Timer;
  let tickTimer: Timer;

  const notify = (): void => listeners.forEach((_, listener) => listener());

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
    connection = live && source.open(live.url, source);
    const leave = connection && enterLive(connection, live!, token || tokenUrl || getToken, onLink, onData);
    disconnect = () => {
      uncount?.();
      uncount = connection = undefined;
      leave?.();
    };
    count();
    schedulePoll();
  };

  /** The visitor is in the watched channel for as long as somebody wants that. */
  const count = (): void => {
    const wanted = connection && [...listeners.values()].includes(true);
    if (wanted && !uncount) uncount = connection!.enter(channel, () => {}, () => {});
    else if (!wanted) {
      uncount?.();
      uncount = undefined;
    }
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
    let delay = backoff(tries, REQUEST_BACKOFF_CAP_MS, chance(tries));
    if (trouble) delay = (HOPELESS_MS * (1 + chance(0))) / 2;
    else if (view) {
      const period = Math.max((told ?? view).period, SHORTEST_PERIOD) * 1000;
      const due = period - clock.age(view.taken_at);
      // A socket on its way gets a whole period: most come back sooner, and then nothing is asked. The rest is for
      // the roll call, which takes a moment, and so that not all visitors ask in the same one.
      delay = (link === "connecting" || due < 0 ? period : due) + 1000 + (chance(0) * period) / 10;
    }
    pollTimer = setTimeout(() => {
      pollTimer = undefined;
      // Out of sight only the socket matters: by that the visitor is counted.
      if (!view || doubted || !document.hidden) void refresh();
    }, delay);
  };

  const refresh = (): Promise<void> => (request ??= ask());

  const ask = async (): Promise<void> => {
    const mine = ++asked;
    const answer = await requestSnapshot(endpoint, channel, !view).catch(() => undefined);
    // Given up, and another one may be under way.
    if (mine !== asked || closed) return;
    request = undefined;
    tries++;
    // Without an answer, whatever is shown stays, and grows stale by its own time.
    if (answer) {
      const before = trouble;
      trouble = answer.reason;
      doubted = false;
      clock.hear(answer.date, answer.exact);
      if (trouble) warnOnce(`${endpoint} has no roll call of "${channel}": ${trouble}`);
      if (answer.view) onAnswer(answer.view);
      else if (!view && answer.live) connect(answer.live);
      if (trouble !== before) notify();
    }
    schedulePoll();
  };

  const pause = (): void => {
    closed = true;
    disconnect?.();
    asked++;
    request = undefined;
    clearTimeout(pollTimer);
    clearTimeout(tickTimer);
    pollTimer = undefined;
  };

  if (seed?.channel === channel) {
    show(seed);
    connect(seed.live);
  }
  if (link === "none") void refresh();

  return {
    source,
    now: () => ({ view, state, link, reason: reason || trouble, token: connection?.token() ?? token }),
    listeners,
    count,
    age: clock.age,
    refresh,
    pause,
    resume() {
      const named = live;
      closed = false;
      tries = 0;
      live = undefined;
      connect(named);
      tick();
      void refresh();
    },
    look() {
      tick();
      // A poll that came due out of sight was let go.
      if (link !== "open" && !pollTimer) void refresh();
    },
  };
}

const isSame = (one: Live | undefined, other: Live | undefined): boolean => JSON.stringify(one) === JSON.stringify(other);
