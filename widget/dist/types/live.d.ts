import type { Live } from "./view.ts";
import type { Visitor } from "./visitor.ts";
/**
 * How a channel stands:
 * - `connecting`: nothing comes at the moment, but it is being tried
 * - `open`: views will come
 * - `none`: no views will come: there is no address, or the server refused for good
 */
export type Link = "connecting" | "open" | "none";
/** `reason` is why it was given up. */
export type OnLink = (link: Link, reason?: string) => void;
/** `fresh` is false for a view that the server had kept and sends at once. */
export type OnData = (data: unknown, fresh: boolean) => void;
/** One way to a Centrifugo, for all channels of a page. */
export interface Connection {
    /** Enters a channel until the answer is called. Whoever is in the watched channel is counted. */
    enter(channel: string, onLink: OnLink, onData: OnData): () => void;
    /** The visitor's token, as it is at the moment. */
    token(): string;
}
/** What a feed is about; elements that ask for the same share it. */
export interface Source extends Visitor {
    /** Base URL of the HTTP API, without a slash at the end. */
    readonly endpoint: string;
    readonly channel: string;
    /** How the views are brought: by a socket of ours or by the page's own client. */
    readonly open: OpenLive;
}
/** The connection to a socket's address: the same one for all of a page who come from one endpoint as one visitor. */
export type OpenLive = (url: string, source: Source) => Connection;
/**
 * Brings the views. With a token, it asks for the list that not everybody may have, too: that has all that the public
 * view has, and where it is granted, it alone is listened to.
 */
export declare function enterLive({ enter }: Connection, { channel, members_channel }: Live, signedIn: unknown, onLink: OnLink, onData: OnData): () => void;
