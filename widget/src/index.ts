export { addWords, RollCallElement, RollCallEvent, type Phrases, type Plural, type ViewName } from "./roll-call-element.ts";
export type { RollCallJoinEvent, RollCallLeaveEvent, RollCallStateEvent, RollCallUpdateEvent } from "./events.ts";
export type { State } from "./feed.ts";
export type { Info, Live, Member, Peak, Recent, View } from "./view.ts";
