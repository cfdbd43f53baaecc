import { type Settings, type ViewName } from "./controller.ts";
import { RollCallEvent } from "./events.ts";
import type { State } from "./feed.ts";
import type { View } from "./view.ts";
export { RollCallEvent, type ViewName };
declare const HTMLElement: {
    new (): HTMLElement;
    prototype: HTMLElement;
};
/**
 * Who is here right now.
 *
 * @summary Shows who is present in a channel and stays live.
 * @slot - What to show while nothing is known, and without JavaScript.
 * @attr channel - The watched channel. Required.
 * @attr endpoint - Base URL of the HTTP API; default is the origin of the script.
 * @attr token - The visitor's Centrifugo token; without one the visitor is a guest.
 * @attr observer - Do not count this visitor.
 * @attr view - `list` (default) or `count`.
 * @attr max - Members shown, 20 unless told.
 * @fires rollcall-update - A newer view is shown.
 * @fires rollcall-state - What is known became `unknown`, `current` or `stale`.
 * @fires rollcall-join - Members who are new in the view.
 * @fires rollcall-leave - Members who are gone from the view.
 * @csspart base - All of it; also carries the state as a part of that name.
 * @csspart header - The line with the number in the list.
 * @csspart pill - The same in the count.
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
    /** Looks on without being counted. */
    observer: boolean;
    view: ViewName;
    /** Members shown; the rest becomes "+n more". */
    max: number;
    constructor();
    /** The view shown; `undefined` while nothing is known. */
    get snapshot(): View | undefined;
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
