import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import type { Feed } from "../src/feed.ts";
import type { Source } from "../src/live.ts";
import { follow } from "../src/feeds.ts";
import { openSocket } from "../src/socket.ts";
import { parseView, type View } from "../src/view.ts";
import { FakeBrowser, FakeSocket, liveOf, rawView, settled, T0 } from "./fake.ts";

const source: Source = { endpoint: "https://here.example/api", channel: "site:main", token: "", tokenUrl: "", getToken: undefined, open: openSocket };
const MINUTE = 60_000;

describe("the feed", () => {
  let browser: FakeBrowser;
  let stops: (() => void)[];
  let calls: number;

  beforeEach(() => {
    browser = new FakeBrowser();
    stops = [];
    calls = 0;
  });
  afterEach(async () => {
    for (const stop of stops) stop();
    await browser.pass(0);
    browser.restore();
  });

  const start = async (over: Partial<Source> = {}, seed?: View, counted = true): Promise<Feed> => {
    const [feed, stop] = follow({ ...source, ...over }, counted, () => calls++, seed);
    stops.push(stop);
    await settled();
    return feed;
  };
  /** Asked by the page, and answered. */
  const refreshed = async (feed: Feed): Promise<void> => {
    const done = feed.refresh();
    await browser.pass(0);
    await done;
  };
  const publish = (over: Record<string, unknown>): void =>
    FakeSocket.last.push("presence:site:main", rawView(over));

  test("asks once, opens one socket, and never asks again while that lives", async () => {
    browser.replies = [{}];
    const feed = await start({ channel: "site:main" });
    assert.deepEqual(browser.requests, ["https://here.example/api/v1/presence/site%3Amain"]);
    assert.equal(feed.now().view?.present, 3);
    assert.equal(feed.now().state, "current");
    FakeSocket.last.greet([{ data: rawView({ taken_at: T0 + 1, present: 4 }) }]);
    assert.equal(feed.now().view?.present, 4);
    for (let n = 1; n <= 60; n++) {
      await browser.pass(MINUTE / 2);
      FakeSocket.last.frame({});
      await browser.pass(MINUTE / 2);
      publish({ taken_at: T0 + n * MINUTE, present: n });
      assert.equal(feed.now().view?.present, n);
      assert.equal(feed.now().state, "current");
    }
    assert.equal(browser.requests.length, 1);
    assert.equal(FakeSocket.all.length, 1);
  });

  test("never goes back in time, whichever way an old view comes", async () => {
    browser.replies = [{}, { body: rawView({ taken_at: T0 - 1, present: 70 }) }];
    const feed = await start();
    FakeSocket.last.greet([{ data: rawView({ taken_at: T0, present: 71 }) }]);
    publish({ taken_at: T0 - MINUTE, present: 72 });
    await refreshed(feed);
    assert.equal(browser.requests.length, 2);
    assert.equal(feed.now().view?.present, 3);
  });

  test("ignores what is no view, or one of another channel", async () => {
    browser.replies = [{}];
    const feed = await start();
    FakeSocket.last.greet();
    publish({ taken_at: T0 + 1, channel: "site:other" });
    publish({ taken_at: T0 + 1, users: -1 });
    assert.equal(feed.now().view?.taken_at, T0);
  });

  test("tries again, ever slower, until there is a first view", async () => {
    browser.replies = [
      { status: 404, body: { code: "no_snapshot" } },
      { status: 503, body: "<html>" },
      { body: rawView({ channel: "site:other" }) },
      {},
    ];
    const feed = await start();
    assert.equal(feed.now().state, "unknown");
    await browser.pass(499);
    assert.equal(browser.requests.length, 1);
    await browser.pass(1);
    assert.equal(browser.requests.length, 2);
    await browser.pass(1000);
    assert.equal(browser.requests.length, 3);
    await browser.pass(2000);
    assert.equal(feed.now().view?.present, 3);
    FakeSocket.last.greet();
    await browser.pass(30_000);
    assert.equal(browser.requests.length, 4);
  });

  test("is counted and served by the socket before there is a first view, where the answer names one", async () => {
    const live = rawView()["live"];
    browser.replies = [{ status: 404, body: { code: "no_snapshot", live } }];
    const feed = await start();
    assert.equal(feed.now().state, "unknown");
    FakeSocket.last.greet();
    assert.ok(FakeSocket.last.entered.includes("site:main"));
    await browser.pass(30_000);
    FakeSocket.last.frame({});
    publish({ taken_at: T0 + 30_000 });
    assert.equal(feed.now().state, "current");
    await browser.pass(30_000);
    assert.equal(browser.requests.length, 1);
    assert.equal(FakeSocket.all.length, 1);
  });

  test("keeps trying when the tab is hidden, because only then the visitor is counted", async () => {
    browser.document.hidden = true;
    const feed = await start();
    browser.replies = [{}];
    await browser.pass(MINUTE);
    assert.equal(feed.now().view?.present, 3);
    assert.equal(FakeSocket.all.length, 1);
  });

  test("gives a request up that hangs", async () => {
    browser.hangs = true;
    await start();
    await browser.pass(15_000);
    assert.equal(browser.aborts, 1);
    await browser.pass(1000);
    assert.equal(browser.requests.length, 2);
  });

  test("polls once a period where there is no socket to be had", async () => {
    browser.replies = [{ body: rawView({ live: undefined }) }];
    await start();
    assert.equal(FakeSocket.all.length, 0);
    for (let n = 1; n <= 10; n++) {
      browser.replies = [{ body: rawView({ live: undefined, taken_at: T0 + n * MINUTE }) }];
      await browser.pass(MINUTE + 4000);
      assert.equal(browser.requests.length, n + 1);
    }
  });

  for (const code of [3005, 3500, 3501, 3503, 4500]) {
    test(`polls once a period when the socket was refused by ${code}`, async () => {
      browser.replies = [{}];
      await start();
      FakeSocket.last.end(code);
      await browser.pass(MINUTE);
      assert.equal(browser.requests.length, 1);
      await browser.pass(5000);
      assert.equal(browser.requests.length, 2);
      assert.equal(FakeSocket.all.length, 1);
    });
  }

  test("polls when the views were left out of the socket, which stays to count the visitor", async () => {
    browser.replies = [{}];
    await start();
    FakeSocket.last.open();
    FakeSocket.last.answer({ "presence:site:main": { code: 103, message: "permission denied" } }, { ping: 0 });
    await browser.pass(MINUTE + 5000);
    assert.equal(browser.requests.length, 2);
    assert.equal(FakeSocket.last.closed, false);
  });

  test("asks nothing for a short break of the socket, and once a period during a long one", async () => {
    browser.replies = [{}];
    const feed = await start();
    FakeSocket.last.greet();
    FakeSocket.last.end(1006);
    await browser.pass(10_000);
    FakeSocket.last.greet();
    await browser.pass(30_000);
    assert.equal(browser.requests.length, 1);
    for (let n = 0; n < 30; n++) {
      FakeSocket.last.end(1006);
      await browser.pass(10_000);
    }
    assert.ok(browser.requests.length > 3 && browser.requests.length < 7, String(browser.requests.length));
    assert.equal(feed.now().link, "connecting");
    assert.equal(feed.now().view?.present, 3);
  });

  test("asks nothing out of sight, and at once when it comes back", async () => {
    browser.replies = [{ body: rawView({ live: undefined }) }];
    await start();
    browser.show(false);
    await browser.pass(10 * MINUTE);
    assert.equal(browser.requests.length, 1);
    browser.show(true);
    await browser.pass(0);
    assert.equal(browser.requests.length, 2);
    browser.show(false);
    browser.show(true);
    await browser.pass(0);
    browser.show(true);
    await browser.pass(0);
    assert.equal(browser.requests.length, 2);
  });

  test("grows stale by the view's own time, and comes back", async () => {
    browser.replies = [{}];
    const feed = await start();
    FakeSocket.last.greet([], { ping: 0 });
    await browser.pass(150_000);
    assert.equal(feed.now().state, "current");
    await browser.pass(1);
    assert.equal(feed.now().state, "stale");
    assert.equal(feed.now().view?.present, 3);
    const before = calls;
    await browser.pass(15_000);
    assert.ok(calls > before, "the age is written anew");
    publish({ taken_at: T0 + 165_001 });
    assert.equal(feed.now().state, "current");
  });

  test("a slow clock is put right by the answer's date", async () => {
    browser.replies = [{ body: rawView({ taken_at: T0 + 600_000 }), headers: { date: new Date(T0 + 610_000).toUTCString() } }];
    const feed = await start();
    assert.equal(feed.age(T0 + 600_000), 10_500);
  });

  test("a fast clock is put right by date and age, and by a view that was just taken", async () => {
    const headers = { date: new Date(T0 - 640_000).toUTCString(), age: "40" };
    browser.replies = [{ body: rawView({ taken_at: T0 - 650_000 }), headers }];
    const feed = await start();
    assert.equal(feed.now().state, "current");
    assert.equal(feed.age(T0 - 650_000), 50_500);
    FakeSocket.last.greet();
    publish({ taken_at: T0 - 590_000 });
    assert.equal(feed.age(T0 - 590_000), 0);
  });

  test("an old answer out of a cache is not taken for a slow server", async () => {
    const headers = { date: new Date(T0 - 3_600_000).toUTCString() };
    browser.replies = [{ body: rawView({ taken_at: T0 - 3_600_000 }), headers }];
    assert.equal((await start()).now().state, "stale");
  });

  test("headers that are none change nothing", async () => {
    for (const headers of [{ date: "soon" }, { age: "7" }, { date: new Date(T0).toUTCString(), age: "old" }]) {
      browser.replies = [{ headers: headers as Record<string, string> }];
      const feed = await start({ token: JSON.stringify(headers) });
      assert.equal(feed.age(T0 - 7), 7);
      assert.equal(feed.now().state, "current");
    }
  });

  test("is shared by all who ask for the same, and ends with the last of them", async () => {
    browser.replies = [{}];
    const first = await start();
    const second = await start();
    assert.equal(first, second);
    assert.equal(browser.requests.length, 1);
    stops.shift()?.();
    assert.equal(FakeSocket.last.closed, false);
    stops.shift()?.();
    assert.equal(FakeSocket.last.closed, true);
    await browser.pass(3_600_000);
    assert.equal(browser.requests.length, 1);
    assert.notEqual(await start(), first);
  });

  test("drops what is under way when it ends", async () => {
    browser.replies = [{}];
    const feed = await start();
    FakeSocket.last.greet();
    const asking = feed.refresh();
    const starting = start({ token: "jwt" });
    stops.shift()?.();
    stops.shift()?.();
    await browser.pass(0);
    await Promise.all([asking, starting]);
    await browser.pass(3_600_000);
    browser.show(true);
    await browser.pass(0);
    assert.equal(FakeSocket.all.length, 1);
    assert.equal(browser.requests.length, 2);
  });

  test("needs no request when a view of the channel is at hand", async () => {
    const seed = parseView(rawView());
    const feed = await start({ token: "new" }, seed);
    assert.equal(feed.now().view, seed);
    assert.equal(browser.requests.length, 0);
    FakeSocket.last.open();
    assert.equal(FakeSocket.last.token, "new");
    await start({ channel: "site:other" }, seed);
    assert.equal(browser.requests.length, 1);
  });

  test("starts anew when the network is back, because an open socket may be a dead one", async () => {
    browser.replies = [{}];
    await start();
    const old = FakeSocket.last;
    old.greet();
    browser.happens("online");
    assert.equal(old.closed, true);
    assert.equal(FakeSocket.all.length, 2);
    FakeSocket.last.greet();
    await browser.pass(30_000);
    assert.equal(browser.requests.length, 2);
  });

  test("starts anew with all channels of the page when the network is back", async () => {
    browser.channels = { "site:main": rawView(), "site:b": rawView({ channel: "site:b", live: liveOf("site:b") }) };
    await Promise.all([start(), start({ channel: "site:b" })]);
    const old = FakeSocket.last;
    old.greet();
    browser.happens("online");
    await browser.pass(0);
    assert.deepEqual([FakeSocket.all.length, old.closed, browser.requests.length], [2, true, 2]);
    FakeSocket.last.greet();
    assert.equal(FakeSocket.last.entered.length, 4);
  });

  test("asks anew at once when the network is back, whatever hangs in the old one", async () => {
    browser.hangs = true;
    const feed = await start();
    browser.happens("online");
    await settled();
    assert.equal(browser.requests.length, 2);
    // What was given up does not end the new one, neither at once nor when its own time is over.
    await browser.pass(14_000);
    browser.hangs = false;
    browser.replies = [{}];
    browser.happens("online");
    await settled();
    assert.equal(feed.now().view?.present, 3);
    await browser.pass(2000);
    assert.equal(browser.requests.length, 3);
  });

  test("lets everything go for the back/forward cache, and comes back as it was", async () => {
    browser.replies = [{}];
    const feed = await start();
    const old = FakeSocket.last;
    old.greet();
    browser.happens("pagehide", { persisted: true });
    assert.equal(old.closed, true);
    old.push("presence:site:main", rawView({ taken_at: T0 + 1 }));
    await browser.pass(10 * MINUTE);
    assert.equal(FakeSocket.all.length, 1);
    assert.equal(browser.requests.length, 1);
    browser.replies = [{ body: rawView({ taken_at: T0 + 10 * MINUTE, present: 8 }) }];
    browser.happens("pageshow", { persisted: true });
    await browser.pass(0);
    assert.equal(FakeSocket.all.length, 2);
    assert.equal(feed.now().view?.present, 8);
    assert.equal(feed.now().state, "current");
  });

  test("takes a page that is merely shown for no return", async () => {
    browser.replies = [{}];
    await start();
    browser.happens("pageshow", { persisted: false });
    await settled();
    assert.equal(FakeSocket.all.length, 1);
    assert.equal(browser.requests.length, 1);
  });

  test("says why it gave the socket up", async () => {
    browser.replies = [{}];
    const feed = await start({ token: "jwt" });
    FakeSocket.last.end(3500, "invalid token");
    assert.deepEqual([feed.now().link, feed.now().reason], ["none", "3500 invalid token"]);
  });

  test("adds the names of the members channel to the numbers, and loses them to no older view", async () => {
    const live = { url: "wss://rt.example/connection/websocket", channel: "presence:site:main", members_channel: "members:site:main" };
    const counts = { live, members: undefined, recent: undefined };
    browser.replies = [{ body: rawView(counts) }];
    const feed = await start({ token: "jwt" });
    assert.equal(feed.now().view?.members, undefined);
    FakeSocket.last.open();
    FakeSocket.last.answer({ "members:site:main": [{ data: rawView({ live }) }] });
    assert.equal(feed.now().view?.members?.length, 2);
    // The public view of the next roll call comes too, and comes first.
    publish({ ...counts, taken_at: T0 + MINUTE });
    assert.equal(feed.now().view?.taken_at, T0);
    FakeSocket.last.push("members:site:main", rawView({ live, taken_at: T0 + MINUTE }));
    assert.equal(feed.now().view?.taken_at, T0 + MINUTE);
    assert.equal(feed.now().view?.members?.length, 2);
  });

  test("a listener that throws harms nobody", async () => {
    browser.replies = [{}];
    const [feed, stop] = follow(source, true, () => {
      throw new Error("a page's own");
    });
    stops.push(stop);
    await start();
    assert.equal(feed.now().state, "current");
    assert.ok(calls > 0);
  });
});
