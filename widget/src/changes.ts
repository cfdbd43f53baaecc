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
  const gone = idsOf(after.recent);
  return missing(before, after).filter(({ id }) => !after.truncated || gone.has(id));
}

/** The members of one view who are not in the other; none unless both have a list. */
function missing(from: View | undefined, other: View | undefined): readonly Member[] {
  if (!from?.members || !other?.members) return [];
  const known = idsOf(other.members);
  return from.members.filter(({ id }) => !known.has(id));
}

/** A set, because a list may be long, and each of its people is looked for in the other. */
const idsOf = (people: readonly { readonly id: string }[]): ReadonlySet<string> => new Set(people.map(({ id }) => id));
