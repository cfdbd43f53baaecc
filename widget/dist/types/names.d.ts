import type { Info, Member, View } from "./view.ts";
/** The address if a page may load or link it: http and https only. */
export declare const webAddress: (value: unknown) => string;
/** A link to what somebody says of themselves: no recommendation of the page's. */
export declare const lead: (node: HTMLElement, address: string) => unknown;
export declare const nameOf: (info: Info) => string;
/**
 * The members whom one can show: of somebody without a name or a picture there is only that he is here. The visitor
 * comes first.
 */
export declare function named(view: View | undefined, you: string): readonly Member[];
