/** Parts that not every page needs: files of their own, beside the script. */
declare const imports: {
    chart: () => Promise<typeof import("./chart-figure.ts")>;
    client: () => Promise<typeof import("./client-live.ts")>;
    words: () => Promise<typeof import("./languages.ts")>;
};
type Parts = {
    [Name in keyof typeof imports]: Partial<Awaited<ReturnType<(typeof imports)[Name]>>>;
};
/**
 * A part, or nothing while it is on its way; then `again` runs when it is here. One that can't be had is empty, until a
 * later need brings it.
 */
export declare function onNeed<Name extends keyof Parts>(name: Name, again: () => void): Parts[Name] | undefined;
export {};
