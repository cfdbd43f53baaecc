import type { Member, View } from "./view.ts";

/**
 * Who is new in the list, by id. A list that was cut moves people up when others go: those were there before, and are
 * no news.
 */
export function joined(before: View | undefined, after: View): readonly Member[] {
  return missing(after, before).filter(({ since }) => !before?.truncated || since > before.taken_at);
}

/** Who was in the list and is not any more; of a list that is cut, only those known to have gone. */
export function left(before: View | undefined, after: View): readonly Member[] {
  return missing(before, after).filter(({ id }) => !after.truncated || after.recent.some((gone) => gone.id === id));
}

/** The members of one view who are not in the other; none unless both have a list. */
function missing(from: View | undefined, other: View | undefined): readonly Member[] {
  const known = other?.members?.map(({ id }) => id);
  return (known && from?.members?.filter(({ id }) => !known.includes(id))) ?? [];
}
