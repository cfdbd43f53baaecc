import { hue, initials } from "./avatar-text.ts";
import { element, setPart, setText } from "./dom.ts";
import { webAddress, type Info } from "./view.ts";

/** One person: picture or initials, name, and what there is to say in a word. */
export type MemberRow = [root: HTMLElement, paint: (info: Info, nameless: string, meta: string, gone: boolean) => void];

export function memberRow(id: string): MemberRow {
  const avatar = element("span", "avatar");
  const meta = element("span", "meta");
  const root = element("li", "member", avatar, "", meta);
  let shown: string | undefined;

  // Through the CSSOM: a style attribute would need the page's policy to allow it.
  avatar.style.setProperty("--hue", String(hue(id)));
  avatar.ariaHidden = "true";
  return [
    root,
    (info, nameless, text, gone) => {
      setPart(root, gone ? "member gone" : "member");
      setText(meta, text);

      // A picture that failed stays away until something is new.
      const look = JSON.stringify(info);
      if (look === shown) return;
      shown = look;
      const name = String(info["name"] ?? "").trim();
      const letters = element("span", "initials", initials(name));
      const picture = webAddress(info["avatar"]);
      avatar.replaceChildren(letters);
      if (picture) avatar.append(pictureNode(picture, letters));
      root.replaceChildren(avatar, nameNode(name || nameless, webAddress(info["url"])), meta);
    },
  ];
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

function nameNode(name: string, address: string): HTMLElement {
  const node = element(address ? "a" : "span", "name", name);
  // A right-to-left name in a left-to-right list, and the other way round.
  node.dir = "auto";
  node.title = name;
  if (address) Object.assign(node, { href: address, rel: "nofollow ugc" });
  return node;
}
