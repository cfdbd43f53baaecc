/** What a page with many channels asks: all at once, and as little as can be. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import type { Feed } from "../src/feed.ts";
import type { Source } from "../src/live.ts";
import { follow } from "../src/feeds.ts";
import { openSocket } from "../src/socket.ts";
import { FakeBrowser, FakeSocket, liveOf, rawView, settled, T0 } from "./fake.ts";

const guest: Source = { endpoint: "https://here.example", channel: "site:main", token: "", tokenUrl: "", getToken: undefined, open: openSocket };
const ALL = "https://here.example/v1/presence?channels=";
const ALONE = "https://here.example/v1/presence/";
const MINUTE = 60_000;

describe("many channels", () => {
  let browser: FakeBrowser;
  let stops: (() => void)[];

  beforeEach(() => {
    browser = new FakeBrowser();
    browser.channels = {};
    stops = [];
  });
  afterEach(async () => {
    for (const stop of stops) stop();
    await browser.pass(0);
    browser.restore();
  });

  const keep = (channel: string, over: object = {}): void => {
    browser.channels![channel] = rawView({ channel, live: liveOf(channel), ...over });
  };
  const start = async (names: readonly string[], over: Partial<Source> = {}, counted = true): Promise<Feed[]> => {
    const feeds = names.map((channel) => {
      const [feed, stop] = follow({ ...guest, channel, ...over }, counted, () => {});
      stops.push(stop);
      return feed;
    });
    await settled();
    return feeds;
  };

  test("20 are one request, sorted, and one socket with one message", async () => {
    const names = Array.from({ length: 20 }, (_, n) => `room:${n}`);
    for (const name of names) keep(name);
    const feeds = await start(names);
    assert.deepEqual(browser.requests, [ALL + [...names].sort().map(encodeURIComponent).join(",")]);
    assert.ok(feeds.every((feed) => feed.now().view?.channel === feed.source.channel));
    assert.equal(FakeSocket.all.length, 1);
    FakeSocket.last.open();
    assert.equal(FakeSocket.last.sent.length, 1);
    assert.deepEqual(FakeSocket.last.entered.sort(), [...names, ...names.map((name) => `presence:${name}`)].sort());
  });

  test("more than 50 are as few requests as that takes", async () => {
    const names = Array.from({ length: 101 }, (_, n) => `room:${n}`);
    for (const name of names) keep(name);
    await start(names);
    assert.deepEqual(browser.requests.map((address) => address.split(",").length), [50, 50, 1]);
    assert.ok(browser.requests.at(-1)!.startsWith(ALONE));
  });

  test("one has its own address, and so has a name with a comma", async () => {
    for (const name of ["a:1", "b:1,2", "c:1"]) keep(name);
    await start(["a:1"]);
    await start(["b:1,2", "c:1"]);
    assert.deepEqual(browser.requests, [`${ALONE}a%3A1`, `${ALONE}c%3A1`, `${ALONE}b%3A1%2C2`]);
  });

  test("one of which nothing is kept asks alone, to learn where the socket is; one that is not watched, what is wrong", async () => {
    keep("room:1");
    browser.channels!["room:2"] = null;
    const [first, second, third] = await start(["room:1", "room:2", "room:3"]);
    assert.deepEqual(browser.requests, [`${ALL}room%3A1,room%3A2,room%3A3`, `${ALONE}room%3A2`, `${ALONE}room%3A3`]);
    assert.deepEqual([first!.now().reason, second!.now().reason, third!.now().reason], ["", "", "404 unknown_channel"]);
    FakeSocket.last.open();
    assert.deepEqual(FakeSocket.last.entered, ["presence:room:1", "room:1", "presence:room:2", "room:2"]);
    assert.match(String(browser.warnings.mock.calls[0]?.arguments[1]), /no roll call of "room:3": 404 unknown_channel/);
    assert.equal(browser.warnings.mock.callCount(), 1);
  });

  test("one that is not watched is asked for less often than each minute, and is there when it is watched", async () => {
    const [feed] = await start(["room:9"]);
    for (let minute = 0; minute < 60; minute++) await browser.pass(MINUTE);
    const asked = browser.requests.length;
    assert.ok(asked > 3 && asked < 20, `${asked} requests in an hour`);
    keep("room:9", { taken_at: T0 + 60 * MINUTE });
    await browser.pass(10 * MINUTE);
    assert.deepEqual([feed!.now().view?.present, feed!.now().reason], [3, ""]);
  });

  test("a request that fails is made again for all of them", async () => {
    browser.channels = undefined;
    const names = ["room:1", "room:2", "room:3"];
    await start(names);
    assert.equal(browser.requests.length, 1);
    browser.channels = {};
    for (const name of names) keep(name);
    await browser.pass(500);
    assert.deepEqual(browser.requests.slice(1), [browser.requests[0]]);
  });

  test("a server that does not know the way to ask for many is asked for each", async () => {
    browser.channels = undefined;
    browser.replies = [{ status: 414, body: "<html>" }, { body: rawView({ channel: "room:1" }) }, { body: rawView({ channel: "room:2" }) }];
    const feeds = await start(["room:1", "room:2"]);
    assert.equal(browser.requests.length, 3);
    assert.ok(feeds.every((feed) => feed.now().state === "current"));
  });

  test("without a socket all are polled together", async () => {
    const names = ["room:1", "room:2", "room:3"];
    for (const name of names) keep(name, { live: undefined });
    await start(names);
    for (let n = 1; n <= 5; n++) {
      for (const name of names) keep(name, { live: undefined, taken_at: T0 + n * MINUTE });
      await browser.pass(MINUTE + 4000);
    }
    assert.equal(browser.requests.length, 6);
    assert.deepEqual(new Set(browser.requests), new Set([browser.requests[0]]));
  });

  test("what is no roll call's answer is told, and asked for seldom", async () => {
    browser.channels = undefined;
    browser.replies = [{ body: "<!doctype html>" }];
    const [feed] = await start(["room:1"]);
    assert.equal(feed!.now().reason, "200 no view");
    await browser.pass(4 * MINUTE);
    assert.equal(browser.requests.length, 1);
  });

  test("one visitor who looks on here and is counted there has one socket", async () => {
    for (const name of ["room:1", "room:2"]) keep(name);
    await start(["room:1"]);
    await start(["room:2"], {}, false);
    FakeSocket.last.open();
    assert.equal(FakeSocket.all.length, 1);
    assert.deepEqual(FakeSocket.last.entered, ["presence:room:1", "room:1", "presence:room:2"]);
  });

  test("a visitor is counted for as long as one of those who show the channel says so, on the open socket", async () => {
    keep("room:1");
    await start(["room:1"], {}, false);
    FakeSocket.last.greet();
    await start(["room:1"]);
    assert.deepEqual(FakeSocket.last.entered, ["presence:room:1", "room:1"]);
    FakeSocket.last.answer();
    stops.pop()!();
    await settled();
    assert.deepEqual([FakeSocket.last.left, FakeSocket.last.closed], [["room:1"], false]);
    assert.equal(browser.requests.length, 1);
  });
});
