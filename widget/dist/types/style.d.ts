/**
 * Gives the shadow tree around a node a style sheet, of its own document: a tree that moved to another one has lost what
 * it had. A constructed sheet is shared by all elements, and a page whose policy has no `unsafe-inline` allows it where
 * it would not allow a `<style>`.
 */
export declare function applyStyle(node: Node, css: string): void;
