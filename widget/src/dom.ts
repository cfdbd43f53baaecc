/** Building by text alone: no markup is ever parsed, so a name cannot become one. */

/** A new element with its part, which is also its class: one name for the page's styles and for ours. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  part: string,
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  setPart(node, part);
  node.append(...children);
  return node;
}

export function setPart(node: HTMLElement, part: string): void {
  if (node.className !== part) node.setAttribute("part", (node.className = part));
}

/** Writes only a change, as a write is a new layout, and hides what is empty. */
export function setText(node: HTMLElement, text: string): void {
  if (node.textContent !== text) node.textContent = text;
  node.hidden = !text;
}
