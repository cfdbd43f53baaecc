import { type Settings, type ViewName } from "./controller.ts";
import { RollCallEvent } from "./events.ts";
import type { State } from "./feed.ts";
import type { View } from "./view.ts";
import { addWords, type Phrases, type Plural } from "./words.ts";
export { addWords, RollCallEvent, type Phrases, type Plural, type ViewName };
declare const HTMLElement: {
    new (): HTMLElement;
    prototype: HTMLElement;
};
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
export declare class RollCallElement extends HTMLElement implements Settings {
    #private;
    static readonly observedAttributes: readonly string[];
    /** The watched channel; empty: nothing is shown but the text inside the tag. */
    channel: string;
    /** Base URL of the HTTP API; read as absolute and without a slash at the end. */
    endpoint: string;
    /** The visitor's Centrifugo token; empty: a guest. */
    token: string;
    /** Where to get the token, again when it has expired. */
    tokenUrl: string;
    /** Looks on without being counted. */
    observer: boolean;
    /** `list`, `avatars`, `count` or `chart`. */
    view: ViewName;
    /** Members shown; the rest becomes "+n more". */
    max: number;
    /** Shows nothing while fewer are present. */
    hideBelow: number;
    constructor();
    /** A page's own `Centrifuge` of centrifuge-js 5, to be used instead of a socket. */
    get client(): object | undefined;
    set client(client: object | undefined);
    /** The view shown; `undefined` while nothing is known. */
    get snapshot(): View | undefined;
    /** `unknown` (nothing is known yet), `current`, or `stale` (older than two and a half periods). */
    get state(): State;
    /** Asks the server once, now. Never rejects, and what is shown never goes back in time. */
    refresh(): Promise<void>;
    connectedCallback(): void;
    disconnectedCallback(): void;
    /**
     * Whatever happens to the element, it is looked at once, a microtask later: several attributes are often set in a
     * row, and a move is a removal and an insertion, which only then can be told from the end.
     */
    attributeChangedCallback(): void;
}
