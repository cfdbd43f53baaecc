import { element } from "./dom.ts";
import { phrasesOf } from "./english.ts";
import { importing } from "./importing.ts";
import { memberRow, type MemberRow } from "./member-row.ts";
import { nameOf } from "./names.ts";
import type { Scene } from "./painter.ts";
import type { Member, Recent } from "./view.ts";

const templates = importing(() => import("./template-row.ts"));

type PeopleList = [root: HTMLElement, paint: (people: readonly (Member | Recent)[], you: string, scene: Scene) => void];

/** People in rows, or as faces. Rows are kept, so that a picture is not loaded again and a link does not lose the focus. */
export function peopleList(inFull: boolean, part = "list"): PeopleList {
  const list = element("ul", part);
  let rows = new Map<string, MemberRow>();
  let made: unknown;

  // Safari takes a list without bullets for no list.
  list.role = "list";
  return [
    list,
    (people, you, { words, feed, host, again }) => {
      const phrases = phrasesOf(words);
      const template = host.querySelector<HTMLTemplateElement>(":scope > template[slot=member]");
      const own = (inFull && template && templates(again)?.templateRow) || memberRow;
      const before = made === own ? rows : new Map<string, MemberRow>();
      if (made !== own) rows.forEach((row) => row.remove());
      made = own;
      rows = new Map(people.map(({ id }) => [id, before.get(id) ?? own(id, inFull, template!)]));
      for (const [id, row] of before) if (!rows.has(id)) row.remove();
      people.forEach((person, index) => {
        const { id, info } = person;
        const { root, paint } = rows.get(id)!;
        // Moved only when out of place.
        if (list.children[index] !== root) list.insertBefore(root, list.children[index] ?? null);
        const name = nameOf(info) || phrases.member;
        const isGone = "last_seen" in person;
        const isYou = !isGone && id === you;
        const meta = isGone
          ? phrases.seen.replace("#", words.ago(feed!.age(person.last_seen)))
          : [isYou && phrases.you, person.clients > 1 && words.count(phrases.tabs, person.clients)].filter(Boolean).join(" · ");
        paint(info, isYou && !inFull ? `${name} (${phrases.you})` : name, meta, isGone ? "gone" : isYou ? "you" : "");
      });
      list.hidden = !people.length;
    },
  ];
}
