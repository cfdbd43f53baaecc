import { joined, left } from "./changes.ts";
import { countView } from "./count-view.ts";
import { element, setPart } from "./dom.ts";
import { RollCallEvent } from "./events.ts";
import { follow, type Feed, type State } from "./feed.ts";
import { listView } from "./list-view.ts";
import type { Paint } from "./painter.ts";
import { applyStyle } from "./style.ts";
import type { View } from "./view.ts";
import { wordsFor } from "./words.ts";

export const views = { list: listView, count: countView };
export type ViewName = keyof typeof views;

/** What the element is told to be, by its attributes. */
export interface Settings {
  readonly channel: string;
  readonly endpoint: string;
  readonly token: string;
  readonly observer: boolean;
  readonly view: ViewName;
  readonly max: number;
}

/** What is between an element's attributes and its shadow tree. */
export interface Controller {
  readonly view: View | undefined;
  readonly state: State;
  /** Does what the attributes say now; out of the page, it lets everything go. */
  settle(): void;
  refresh(): Promise<void> | undefined;
}

export function control(host: HTMLElement & Settings): Controller {
  const root = host.attachShadow({ mode: "open" });
  const base = element("div", "base");
  let view: View | undefined;
  let state: State = "unknown";
  let feed: Feed | undefined;
  let stop: (() => void) | undefined;
  let lastEndpoint: string | undefined;
  let painted: ViewName | undefined;
  let paint: Paint;
  let words = wordsFor("");

  const send = <Detail extends object>(type: string, detail: Detail): unknown =>
    host.dispatchEvent(new RollCallEvent(`rollcall-${type}`, detail));

  const onChange = (): void => {
    const before = view;
    const was = state;
    view = feed?.view;
    state = feed?.state ?? "unknown";
    setPart(base, `base ${state}`);
    paint({ view, state, feed, max: host.max, words });

    if (state !== was) send("state", { state });
    if (!view || view === before) return;
    const previous = before?.channel === view.channel ? before : undefined;
    const joins = joined(previous, view);
    const leaves = left(previous, view);
    send("update", { snapshot: view, previous });
    if (joins.length) send("join", { members: joins });
    if (leaves.length) send("leave", { members: leaves });
  };

  applyStyle(root);
  root.append(base);
  base.role = "group";

  return {
    get view() {
      return view;
    },
    get state() {
      return state;
    },
    settle() {
      const { channel, endpoint, token, observer, view: name } = host;
      words = wordsFor(host.closest<HTMLElement>("[lang]")?.lang ?? navigator.language);
      base.ariaLabel = words.phrases.label;
      if (painted !== name) {
        const [subtree, painter] = views[(painted = name)]();
        base.replaceChildren(subtree);
        paint = painter;
      }
      // The new feed first: where it is the old one, it goes on. A new token needs a new socket, but no new request.
      const stopLast = stop;
      const seed = endpoint === lastEndpoint ? view : undefined;
      [feed, stop] =
        host.isConnected && channel && endpoint ? follow({ endpoint, channel, token, observer }, onChange, seed) : [];
      lastEndpoint = endpoint;
      stopLast?.();
      onChange();
    },
    refresh: () => feed?.refresh(),
  };
}
