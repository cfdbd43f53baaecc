import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { openLive, type Link } from "../src/live.ts";
import { FakeBrowser, FakeSocket } from "./fake.ts";

const live = { url: "wss://rt.example/uni", channel: "presence:site:main" };

describe("the socket", () => {
  let browser: FakeBrowser;
  let links: Link[];
  let data: [unknown, boolean][];

  beforeEach(() => {
    browser = new FakeBrowser();
    links = [];
    data = [];
  });
  afterEach(() => browser.restore());

  const open = (token = "", watched = "site:main", address = live): (() => void) =>
    openLive(address, token, watched, (link) => links.push(link), (value, fresh) => data.push([value, fresh]));

  test("says one thing when it opens: who it is and what it wants", () => {
    open("jwt");
    assert.equal(FakeSocket.last.url, live.url);
    assert.deepEqual(FakeSocket.last.sent, []);
    FakeSocket.last.open();
    assert.deepEqual(FakeSocket.last.sent.map((text) => JSON.parse(text) as unknown), [
      { token: "jwt", subs: { "site:main": {}, "presence:site:main": {} } },
    ]);
  });

  test("leaves the token out when there is none, and the watched channel for an observer", () => {
    open("", "");
    FakeSocket.last.open();
    assert.deepEqual(FakeSocket.last.sent, ['{"subs":{"presence:site:main":{}}}']);
  });

  test("gives the view of the first frame as kept, and those that follow as fresh", () => {
    open();
    FakeSocket.last.greet([{ data: { n: 1 }, offset: 1 }]);
    FakeSocket.last.frame({ channel: "presence:site:main", pub: { data: { n: 2 }, offset: 2 } });
    assert.deepEqual(data, [[{ n: 1 }, false], [{ n: 2 }, true]]);
    assert.deepEqual(links, ["connecting", "open"]);
  });

  test("takes no harm from frames it does not know", () => {
    open();
    const socket = FakeSocket.last;
    socket.greet();
    for (const frame of [
      {}, null, [], 7, '"text"', "no json", "", { join: { info: {} } }, { channel: "site:main", pub: { data: {} } },
      { channel: "presence:site:main", leave: {} }, { channel: "presence:site:main", pub: null }, { refresh: {} },
    ]) socket.frame(frame);
    assert.deepEqual(data.filter(([value]) => value !== undefined), []);
    assert.equal(socket.closed, false);
    for (const connect of [{}, { subs: 7 }, { subs: null }, { subs: { "presence:site:main": { publications: 7 } } }]) {
      open();
      FakeSocket.last.frame({ connect });
    }
  });

  for (const code of [1000, 1001, 1006, 1011, 3000, 3001, 3004, 3008, 3010, 3499, 4000, 4499]) {
    test(`tries again after close code ${code}`, async () => {
      open();
      FakeSocket.last.greet();
      FakeSocket.last.end(code);
      assert.equal(FakeSocket.all.length, 1);
      await browser.pass(250);
      assert.equal(FakeSocket.all.length, 2);
    });
  }

  for (const code of [3005, 3500, 3501, 3502, 3503, 3504, 3505, 3999, 4500, 4999]) {
    test(`stops after close code ${code}`, async () => {
      open();
      FakeSocket.last.greet();
      FakeSocket.last.end(code);
      assert.equal(links.at(-1), "none");
      await browser.pass(3_600_000);
      assert.equal(FakeSocket.all.length, 1);
    });
  }

  test("waits longer after each failure in a row, to a limit, and begins anew after a good connection", async () => {
    open();
    for (const delay of [250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000]) {
      const before = FakeSocket.all.length;
      FakeSocket.last.end(1006);
      await browser.pass(delay - 1);
      assert.equal(FakeSocket.all.length, before);
      await browser.pass(1);
      assert.equal(FakeSocket.all.length, before + 1);
    }
    // A greeting alone is no good connection: a server that closes right after it would be asked without end.
    const before = FakeSocket.all.length;
    FakeSocket.last.greet();
    FakeSocket.last.end(3004);
    await browser.pass(9999);
    assert.equal(FakeSocket.all.length, before);
    await browser.pass(1);
    assert.equal(FakeSocket.all.length, before + 1);
    FakeSocket.last.greet();
    FakeSocket.last.frame({});
    FakeSocket.last.end(1006);
    await browser.pass(250);
    assert.equal(FakeSocket.all.length, before + 2);
  });

  test("gives up a handshake that leads nowhere", async () => {
    open();
    FakeSocket.last.open();
    await browser.pass(9_999);
    assert.equal(FakeSocket.last.closed, false);
    await browser.pass(1);
    assert.equal(FakeSocket.last.closed, true);
    await browser.pass(250);
    assert.equal(FakeSocket.all.length, 2);
  });

  test("takes silence of a ping and ten seconds for death, and any frame for life", async () => {
    open();
    const socket = FakeSocket.last;
    socket.greet();
    await browser.pass(34_999);
    socket.frame({});
    await browser.pass(34_999);
    socket.frame("not json, but alive");
    await browser.pass(34_999);
    assert.equal(socket.closed, false);
    await browser.pass(1);
    assert.equal(socket.closed, true);
    await browser.pass(250);
    assert.equal(FakeSocket.all.length, 2);
  });

  test("without pings proves nothing by silence", async () => {
    open();
    FakeSocket.last.greet([], { ping: undefined });
    await browser.pass(86_400_000);
    assert.equal(FakeSocket.last.closed, false);
  });

  test("says so when the views were left out, and stays to be counted", () => {
    open();
    FakeSocket.last.open();
    FakeSocket.last.frame({ connect: { subs: { "site:main": {} }, ping: 25 } });
    assert.deepEqual(links, ["connecting", "none"]);
    assert.equal(FakeSocket.last.closed, false);
  });

  test("closes when both were left out", async () => {
    open();
    FakeSocket.last.open();
    FakeSocket.last.frame({ connect: { ping: 25 } });
    assert.equal(links.at(-1), "none");
    assert.equal(FakeSocket.last.closed, true);
    await browser.pass(3_600_000);
    assert.equal(FakeSocket.all.length, 1);
  });

  test("stays for the views when only the counting was left out", () => {
    open();
    FakeSocket.last.open();
    FakeSocket.last.frame({ connect: { subs: { "presence:site:main": {} }, ping: 25 } });
    assert.equal(links.at(-1), "open");
  });

  test("never starts with an address that cannot be opened, and throws nothing", () => {
    open("", "site:main", { ...live, url: "javascript:alert(1)" });
    assert.deepEqual(links, []);
    assert.equal(browser.warnings.mock.callCount(), 1);
  });

  test("is over when it is closed: no timer, no late event does anything", async () => {
    const close = open();
    const socket = FakeSocket.last;
    socket.greet();
    close();
    assert.equal(socket.closed, true);
    socket.frame({ channel: "presence:site:main", pub: { data: {} } });
    socket.end(1000);
    await browser.pass(3_600_000);
    assert.deepEqual(data, []);
    assert.equal(FakeSocket.all.length, 1);
    assert.deepEqual(links, ["connecting", "open"]);
  });
});
