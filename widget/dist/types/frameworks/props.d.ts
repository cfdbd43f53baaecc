// Made of custom-elements.json.
import type { RollCallElement, RollCallUpdateEvent, RollCallStateEvent, RollCallJoinEvent, RollCallLeaveEvent } from "../index.js";

export type RollCallElementProps = {
  /** The watched channel. Required. */
  "channel"?: RollCallElement['channel'] | undefined;
  /** Base URL of the HTTP API. */
  "endpoint"?: RollCallElement['endpoint'] | undefined;
  /** How it is shown; a chart is that of the last 24 hours. */
  "view"?: RollCallElement['view'] | undefined;
  /** Members shown; the rest is a number. */
  "max"?: RollCallElement['max'] | undefined;
  /** Where to get the visitor's Centrifugo token, again when it has expired; answers `{"token":"…"}`. */
  "token-url"?: RollCallElement['tokenUrl'] | undefined;
  /** Where to get the visitor's Centrifugo token, again when it has expired; answers `{"token":"…"}`. */
  "tokenUrl"?: RollCallElement['tokenUrl'] | undefined;
  /** The visitor's Centrifugo token; without one the visitor is a guest. The property of that name is safer: it is not written into the page. */
  "token"?: RollCallElement['token'] | undefined;
  /** Do not count this visitor. */
  "observer"?: RollCallElement['observer'] | undefined;
  /** Tell screen readers when the number changes, at most every 30 seconds for the whole page. */
  "announce"?: RollCallElement['announce'] | undefined;
  /** Show nothing while fewer are present. */
  "hide-below"?: RollCallElement['hideBelow'] | undefined;
  /** Show nothing while fewer are present. */
  "hideBelow"?: RollCallElement['hideBelow'] | undefined;
  /** The page's way to get the token, again when it has expired, as centrifuge-js has it. */
  "getToken"?: RollCallElement['getToken'] | undefined;
  /** A page's own `Centrifuge` of centrifuge-js 5, to be used instead of a socket. */
  "client"?: RollCallElement['client'] | undefined;
  /** A newer view is shown. */
  "onroll-call-update"?: ((e: RollCallUpdateEvent) => void) | undefined;
  /** What is known became `unknown`, `current` or `stale`, or something is wrong: `reason` says what. */
  "onroll-call-state"?: ((e: RollCallStateEvent) => void) | undefined;
  /** Members who are new in the view. */
  "onroll-call-join"?: ((e: RollCallJoinEvent) => void) | undefined;
  /** Members who are gone from the view. */
  "onroll-call-leave"?: ((e: RollCallLeaveEvent) => void) | undefined;
}

export type RollCallElementSolidJsProps = {
  /** The watched channel. Required. */
  "prop:channel"?: RollCallElement['channel'] | undefined;
  /** Base URL of the HTTP API. */
  "prop:endpoint"?: RollCallElement['endpoint'] | undefined;
  /** How it is shown; a chart is that of the last 24 hours. */
  "prop:view"?: RollCallElement['view'] | undefined;
  /** Members shown; the rest is a number. */
  "prop:max"?: RollCallElement['max'] | undefined;
  /** Where to get the visitor's Centrifugo token, again when it has expired; answers `{"token":"…"}`. */
  "attr:token-url"?: RollCallElement['tokenUrl'] | undefined;
  /** Where to get the visitor's Centrifugo token, again when it has expired; answers `{"token":"…"}`. */
  "prop:tokenUrl"?: RollCallElement['tokenUrl'] | undefined;
  /** The visitor's Centrifugo token; without one the visitor is a guest. The property of that name is safer: it is not written into the page. */
  "prop:token"?: RollCallElement['token'] | undefined;
  /** Do not count this visitor. */
  "prop:observer"?: RollCallElement['observer'] | undefined;
  /** Tell screen readers when the number changes, at most every 30 seconds for the whole page. */
  "prop:announce"?: RollCallElement['announce'] | undefined;
  /** Show nothing while fewer are present. */
  "attr:hide-below"?: RollCallElement['hideBelow'] | undefined;
  /** Show nothing while fewer are present. */
  "prop:hideBelow"?: RollCallElement['hideBelow'] | undefined;
  /** The page's way to get the token, again when it has expired, as centrifuge-js has it. */
  "prop:getToken"?: RollCallElement['getToken'] | undefined;
  /** A page's own `Centrifuge` of centrifuge-js 5, to be used instead of a socket. */
  "prop:client"?: RollCallElement['client'] | undefined;
  /** A newer view is shown. */
  "on:roll-call-update"?: ((e: RollCallUpdateEvent) => void) | undefined;
  /** What is known became `unknown`, `current` or `stale`, or something is wrong: `reason` says what. */
  "on:roll-call-state"?: ((e: RollCallStateEvent) => void) | undefined;
  /** Members who are new in the view. */
  "on:roll-call-join"?: ((e: RollCallJoinEvent) => void) | undefined;
  /** Members who are gone from the view. */
  "on:roll-call-leave"?: ((e: RollCallLeaveEvent) => void) | undefined;
  /** Set the innerHTML of the element */
  innerHTML?: string | undefined;
  /** Set the textContent of the element */
  textContent?: string | number | undefined;
}
