import { element, setText } from "./dom.ts";
import { header } from "./header.ts";
import { memberRow, type MemberRow } from "./member-row.ts";
import type { Painter } from "./painter.ts";
import type { Member, Recent } from "./view.ts";

/** The number, who it is as far as that is public, and who just left. */
export const listView = (): Painter => peopleView(true);

/** A row of faces and the number. The names are there for the pointer, the keyboard and the screen reader. */
export const avatarsView = (): Painter => peopleView(false);

function peopleView(inFull: boolean): Painter {
  const [head, paintHead] = header("header", "here");
  const list = element("ul", "list");
  const more = element("p", "more");
  const guests = element("p", "guests");
  /** Rows are kept, so that a picture is not loaded again and a link does not lose the focus. */
  let rows = new Map<string, MemberRow>();

  // Safari takes a list without bullets for no list.
  list.role = "list";
  return [
    inFull ? element("div", "roll", head, list, more, guests) : element("div", "stack", list, more, head),
    (scene) => {
      const { view, state, link, feed, max, words } = scene;
      const { member, reconnecting, seen } = words.phrases;
      paintHead(scene);

      const shown = view?.members?.slice(0, max) ?? [];
      const people: (Member | Recent)[] = view && inFull ? [...shown, ...view.recent].slice(0, max) : shown;
      const before = rows;
      rows = new Map(people.map(({ id }) => [id, before.get(id) ?? memberRow(id)]));
      for (const [id, [node]] of before) if (!rows.has(id)) node.remove();
      people.forEach((person, index) => {
        const [node, paint] = rows.get(person.id)!;
        // Moved only when out of place.
        if (list.children[index] !== node) list.insertBefore(node, list.children[index] ?? null);
        if ("last_seen" in person) paint(person.info, member, seen.replace("#", words.ago(feed!.age(person.last_seen))), true);
        else paint(person.info, member, person.clients > 1 ? words.count("tabs", person.clients) : "", false);
      });
      list.hidden = !people.length;

      const rest = shown.length && view!.users - shown.length;
      setText(more, rest > 0 ? (inFull ? words.count("more", rest) : `+${words.number(rest)}`) : "");
      const lines = [
        // Without any name in the list, all of them.
        !shown.length && view?.users && words.count("members", view.users),
        view?.guests && words.count("guests", view.guests),
        // With the others, because a line of its own would make the page jump.
        state === "stale" && link === "connecting" && reconnecting,
      ];
      setText(guests, lines.filter(Boolean).join(" · "));
    },
  ];
}
