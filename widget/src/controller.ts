import { announce } from "./announcer.ts";
import { joined, left } from "./changes.ts";
import { element, setPart } from "./dom.ts";
import { RollCallEvent } from "./events.ts";
import type { Feed, News } from "./feed.ts";
import { follow } from "./feeds.ts";
import { header } from "./header.ts";
import { warnOnce } from "./guard.ts";
import type { Source } from "./live.ts";
import { onNeed } from "./on-need.ts";
import type { MakeView, Paint } from "./painter.ts";
import css from "./style.css";
import { applyStyle } from "./style.ts";
import { wayBy } from "./way.ts";
import { isAtHand, wordsFor, type Languages, type Words } from "./words.ts";

/** What is around each view, also while its file is on its way: it has the height from the start. */
export const views = { list: "roll", avatars: "stack", count: "pill", sentence: "sentence", chart: "roll" };
export type ViewName = keyof typeof views;

/** What the element is told to be, by its attributes and properties. */
export interface Settings extends Omit<Source, "open"> {
  /** A page's own centrifuge-js. */
  readonly client: object | undefined;
  readonly view: ViewName;
  readonly max: number;
  readonly hideBelow: number;
  readonly observer: boolean;
  readonly announce: boolean;
}

/** What is between an element's attributes and its shadow tree. */
export interface Controller {
  now: News;
  /** Does what the attributes say now; out of the page, it lets everything go. */
  settle(): void;
  refresh(): Promise<void> | undefined;
}

/** How things stand without a feed. */
const NOTHING: News = { view: undefined, state: "unknown", link: "none", reason: "", token: "" };

/** What nobody means to hide when the first number comes: the rest of a page, inside a tag that was never closed. */
const A_PAGE = "h1,h2,article,section,script,roll-call";

export function control(host: HTMLElement & Settings): Controller {
  const root = host.attachShadow({ mode: "open" });
  const internals = host.attachInternals();
  const base = element("div", "base");
  // Its role is `status`: what changes in it is read aloud.
  const status = element("output", "status");
  let feed: Feed | undefined;
  let stop: (() => void) | undefined;
  /** What the picture was made for. */
  let painted: unknown;
  let paint: Paint;
  /** None before the page's language is here. */
  let words: Words | undefined;

  const send = <Detail extends object>(type: string, detail: Detail): unknown =>
    host.dispatchEvent(new RollCallEvent(`roll-call-${type}`, detail));

  /** What is loaded for words and picture is looked for at each change: it may have failed before. */
  const onChange = (): void => {
    const before = controller.now;
    const now = (controller.now = feed?.now() ?? NOTHING);
    const { view, state, reason } = now;
    if (host.isConnected) {
      chooseWords();
      choosePicture();
      setPart(base, `base ${state}`);
      setState(state);
      base.hidden = host.hideBelow > (view?.present ?? 0);
      // Not in English first: what the page has put inside stays until its language is here.
      paint({
        ...now,
        view: words && view,
        feed,
        max: host.max,
        words: words ?? wordsFor("en"),
        host,
        again: settle,
      });
      if (view && words) tell(before, now, words);
    }

    if (state !== before.state || reason !== before.reason) send("state", { state, reason });
    if (!view || view === before.view) return;
    if (!before.view && host.querySelector(A_PAGE)) {
      warnOnce("<roll-call> has hidden a part of the page: it needs an end tag, </roll-call>");
    }
    const previous = before.view?.channel === view.channel ? before.view : undefined;
    const joins = joined(previous, view);
    const leaves = left(previous, view);
    send("update", { snapshot: view, previous });
    if (joins.length) send("join", { members: joins });
    if (leaves.length) send("leave", { members: leaves });
  };

  /** Aloud; not what was there when the page was read. */
  const tell = (before: News, { view, state }: News, words: Words): void => {
    if (!before.view || !feed || !view) return;
    const name = host.ariaLabel ? `${host.ariaLabel}: ` : "";
    const count = words.count(words.phrases.here, view.present);
    if (state !== before.state) {
      announce(status, "state", name + (state === "stale" ? `${count}, ${words.ago(feed.age(view.taken_at))}` : count));
    } else if (host.announce && view.present !== before.view.present) announce(status, "number", name + count);
  };

  const setState = (state: string): void => {
    try {
      internals.states.clear();
      internals.states.add(state);
    } catch {
      // An older browser: the part of that name is there all the same.
    }
  };

  /** The words of the page's language; while they are on their way, those that there are. */
  const chooseWords = (): void => {
    // In the shadow tree of another component there may be no language, but the page has one.
    const { lang } = host.closest<HTMLElement>("[lang]") ?? document.documentElement;
    const language = lang || navigator.language;
    const more: { default?: Languages } | undefined = isAtHand(language) ? {} : onNeed.words(settle);
    if (!more) return;
    words = wordsFor(language, more.default);
    base.lang = words.language;
    internals.ariaLabel = words.phrases.label;
  };

  const choosePicture = (): void => {
    const { view } = host;
    const part: { [Name in ViewName]?: MakeView } = (view !== "count" && onNeed[view](settle)) || {};
    const make = part[view];
    const wanted = make ?? view;
    if (painted === wanted) return;
    painted = wanted;
    const [head, paintHead] = view === "count" ? header(views[view], "online") : header("header", "here");
    const [subtree, painter] = make?.(header) ?? [view === "count" ? head : element("div", views[view], head), paintHead];
    base.replaceChildren(subtree, status);
    paint = painter;
  };

  const chooseFeed = (): void => {
    const { endpoint, channel, token, tokenUrl, getToken, observer, client, isConnected } = host;
    const open = wayBy(client, settle);
    // While the adapter is on its way, all stays as it was.
    if (!open && isConnected) return;
    if (isConnected && !(channel && endpoint)) warnOnce(`<roll-call> has no ${channel ? "endpoint" : "channel"}, and shows nothing`);
    // The new feed first: where it is the old one, it goes on. A new token needs a new socket, but no new request.
    const stopLast = stop;
    const seed = endpoint === feed?.source.endpoint ? controller.now.view : undefined;
    [feed, stop] =
      isConnected && channel && endpoint
        ? follow({ endpoint, channel, token, tokenUrl, getToken, open: open! }, !observer, onChange, seed)
        : [];
    stopLast?.();
  };

  const settle = (): void => {
    if (host.isConnected) applyStyle(base, css);
    chooseFeed();
    onChange();
  };

  root.append(base);
  internals.role = "group";

  const controller: Controller = { now: NOTHING, settle, refresh: () => feed?.refresh() };
  return controller;
}
