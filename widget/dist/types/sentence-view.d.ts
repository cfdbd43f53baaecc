import type { MakeView } from "./painter.ts";
/** Until something is known, it is the text of the page; then the age of a stale one stands after it. */
export declare const sentence: MakeView;
