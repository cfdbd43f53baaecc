import { type Live, type View } from "./view.ts";
/**
 * Asks once for the kept view; throws when there is no answer. Where nothing is kept yet, the answer can at least name
 * the socket: a channel that is watched by a pattern exists only once somebody is in it.
 *
 * With them comes the moment on the server's clock (`NaN` if the answer does not say), and whether that is now
 * (`exact`) or only the making of an answer that may have lain in a cache since.
 */
export declare function requestSnapshot(endpoint: string, channel: string, signal: AbortSignal): Promise<[view: View | undefined, live: Live | undefined, date: number, exact: boolean]>;
