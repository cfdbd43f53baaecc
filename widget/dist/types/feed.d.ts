import { type Link, type Source } from "./live.ts";
import { type View } from "./view.ts";
/** `unknown`: nothing to show yet. `stale`: the view is older than two and a half periods. */
export type State = "unknown" | "current" | "stale";
/** How things stand. */
export interface News {
    readonly view: View | undefined;
    readonly state: State;
    readonly link: Link;
    /** What is wrong: why there is no socket and none will be tried, or no view to be had. Empty while nothing is. */
    readonly reason: string;
    /** The visitor's; empty: a guest's, or not known yet. */
    readonly token: string;
}
/**
 * The newest view of one channel: one request for the first, a socket for those that follow, and polling once a
 * period for as long as no socket is to be had.
 */
export interface Feed {
    readonly source: Source;
    now(): News;
    /** Milliseconds since `time`, a moment on the server's clock. */
    age(time: number): number;
    /** Asks the HTTP API once; never rejects. */
    refresh(): Promise<void>;
}
/** A feed as its keeper sees it. */
export interface RunningFeed extends Feed {
    /** Each runs after each change. While one of them says `true`, the visitor is counted. */
    readonly listeners: Map<() => void, boolean>;
    /** To be called when the listeners have changed. */
    count(): void;
    /** Lets everything go. */
    pause(): void;
    /** Takes it up again, where it was. */
    resume(): void;
    /** The page came into sight. */
    look(): void;
}
/** With a `seed`, a view of this channel that names a socket, nothing needs to be asked at all. */
export declare function startFeed(source: Source, seed?: View): RunningFeed;
