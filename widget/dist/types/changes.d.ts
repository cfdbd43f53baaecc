import type { Member, View } from "./view.ts";
/**
 * Who is new in the list, by id. A list that was cut moves people up when others go: those were there before, and are
 * no news.
 */
export declare function joined(before: View | undefined, after: View): readonly Member[];
/** Who was in the list and is not any more; of a list that is cut, only those known to have gone. */
export declare function left(before: View | undefined, after: View): readonly Member[];
