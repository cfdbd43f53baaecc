import type { OpenLive } from "./live.ts";
/**
 * What a close code means. Centrifugo's permanent codes say that a setting or the token is wrong, so the next try
 * would fail alike; an expired token is as good as refused as long as the same one would be sent again.
 */
export declare function isPermanent(code: number): boolean;
/** The page's one socket to `url` for this visitor. It is open for as long as a channel needs it. */
export declare const openSocket: OpenLive;
