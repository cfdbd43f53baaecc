import css from "./style.css";

let sheet: CSSStyleSheet | undefined;

/**
 * Gives a shadow tree the styles. A constructed sheet is shared by all elements, and a page whose policy has no
 * `unsafe-inline` allows it where it would not allow a `<style>`.
 */
export function applyStyle(root: ShadowRoot): void {
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
  }
  root.adoptedStyleSheets = [sheet];
}
