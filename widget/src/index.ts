export {
  addWords,
  follow,
  RollCallElement,
  RollCallEvent,
  type FollowOptions,
  type Phrases,
  type Plural,
  type Presence,
  type ViewName,
} from "./package.ts";
export type { RollCallJoinEvent, RollCallLeaveEvent, RollCallStateEvent, RollCallUpdateEvent } from "./events.ts";
export type { State } from "./feed.ts";
export type { Info, Live, Member, Peak, Recent, View } from "./view.ts";
