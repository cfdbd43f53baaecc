/**
 * Gives a shadow tree the styles. A constructed sheet is shared by all elements, and a page whose policy has no
 * `unsafe-inline` allows it where it would not allow a `<style>`.
 */
export declare function applyStyle(root: ShadowRoot): void;
