import type { Painter } from "./painter.ts";
/** The number alone, small enough for a line of text. */
export declare const countView: () => Painter;
