/** The views by a page's own centrifuge-js instead of a socket of ours. Loaded only where a page gives one. */
import { guarded } from "./guard.ts";
import { fields } from "./json.ts";
import type { OpenLive } from "./live.ts";

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
  const open = openers.get(client) ?? ((...told) => openClient(client as Client, ...told));
  openers.set(client, open);
  return open;
}

function openClient(client: Client, ...[live, , watched, onLink, onData]: Parameters<OpenLive>): () => void {
  const granted = new Set<string>();
  const closing: (() => void)[] = [];
  let reason = "";

  const listen = guarded((target: Emitter, type: string, run: (context: unknown) => void): void => {
    // What a handler throws would confuse the client.
    const listener = guarded(run);
    target.on(type, listener);
    closing.push(() => target.off(type, listener));
  });
  const settle = (): void => onLink(granted.has(views()) ? "open" : reason ? "none" : "connecting", reason);
  const views = (): string => (granted.has(live.members_channel) ? live.members_channel : live.channel);

  const join = (channel: string): void => {
    let subscription = client.getSubscription(channel);
    if (!subscription) {
      subscription = client.newSubscription(channel);
      made.set(subscription, 0);
    }
    const joined = subscription;
    const uses = made.get(joined);
    if (uses !== undefined) {
      made.set(joined, uses + 1);
      closing.push(() => {
        const left = made.get(joined)! - 1;
        made.set(joined, left);
        if (left) return;
        made.delete(joined);
        client.removeSubscription(joined);
      });
    }
    if (channel !== watched) {
      const onGranted = (): void => {
        granted.add(channel);
        settle();
      };
      listen(joined, "subscribed", onGranted);
      listen(joined, "subscribing", () => {
        granted.delete(channel);
        settle();
      });
      listen(joined, "unsubscribed", (context) => {
        granted.delete(channel);
        if (channel === live.channel) reason = reasonOf(context);
        settle();
      });
      // A view that the server had kept comes as a publication too: without a hint that it is one.
      listen(joined, "publication", (context) => {
        if (channel === views()) onData(fields(context)["data"], false);
      });
      // It will not tell again what it is already.
      if (joined.state === "subscribed") onGranted();
    }
    if (joined.state === "unsubscribed") joined.subscribe();
  };

  for (const channel of new Set([watched, live.channel, live.members_channel])) if (channel) guarded(join)(channel);
  listen(client, "disconnected", (context) => {
    reason = reasonOf(context);
    settle();
  });
  listen(client, "connecting", () => {
    reason = "";
    settle();
  });
  return () => {
    for (const close of closing.splice(0)) guarded(close)();
  };
}
