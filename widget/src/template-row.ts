/** A page's own rows: its `<template slot="member">`, filled for each member. Loaded only where a page has one. */
import { element, setPart } from "./dom.ts";
import type { MemberRow } from "./member-row.ts";
import { lead, webAddress } from "./names.ts";
import type { Info } from "./view.ts";

/**
 * The row stays in the list, for those who hear it; what fills it stands in the page, for the page's styles. In the
 * template `data-field="name"` takes the name, `meta` tabs or the age, and any other the field of that name; a picture
 * takes it as its address, a link as its target, and what stays empty is hidden.
 */
export function templateRow(id: string, _: boolean, template: HTMLTemplateElement): MemberRow {
  const place = element("slot", "");
  const root = element("li", "member", place);
  const own = document.createElement("div");
  // In React and others what is inside a template are its children.
  const pattern = template.content.childNodes.length ? template.content : template;
  // Those of another list, or of another element that this one was cloned from.
  for (const left of template.parentElement!.querySelectorAll(`:scope > [slot="${CSS.escape(`member ${id}`)}"]`)) left.remove();
  own.slot = place.name = `member ${id}`;
  own.append(...pattern.cloneNode(true).childNodes);
  template.parentElement!.append(own);

  return {
    root,
    paint(info, name, meta, mark) {
      setPart(root, `member ${mark}`.trim());
      own.className = mark;
      const all: Info = { ...info, name, meta };
      for (const node of own.querySelectorAll<HTMLElement>("[data-field]")) fill(node, all[node.dataset["field"]!]);
    },
    remove() {
      root.remove();
      own.remove();
    },
  };
}

/** Text stays text, and an address one of the web. */
function fill(node: HTMLElement, value: Info[string] | undefined): void {
  const text = value === undefined ? "" : String(value);
  const address = webAddress(value);
  node.hidden = !text;
  if (node instanceof HTMLImageElement) {
    node.hidden = !address;
    if (address && node.src !== address) {
      node.referrerPolicy = "no-referrer";
      node.src = address;
    }
  } else if (node instanceof HTMLAnchorElement) {
    node.hidden = false;
    if (address) lead(node, address);
    else node.removeAttribute("href");
  } else if (node.textContent !== text) node.textContent = text;
}
