import { element, setPart, setText } from "./dom.ts";
import type { MakeHeader } from "./painter.ts";

/**
 * The one line that every view begins with: the dot, the number (or, while there is none, the text of the page), and
 * the age when it matters. The dot's shape and the age say in form and words what the colour says.
 */
export const header: MakeHeader = (part, phrase) => {
  const dot = element("span", "dot");
  const number = element("b", "number");
  const count = element("span", "count");
  const fallback = element("slot", "");
  const age = element("span", "age");
  return [
    element("div", part, dot, fallback, count, age),
    ({ view, state, feed, words }) => {
      setPart(dot, state === "current" && view?.present ? "dot" : "dot off");
      fallback.hidden = !!view;
      count.hidden = !view;
      if (!view || !feed) {
        setText(age, "");
        return;
      }
      const digits = words.number(view.present);
      const text = words.count(words.phrases[phrase], view.present);
      if (count.textContent !== text) {
        const [before = "", after = ""] = text.split(digits);
        number.textContent = digits;
        count.replaceChildren(before, number, after);
      }
      setText(age, state === "stale" ? words.ago(feed.age(view.taken_at)) : "");
    },
  ];
};
