/** Who the visitor is, how the token comes, and how it is renewed. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import type { Source } from "../src/live.ts";
import type { Link } from "../src/live.ts";
import { openSocket } from "../src/socket.ts";
import { userOf } from "../src/visitor.ts";
import { FakeBrowser, FakeSocket, settled } from "./fake.ts";

const guest: Source = { endpoint: "https://here.example", channel: "site:main", token: "", tokenUrl: "", getToken: undefined, open: openSocket };

describe("the token", () => {
  let browser: FakeBrowser;
  let link: Link;
  let reason: string | undefined;
  let leave: () => void;

  beforeEach(() => {
    browser = new FakeBrowser();
    reason = undefined;
    leave = () => {};
  });
  afterEach(() => {
    leave();
    browser.restore();
  });

  const open = async (over: Partial<Source>): Promise<void> => {
    leave = openSocket("wss://rt.example/connection/websocket", { ...guest, ...over }).enter(
      "site:main",
      (now, why) => {
        link = now;
        reason = why || reason;
      },
      () => {},
    );
    await settled();
  };

  test("comes from the page's server, is kept, and a new one comes when it has expired", async () => {
    browser.tokens = [{ body: { token: "one" } }, { body: { token: "two" } }];
    await open({ tokenUrl: "/token" });
    FakeSocket.last.greet();
    assert.equal(FakeSocket.last.token, "one");
    FakeSocket.last.end(1006);
    await browser.pass(250);
    FakeSocket.last.greet();
    assert.equal(FakeSocket.last.token, "one");
    assert.equal(browser.tokenRequests.length, 1);
    FakeSocket.last.frame({});
    FakeSocket.last.end(3005, "connection expired");
    await browser.pass(250);
    FakeSocket.last.greet();
    assert.equal(FakeSocket.last.token, "two");
    assert.deepEqual(browser.tokenRequests, ["/token", "/token"]);
    assert.equal(FakeSocket.all.length, 3);
  });

  test("is renewed on the open socket, again and again", async () => {
    browser.tokens = [{ body: { token: "one" } }, { body: { token: "two" } }, { body: { token: "three" } }];
    await open({ tokenUrl: "/token" });
    FakeSocket.last.greet([], { expires: true, ttl: 20 });
    await browser.pass(19_999);
    assert.equal(browser.tokenRequests.length, 1);
    await browser.pass(1);
    assert.deepEqual(FakeSocket.last.commands.at(-1)?.refresh, { token: "two" });
    FakeSocket.last.answer({}, { ttl: 20 });
    await browser.pass(20_000);
    assert.deepEqual(FakeSocket.last.commands.at(-1)?.refresh, { token: "three" });
    FakeSocket.last.answer();
    await browser.pass(20_000);
    assert.equal(browser.tokenRequests.length, 3);
    assert.deepEqual([FakeSocket.all.length, link], [1, "open"]);
  });

  test("that lasts longer than a browser can wait is not asked for at once", async () => {
    browser.tokens = [{ body: { token: "one" } }];
    await open({ tokenUrl: "/token" });
    FakeSocket.last.greet([], { ttl: 10 * 365 * 86_400, ping: undefined });
    await browser.pass(86_400_000);
    assert.equal(browser.tokenRequests.length, 1);
  });

  test("is asked for again when the page's server fails just then, before Centrifugo's patience ends", async () => {
    browser.tokens = [{ body: { token: "one" } }, { status: 500, body: "oh" }, { body: { token: "two" } }];
    await open({ tokenUrl: "/token" });
    FakeSocket.last.greet([], { ttl: 5 });
    await browser.pass(5000);
    assert.equal(FakeSocket.last.commands.at(-1)?.refresh, undefined);
    await browser.pass(10_000);
    assert.deepEqual(FakeSocket.last.commands.at(-1)?.refresh, { token: "two" });
  });

  test("of nobody any more: when the page's server says so, the socket is given up", async () => {
    browser.tokens = [{ body: { token: "one" } }, { status: 401, body: {} }];
    await open({ tokenUrl: "/token" });
    FakeSocket.last.greet([], { ttl: 5 });
    await browser.pass(5000);
    assert.deepEqual([link, reason, FakeSocket.last.closed], ["none", "token-url 401", true]);
  });

  test("of a guest from now on: the next connection is a guest's", async () => {
    browser.tokens = [{ body: { token: "one" } }, { body: { token: "" } }];
    await open({ tokenUrl: "/token" });
    FakeSocket.last.greet([], { ttl: 5 });
    await browser.pass(5000);
    await browser.pass(250);
    assert.equal(FakeSocket.all.length, 2);
    FakeSocket.last.open();
    assert.equal(FakeSocket.last.token, undefined);
  });

  test("expired on arrival is got anew, and given up where there is no way to", async () => {
    browser.tokens = [{ body: { token: "one" } }, { body: { token: "two" } }];
    await open({ tokenUrl: "/token", token: "old" });
    FakeSocket.last.open();
    FakeSocket.last.frame({ id: 1, error: { code: 109, message: "token expired" } });
    await browser.pass(250);
    FakeSocket.last.open();
    assert.equal(FakeSocket.last.token, "one");
    leave();
    await open({ token: "old" });
    FakeSocket.last.open();
    FakeSocket.last.frame({ id: 1, error: { code: 109, message: "token expired" } });
    assert.deepEqual([link, reason], ["none", "109 token expired"]);
  });

  test("is tried again where Centrifugo could not look at it just then", async () => {
    await open({ token: "jwt" });
    FakeSocket.last.open();
    FakeSocket.last.frame({ id: 1, error: { code: 100, message: "internal server error", temporary: true } });
    await browser.pass(250);
    assert.deepEqual([FakeSocket.all.length, link], [2, "connecting"]);
  });

  test("is a guest's where the page's server has an empty one", async () => {
    browser.tokens = [{ body: { token: "" } }];
    await open({ tokenUrl: "/token" });
    FakeSocket.last.open();
    assert.equal(FakeSocket.last.token, undefined);
  });

  for (const status of [401, 403]) {
    test(`is given up where the page's server has none for this visitor: ${status}`, async () => {
      browser.tokens = [{ status, body: {} }];
      await open({ tokenUrl: "/token" });
      assert.equal(reason, `token-url ${status}`);
      await browser.pass(3_600_000);
      assert.deepEqual([browser.tokenRequests.length, FakeSocket.all.length], [1, 0]);
    });
  }

  test("is asked for again where the page's server has none at the moment", async () => {
    browser.tokens = [{ status: 500, body: "<html>" }, { status: 500, body: { error: 1 } }, { body: { token: "jwt" } }];
    await open({ tokenUrl: "/token" });
    await browser.pass(250);
    await browser.pass(500);
    assert.equal(browser.tokenRequests.length, 3);
    FakeSocket.last.open();
    assert.equal(FakeSocket.last.token, "jwt");
  });

  test("that comes too late opens nothing", async () => {
    browser.tokens = [{ body: { token: "jwt" } }];
    const opening = open({ tokenUrl: "/token" });
    leave();
    await opening;
    await browser.pass(3_600_000);
    assert.equal(FakeSocket.all.length, 0);
  });

  test("comes by a function of the page's, as centrifuge-js has it", async () => {
    const tokens = ["one", "two"];
    await open({ getToken: () => Promise.resolve(tokens.shift() ?? "") });
    FakeSocket.last.greet([], { ttl: 5 });
    assert.equal(FakeSocket.last.token, "one");
    await browser.pass(5000);
    assert.deepEqual(FakeSocket.last.commands.at(-1)?.refresh, { token: "two" });
    assert.equal(browser.tokenRequests.length, 0);
  });

  test("by a function that fails is tried again, that never answers too, and one that gives none is given up", async () => {
    let tries = 0;
    await open({ getToken: () => Promise.reject(new Error(`try ${++tries}`)) });
    await browser.pass(250);
    assert.equal(tries, 2);
    leave();
    tries = 0;
    await open({ getToken: () => (tries++, new Promise(() => {})) });
    await browser.pass(10_000);
    await browser.pass(250);
    assert.equal(tries, 2);
    leave();
    await open({ getToken: () => Promise.resolve(undefined as unknown as string) });
    assert.deepEqual([link, reason, FakeSocket.all.length], ["none", "getToken gave no token", 0]);
  });

  test("tells who the visitor is, whatever it looks like", () => {
    const token = (claims: unknown): string => `x.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.y`;
    assert.equal(userOf(token({ sub: "42" })), "42");
    assert.equal(userOf(token({ sub: "Jürgen?>ÿ~日本" })), "Jürgen?>ÿ~日本");
    for (const none of ["", "jwt", "a.b.c", token({}), token(null), token(7), token({ sub: null })]) assert.equal(userOf(none), "");
  });
});
