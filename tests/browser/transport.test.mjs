/** How the views come, and what happens when they do not. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { open, shown } from "./support/shown.mjs";
import { CHANNEL, T0, view } from "./support/stage.mjs";

const path = `/v1/presence/${encodeURIComponent(CHANNEL)}`;
const ONE = '<roll-call channel="site:main">Who is here?</roll-call>';
const MINUTE = 60_000;

/** @param {string} [body] @param {Parameters<import("./support/stage.mjs").Stage["show"]>[1]} [options] */
async function show(body = ONE, options = {}) {
  // What the element tells, from the first on.
  await shown.context.addInitScript(() => {
    const told = /** @type {any} */ (window);
    told.states = [];
    document.addEventListener("roll-call-state", (/** @type {any} */ { state, reason }) => told.states.push([state, reason]));
  });
  await shown.show(body, options);
}
/** What was told after the first: with that the numbers came. */
const states = () => shown.page.evaluate(() => /** @type {any} */ (window).states.slice(1));

/** What was said aloud since the first call. @returns {Promise<string[]>} */
function heard() {
  return shown.page.evaluate(() => {
    const told = /** @type {any} */ (window);
    if (!told.heard) {
      told.heard = [];
      const observer = new MutationObserver((changes) => {
        for (const { target } of changes) told.heard.push(target.textContent);
      });
      for (const { shadowRoot } of document.querySelectorAll("roll-call")) {
        observer.observe(/** @type {Node} */ (shadowRoot?.querySelector("output")), { childList: true });
      }
    }
    return told.heard;
  });
}

/** All that was granted, a first view of the socket, and the element shows it. */
async function counted() {
  await shown.when(() => shown.sockets.length === 1 && shown.socket.hello);
  shown.socket.publish({ taken_at: T0 + 1, guests: 20 });
  await shown.until(([element]) => element.snapshot?.guests === 20);
}

for (const code of [3000, 3001, 3004, 3008, 3010, 3499, 4000, 4499]) {
  test(`close code ${code}: comes back, and nothing is asked meanwhile`, async () => {
    await open();
    await show();
    await counted();
    await shown.socket.end(code, "for now");
    await shown.page.clock.runFor(1000);
    await shown.when(() => shown.sockets.length === 2 && shown.socket.hello);
    shown.socket.publish({ taken_at: T0 + 2, guests: 21 });
    await shown.until(([element]) => element.snapshot.guests === 21);
    assert.deepEqual(shown.requests.filter((asked) => asked === path), [path]);
    assert.deepEqual(await states(), []);
  });
}

for (const [code, reason] of /** @type {[number, string][]} */ ([
  [3005, "connection expired"], [3500, "invalid token"], [3501, "bad request"], [3502, "stale"], [3503, "force disconnect"],
  [3504, "connection limit"], [3505, "channel limit"], [3999, "permanent"], [4500, "permanent"], [4999, "permanent"],
])) {
  test(`close code ${code}: gives the socket up, says why, and polls once a period`, async () => {
    await open();
    await show();
    await counted();
    await shown.socket.end(code, reason);
    await shown.until(([element]) => /** @type {any} */ (window).states.length > 1 && element.state === "current");
    assert.deepEqual(await states(), [["current", `${code} ${reason}`]]);
    const before = shown.requests.length;
    shown.keeps({ taken_at: T0 + MINUTE, guests: 30 });
    await shown.page.clock.runFor(MINUTE + 8000);
    await shown.until(([element]) => element.snapshot.guests === 30);
    assert.equal(shown.requests.length, before + 1);
    assert.equal(shown.sockets.length, 1);
  });
}

test("an expired token is got anew from the page's server", async () => {
  await open();
  shown.replies["/token"] = { body: { token: "one" } };
  await show('<roll-call channel="site:main" token-url="/token"></roll-call>');
  await counted();
  assert.equal(shown.socket.hello.token, "one");
  shown.replies["/token"] = { body: { token: "two" } };
  await shown.socket.end(3005, "connection expired");
  await shown.page.clock.runFor(1000);
  await shown.when(() => shown.sockets.length === 2 && shown.socket.hello);
  assert.equal(shown.socket.hello.token, "two");
  assert.deepEqual(shown.requests.filter((asked) => asked === "/token"), ["/token", "/token"]);
});

for (const status of [401, 403]) {
  test(`a visitor who may have no token (${status}) is told so, and sees the numbers`, async () => {
    await open();
    shown.replies["/token"] = { status, body: {} };
    await show("");
    await shown.page.evaluate(() => {
      const element = document.createElement("roll-call");
      Object.assign(element, { channel: "site:main", tokenUrl: "/token" });
      document.body.append(element);
    });
    await shown.until(([element]) => element.state === "current" && /** @type {any} */ (window).states.at(-1)?.[1]);
    assert.deepEqual((await states()).at(-1), ["current", `token-url ${status}`]);
    assert.equal(shown.sockets.length, 0);
    await shown.page.clock.runFor(10 * MINUTE);
    assert.equal(shown.requests.filter((asked) => asked === "/token").length, 1);
  });
}

