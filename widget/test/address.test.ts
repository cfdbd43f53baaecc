/**
 * Where the socket is, the endpoint alone says. Whoever can publish could name a socket of their own, and the visitor's
 * token goes to the one that is opened.
 */
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import type { Feed } from "../src/feed.ts";
import type { Source } from "../src/live.ts";
import { follow } from "../src/feeds.ts";
import { openSocket } from "../src/socket.ts";
import type { View } from "../src/view.ts";
import { FakeBrowser, FakeSocket, rawView, settled, T0 } from "./fake.ts";

const source: Source = { endpoint: "https://here.example/api", channel: "site:main", token: "jwt", tokenUrl: "", getToken: undefined, open: openSocket };
const MINUTE = 60_000;
const HOME = "wss://rt.example/connection/websocket";
const evil = { url: "wss://evil.example/connection/websocket", channel: "presence:site:main", members_channel: "all:yours" };
const moved = { url: "wss://new.example/connection/websocket", channel: "presence:site:main" };

describe("the socket's address", () => {
  let browser: FakeBrowser;
  let stops: (() => void)[];

  beforeEach(() => {
    browser = new FakeBrowser();
    browser.replies = [{}];
    stops = [];
  });
  afterEach(async () => {
    for (const stop of stops) stop();
    await browser.pass(0);
    browser.restore();
  });

  const start = async (over: Partial<Source> = {}, seed?: View): Promise<Feed> => {
    const [feed, stop] = follow({ ...source, ...over }, true, () => {}, seed);
    stops.push(stop);
    await settled();
    return feed;
  };
  const refreshed = async (feed: Feed): Promise<void> => {
    const done = feed.refresh();
    await browser.pass(0);
    await done;
  };
  const publish = (over: Record<string, unknown>): void =>
    FakeSocket.last.push("presence:site:main", rawView(over));
  const urls = (): string[] => FakeSocket.all.map(({ url }) => url);
  /** The endpoint is asked when it has its next view, and a moment later. */
  const nextAnswer = (): Promise<void> => browser.pass(MINUTE + 5000);

  test("is not taken from a publication, nor from a view that the socket had kept", async () => {
    const feed = await start();
    FakeSocket.last.greet([{ data: rawView({ taken_at: T0 + 1, live: evil }) }], { ping: 0 });
    publish({ taken_at: T0 + 2, live: evil, present: 9 });
    assert.equal(feed.now().view?.present, 9);
    await nextAnswer();
    assert.deepEqual(urls(), [HOME]);
    assert.equal(FakeSocket.last.closed, false);
    assert.equal(FakeSocket.last.sent.length, 1);
  });

  test("is not taken from a view that was published before the first was kept", async () => {
    browser.replies = [{ status: 404, body: { code: "no_snapshot", live: rawView()["live"] } }];
    await start();
    FakeSocket.last.greet([], { ping: 0 });
    publish({ live: evil });
    await browser.pass(MINUTE / 2);
    assert.equal(browser.requests.length, 1);
    await nextAnswer();
    assert.deepEqual(urls(), [HOME]);
  });

  test("is not taken from a view that another feed begins with, nor on the way back into the network", async () => {
    const feed = await start();
    FakeSocket.last.greet();
    publish({ taken_at: T0 + 1, live: evil });
    assert.equal(feed.now().view?.live?.url, HOME);
    await start({ token: "other" }, feed.now().view);
    browser.happens("online");
    await settled();
    assert.deepEqual(new Set(urls()), new Set([HOME]));
  });

  test("and its channels are not taken from there for a page's own client either", async () => {
    const opened: unknown[] = [];
    let publishBy: (data: unknown) => void = () => {};
    const feed = await start({
      open: (url) => ({
        token: () => "jwt",
        enter(channel, onLink, onData) {
          opened.push([url, channel]);
          onLink("open");
          if (channel === "presence:site:main") publishBy = (data) => onData(data, false);
          return () => {};
        },
      }),
    });
    publishBy(rawView({ taken_at: T0 + 1, live: { ...evil, url: HOME }, present: 9 }));
    await nextAnswer();
    assert.equal(feed.now().view?.present, 9);
    assert.deepEqual(opened, [[HOME, "presence:site:main"], [HOME, "site:main"]]);
  });

  test("moves where the endpoint says so too, even by a view that is not newer", async () => {
    await start();
    const old = FakeSocket.last;
    old.greet([], { ping: 0 });
    publish({ taken_at: T0 + MINUTE, live: moved });
    assert.equal(old.closed, false);
    browser.replies = [{ body: rawView({ taken_at: T0 + MINUTE, live: moved }) }];
    await nextAnswer();
    assert.equal(browser.requests.length, 2);
    assert.equal(old.closed, true);
    assert.deepEqual(urls(), [HOME, moved.url]);
    // And then nobody is in doubt any more.
    FakeSocket.last.greet([], { ping: 0 });
    publish({ taken_at: T0 + 2 * MINUTE, live: moved });
    await nextAnswer();
    assert.equal(browser.requests.length, 2);
  });

  test("goes where the endpoint has none any more", async () => {
    await start();
    FakeSocket.last.greet([], { ping: 0 });
    browser.replies = [{ body: rawView({ taken_at: T0 + MINUTE, live: undefined }) }];
    publish({ taken_at: T0 + MINUTE, live: undefined });
    await nextAnswer();
    assert.equal(FakeSocket.last.closed, true);
    assert.equal(FakeSocket.all.length, 1);
  });

  test("stays where it was when an answer has none, because it is no answer", async () => {
    browser.replies = [{ status: 404, body: { code: "no_snapshot", live: rawView()["live"] } }];
    const feed = await start();
    browser.replies = [{ status: 503, body: { code: "store_unavailable" } }];
    await refreshed(feed);
    assert.equal(FakeSocket.last.closed, false);
  });

  test("does not move back by an old answer out of a cache", async () => {
    const feed = await start();
    browser.replies = [{ body: rawView({ taken_at: T0 + MINUTE, live: moved }) }, {}];
    await refreshed(feed);
    await refreshed(feed);
    assert.equal(browser.requests.length, 3);
    assert.deepEqual(urls(), [HOME, moved.url]);
  });

  test("is asked for out of sight as well, because the visitor is counted there", async () => {
    await start();
    FakeSocket.last.greet([], { ping: 0 });
    browser.show(false);
    publish({ taken_at: T0 + 1, live: moved });
    browser.replies = [{ body: rawView({ taken_at: T0 + MINUTE, live: moved }) }];
    await nextAnswer();
    assert.deepEqual(urls(), [HOME, moved.url]);
  });

  test("is asked for once in ten seconds at most, while the endpoint has told no period", async () => {
    browser.replies = [{ status: 404, body: { code: "no_snapshot", live: rawView()["live"] } }];
    await start();
    FakeSocket.last.greet([], { ping: 0 });
    for (let second = 1; second <= 600; second++) {
      publish({ taken_at: T0 + second * 1000, period: 1, live: evil });
      await browser.pass(1000);
    }
    assert.deepEqual(urls(), [HOME]);
    const more = browser.requests.length - 1;
    assert.ok(more >= 40 && more <= 60, `${more} requests in ten minutes`);
  });

  test("is asked for at the pace of the views, where the socket brought them before the endpoint had one", async () => {
    browser.replies = [{ status: 404, body: { code: "no_snapshot", live: rawView()["live"] } }];
    await start();
    FakeSocket.last.greet();
    publish({ period: 10 });
    FakeSocket.last.end(3500);
    await browser.pass(12_000);
    assert.equal(browser.requests.length, 2);
  });

  for (const period of [1, 10, 60]) {
    test(`is asked for once a period of the endpoint's, whoever names another one each second (and a period of ${period})`, async () => {
      await start();
      FakeSocket.last.greet([], { ping: 0 });
      for (let second = 1; second <= 600; second++) {
        await browser.pass(1000);
        publish({ taken_at: T0 + second * 1000, period, live: { ...evil, url: `wss://evil.example/${second}` } });
      }
      assert.deepEqual(urls(), [HOME]);
      const more = browser.requests.length - 1;
      assert.ok(more >= 5 && more <= 10, `${more} requests in ten minutes`);
    });
  }
});
