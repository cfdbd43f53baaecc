import { control, views, type Settings, type ViewName } from "./controller.ts";
import { RollCallEvent } from "./events.ts";
import type { State } from "./feed.ts";
import { guarded } from "./guard.ts";
import type { View } from "./view.ts";
import { addWords, type Phrases, type Plural } from "./words.ts";

export { addWords, RollCallEvent, type Phrases, type Plural, type ViewName };

// On a server there is no DOM: the class can be imported there all the same.
const HTMLElement = globalThis.HTMLElement ?? (null as unknown as (typeof globalThis)["HTMLElement"]);

const number = (value: string): number | undefined => (/^\d+$/.test(value) ? Number(value) : undefined);

/** The attributes are the single state: each property reads its own, and takes a safe default for junk. */
const PROPERTIES = {
  channel: String,
  endpoint(value: string): string {
    try {
      return new URL(value || "/", value ? document.baseURI : import.meta.url).href.replace(/\/+$/, "");
    } catch {
      return "";
    }
  },
  token: String,
  tokenUrl: String,
  observer: (_: string, element: Element): boolean => element.hasAttribute("observer"),
  view: (value: string): ViewName => (Object.hasOwn(views, value) ? (value as ViewName) : "list"),
  max: (value: string, { view }: Settings): number => number(value) ?? (view === "avatars" ? 5 : 20),
  hideBelow: (value: string): number => number(value) ?? 0,
};

/** `hideBelow` is `hide-below` in HTML. */
const attributeOf = (name: string): string => name.replace(/[A-Z]/, "-$&").toLowerCase();

/**
 * Who is here right now.
 *
 * @tagname roll-call
 * @summary Shows who is present in a channel and stays live.
 * @slot - What to show while nothing is known, and without JavaScript.
 * @attr channel - The watched channel. Required.
 * @attr endpoint - Base URL of the HTTP API; default is the origin of the script.
 * @attr token - The visitor's Centrifugo token; without one the visitor is a guest.
 * @attr token-url - Where to get the token, again when it has expired; answers `{"token":"…"}`.
 * @attr observer - Do not count this visitor.
 * @attr view - `list` (default), `avatars`, `count` or `chart`.
 * @attr max - Members shown; 20, of avatars 5, unless told.
 * @attr hide-below - Show nothing while fewer are present.
 * @fires {RollCallUpdateEvent} rollcall-update - A newer view is shown.
 * @fires {RollCallStateEvent} rollcall-state - What is known became `unknown`, `current` or `stale`, or there will be no socket, for the `reason` given.
 * @fires {RollCallJoinEvent} rollcall-join - Members who are new in the view.
 * @fires {RollCallLeaveEvent} rollcall-leave - Members who are gone from the view.
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
 * @csspart member - One member; `gone` when it just left.
 * @csspart avatar - The round that holds `initials` or a `picture`.
 * @csspart initials - Letters, where there is no picture.
 * @csspart picture - The picture.
 * @csspart name - The name.
 * @csspart meta - Tabs, or when somebody was last seen.
 * @csspart more - How many more members there are.
 * @csspart guests - How many guests there are.
 * @csspart status - What is only heard.
 * @csspart chart - The figure of the chart.
 * @csspart plot - The drawing.
 * @csspart line - The line of the chart.
 * @csspart area - What is below the line.
 * @csspart peak - The mark of the highest.
 * @csspart axis - The words below the chart.
 * @cssprop --roll-call-accent - Colour of the dot.
 * @cssprop --roll-call-muted - Colour of what is secondary.
 */
export class RollCallElement extends HTMLElement implements Settings {
  static readonly observedAttributes: readonly string[] = Object.keys(PROPERTIES).map(attributeOf).concat("lang");

  static {
    for (const [name, read] of Object.entries(PROPERTIES)) {
      const attribute = attributeOf(name);
      Object.defineProperty(this.prototype, name, {
        get(this: RollCallElement) {
          return read(this.getAttribute(attribute) ?? "", this);
        },
        set(this: RollCallElement, value: string | number | boolean) {
          if (typeof value === "boolean") this.toggleAttribute(attribute, value);
          else this.setAttribute(attribute, String(value));
        },
      });
    }
  }

  /** The watched channel; empty: nothing is shown but the text inside the tag. */
  declare channel: string;
  /** Base URL of the HTTP API; read as absolute and without a slash at the end. */
  declare endpoint: string;
  /** The visitor's Centrifugo token; empty: a guest. */
  declare token: string;
  /** Where to get the token, again when it has expired. */
  declare tokenUrl: string;
  /** Looks on without being counted. */
  declare observer: boolean;
  /** `list`, `avatars`, `count` or `chart`. */
  declare view: ViewName;
  /** Members shown; the rest becomes "+n more". */
  declare max: number;
  /** Shows nothing while fewer are present. */
  declare hideBelow: number;

  #client: object | undefined;
  readonly #controller = control(this);
  #pending = false;

  constructor() {
    super();
    // What a page set before the script came lies on the instance, and would hide the accessors for ever.
    const own = this as unknown as Record<string, unknown>;
    for (const name of [...Object.keys(PROPERTIES), "client"]) {
      if (!Object.hasOwn(own, name)) continue;
      const early = own[name];
      delete own[name];
      own[name] = early;
    }
  }

  /** A page's own `Centrifuge` of centrifuge-js 5, to be used instead of a socket. */
  get client(): object | undefined {
    return this.#client;
  }

  set client(client: object | undefined) {
    this.#client = client;
    this.attributeChangedCallback();
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
    this.attributeChangedCallback();
  }

  disconnectedCallback(): void {
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
