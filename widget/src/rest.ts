/** Those who are not in the picture, in a popover of the browser's own. Loaded when somebody asks for them. */
import { element, setText } from "./dom.ts";
import type { peopleList } from "./people-list.ts";
import type { Scene } from "./painter.ts";
import css from "./rest.css";
import { applyStyle } from "./style.ts";
import type { Member } from "./view.ts";

/** Shows the people who are not in the picture, and what there is to say of those who are in no list. */
export type PaintRest = (people: readonly Member[], note: string, you: string, scene: Scene) => void;

/** What stays free at the edges of the window. */
const MARGIN = "0.5em";

/** Opens at once. `rows` makes the list: the script's own, so that all lists look alike. */
export function restOf(opener: HTMLButtonElement, rows: typeof peopleList): PaintRest {
  const [list, paintList] = rows(true);
  const note = element("p", "guests");
  const rest = element("div", "rest", list, note);
  let told: Parameters<PaintRest> | undefined;

  const paint: PaintRest = (people, text, you, scene) => {
    told = [people, text, you, scene];
    if (!rest.matches(":popover-open")) return;
    paintList(people, you, scene);
    setText(note, text);
  };

  const place = (): void => {
    const { left, top, bottom } = opener.getBoundingClientRect();
    const { style } = rest;
    const isBelow = top < innerHeight / 2;
    style.left = `max(${MARGIN}, min(${left}px, 100vw - 17em - ${MARGIN}))`;
    style.top = isBelow ? `calc(${bottom}px + 0.3em)` : "auto";
    style.bottom = isBelow ? "auto" : `calc(${innerHeight - top}px + 0.3em)`;
    style.maxHeight = `calc(${isBelow ? innerHeight - bottom : top}px - 1em)`;
  };

  rest.popover = "auto";
  rest.ontoggle = () => {
    // From now on the browser opens and closes it, and knows the one as the other's opener; not sooner, or the click
    // that asks for it would close it.
    opener.popoverTargetElement = rest;
    if (told) paint(...told);
  };
  rest.onbeforetoggle = ({ newState }) => {
    if (newState !== "open") return;
    place();
    // It stands in the window, not in the page.
    addEventListener("scroll", () => rest.hidePopover(), { once: true });
  };
  // Beside the picture, not in it: faces have other rows.
  opener.closest(".roll,.stack")!.after(rest);
  applyStyle(rest, css);
  rest.showPopover();
  return paint;
}
