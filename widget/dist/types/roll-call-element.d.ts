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
export declare class RollCallElement extends HTMLElement implements Settings {
    #private;
    static readonly observedAttributes: readonly string[];
    /** A page's own `Centrifuge` of centrifuge-js 5 for all elements that have none of their own. */
    static get client(): object | undefined;
    static set client(client: object | null | undefined);
    /** The watched channel; empty: nothing is shown but the text inside the tag. */
    channel: string;
    /** Base URL of the HTTP API; read as absolute and without a slash at the end. */
    endpoint: string;
    /** The visitor's Centrifugo token; empty: a guest. */
    token: string;
    /** The page's way to get the token, again when it has expired, as centrifuge-js has it. */
    getToken: (() => Promise<string>) | undefined;
    /** A page's own `Centrifuge` of centrifuge-js 5, to be used instead of a socket. */
    client: object | undefined;
    /** Where to get the token, again when it has expired. */
    tokenUrl: string;
    /** Looks on without being counted. */
    observer: boolean;
    /** Tells screen readers when the number changes. */
    announce: boolean;
    /** `list`, `avatars`, `count`, `sentence` or `chart`. */
    view: ViewName;
    /** Members shown; the rest becomes "+n more". */
    max: number;
    /** Shows nothing while fewer are present. */
    hideBelow: number;
    constructor();
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