test("a publication that names another socket gets it neither a visitor nor a token; the endpoint decides", async () => {
  await open();
  /** @type {unknown[]} */
  const evil = [];
  await shown.context.routeWebSocket(/^wss:\/\/evil\.test\//, (route) => {
    evil.push(route.url());
    route.onMessage((message) => void evil.push(message));
  });
  const policy = "connect-src https://cdn.test https://page.test wss://rt.test wss://evil.test";
  await show('<roll-call channel="site:main" token="jwt"></roll-call>', { policy });
  await counted();
  assert.equal(shown.socket.hello.token, "jwt");
  // One each second, as whoever may publish there could.
  for (let second = 1; second <= 150; second++) {
    const live = { ...view().live, url: `wss://evil.test/${second}` };
    shown.socket.publish({ taken_at: T0 + second * 1000, guests: 100 + second, period: 1, live });
    await shown.page.clock.runFor(1000);
  }
  await shown.until(([element]) => element.snapshot.guests === 250);
  // What a view of the socket says is not what the next socket is opened by.
  await shown.page.evaluate(() => /** @type {any} */ (document.querySelector("roll-call")).setAttribute("token", "other"));
  await shown.when(() => shown.sockets.length === 2 && shown.socket.hello);
  assert.deepEqual(evil, []);
  assert.deepEqual(shown.sockets.map(({ route }) => route.url()), [view().live.url, view().live.url]);
  assert.equal(shown.socket.hello.token, "other");
  const asked = shown.requests.filter((asked) => asked === path).length;
  assert.ok(asked > 1 && asked <= 3, `${asked} requests in two and a half minutes`);

  // Where the endpoint names another one, that is another matter.
  const live = { ...view().live, url: "wss://rt.test/moved" };
  shown.keeps({ taken_at: T0 + 4 * MINUTE, live });
  shown.socket.publish({ taken_at: T0 + 4 * MINUTE, guests: 30, live });
  await shown.until(([element]) => element.snapshot.guests === 30);
  await shown.page.clock.runFor(MINUTE + 8000);
  await shown.when(() => shown.socket.route.url() === live.url && shown.socket.hello);
  await shown.when(() => shown.sockets.filter(({ closed }) => !closed).length === 1);
  assert.deepEqual(evil, []);
});

test("signed-in visitors get the names by the members channel", async () => {
  await open();
  const live = { ...view().live, members_channel: "members:site:main" };
  const { members: _, recent: __, ...counts } = view({ live });
  shown.replies[path] = { body: counts };
  shown.greets = (socket) => socket.greet({ "members:site:main": [view({ live })] });
  await show('<roll-call channel="site:main" token="jwt"></roll-call>');
  await shown.until(([element]) => element.snapshot?.members?.length === 5);
  assert.deepEqual(shown.socket.entered, ["members:site:main", "presence:site:main", "site:main"]);
});

test("a server that is away for a minute: the numbers stay, nobody hurries, and all is well again", async () => {
  await open();
  await show();
  await counted();
  const kept = shown.replies[path];
  shown.replies[path] = undefined;
  // Each new connection ends at once.
  shown.greets = (socket) => void socket.route.close({ code: 3001, reason: "shutdown" });
  await shown.socket.end(3001, "shutdown");
  await shown.page.clock.runFor(5000);
  assert.deepEqual(await shown.texts("count"), ["25 here now"]);
  assert.deepEqual(await shown.texts("guests"), ["20 guests"], "quiet for the first seconds");
  // In steps, because a scripted close comes in real time.
  for (let second = 5; second < 60; second++) await shown.page.clock.runFor(1000);
  assert.deepEqual(await shown.texts("count"), ["25 here now"]);
  assert.deepEqual(await states(), []);
  assert.ok(shown.sockets.length >= 3 && shown.sockets.length <= 60, `${shown.sockets.length} sockets`);
  assert.ok(shown.requests.filter((asked) => asked === path).length <= 3);
  shown.replies[path] = kept;
  shown.greets = (socket) => socket.greet({ "presence:site:main": [view({ taken_at: T0 + MINUTE, guests: 9 })] });
  for (let second = 0; second < 25; second++) await shown.page.clock.runFor(1000);
  await shown.until(([element]) => element.snapshot.guests === 9);
  assert.deepEqual(await states(), []);
});

