import type { Scene } from "./painter.ts";
import type { Member, Recent } from "./view.ts";
type PeopleList = [root: HTMLElement, paint: (people: readonly (Member | Recent)[], you: string, scene: Scene) => void];
/** People in rows, or as faces. Rows are kept, so that a picture is not loaded again and a link does not lose the focus. */
export declare function peopleList(inFull: boolean, part?: string): PeopleList;
export {};
