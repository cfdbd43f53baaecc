import type { peopleList } from "./people-list.ts";
import type { PaintRest } from "./people-views.ts";
/** Opens at once. `rows` makes the list: the script's own, so that all lists look alike. */
export declare function restOf(opener: HTMLButtonElement, rows: typeof peopleList): PaintRest;
