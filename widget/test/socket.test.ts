import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import type { Source } from "../src/live.ts";
import { enterLive, type Link } from "../src/live.ts";
import { openSocket } from "../src/socket.ts";
import { FakeBrowser, FakeSocket, settled } from "./fake.ts";

const live = { url: "wss://rt.example/connection/websocket", channel: "presence:site:main", members_channel: "" };
const listed = { ...live, members_channel: "members:site:main" };
const VIEWS = "presence:site:main";
const guest: Source = { endpoint: "https://here.example", channel: "site:main", token: "", tokenUrl: "", getToken: undefined, open: openSocket };

describe("the socket", () => {
  let browser: FakeBrowser;
  let links: Link[];
  let reasons: string[];
  let data: [unknown, boolean][];
  let leaving: (() => void)[];

  beforeEach(() => {
    browser = new FakeBrowser();
    links = [];
    reasons = [];
    data = [];
    leaving = [];
  });
  afterEach(() => {
    for (const leave of leaving) leave();
    browser.restore();
  });

  /** As a feed does it: for the views, and to be counted. */
  const open = (over: Partial<Source> = {}, watched = "site:main", address = live): (() => void) => {
    const source = { ...guest, ...over };
    const connection = openSocket(address.url, source);
    const leaves = [
      enterLive(
        connection,
        address,
        source.token || source.tokenUrl || source.getToken,
        (link, reason) => {
          if (link !== links.at(-1)) links.push(link);
          if (reason) reasons.push(reason);
        },
        (value, fresh) => data.push([value, fresh]),
      ),
      watched ? connection.enter(watched, () => {}, () => {}) : () => {},
    ];
    const close = (): void => leaves.forEach((leave) => leave());
    leaving.push(close);
    return close;
  };

  test("says one thing when it opens: who it is and where it wants to be", () => {
    open({ token: "jwt" });
    assert.equal(FakeSocket.last.url, live.url);
    assert.deepEqual(FakeSocket.last.sent, []);
    FakeSocket.last.open();
    assert.deepEqual(FakeSocket.last.sent, [
      '{"id":1,"connect":{"token":"jwt"}}\n{"id":2,"subscribe":{"channel":"presence:site:main"}}\n{"id":3,"subscribe":{"channel":"site:main"}}',
    ]);
  });

  test("leaves the token out when there is none, and the watched channel for an observer", () => {
    open({}, "");
    FakeSocket.last.open();
    assert.deepEqual(FakeSocket.last.sent, ['{"id":1,"connect":{}}\n{"id":2,"subscribe":{"channel":"presence:site:main"}}']);
  });

  test("gives the view of the first answer as kept, and those that follow as fresh", () => {
    open();
    FakeSocket.last.greet([{ data: { n: 1 }, offset: 1 }]);
    FakeSocket.last.push(VIEWS, { n: 2 });
    assert.deepEqual(data, [[{ n: 1 }, false], [{ n: 2 }, true]]);
    assert.deepEqual(links, ["connecting", "open"]);
  });

  test("is one for all channels of a page, and each comes and goes on the open one", async () => {
    open();
    FakeSocket.last.greet();
    const leave = open({ channel: "site:b" }, "site:b", { ...live, channel: "presence:site:b" });
    open({ channel: "site:c" }, "site:c", { ...live, channel: "presence:site:c" });
    await settled();
    assert.equal(FakeSocket.all.length, 1);
    // All of a moment in one message.
    assert.equal(FakeSocket.last.sent.length, 2);
    FakeSocket.last.answer({ "presence:site:b": [{ data: "b" }], "presence:site:c": [{ data: "c" }] });
    FakeSocket.last.frame(
      { push: { channel: "presence:site:c", pub: { data: "c2" } } },
      { push: { channel: "presence:site:b", pub: { data: "b2" } } },
    );
    assert.deepEqual(data, [["b", false], ["c", false], ["c2", true], ["b2", true]]);
    leave();
    await settled();
    assert.deepEqual(FakeSocket.last.left, ["presence:site:b", "site:b"]);
    assert.equal(FakeSocket.last.closed, false);
    FakeSocket.last.push("presence:site:b", "late");
    assert.equal(data.length, 4);
  });

  test("comes back into all channels after a break", async () => {
    open();
    open({ channel: "site:b" }, "", { ...live, channel: "presence:site:b" });
    FakeSocket.last.greet();
    FakeSocket.last.end(1006);
    await browser.pass(250);
    FakeSocket.last.greet();
    assert.deepEqual(FakeSocket.last.entered, ["presence:site:main", "site:main", "presence:site:b"]);
  });

  test("is another one for another visitor, or for the same channel of another installation", () => {
    open();
    open({ token: "jwt" });
    open({ endpoint: "https://there.example" });
    assert.equal(FakeSocket.all.length, 3);
  });

  test("answers a ping where the server wants that, and only there", () => {
    open();
    FakeSocket.last.greet();
    FakeSocket.last.frame({});
    assert.equal(FakeSocket.last.sent.at(-1), "{}");
    open({ token: "jwt" });
    FakeSocket.last.greet([], { pong: undefined });
    FakeSocket.last.frame({});
    assert.equal(FakeSocket.last.sent.length, 1);
  });

  test("keeps a message under the size at which the server closes", () => {
    for (let n = 0; n < 200; n++) open({ channel: `site:${n}` }, "", { ...live, channel: `presence:site:${n}-${"x".repeat(240)}` });
    FakeSocket.last.open();
    assert.equal(FakeSocket.last.entered.length, 200);
    assert.match(FakeSocket.last.sent[0]!, /^{"id":1,"connect"/);
    assert.ok(FakeSocket.last.sent.length > 1);
    for (const text of FakeSocket.last.sent) assert.ok(text.length < 65_536);
  });

  test("takes no harm from frames it does not know", () => {
    open();
    const socket = FakeSocket.last;
    socket.greet();
    for (const frame of [
      null, [], 7, '"text"', "no json", "", "\n\n", { push: { channel: "site:main", join: { info: {} } } },
      { push: { channel: "site:nowhere", pub: { data: 1 } } }, { push: { channel: VIEWS, leave: {} } }, { push: { channel: VIEWS, pub: null } },
      { push: 7 }, { push: {} }, { id: 99, subscribe: {} }, { id: 99, error: { code: 1 } }, { id: 99, refresh: {} }, { id: "x" },
    ]) socket.frame(frame);
    assert.deepEqual(data, []);
    assert.equal(socket.closed, false);
    socket.push(VIEWS, 1);
    assert.deepEqual(data, [[1, true]]);
    for (const connect of [{}, 7, { subs: 7 }, { subs: null }, { subs: { [VIEWS]: 7, nowhere: {} } }]) {
      open({ token: JSON.stringify(connect) });
      FakeSocket.last.open();
      FakeSocket.last.frame({ id: 1, connect }, { id: 2, subscribe: { publications: 7 } });
    }
  });

  test("one bad line of a message harms no other", () => {
    open();
    FakeSocket.last.greet();
    FakeSocket.last.frame("no json", { push: { channel: VIEWS, pub: { data: 1 } } });
    assert.deepEqual(data, [[1, true]]);
  });

  for (const code of [1000, 1001, 1006, 1009, 1011, 3000, 3001, 3004, 3008, 3010, 3499, 4000, 4499]) {
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
    test(`stops after close code ${code}, for all channels and for those that come later`, async () => {
      open();
      FakeSocket.last.greet();
      FakeSocket.last.end(code, "why");
      assert.equal(links.at(-1), "none");
      open({ channel: "site:b" }, "site:b", { ...live, channel: "presence:site:b" });
      assert.deepEqual(reasons, [`${code} why`, `${code} why`]);
      await browser.pass(3_600_000);
      assert.equal(FakeSocket.all.length, 1);
    });
  }

  for (const [code, message] of [[102, "unknown channel"], [103, "permission denied"], [106, "limit exceeded"]] as const) {
    test(`a fault stands in its slot and harms no other: ${code}`, async () => {
      open();
      open({ channel: "site:b" }, "", { ...live, channel: "presence:site:b" });
      FakeSocket.last.open();
      FakeSocket.last.answer({ [VIEWS]: { code, message }, "presence:site:b": [{ data: "b" }] });
      assert.deepEqual(reasons, [`${code} ${message}`]);
      assert.deepEqual(data, [["b", false]]);
      assert.equal(FakeSocket.last.closed, false);
      await browser.pass(30_000);
      FakeSocket.last.frame({});
      assert.equal(FakeSocket.last.entered.length, 3);
    });
  }

  test("what the server can't do just now is tried again with the next ping", async () => {
    open();
    FakeSocket.last.open();
    FakeSocket.last.answer({ [VIEWS]: { code: 100, message: "internal server error", temporary: true } });
    assert.deepEqual([links.at(-1), reasons], ["connecting", []]);
    FakeSocket.last.frame({});
    await settled();
    FakeSocket.last.answer({ [VIEWS]: [{ data: 1 }] });
    assert.deepEqual([links.at(-1), data], ["open", [[1, false]]]);
    FakeSocket.last.frame({});
    await settled();
    assert.equal(FakeSocket.last.entered.length, 3);
  });

  test("what the server takes away comes back with the next ping, if it says so", async () => {
    open();
    FakeSocket.last.greet();
    FakeSocket.last.frame({ push: { channel: VIEWS, unsubscribe: { code: 2500, reason: "insufficient state" } } });
    assert.equal(links.at(-1), "connecting");
    FakeSocket.last.frame({});
    await settled();
    FakeSocket.last.answer();
    assert.equal(links.at(-1), "open");
    FakeSocket.last.frame({ push: { channel: VIEWS, unsubscribe: { code: 2000, reason: "server unsubscribe" } } });
    assert.deepEqual([links.at(-1), reasons], ["none", ["2000 server unsubscribe"]]);
    FakeSocket.last.frame({});
    await settled();
    assert.equal(FakeSocket.last.entered.length, 3);
  });

  test("what a token subscribes to by itself is there with the greeting, and asked for without harm", () => {
    open({ token: "jwt" }, "site:main", listed);
    FakeSocket.last.open();
    FakeSocket.last.frame({ id: 1, connect: { ping: 25, subs: { "members:site:main": { publications: [{ data: 1 }] }, "site:main": {} } } });
    assert.deepEqual([links.at(-1), data], ["open", [[1, false]]]);
    const already = { code: 105, message: "already subscribed" };
    FakeSocket.last.answer({ "members:site:main": already, "site:main": already });
    FakeSocket.last.push("members:site:main", 2);
    assert.deepEqual([links.at(-1), data.at(-1), reasons], ["open", [2, true], []]);
  });

  test("asks for the list only with a token, and listens to it alone where it is granted", () => {
    open({}, "site:main", listed);
    FakeSocket.last.open();
    assert.deepEqual(FakeSocket.last.entered, [VIEWS, "site:main"]);
    open({ token: "jwt" }, "site:main", listed);
    FakeSocket.last.open();
    assert.deepEqual(FakeSocket.last.entered, ["members:site:main", VIEWS, "site:main"]);
    FakeSocket.last.answer({ "members:site:main": [{ data: 2 }], [VIEWS]: [{ data: 1 }] });
    FakeSocket.last.push(VIEWS, 3);
    FakeSocket.last.push("members:site:main", 4);
    assert.deepEqual(data, [[2, false], [4, true]]);
    data = [];
    open({ token: "other" }, "site:main", listed);
    FakeSocket.last.open();
    FakeSocket.last.answer({ "members:site:main": { code: 103, message: "permission denied" }, [VIEWS]: [{ data: 1 }] });
    FakeSocket.last.push(VIEWS, 3);
    assert.deepEqual([links.at(-1), data, reasons], ["open", [[1, false], [3, true]], []]);
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

  test("says so when the views were refused, and stays to be counted", () => {
    open();
    FakeSocket.last.open();
    FakeSocket.last.answer({ [VIEWS]: { code: 103, message: "permission denied" } });
    assert.deepEqual([links, reasons], [["connecting", "none"], ["103 permission denied"]]);
    assert.equal(FakeSocket.last.closed, false);
  });

  test("closes when everything was refused, and opens for what comes later", async () => {
    open();
    FakeSocket.last.open();
    const refused = { code: 103, message: "permission denied" };
    FakeSocket.last.answer({ [VIEWS]: refused, "site:main": refused });
    assert.equal(links.at(-1), "none");
    assert.equal(FakeSocket.last.closed, true);
    await browser.pass(3_600_000);
    assert.equal(FakeSocket.all.length, 1);
    open({ channel: "site:b" }, "", { ...live, channel: "presence:site:b" });
    assert.equal(FakeSocket.all.length, 2);
  });

  test("stays for the views when only the counting was refused", () => {
    open();
    FakeSocket.last.open();
    FakeSocket.last.answer({ "site:main": { code: 103, message: "permission denied" } });
    assert.equal(links.at(-1), "open");
  });

  test("says why an address cannot be opened, and throws nothing", () => {
    open({}, "site:main", { ...live, url: "javascript:alert(1)" });
    assert.equal(links.at(-1), "none");
    assert.match(reasons[0]!, /not a WebSocket URL/);
  });

  test("is over when all have left it: no timer, no late event does anything", async () => {
    const close = open();
    const socket = FakeSocket.last;
    socket.greet();
    close();
    close();
    assert.equal(socket.closed, true);
    socket.push(VIEWS, {});
    socket.end(1000);
    await browser.pass(3_600_000);
    assert.deepEqual(data, []);
    assert.equal(FakeSocket.all.length, 1);
    assert.deepEqual(links, ["connecting", "open"]);
  });

  test("who leaves while it opens is not asked for, and says nothing before the greeting", async () => {
    open();
    open({ channel: "site:b" }, "site:b", { ...live, channel: "presence:site:b" })();
    await settled();
    FakeSocket.last.open();
    assert.deepEqual([FakeSocket.last.entered, FakeSocket.last.left], [[VIEWS, "site:main"], []]);
  });
});
