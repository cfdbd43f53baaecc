import type { Painter } from "./painter.ts";
/** The number, who it is as far as that is public, and who just left. */
export declare const listView: () => Painter;
/** A row of faces and the number. The names are there for the pointer, the keyboard and the screen reader. */
export declare const avatarsView: () => Painter;
