import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { openLive, type Link } from "../src/live.ts";
import { FakeBrowser, FakeSocket, settled } from "./fake.ts";

const live = { url: "wss://rt.example/uni", channel: "presence:site:main", members_channel: "" };

describe("the socket", () => {
  let browser: FakeBrowser;
  let links: Link[];
  let reasons: string[];
  let data: [unknown, boolean][];

  beforeEach(() => {
    browser = new FakeBrowser();
    links = [];
    reasons = [];
    data = [];
  });
  afterEach(() => browser.restore());

  const onLink = (link: Link, reason?: string): void => {
    if (link !== links.at(-1)) links.push(link);
    if (reason) reasons.push(reason);
  };
  const open = (token = "", watched = "site:main", address = live, tokenUrl = ""): (() => void) =>
    openLive(address, { token, tokenUrl }, watched, onLink, (value, fresh) => data.push([value, fresh]));

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

  test("gets its token from the page's server, keeps it, and gets a new one when it has expired", async () => {
    browser.tokens = [{ body: { token: "one" } }, { body: { token: "two" } }];
    open("", "site:main", live, "/token");
    await settled();
    FakeSocket.last.greet();
    assert.match(FakeSocket.last.sent[0]!, /"token":"one"/);
    FakeSocket.last.end(1006);
    await browser.pass(250);
    FakeSocket.last.greet();
    assert.match(FakeSocket.last.sent[0]!, /"token":"one"/);
    assert.equal(browser.tokenRequests.length, 1);
    FakeSocket.last.frame({});
    FakeSocket.last.end(3005, "connection expired");
    await browser.pass(250);
    FakeSocket.last.greet();
    assert.match(FakeSocket.last.sent[0]!, /"token":"two"/);
    assert.deepEqual(browser.tokenRequests, ["/token", "/token"]);
    assert.equal(FakeSocket.all.length, 3);
  });

  test("is a guest where the page's server has an empty token", async () => {
    browser.tokens = [{ body: { token: "" } }];
    open("", "site:main", live, "/token");
    await settled();
    FakeSocket.last.open();
    assert.doesNotMatch(FakeSocket.last.sent[0]!, /token/);
  });

  for (const status of [401, 403]) {
    test(`gives up where the page's server gives no token: ${status}`, async () => {
      browser.tokens = [{ status, body: {} }];
      open("", "site:main", live, "/token");
      await browser.pass(0);
      assert.deepEqual(reasons, [`token-url ${status}`]);
      await browser.pass(3_600_000);
      assert.deepEqual([browser.tokenRequests.length, FakeSocket.all.length], [1, 0]);
    });
  }

  test("asks again for a token where the page's server has none at the moment", async () => {
    browser.tokens = [{ status: 500, body: "<html>" }, { status: 500, body: { error: 1 } }, { body: { token: "jwt" } }];
    open("", "site:main", live, "/token");
    await settled();
    await browser.pass(250);
    await browser.pass(500);
    assert.equal(browser.tokenRequests.length, 3);
    FakeSocket.last.open();
    assert.match(FakeSocket.last.sent[0]!, /"token":"jwt"/);
  });

  test("opens nothing when it was closed while the token was on its way", async () => {
    browser.tokens = [{ body: { token: "jwt" } }];
    open("", "site:main", live, "/token")();
    await browser.pass(3_600_000);
    assert.equal(FakeSocket.all.length, 0);
  });

  test("tells the code and the words of a refusal", () => {
    open();
    FakeSocket.last.end(3501, "bad request");
    assert.deepEqual(reasons, ["3501 bad request"]);
  });

  test("asks for the list only with a token, and listens to it alone where it is granted", () => {
    const both = { ...live, members_channel: "members:site:main" };
    open("", "site:main", both);
    FakeSocket.last.open();
    assert.doesNotMatch(FakeSocket.last.sent[0]!, /members/);
    open("jwt", "site:main", both);
    FakeSocket.last.open();
    assert.match(FakeSocket.last.sent[0]!, /"members:site:main":/);
    const subs = { "presence:site:main": { publications: [{ data: 1 }] }, "members:site:main": { publications: [{ data: 2 }] } };
    FakeSocket.last.frame({ connect: { subs, ping: 25 } });
    FakeSocket.last.frame({ channel: "presence:site:main", pub: { data: 3 } });
    FakeSocket.last.frame({ channel: "members:site:main", pub: { data: 4 } });
    assert.deepEqual(data, [[2, false], [4, true]]);
    data = [];
    open("jwt", "site:main", both);
    FakeSocket.last.frame({ connect: { subs: { "presence:site:main": { publications: [{ data: 1 }] } }, ping: 25 } });
    FakeSocket.last.frame({ channel: "presence:site:main", pub: { data: 3 } });
    assert.deepEqual(data, [[1, false], [3, true]]);
  });

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
