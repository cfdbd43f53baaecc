import { type Live, type View } from "./view.ts";
export interface Answer {
    readonly view: View | undefined;
    /**
     * Where nothing is kept yet, the answer can at least name the socket: a channel that is watched by a pattern exists
     * only once somebody is in it.
     */
    readonly live: Live | undefined;
    /** What is wrong, where another try would be answered alike: `404 unknown_channel`. Else empty. */
    readonly reason: string;
    /** The moment on the server's clock; `NaN` if the answer does not say. */
    readonly date: number;
    /** Whether that is now, or only the making of an answer that may have lain in a cache since. */
    readonly exact: boolean;
}
/**
 * Asks once for the kept view; rejects when there is no answer. Who asks in the same moment asks together: in the same
 * task if it is urgent, else with all timers that are due.
 */
export declare function requestSnapshot(endpoint: string, channel: string, urgent: boolean): Promise<Answer>;
