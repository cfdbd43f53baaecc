import { hue, initials } from "./avatar-text.ts";
import { element, setPart, setText } from "./dom.ts";
import { lead, webAddress } from "./names.ts";
import type { Info } from "./view.ts";

/** One person. `mark` is `gone` or `you`, where that is so. */
export interface MemberRow {
  readonly root: HTMLElement;
  paint(info: Info, name: string, meta: string, mark: string): void;
  remove(): void;
}

/** Picture or initials, name, and what there is to say in a word. In a row of faces the name comes to who looks for it. */
export function memberRow(id: string, inFull: boolean): MemberRow {
  const avatar = element("span", "avatar");
  const meta = element("span", "meta");
  const root = element("li", "", avatar, "", meta);
  let shown: string | undefined;

  // Through the CSSOM: a style attribute would need the page's policy to allow it.
  avatar.style.setProperty("--hue", String(hue(id)));
  avatar.ariaHidden = "true";
  return {
    root,
    paint(info, name, text, mark) {
      setPart(root, `member ${mark}`.trim());
      setText(meta, text);

      // A picture that failed stays away until something is new.
      const look = JSON.stringify([info, name]);
      if (look === shown) return;
      shown = look;
      const letters = element("span", "initials", initials(name));
      const picture = webAddress(info["avatar"]);
      avatar.replaceChildren(letters);
      if (picture) avatar.append(pictureNode(picture, letters));
      root.replaceChildren(avatar, nameNode(name, webAddress(info["url"]), inFull), meta);
    },
    remove: () => root.remove(),
  };
}

/** Lies over the letters while it loads, replaces them when it has come, and leaves them when it does not. */
function pictureNode(address: string, letters: HTMLElement): HTMLElement {
  const image = element("img", "picture");
  image.alt = "";
  image.loading = "lazy";
  // Before `src`: on which page it is shown, is nobody's business.
  image.referrerPolicy = "no-referrer";
  image.onload = () => letters.remove();
  image.onerror = () => image.remove();
  image.src = address;
  return image;
}

function nameNode(name: string, address: string, inFull: boolean): HTMLElement {
  const node = element(address ? "a" : "span", address ? "name link" : "name", name);
  // A right-to-left name in a left-to-right list, and the other way round.
  node.dir = "auto";
  if (inFull) node.title = name;
  else {
    // Over the face: touched or reached by the keyboard, it tells the name.
    node.tabIndex = 0;
    node.replaceChildren(element("span", "label", name));
  }
  if (address) lead(node, address);
  return node;
}
