import type { OpenLive } from "./live.ts";
/** The way by one client; always the same for the same client, so that feeds can be told apart by it. */
export declare function openBy(client: object): OpenLive;
