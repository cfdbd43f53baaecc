import type { peopleList } from "./people-list.ts";
import type { Scene } from "./painter.ts";
import type { Member } from "./view.ts";
/** Shows the people who are not in the picture, and what there is to say of those who are in no list. */
export type PaintRest = (people: readonly Member[], note: string, you: string, scene: Scene) => void;
/** Opens at once. `rows` makes the list: the script's own, so that all lists look alike. */
export declare function restOf(opener: HTMLButtonElement, rows: typeof peopleList): PaintRest;
