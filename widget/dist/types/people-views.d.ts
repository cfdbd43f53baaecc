import type { MakeView, Scene } from "./painter.ts";
import type { Member } from "./view.ts";
/** The number, who it is as far as that is public, and who just left. */
export declare const list: MakeView;
/** A row of faces and the number. Each face tells its name to the pointer, to touch, the keyboard and the screen reader. */
export declare const avatars: MakeView;
/** Shows the people who are not in the picture, and what there is to say of those who are in no list. */
export type PaintRest = (people: readonly Member[], note: string, you: string, scene: Scene) => void;
