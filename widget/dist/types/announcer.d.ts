/** What is said aloud to those who do not see it: now and then, once for the whole page. */
/** When something of the kind was last said. */
declare const said: {
    state?: number;
    number?: number;
};
/** Puts news into a live region. A state may come soon after a number: it is no repetition. */
export declare function announce(region: HTMLElement, kind: keyof typeof said, text: string): void;
export {};
