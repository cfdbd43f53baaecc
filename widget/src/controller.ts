import { announce } from "./announcer.ts";
import { joined, left } from "./changes.ts";
import { chartView } from "./chart-view.ts";
import { countView } from "./count-view.ts";
import { element, setPart } from "./dom.ts";
import { RollCallEvent } from "./events.ts";
import type { Feed, News, Source } from "./feed.ts";
import { follow } from "./feeds.ts";
import { openLive } from "./live.ts";
import { onNeed } from "./on-need.ts";
import type { Paint } from "./painter.ts";
import { avatarsView, listView } from "./people-views.ts";
import { applyStyle } from "./style.ts";
import { isAtHand, wordsFor, type Languages, type Words } from "./words.ts";

export const views = { list: listView, avatars: avatarsView, count: countView, chart: chartView };
export type ViewName = keyof typeof views;

/** What the element is told to be, by its attributes. */
export interface Settings extends Omit<Source, "open"> {
  /** A page's own centrifuge-js. */
  readonly client: object | undefined;
  readonly view: ViewName;
  readonly max: number;
  readonly hideBelow: number;
}

/** What is between an element's attributes and its shadow tree. */
export interface Controller {
  now: News;
  /** Does what the attributes say now; out of the page, it lets everything go. */
  settle(): void;
  refresh(): Promise<void> | undefined;
}

/** How things stand without a feed. */
const NOTHING: News = { view: undefined, state: "unknown", link: "none", reason: "" };

export function control(host: HTMLElement & Settings): Controller {
  const root = host.attachShadow({ mode: "open" });
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
    host.dispatchEvent(new RollCallEvent(`rollcall-${type}`, detail));

  /** What is loaded for words and picture is looked for at each change: it may have failed before. */
  const onChange = (): void => {
    chooseWords();
    choosePicture();
    const before = controller.now;
    const now = (controller.now = feed?.now() ?? NOTHING);
    const { view, state, reason } = now;
    setPart(base, `base ${state}`);
    base.hidden = host.hideBelow > (view?.present ?? 0);
    // Not in English first: what the page has put inside stays until its language is here.
    paint({ ...now, view: words && view, feed, max: host.max, words: words ?? wordsFor("en") });
    if (view && words) announce(status, view.channel, words.count("here", view.present));

    if (state !== before.state || reason !== before.reason) send("state", { state, reason });
    if (!view || view === before.view) return;
    const previous = before.view?.channel === view.channel ? before.view : undefined;
    const joins = joined(previous, view);
    const leaves = left(previous, view);
    send("update", { snapshot: view, previous });
    if (joins.length) send("join", { members: joins });
    if (leaves.length) send("leave", { members: leaves });
  };

  /** The words of the page's language; while they are on their way, those that there are. */
  const chooseWords = (): void => {
    // In the shadow tree of another component there may be no language, but the page has one.
    const { lang } = host.closest<HTMLElement>("[lang]") ?? document.documentElement;
    const language = lang || navigator.language;
    const more: { default?: Languages } | undefined = isAtHand(language) ? {} : onNeed("words", settle);
    if (!more) return;
    words = wordsFor(language, more.default);
    base.lang = words.language;
    base.ariaLabel = words.phrases.label;
  };

  const choosePicture = (): void => {
    const figure = host.view === "chart" ? onNeed("chart", settle)?.chartFigure : undefined;
    const wanted = figure ?? host.view;
    if (painted === wanted) return;
    painted = wanted;
    const [subtree, painter] = views[host.view](figure);
    base.replaceChildren(subtree, status);
    paint = painter;
  };

  const chooseFeed = (): void => {
    const { endpoint, channel, token, tokenUrl, observer, client } = host;
    const adapter = client ? onNeed("client", settle) : {};
    // While the adapter is on its way, all stays as it was.
    if (!adapter && host.isConnected) return;
    const open = adapter?.openBy?.(client!) ?? openLive;
    // The new feed first: where it is the old one, it goes on. A new token needs a new socket, but no new request.
    const stopLast = stop;
    const seed = endpoint === feed?.source.endpoint ? controller.now.view : undefined;
    [feed, stop] =
      host.isConnected && channel && endpoint
        ? follow({ endpoint, channel, token, tokenUrl, observer, open }, onChange, seed)
        : [];
    stopLast?.();
  };

  const settle = (): void => {
    chooseFeed();
    onChange();
  };

  applyStyle(root);
  root.append(base);
  base.role = "group";

  const controller: Controller = { now: NOTHING, settle, refresh: () => feed?.refresh() };
  return controller;
}
