/** Building by text alone: no markup is ever parsed, so a name cannot become one. */
/** A new element with its part, which is also its class: one name for the page's styles and for ours. */
export declare function element<K extends keyof HTMLElementTagNameMap>(tag: K, part: string, ...children: (Node | string)[]): HTMLElementTagNameMap[K];
export declare function setPart(node: HTMLElement, part: string): void;
/** Writes only a change, as a write is a new layout, and hides what is empty. */
export declare function setText(node: HTMLElement, text: string): void;
