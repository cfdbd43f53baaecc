/** Presence without the element, for pages that show it in their own way. */
import { endpointOf } from "./endpoint.ts";
import type { State } from "./feed.ts";
import { follow as followFeed } from "./feeds.ts";
import { guarded } from "./guard.ts";
import type { View } from "./view.ts";
import { userOf } from "./visitor.ts";
import { wayBy } from "./way.ts";

/** As the element's attributes and properties of the same names. */
export interface FollowOptions {
  /** Base URL of the HTTP API; default is the origin of the script. */
  readonly endpoint?: string;
  readonly token?: string;
  readonly tokenUrl?: string;
  readonly getToken?: () => Promise<string>;
  /** Does not count this visitor. */
  readonly observer?: boolean;
  readonly client?: object;
}

/** How things stand in a channel. */
export interface Presence {
  /** The newest view; `undefined` while nothing is known. */
  readonly snapshot: View | undefined;
  readonly state: State;
  /** What is wrong; empty while nothing is. */
  readonly reason: string;
  /** The visitor's own user id; empty: a guest, or not known yet. */
  readonly you: string;
}

/**
 * Follows a channel until the answer is called: `listener` runs after each change. Whoever follows shares request and
 * socket with the elements of the page, and counts the visitor, unless told.
 */
export function follow(channel: string, listener: (presence: Presence) => void, options: FollowOptions = {}): () => void {
  const { endpoint = "", token = "", tokenUrl = "", getToken, observer = false, client } = options;
  let stop: (() => void) | undefined;
  let ended = false;
  const start = (): void => {
    const open = wayBy(client, start);
    if (ended || !open) return;
    const source = { endpoint: endpointOf(endpoint), channel, token, tokenUrl, getToken, open };
    const [feed, end] = followFeed(source, !observer, () => {
      const { view: snapshot, state, reason, token } = feed.now();
      listener({ snapshot, state, reason, you: userOf(token) });
    });
    stop = end;
  };
  guarded(start)();
  return () => {
    ended = true;
    stop?.();
  };
}
