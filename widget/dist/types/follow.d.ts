import type { State } from "./feed.ts";
import type { View } from "./view.ts";
/** As the element's attributes and properties of the same names. */
export interface FollowOptions {
    /** Base URL of the HTTP API; default is the origin of the script. */
    readonly endpoint?: string;
    readonly token?: string;
    readonly tokenUrl?: string;
    readonly getToken?: () => Promise<string>;
    /** Does not count this visitor. */
    readonly observer?: boolean;
    readonly client?: object;
}
/** How things stand in a channel. */
export interface Presence {
    /** The newest view; `undefined` while nothing is known. */
    readonly snapshot: View | undefined;
    readonly state: State;
    /** What is wrong; empty while nothing is. */
    readonly reason: string;
    /** The visitor's own user id; empty: a guest, or not known yet. */
    readonly you: string;
}
/**
 * Follows a channel until the answer is called: `listener` runs after each change. Whoever follows shares request and
 * socket with the elements of the page, and counts the visitor, unless told.
 */
export declare function follow(channel: string, listener: (presence: Presence) => void, options?: FollowOptions): () => void;
