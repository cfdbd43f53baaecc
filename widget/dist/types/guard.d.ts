/** The same function, but what it throws is told to the console and not to the page around it. */
export declare function guarded<A extends unknown[]>(run: (...args: A) => void): (...args: A) => void;
