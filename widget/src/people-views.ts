/** The views that show people. Loaded where a page wants one: the number needs none of it. */
import { element, setText } from "./dom.ts";
import { phrasesOf } from "./english.ts";
import { importing } from "./importing.ts";
import { nameOf, named } from "./names.ts";
import type { MakeHeader, MakeView, Painter, Scene } from "./painter.ts";
import css from "./people.css";
import { peopleList } from "./people-list.ts";
import type { PaintRest } from "./rest.ts";
import { applyStyle } from "./style.ts";
import { userOf } from "./visitor.ts";

/** The number, who it is as far as that is public, and who just left. */
export const list: MakeView = (header) => peopleView(header, true);

/** A row of faces and the number. Each face tells its name to the pointer, to touch, the keyboard and the screen reader. */
export const avatars: MakeView = (header) => peopleView(header, false);

const rest = importing(() => import("./rest.ts"));

function peopleView(header: MakeHeader, inFull: boolean): Painter {
  const [head, paintHead] = header("header", "here");
  const [list, paintList] = peopleList(inFull);
  const [left, paintLeft] = peopleList(inFull, "list recent");
  const opener = element("button", "opener");
  const more = element("p", "more", opener);
  const guests = element("p", "guests");
  const empty = element("slot", "");
  let last: Scene;
  let paintRest: PaintRest | undefined;

  const paint = (scene: Scene): void => {
    const { view, state, link, token, max, words } = scene;
    const phrases = phrasesOf(words);
    const you = userOf(token);
    const people = named(view, you);
    const shown = people.slice(0, max);
    last = scene;
    applyStyle(head, css);
    paintHead(scene);
    paintList(shown, you, scene);
    // As many as there is room for.
    paintLeft(inFull && view ? view.recent.filter(({ info }) => nameOf(info)).slice(0, max - shown.length) : [], you, scene);
    empty.hidden = view?.present !== 0;

    // Of the faces all who are here, because that is the number beside them.
    const rest = view && shown.length ? (inFull ? view.users : view.present) - shown.length : 0;
    const text = rest > 0 ? (inFull ? words.count(phrases.more, rest) : `+${words.number(rest)}`) : "";
    if ("popover" in more && (!inFull || people.length > max)) {
      setText(opener, text);
      opener.ariaLabel = words.count(phrases.more, rest);
      if (more.firstChild !== opener) more.replaceChildren(opener);
      more.hidden = !text;
    } else setText(more, text);
    const hers = view?.guests && words.count(phrases.guests, view.guests);
    const unlisted = (view?.users ?? 0) - people.length;
    paintRest?.(people.slice(max), [unlisted && words.count(phrases.more, unlisted), hers].filter(Boolean).join(" · "), you, scene);
    const lines = [
      // Without any name in the list, all of them.
      !shown.length && view?.users && words.count(phrases.members, view.users),
      hers,
      // With the others, because a line of its own would make the page jump.
      state === "stale" && link === "connecting" && phrases.reconnecting,
    ];
    setText(guests, lines.filter(Boolean).join(" · "));
  };

  const open = (): void => {
    paintRest ??= rest(open)?.restOf?.(opener, peopleList);
    paint(last);
  };

  empty.name = "empty";
  opener.type = "button";
  opener.onclick = open;
  return [
    inFull ? element("div", "roll", head, empty, list, more, guests, left) : element("div", "stack", list, more, head, empty),
    paint,
  ];
}
