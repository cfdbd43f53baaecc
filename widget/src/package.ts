/** The package's one module that its small entries share: two would not know of each other's sockets. */
export { follow, type FollowOptions, type Presence } from "./follow.ts";
export * from "./roll-call-element.ts";
