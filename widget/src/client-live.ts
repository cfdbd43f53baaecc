/** The views by a page's own centrifuge-js instead of a socket of ours. Loaded only where a page gives one. */
import { guarded } from "./guard.ts";
import { fields } from "./json.ts";
import type { Connection, OnData, OnLink, OpenLive } from "./live.ts";

/** What is used of centrifuge-js 5, whose types this package does not need. */
interface Emitter {
  on(type: string, listener: (context: unknown) => void): unknown;
  off(type: string, listener: (context: unknown) => void): unknown;
}
interface Subscription extends Emitter {
  readonly state: string;
  subscribe(): void;
}
interface Client extends Emitter {
  getSubscription(channel: string): Subscription | null;
  newSubscription(channel: string): Subscription;
  removeSubscription(subscription: Subscription): void;
}

/** Why something ended, in one line. */
const reasonOf = (context: unknown): string => {
  const { code, reason } = fields(context);
  return `${code} ${reason}`;
};

/** Subscriptions that we made, and by how many feeds each is used: those that the page made are left to it. */
const made = new WeakMap<Subscription, number>();

const openers = new WeakMap<object, OpenLive>();

/** The way by one client; always the same for the same client, so that feeds can be told apart by it. */
export function openBy(client: object): OpenLive {
  const open = openers.get(client) ?? ((_, { token }): Connection => ({
    token: () => token,
    enter: (channel, onLink, onData) => enter(client as Client, channel, onLink, onData),
  }));
  openers.set(client, open);
  return open;
}

function enter(client: Client, channel: string, onLink: OnLink, onData: OnData): () => void {
  const leaving: (() => void)[] = [];

  const listen = (target: Emitter, type: string, run: (context: unknown) => void): void => {
    // What a handler throws would confuse the client.
    const listener = guarded(run);
    target.on(type, listener);
    leaving.push(() => target.off(type, listener));
  };

  const join = guarded(() => {
    let subscription = client.getSubscription(channel);
    if (!subscription) {
      subscription = client.newSubscription(channel);
      made.set(subscription, 0);
    }
    const joined = subscription;
    const uses = made.get(joined);
    if (uses !== undefined) {
      made.set(joined, uses + 1);
      leaving.push(() => {
        const left = made.get(joined)! - 1;
        made.set(joined, left);
        if (left) return;
        made.delete(joined);
        client.removeSubscription(joined);
      });
    }
    listen(joined, "subscribed", () => onLink("open"));
    listen(joined, "subscribing", () => onLink("connecting"));
    listen(joined, "unsubscribed", (context) => onLink("none", reasonOf(context)));
    // A view that the server had kept comes as a publication too: without a hint that it is one.
    listen(joined, "publication", (context) => onData(fields(context)["data"], false));
    listen(client, "disconnected", (context) => onLink("none", reasonOf(context)));
    // Of a subscription that was refused, it tries no more.
    listen(client, "connecting", () => joined.state !== "unsubscribed" && onLink("connecting"));
    if (joined.state === "unsubscribed") joined.subscribe();
    // It will not tell again what it is already.
    onLink(joined.state === "subscribed" ? "open" : "connecting");
  });

  join();
  return () => {
    for (const leave of leaving.splice(0)) guarded(leave)();
  };
}
