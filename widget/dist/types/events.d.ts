import type { State } from "./feed.ts";
import type { Member, View } from "./view.ts";
/** What the element tells: `type` decides which fields there are. */
export declare class RollCallEvent<Detail extends object> extends Event {
    constructor(type: string, detail: Detail);
}
interface Update {
    readonly snapshot: View;
    /** The view shown before; `undefined` for the first. */
    readonly previous: View | undefined;
}
interface Change {
    readonly state: State;
    /**
     * What is wrong. Why there is no socket and none will be tried, so that numbers come by polling: a code and its words
     * (`3500 invalid token`), or what became of the token (`token-url 403`). Or why there is nothing to show: what the
     * endpoint answered (`404 unknown_channel`). Empty while nothing is wrong.
     */
    readonly reason: string;
}
interface Members {
    readonly members: readonly Member[];
}
/** A newer view is shown. */
export type RollCallUpdateEvent = RollCallEvent<Update> & Update;
/** What is known became `current`, `stale` or `unknown`, or something went wrong or right. */
export type RollCallStateEvent = RollCallEvent<Change> & Change;
/** Members who were not in the view before. Not sent for the first view. */
export type RollCallJoinEvent = RollCallEvent<Members> & Members;
/** Members who are no longer in the view, as they were last known. */
export type RollCallLeaveEvent = RollCallEvent<Members> & Members;
declare global {
    /** Of elements, documents and windows: the events bubble. */
    interface GlobalEventHandlersEventMap {
        "roll-call-update": RollCallUpdateEvent;
        "roll-call-state": RollCallStateEvent;
        "roll-call-join": RollCallJoinEvent;
        "roll-call-leave": RollCallLeaveEvent;
    }
}
export {};
