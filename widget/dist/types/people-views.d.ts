import type { MakeView } from "./painter.ts";
/** The number, who it is as far as that is public, and who just left. */
export declare const list: MakeView;
/** A row of faces and the number. Each face tells its name to the pointer, to touch, the keyboard and the screen reader. */
export declare const avatars: MakeView;
