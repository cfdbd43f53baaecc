import type { Feed, News } from "./feed.ts";
import type { Words } from "./words.ts";
/** All that a picture of the moment is made of. */
export interface Scene extends News {
    readonly feed: Feed | undefined;
    /** Members shown. */
    readonly max: number;
    readonly words: Words;
    /** The element itself. */
    readonly host: HTMLElement;
    /** To be called when a part that was on its way is here. */
    readonly again: () => void;
}
/** Brings a subtree, which is in the page, up to date, as often as wished. */
export type Paint = (scene: Scene) => void;
export type Painter = [root: HTMLElement, paint: Paint];
/** The one line, told its part and what the number is of. */
export type MakeHeader = (part: string, phrase: "here" | "online") => Painter;
/** A view that comes in a file of its own. It is handed the one line that all begin with. */
export type MakeView = (head: MakeHeader) => Painter;
