import type { OpenLive } from "./live.ts";
/**
 * How the views are brought: by a socket of ours, or by the page's own client. Nothing while the adapter for that is on
 * its way; then `again` runs when it is here.
 */
export declare function wayBy(client: object | undefined, again: () => void): OpenLive | undefined;
