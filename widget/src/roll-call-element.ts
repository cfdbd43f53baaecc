import { control, views, type Settings, type ViewName } from "./controller.ts";
import { endpointOf } from "./endpoint.ts";
import { RollCallEvent } from "./events.ts";
import type { State } from "./feed.ts";
import { guarded } from "./guard.ts";
import type { View } from "./view.ts";
import { addWords, type Phrases, type Plural } from "./words.ts";

export { addWords, RollCallEvent, type Phrases, type Plural, type ViewName };

// On a server there is no DOM: the class can be imported there all the same.
const HTMLElement = globalThis.HTMLElement ?? (null as unknown as (typeof globalThis)["HTMLElement"]);

const text = (value: string | null): string => value ?? "";
const isThere = (value: string | null): boolean => value !== null;
const number = (value: string | null): number | undefined => (/^\d+$/.test(text(value)) ? Number(value) : undefined);

/** What never becomes an attribute: no text, or nobody's to read. */
const KEPT = {
  token: text,
  getToken(): void {},
  client: (): unknown => RollCallElement.client,
};

/** The attributes are the single state: each property reads its own, and takes a safe default for junk. */
const PROPERTIES = {
  channel: text,
  endpoint: endpointOf,
  tokenUrl: text,
  observer: isThere,
  announce: isThere,
  view: (value: string | null): ViewName => (Object.hasOwn(views, text(value)) ? (value as ViewName) : "list"),
  max: (value: string | null, { view }: Settings): number => number(value) ?? { avatars: 5, sentence: 2 }[view as string] ?? 20,
  hideBelow: (value: string | null): number => number(value) ?? 0,
  ...KEPT,
};

/** `hideBelow` is `hide-below` in HTML. */
const attributeOf = (name: string): string => name.replace(/[A-Z]/, "-$&").toLowerCase();

/**
 * Who is here right now.
 *
 * @tagname roll-call
 * @summary Shows who is present in a channel and stays live.
 * @slot - What to show while nothing is known, and without JavaScript.
 * @slot empty - What to show beside the 0, in a list and of avatars, while nobody is here.
 * @slot member - A `<template>` for the page's own rows in a list.
 * @attr {string} channel - The watched channel. Required.
 * @attr {string} [endpoint=the origin of the script] - Base URL of the HTTP API.
 * @attr {"list" | "avatars" | "count" | "sentence" | "chart"} [view=list] - How it is shown; a chart is that of the last 24 hours.
 * @attr {number} [max=20; of avatars 5, in a sentence 2] - Members shown; the rest is a number.
 * @attr {string} token-url - Where to get the visitor's Centrifugo token, again when it has expired; answers `{"token":"…"}`.
 * @attr {string} token - The visitor's Centrifugo token; without one the visitor is a guest. The property of that name is safer: it is not written into the page.
 * @attr {boolean} [observer=false] - Do not count this visitor.
 * @attr {boolean} [announce=false] - Tell screen readers when the number changes, at most every 30 seconds for the whole page.
 * @attr {number} [hide-below=0] - Show nothing while fewer are present.
 * @fires {RollCallUpdateEvent} roll-call-update - A newer view is shown.
 * @fires {RollCallStateEvent} roll-call-state - What is known became `unknown`, `current` or `stale`, or something is wrong: `reason` says what.
 * @fires {RollCallJoinEvent} roll-call-join - Members who are new in the view.
 * @fires {RollCallLeaveEvent} roll-call-leave - Members who are gone from the view.
 * @csspart base - All of it; also carries the state as a part of that name.
 * @csspart roll - The list or the chart, with its header.
 * @csspart stack - The row of avatars, with its header.
 * @csspart pill - The count.
 * @csspart header - The line with the number.
 * @csspart dot - The mark of presence; `off` when the number is not current.
 * @csspart count - The number and its words.
 * @csspart number - The number alone.
 * @csspart age - How old a stale view is.
 * @csspart list - The list of members.
 * @csspart recent - The list of those who just left, which is a `list`, too.
 * @csspart member - One member; `gone` when it just left, `you` when it is the visitor.
 * @csspart avatar - The round that holds `initials` or a `picture`.
 * @csspart initials - Letters, where there is no picture.
 * @csspart picture - The picture.
 * @csspart name - The name; `link` where it is one.
 * @csspart label - The text of a name; of a face, what tells it.
 * @csspart meta - Tabs, or when somebody was last seen.
 * @csspart more - How many more there are.
 * @csspart opener - The button in it that opens the rest.
 * @csspart rest - The popover with the rest.
 * @csspart guests - How many guests there are.
 * @csspart status - What is only heard.
 * @csspart sentence - The sentence.
 * @csspart others - Those in it who are not named.
 * @csspart chart - The figure of the chart.
 * @csspart plot - The drawing.
 * @csspart line - The line of the chart.
 * @csspart area - What is below the line.
 * @csspart peak - The mark of the highest.
 * @csspart axis - The words below the chart.
 * @cssstate unknown - Nothing is known.
 * @cssstate current - What is shown is the newest.
 * @cssstate stale - What is shown is older than two and a half periods.
 * @cssprop [--roll-call-accent=#1db872, mixed with the text's colour] - Colour of the dot, and of the mark of oneself.
 * @cssprop [--roll-call-muted=the text's colour, fainter] - Colour of what is secondary.
 */