test("a server that stays away: stale, greyed, with its age, and a word about it", async () => {
  await open();
  await show();
  await counted();
  shown.replies[path] = undefined;
  shown.greets = () => {};
  await shown.socket.end(3001, "shutdown");
  await shown.page.clock.runFor(200_000);
  await shown.until(([element]) => element.state === "stale");
  assert.deepEqual(await states(), [["stale", ""]]);
  assert.deepEqual(await shown.texts("count"), ["25 here now"]);
  assert.match((await shown.texts("age")).join(), /^3 min/);
  assert.deepEqual(await shown.texts("guests"), ["20 guests · Reconnecting…"]);
});

test("a view that is older than the one shown is ignored", async () => {
  await open();
  shown.keeps({ taken_at: T0 });
  await show();
  await counted();
  shown.socket.publish({ taken_at: T0 - 1, guests: 70 });
  shown.socket.publish({ taken_at: T0 + 1, guests: 71 });
  shown.socket.publish({ taken_at: T0 + 2, guests: 21 });
  await shown.until(([element]) => element.snapshot.guests === 21);
  shown.keeps({ taken_at: T0, guests: 72 });
  await shown.page.evaluate(() => /** @type {any} */ (document.querySelector("roll-call")).refresh());
  assert.deepEqual(await shown.texts("count"), ["26 here now"]);
});

test("joins and leaves come with the second view, and not for the first", async () => {
  await open();
  await show("");
  await shown.page.evaluate(() => {
    const told = /** @type {any} */ (window);
    told.log = [];
    for (const type of ["roll-call-update", "roll-call-join", "roll-call-leave"]) {
      document.addEventListener(type, (/** @type {any} */ event) =>
        told.log.push(`${event.type} ${event.members?.map((/** @type {any} */ { id }) => id) ?? event.snapshot.present}`));
    }
    document.body.append(Object.assign(document.createElement("roll-call"), { channel: "site:main" }));
  });
  await shown.when(() => shown.sockets.length === 1 && shown.socket.hello);
  const [, ...rest] = view({ members: 6 }).members;
  shown.socket.publish({ taken_at: T0 + MINUTE, members: rest, recent: [] });
  await shown.until(([element]) => element.snapshot?.members?.length === 5 && element.snapshot.members[0].id === "2");
  assert.deepEqual(await shown.page.evaluate(() => /** @type {any} */ (window).log), [
    "roll-call-update 15", "roll-call-update 15", "roll-call-join 6", "roll-call-leave 1",
  ]);
});

test("back from another network it starts anew, and from the back/forward cache as it was", async () => {
  await open();
  await show();
  await counted();
  await shown.page.evaluate(() => dispatchEvent(new Event("online")));
  await shown.when(() => shown.sockets.length === 2 && shown.sockets[0]?.closed && shown.socket.hello);
  await shown.page.evaluate(() => dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true })));
  await shown.when(() => shown.sockets[1]?.closed);
  await shown.page.clock.runFor(10 * MINUTE);
  assert.equal(shown.sockets.length, 2);
  shown.keeps({ taken_at: T0 + 10 * MINUTE, guests: 40 });
  await shown.page.evaluate(() => dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true })));
  await shown.when(() => shown.sockets.length === 3 && shown.socket.hello);
  await shown.until(([element]) => element.snapshot.guests === 40 && element.state === "current");
});

test("who asks for it hears the number, at most every 30 seconds for the whole page, and not the first", async () => {
  await open();
  shown.keeps({ period: 10 });
  await show(ONE.replace("<roll-call", "<roll-call announce") + ONE.replace("<roll-call", '<roll-call announce view="count"'));
  await heard();
  await shown.when(() => shown.sockets.length === 1 && shown.socket.hello);
  await shown.until(([element]) => element.state === "current");
  for (let n = 1; n <= 9; n++) {
    await shown.page.clock.runFor(10_000);
    shown.socket.publish({ taken_at: T0 + n * 10_000, guests: 10 + n, period: 10 });
    await shown.until(([element, guests]) => element.snapshot.guests === guests, 10 + n);
  }
  assert.deepEqual(await heard(), ["16 here now", "19 here now", "22 here now"]);
});

test("under the limit nothing is shown", async () => {
  await open();
  shown.keeps({ members: 2, guests: 0 });
  await show('<roll-call channel="site:main" hide-below="3">Who is here?</roll-call>');
  await shown.until(([element]) => element.state === "current");
  assert.equal(await shown.page.locator("roll-call").innerText(), "");
  assert.equal((await shown.page.locator("roll-call").boundingBox())?.height, 0);
  await shown.when(() => shown.sockets.length === 1 && shown.socket.hello);
  shown.socket.publish({ taken_at: T0 + 1, members: 2, guests: 1 });
  await shown.until(([element]) => element.snapshot.present === 3);
  assert.deepEqual(await shown.texts("count"), ["3 here now"]);
});
