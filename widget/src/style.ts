const sheets = new WeakMap<Document, Map<string, CSSStyleSheet>>();

/**
 * Gives the shadow tree around a node a style sheet, of its own document: a tree that moved to another one has lost what
 * it had. A constructed sheet is shared by all elements, and a page whose policy has no `unsafe-inline` allows it where
 * it would not allow a `<style>`.
 */
export function applyStyle(node: Node, css: string): void {
  const page = node.ownerDocument!;
  const root = node.getRootNode() as ShadowRoot;
  const own = sheets.get(page) ?? new Map<string, CSSStyleSheet>();
  let sheet = own.get(css);
  if (!sheet) {
    sheet = new page.defaultView!.CSSStyleSheet();
    sheet.replaceSync(css);
    sheets.set(page, own.set(css, sheet));
  }
  if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
}