export class RollCallElement extends HTMLElement implements Settings {
  static readonly observedAttributes: readonly string[] = Object.keys(PROPERTIES).map(attributeOf).concat("lang");
  static #client: object | undefined;
  /** Those in a page. */
  static readonly #all = new Set<RollCallElement>();

  static {
    for (const [name, read] of Object.entries(PROPERTIES)) {
      const attribute = attributeOf(name);
      const isKept = name in KEPT;
      Object.defineProperty(this.prototype, name, {
        get(this: RollCallElement) {
          return this.#kept[name] ?? read(this.getAttribute(attribute), this);
        },
        set(this: RollCallElement, value: unknown) {
          // `null`, `undefined` and `false` are nothing, not words.
          const isNothing = value == null || value === false;
          if (isKept) this.#kept[name] = isNothing ? undefined : value;
          if (isNothing) this.removeAttribute(attribute);
          else if (!isKept) this.setAttribute(attribute, value === true ? "" : String(value));
          this.attributeChangedCallback();
        },
      });
    }
  }

  /** A page's own `Centrifuge` of centrifuge-js 5 for all elements that have none of their own. */
  static get client(): object | undefined {
    return RollCallElement.#client;
  }

  static set client(client: object | null | undefined) {
    RollCallElement.#client = client ?? undefined;
    for (const element of RollCallElement.#all) element.attributeChangedCallback();
  }

  /** The watched channel; empty: nothing is shown but the text inside the tag. */
  declare channel: string;
  /** Base URL of the HTTP API; read as absolute and without a slash at the end. */
  declare endpoint: string;
  /** The visitor's Centrifugo token; empty: a guest. */
  declare token: string;
  /** The page's way to get the token, again when it has expired, as centrifuge-js has it. */
  declare getToken: (() => Promise<string>) | undefined;
  /** A page's own `Centrifuge` of centrifuge-js 5, to be used instead of a socket. */
  declare client: object | undefined;
  /** Where to get the token, again when it has expired. */
  declare tokenUrl: string;
  /** Looks on without being counted. */
  declare observer: boolean;
  /** Tells screen readers when the number changes. */
  declare announce: boolean;
  /** `list`, `avatars`, `count`, `sentence` or `chart`. */
  declare view: ViewName;
  /** Members shown; the rest becomes "+n more". */
  declare max: number;
  /** Shows nothing while fewer are present. */
  declare hideBelow: number;

  readonly #kept: Record<string, unknown> = {};
  readonly #controller = control(this);
  #pending = false;

  constructor() {
    super();
    // What a page set before the script came lies on the instance, and would hide the accessors for ever.
    const own = this as unknown as Record<string, unknown>;
    for (const name of Object.keys(PROPERTIES)) {
      if (!Object.hasOwn(own, name)) continue;
      const early = own[name];
      delete own[name];
      own[name] = early;
    }
  }

  /** The view shown; `undefined` while nothing is known. */
  get snapshot(): View | undefined {
    return this.#controller.now.view;
  }

  /** `unknown` (nothing is known yet), `current`, or `stale` (older than two and a half periods). */
  get state(): State {
    return this.#controller.now.state;
  }

  /** Asks the server once, now. Never rejects, and what is shown never goes back in time. */
  async refresh(): Promise<void> {
    await this.#controller.refresh();
  }

  connectedCallback(): void {
    RollCallElement.#all.add(this);
    this.attributeChangedCallback();
  }

  disconnectedCallback(): void {
    RollCallElement.#all.delete(this);
    this.attributeChangedCallback();
  }

  /**
   * Whatever happens to the element, it is looked at once, a microtask later: several attributes are often set in a
   * row, and a move is a removal and an insertion, which only then can be told from the end.
   */
  attributeChangedCallback(): void {
    if (this.#pending) return;
    this.#pending = true;
    queueMicrotask(
      guarded(() => {
        this.#pending = false;
        this.#controller.settle();
      }),
    );
  }
}
