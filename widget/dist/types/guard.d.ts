/** The same function, but what it throws is told to the console and not to the page around it. */
export declare function guarded<A extends unknown[]>(run: (...args: A) => void): (...args: A) => void;
/** What a page's author would want to know, said once however many elements are concerned. */
export declare function warnOnce(text: string): void;
