import { type Wallet } from "./token.ts";
import type { Live } from "./view.ts";
/**
 * - `connecting`: no socket at the moment, but one is being tried
 * - `open`: views will come
 * - `none`: no views will come: there is no address, the server refused for good, or it granted only the counting
 */
export type Link = "connecting" | "open" | "none";
/**
 * One way to be served: counts the visitor in (if there is a channel to be counted in: `watched`) and brings the views.
 * `reason` is why it was given up. `fresh` is false for a view that the server had kept and sends at once.
 * The answer closes it.
 */
export type OpenLive = (live: Live, wallet: Wallet, watched: string, onLink: (link: Link, reason?: string) => void, onData: (data: unknown, fresh: boolean) => void) => () => void;
/**
 * What a close code means. Centrifugo's permanent codes say that a setting or the token is wrong, so the next try
 * would fail alike; an expired token (3005) is as good as refused as long as the same one would be sent again.
 */
export declare function isPermanent(code: number): boolean;
/** Centrifugo's unidirectional WebSocket: one message when it opens, then only frames from the server. */
export declare const openLive: OpenLive;
