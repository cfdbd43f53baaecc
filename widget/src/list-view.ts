import { element, setText } from "./dom.ts";
import { header } from "./header.ts";
import { memberRow, type MemberRow } from "./member-row.ts";
import type { Painter } from "./painter.ts";
import type { Member, Recent, View } from "./view.ts";
import type { Words } from "./words.ts";

/** The number, who it is as far as that is public, and who just left. */
export function listView(): Painter {
  const [head, paintHead] = header("header", "here");
  const list = element("ul", "list");
  const more = element("p", "more");
  const guests = element("p", "guests");
  /** Rows are kept, so that a picture is not loaded again and a link does not lose the focus. */
  let rows = new Map<string, MemberRow>();

  // Safari takes a list without bullets for no list.
  list.role = "list";
  return [
    element("div", "", head, list, more, guests),
    (scene) => {
      const { view, feed, max } = scene;
      const { phrases, count, ago } = scene.words;
      paintHead(scene);

      const shown = view?.members?.slice(0, max) ?? [];
      const people: (Member | Recent)[] = view ? [...shown, ...view.recent].slice(0, max) : [];
      const before = rows;
      rows = new Map(people.map(({ id }) => [id, before.get(id) ?? memberRow(id)]));
      for (const [id, [node]] of before) if (!rows.has(id)) node.remove();
      people.forEach((person, index) => {
        const [node, paint] = rows.get(person.id)!;
        // Moved only when out of place.
        if (list.children[index] !== node) list.insertBefore(node, list.children[index] ?? null);
        if ("last_seen" in person) paint(person.info, phrases.member, ago(feed!.age(person.last_seen)), true);
        else paint(person.info, phrases.member, person.clients > 1 ? count(phrases.tabs, person.clients) : "", false);
      });
      list.hidden = !people.length;

      setText(more, view && shown.length && view.users > shown.length ? count(phrases.more, view.users - shown.length) : "");
      // With the guests, because a line of its own would make the page jump.
      const reconnecting = scene.state === "stale" && feed?.connecting && phrases.reconnecting;
      setText(guests, [view && others(view, !!shown.length, scene.words), reconnecting].filter(Boolean).join(" · "));
    },
  ];
}

/** Those without a name; without any name in the list, everybody. */
function others({ users, guests }: View, named: boolean, { phrases, count }: Words): string {
  const members = named || !users ? "" : count(phrases.members, users);
  return [members, guests && count(users ? phrases.andGuests : phrases.guests, guests)].filter(Boolean).join(" ");
}
