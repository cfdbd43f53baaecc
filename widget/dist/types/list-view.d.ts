import type { Painter } from "./painter.ts";
/** The number, who it is as far as that is public, and who just left. */
export declare function listView(): Painter;
