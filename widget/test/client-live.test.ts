import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, mock, test } from "node:test";
import { openBy } from "../src/client-live.ts";
import type { Source } from "../src/live.ts";
import { enterLive, type Link } from "../src/live.ts";

type Listener = (context: object) => void;

/** As much of centrifuge-js 5 as matters: events, and its rules about subscriptions. */
class Emitter {
  readonly listeners = new Map<string, Set<Listener>>();
  on(type: string, listener: Listener): void {
    this.listeners.set(type, (this.listeners.get(type) ?? new Set()).add(listener));
  }
  off(type: string, listener: Listener): void {
    this.listeners.get(type)?.delete(listener);
  }
  emit(type: string, context: object = {}): void {
    for (const listener of this.listeners.get(type) ?? []) listener(context);
  }
  get listening(): number {
    return [...this.listeners.values()].reduce((sum, { size }) => sum + size, 0);
  }
}
class FakeSubscription extends Emitter {
  state = "unsubscribed";
  subscribe(): void {
    this.becomes("subscribing");
  }
  becomes(state: string, context: object = {}): void {
    this.state = state;
    this.emit(state, context);
  }
}
class FakeClient extends Emitter {
  readonly subscriptions = new Map<string, FakeSubscription>();
  getSubscription(channel: string): FakeSubscription | null {
    return this.subscriptions.get(channel) ?? null;
  }
  newSubscription(channel: string): FakeSubscription {
    if (this.subscriptions.has(channel)) throw new Error(`Subscription to the channel ${channel} already exists`);
    const subscription = new FakeSubscription();
    this.subscriptions.set(channel, subscription);
    return subscription;
  }
  removeSubscription(subscription: FakeSubscription): void {
    for (const [channel, kept] of this.subscriptions) if (kept === subscription) this.subscriptions.delete(channel);
  }
  to(channel: string): FakeSubscription {
    const subscription = this.subscriptions.get(channel);
    assert.ok(subscription, channel);
    return subscription;
  }
}

const live = { url: "wss://rt.example/connection/websocket", channel: "presence:site:main", members_channel: "members:site:main" };

describe("a page's own client", () => {
  let client: FakeClient;
  let links: [Link, string][];
  let data: unknown[];

  beforeEach(() => {
    client = new FakeClient();
    links = [];
    data = [];
  });
  afterEach(() => mock.restoreAll());

  const connect = (by: object) => {
    const source: Source = { endpoint: "", channel: "site:main", token: "jwt", tokenUrl: "", getToken: undefined, open: openBy(by) };
    return openBy(by)(live.url, source);
  };
  const open = (watched = "site:main"): (() => void) => {
    const connection = connect(client);
    const leave = enterLive(connection, live, true, (link, reason = "") => links.push([link, reason]), (value) => data.push(value));
    const uncount = watched ? connection.enter(watched, () => {}, () => {}) : undefined;
    return () => {
      leave();
      uncount?.();
    };
  };

  test("is the same way for all elements that are given it", () => {
    assert.equal(openBy(client), openBy(client));
    assert.notEqual(openBy(client), openBy(new FakeClient()));
  });

  test("subscribes to be counted and to the views; an observer to the views alone", () => {
    open();
    assert.deepEqual([...client.subscriptions.keys()], ["members:site:main", "presence:site:main", "site:main"]);
    assert.ok([...client.subscriptions.values()].every(({ state }) => state === "subscribing"));
    client = new FakeClient();
    open("");
    assert.deepEqual([...client.subscriptions.keys()], ["members:site:main", "presence:site:main"]);
  });

  test("brings the views, of the list once that is granted", () => {
    open();
    client.to(live.channel).becomes("subscribed");
    assert.deepEqual(links.at(-1), ["open", ""]);
    client.to(live.channel).emit("publication", { data: 1 });
    client.to(live.members_channel).becomes("unsubscribed", { code: 103, reason: "permission denied" });
    assert.deepEqual(links.at(-1), ["open", ""]);
    client.to(live.members_channel).becomes("subscribed");
    client.to(live.members_channel).emit("publication", { data: 2 });
    client.to(live.channel).emit("publication", { data: 3 });
    assert.deepEqual(data, [1, 2]);
  });

  test("takes over a subscription that there is, and leaves it there", () => {
    const own = client.newSubscription(live.channel);
    own.state = "subscribed";
    const close = open();
    assert.deepEqual(links.at(-1), ["open", ""]);
    close();
    assert.deepEqual([...client.subscriptions.values()], [own]);
    assert.equal(own.listening + client.listening, 0);
  });

  test("takes away what it made when the last is done with it", () => {
    const first = open();
    const second = open("");
    first();
    assert.deepEqual([...client.subscriptions.keys()], [live.members_channel, live.channel]);
    second();
    second();
    assert.deepEqual([...client.subscriptions.keys()], []);
  });

  test("says why it brings no views, and that it is trying again", () => {
    open();
    client.to(live.channel).becomes("unsubscribed", { code: 103, reason: "permission denied" });
    assert.deepEqual(links.at(-1), ["none", "103 permission denied"]);
    // The client will not try again what was refused.
    client.emit("connecting");
    assert.deepEqual(links.at(-1), ["none", "103 permission denied"]);
    client.to(live.channel).subscribe();
    assert.deepEqual(links.at(-1), ["connecting", ""]);
    client.emit("disconnected", { code: 3500, reason: "invalid token" });
    assert.deepEqual(links.at(-1), ["none", "3500 invalid token"]);
    client.emit("connecting");
    assert.deepEqual(links.at(-1), ["connecting", ""]);
    client.to(live.channel).becomes("subscribed");
    assert.deepEqual(links.at(-1), ["open", ""]);
  });

  test("lets nothing be thrown into the client", () => {
    const warn = mock.method(console, "warn", () => {});
    connect(client).enter(live.channel, () => {}, () => {
      throw new Error("ours");
    });
    client.to(live.channel).emit("publication", { data: 1 });
    assert.equal(warn.mock.callCount(), 1);
    // Nor is one that is no client a danger to the page.
    connect({}).enter("site:main", () => {}, () => {});
  });
});
