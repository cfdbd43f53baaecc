import type { Phrases, Words } from "./words.ts";

/** What only some views say: they bring it with them, in English. */
export const english: Omit<Required<Phrases>, "label" | "here" | "online"> = {
  member: "Member",
  you: "you",
  reconnecting: "Reconnecting…",
  seen: "seen #",
  tabs: { one: "# tab", other: "# tabs" },
  more: { other: "+# more" },
  members: { one: "# member", other: "# members" },
  guests: { one: "# guest", other: "# guests" },
  are: { one: "@ is here", other: "@ are here" },
  others: { one: "# other", other: "# others" },
  peak: "peak # at @",
};

/** Every phrase, in English where the language has none. */
export const phrasesOf = ({ phrases }: Words): Required<Phrases> => ({ ...english, ...phrases });
