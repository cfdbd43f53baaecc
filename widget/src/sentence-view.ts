/** Who is here, as a sentence for a line of text. Loaded only where a page wants one. */
import { element, setText } from "./dom.ts";
import { phrasesOf } from "./english.ts";
import { lead, nameOf, named, webAddress } from "./names.ts";
import type { MakeView, Paint } from "./painter.ts";
import css from "./sentence.css";
import { applyStyle } from "./style.ts";
import { userOf } from "./visitor.ts";

/** Until something is known, it is the text of the page; then the age of a stale one stands after it. */
export const sentence: MakeView = () => {
  const fallback = element("slot", "");
  const text = element("span", "");
  const age = element("span", "age");
  let shown: string | undefined;
  const paint: Paint = ({ view, state, feed, token, max, words }) => {
    applyStyle(text, css);
    fallback.hidden = !!view;
    text.hidden = !view;
    setText(age, view && state === "stale" ? words.ago(feed!.age(view.taken_at)) : "");
    if (!view) return;
    const phrases = phrasesOf(words);
    const you = userOf(token);
    const people = named(view, you).slice(0, max);
    const others = view.present - people.length;
    const names = people.map(({ id, info }) => {
      const name = nameOf(info) || phrases.member;
      return id === you ? `${name} (${phrases.you})` : name;
    });
    const parts = people.length && others >= 0 ? [...names, ...(others ? [words.count(phrases.others, others)] : [])] : [];
    const look = JSON.stringify([words.language, view.present, parts, people.map(({ info }) => info["url"])]);
    if (look === shown) return;
    shown = look;
    if (!parts.length) return text.replaceChildren(words.count(phrases.here, view.present));

    let index = 0;
    const list = new Intl.ListFormat(words.language).formatToParts(parts).map(({ type, value }) => {
      if (type === "literal") return value;
      const person = people[index++];
      if (!person) return element("span", "others", value);
      const address = webAddress(person.info["url"]);
      const node = element(address ? "a" : "b", address ? "name link" : "name", value);
      node.dir = "auto";
      if (address) lead(node, address);
      return node;
    });
    const [before = "", after = ""] = words.count(phrases.are, view.present).split("@");
    text.replaceChildren(before, ...list, after);
  };
  return [element("span", "sentence", fallback, text, age), paint];
};
