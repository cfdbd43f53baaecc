/** What is said aloud to those who do not see it: now and then, once for all elements that show the same. */
/** Puts the news on `channel` into a live region. The first is none: it is read with the page. */
export declare function announce(region: HTMLElement, channel: string, text: string): void;
