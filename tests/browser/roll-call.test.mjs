import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { found } from "./support/axe.mjs";
import { launch, WAIT_MS } from "./support/browser.mjs";
import { asked, channel, rollCall, site, token } from "./support/site.mjs";
import { Tab, visit } from "./support/visitor.mjs";

const path = `/v1/presence/${encodeURIComponent(channel)}`;
const centrifuge = new URL("node_modules/centrifuge/dist/centrifuge.js", import.meta.url).pathname;
/** @type {import("playwright-core").Browser} */
let browser;
/** @type {(() => Promise<void>)[]} */
let leaving = [];

before(async () => {
  browser = await launch();
  // Nothing is kept of the channel yet: the first visitor is told so (404), learns there where the socket is, comes to
  // be counted, and so there is a view for all that come later.
  const first = await visit(browser);
  await first.leave();
});
afterEach(async () => {
  await Promise.all(leaving.map((leave) => leave()));
  leaving = [];
});
after(() => browser?.close());

/** @param {Record<string, string>} [attributes] */
async function comes(attributes) {
  const visitor = await visit(browser, attributes);
  leaving.push(visitor.leave);
  return visitor;
}

/**
 * Takes roll calls until a tab is as told. More than one may be needed: Centrifugo learns of somebody who has gone a
 * moment after the browser does.
 * @param {import("./support/visitor.mjs").Tab} tab
 * @param {(told: [element: any, argument: any]) => boolean} condition
 * @param {unknown} [argument]
 */
async function rollCallsUntil(tab, condition, argument) {
  for (let tries = 1; ; tries++) {
    await rollCall();
    try {
      return await tab.shows(condition, argument, 2000);
    } catch (error) {
      if (tries === 10) throw error;
    }
  }
}

test("everybody is counted once, and a leave shows at the next roll call", async () => {
  const askedBefore = (await asked()).length;
  const ann = await comes({ token: token("e2e-ann", { name: "Ann Example" }) });
  const annAgain = await ann.open();
  const bo = await comes({ token: token("e2e-bo", { name: "Bo Example" }) });
  const guest = await comes({ view: "list" });
  const hidden = await comes({ token: token("e2e-secret-id", { name: "Secret Name", hidden: true }) });
  const all = [ann.tab, annAgain, bo.tab, guest.tab, hidden.tab];

  await rollCallsUntil(guest.tab, ([{ snapshot }]) => snapshot.clients === 5);
  for (const tab of all) {
    await tab.shows(([{ snapshot }]) => snapshot.clients === 5);
    const { channel: of, present, users, guests, clients, members } = await tab.snapshot();
    assert.deepEqual({ of, present, users, guests, clients }, { of: channel, present: 4, users: 2, guests: 2, clients: 5 });
    assert.deepEqual(
      members.map((/** @type {any} */ { id, info, clients: tabs }) => [id, info.name, tabs]).sort(),
      [["e2e-ann", "Ann Example", 2], ["e2e-bo", "Bo Example", 1]],
    );
    assert.deepEqual(await tab.texts("count"), ["4 here now"]);
    assert.deepEqual((await tab.texts("name")).sort(), ["Ann Example", "Bo Example"]);
    // Oneself comes first, and is marked.
    const [ours, bos] = [[ann.tab, annAgain].includes(tab), tab === bo.tab];
    assert.deepEqual(await tab.texts("meta"), ours ? ["you · 2 tabs"] : bos ? ["you", "2 tabs"] : ["2 tabs"]);
    assert.deepEqual(await tab.texts("guests"), ["2 guests"]);
  }
  await guest.tab.shot("list");

  await bo.leave();
  await rollCallsUntil(guest.tab, ([{ snapshot }]) => snapshot.clients === 4);
  const staying = all.filter((tab) => tab !== bo.tab);
  for (const tab of staying) {
    await tab.shows(([{ snapshot }]) => snapshot.users === 1);
    assert.deepEqual(await tab.texts("count"), ["3 here now"]);
    // Who just left may still be listed, but greyed, with the time when he was last seen.
    assert.deepEqual(await tab.texts("name", "list"), ["Ann Example"]);
  }
  await guest.tab.shot("list-after-a-leave");

  for (const tab of staying) assert.deepEqual(await tab.asked(), [path]);
  assert.deepEqual((await asked()).slice(askedBefore), all.map(() => `GET ${path}`));
  for (const tab of all) {
    assert.deepEqual(tab.errors, []);
    // What is hidden is in no byte that reaches a page, but in the own token of whom it is about.
    assert.ok(tab.received.length > 2);
    assert.doesNotMatch(tab.received.join("\n"), /secret/i);
  }
});

test("a name stays text, whatever it is", async () => {
  const html = `<img src=x onerror="document.title='taken over'"><script>document.title='taken over'</script>`;
  const names = {
    "e2e-html": html,
    "e2e-long": "Long".repeat(2560),
    "e2e-rtl": "محمد \u202eعبد الله",
    "e2e-none": "",
  };
  for (const [user, name] of Object.entries(names)) {
    const info = { name, avatar: "javascript:alert(1)", url: "javascript:alert(1)" };
    await comes({ token: token(user, info) });
  }
  const { tab } = await comes();
  await rollCallsUntil(tab, ([{ snapshot }]) => snapshot.users === 4);

  /** @type {Record<string, string>} */
  const shown = Object.fromEntries(
    await tab.page.evaluate(() => {
      const { snapshot, shadowRoot } = /** @type {any} */ (document.querySelector("roll-call"));
      const rows = [...shadowRoot.querySelectorAll('[part="name"]')];
      const named = snapshot.members.filter((/** @type {any} */ { info }) => info.name);
      return named.map((/** @type {any} */ { id }, /** @type {number} */ n) => [id, rows[n].textContent]);
    }),
  );
  assert.equal(shown["e2e-html"], html);
  assert.match(shown["e2e-long"] ?? "", /^(Long){64}$/);
  assert.equal(shown["e2e-rtl"], names["e2e-rtl"]);
  // Who has no name is a number.
  assert.equal(shown["e2e-none"], undefined);
  assert.deepEqual(await tab.texts("more"), ["+1 more"]);

  const inside = await tab.page.evaluate(() => {
    const root = /** @type {any} */ (document.querySelector("roll-call")).shadowRoot;
    const { right } = root.host.getBoundingClientRect();
    return {
      made: root.querySelectorAll("img, script, a, [onerror]").length,
      title: document.title,
      dirs: [...root.querySelectorAll('[part="name"]')].every((name) => name.dir === "auto"),
      within: [...root.querySelectorAll("*")].every((node) => node.getBoundingClientRect().right <= right + 1),
    };
  });
  assert.deepEqual(inside, { made: 0, title: "Rollcall: one element", dirs: true, within: true });
  assert.deepEqual(tab.errors, []);
  await tab.shot("hostile-names");
});

test("an observer looks on and is not counted", async () => {
  const { tab: guest } = await comes();
  const { tab: observer } = await comes({ observer: "", view: "count" });
  await rollCallsUntil(observer, ([{ snapshot }]) => snapshot.guests === 1 && snapshot.users === 0);
  await guest.shows(([{ snapshot }]) => snapshot.clients === 1);
  assert.deepEqual(await observer.texts("count"), ["1 online"]);
  await observer.shot("count");
});

test("several channels of a page are one socket, and each is counted and followed by itself", async () => {
  const { tab } = await comes({ token: token("e2e-many", { name: "Many" }) });
  /** @type {string[]} */
  const sockets = [];
  tab.page.on("websocket", (socket) => sockets.push(socket.url()));
  const names = ["a", "b", "c"].map((name) => `${channel}-${name}`);
  await tab.page.evaluate((names) => {
    const { token } = /** @type {any} */ (document.querySelector("roll-call"));
    // The last one only looks on.
    for (const [n, channel] of names.entries()) {
      document.body.append(Object.assign(document.createElement("roll-call"), { channel, token, observer: n === 2 }));
    }
  }, names);
  const presents = () => tab.page.evaluate(() => [...document.querySelectorAll("roll-call")].map((element) => /** @type {any} */ (element).snapshot?.present));
  for (let tries = 1; (await presents()).join() !== "1,1,1,"; tries++) {
    assert.ok(tries < 20, (await presents()).join());
    await rollCall();
  }
  // Gone from the one, still in the others.
  await tab.page.evaluate(() => document.querySelectorAll("roll-call")[1]?.remove());
  const other = await comes({ channel: names[0] ?? "", observer: "" });
  await rollCallsUntil(other.tab, ([{ snapshot }]) => snapshot.present === 0);
  assert.deepEqual(sockets, []);
  assert.deepEqual((await presents()).slice(0, 2), [1, 1]);
});

test("a token is renewed on the open socket, and nobody blinks", async () => {
  const context = await browser.newContext();
  leaving.push(() => context.close());
  const page = await context.newPage();
  /** @type {string[]} */
  const sockets = [];
  page.on("websocket", (socket) => sockets.push(socket.url()));
  let tokens = 0;
  await page.route(`${site}/token`, (route) => {
    tokens++;
    return route.fulfill({ json: { token: token("e2e-renewed", { name: "Renewed" }, 4) } });
  });
  const tab = new Tab(page);
  await tab.load({ "token-url": "/token" });
  await rollCallsUntil(tab, ([{ snapshot }]) => snapshot.clients === 1 && snapshot.members[0]?.id === "e2e-renewed");
  const since = (await tab.snapshot()).members[0].since;
  // Longer than the first token and Centrifugo's patience with it would last.
  const until = Date.now() + WAIT_MS;
  while (tokens < 4 && Date.now() < until) await page.waitForResponse(`${site}/token`, { timeout: WAIT_MS });
  await rollCallsUntil(tab, ([{ snapshot }, before]) => snapshot.taken_at > before, (await tab.snapshot()).taken_at);
  assert.equal((await tab.snapshot()).members[0].since, since);
  assert.equal(sockets.length, 1);
  assert.deepEqual(tab.errors, []);
});

test("a page's own centrifuge-js serves instead of a second socket, and keeps what is the page's", async () => {
  const answer = await (await fetch(`${site}${path}`)).json();
  const address = answer.live.url;
  // The page has more scripts than its policy knows.
  const context = await browser.newContext({ bypassCSP: true });
  leaving.push(() => context.close());
  const page = await context.newPage();
  /** @type {string[]} */
  const sockets = [];
  page.on("websocket", (socket) => sockets.push(socket.url()));
  await page.route(`${site}/centrifuge.js`, (route) => route.fulfill({ path: centrifuge }));
  // An element that is not told its channel yet, for which nothing is done.
  await page.goto(`${site}/embed.html`);
  await page.addScriptTag({ url: `${site}/centrifuge.js` });
  await page.evaluate(([address, channel, token]) => {
    const own = /** @type {any} */ (window);
    own.client = new own.Centrifuge(address, { token });
    own.subscription = own.client.newSubscription(channel);
    own.subscription.subscribe();
    own.client.connect();
    const [first, second] = [document.querySelector("roll-call"), document.createElement("roll-call")];
    for (const element of [first, second]) Object.assign(/** @type {Element} */ (element), { client: own.client, channel });
    document.body.append(/** @type {Element} */ (second));
  }, [address, channel, token("e2e-own", { name: "Own Example" })]);
  const tab = new Tab(page);
  await rollCallsUntil(tab, ([{ snapshot }]) => snapshot?.clients === 1 && snapshot.users === 1);
  assert.deepEqual(await tab.texts("name", "list"), ["Own Example", "Own Example"]);
  assert.deepEqual(sockets, [address]);
  // The next ones come by it too, without a request.
  const before = (await asked()).length;
  const { taken_at: last } = await tab.snapshot();
  await rollCallsUntil(tab, ([{ snapshot }, last]) => snapshot.taken_at > last, last);
  assert.equal((await asked()).length, before);

  const left = () => page.evaluate(() => {
    const { client, subscription } = /** @type {any} */ (window);
    return { channels: Object.keys(client.subscriptions()).sort(), own: subscription.state };
  });
  await page.evaluate(() => document.querySelector("roll-call")?.remove());
  assert.deepEqual(await left(), { channels: [answer.live.channel, channel].sort(), own: "subscribed" });
  await page.evaluate(() => document.querySelector("roll-call")?.remove());
  await page.waitForFunction(() => Object.keys(/** @type {any} */ (window).client.subscriptions()).length === 1);
  assert.deepEqual(await left(), { channels: [channel], own: "subscribed" });
});

test("all elements of a page are one visitor", async () => {
  const { tab } = await comes();
  await tab.page.goto(`${site}/?${new URLSearchParams({ channel })}`);
  await rollCallsUntil(tab, ([{ snapshot }]) => snapshot?.clients === 1);
  assert.equal(await tab.page.locator("roll-call").count(), 7);
  // The chart asks for the past, once.
  assert.deepEqual((await tab.asked()).filter((asked) => !asked.endsWith("/history")), [path]);
  assert.deepEqual(tab.errors.filter((error) => !error.includes("404")), []);
  await tab.page.locator(".log li code").first().waitFor();
  assert.match(await tab.page.locator("[data-html]").innerText(), /^<link rel="preload" .*\/v1\/presence\/site%3Ae2e">\n<script type="module" src="http.*\/roll-call\.js"><\/script>\n<style>.*height.*<\/style>\n<roll-call channel="site:e2e">/);
  for (const theme of ["light", "dark", "colour", "paper"]) {
    await tab.page.locator(`.switch label:has([value=${theme}])`).click();
    await tab.page.setViewportSize({ width: 1200, height: 800 });
    await tab.shot(`demo-${theme}`);
    assert.deepEqual(await found(tab.page), [], theme);
  }
});

for (const [refused, reason] of /** @type {[string, string][]} */ ([
  [token("e2e-late", {}, -60), "109 token expired"],
  ["e.y.j", "3500 invalid token"],
])) {
  test(`a token that Centrifugo refuses is told (${reason}), and the numbers are there all the same`, async () => {
    const context = await browser.newContext();
    leaving.push(() => context.close());
    const page = await context.newPage();
    await page.addInitScript(() => {
      document.addEventListener("roll-call-state", (/** @type {any} */ { reason }) => Object.assign(window, { reason }));
    });
    await page.goto(`${site}/embed.html?${new URLSearchParams({ channel, token: refused })}`);
    await page.waitForFunction(() => /** @type {any} */ (window).reason);
    assert.equal(await page.evaluate(() => /** @type {any} */ (window).reason), reason);
    assert.match((await new Tab(page).texts("count")).join(), /^\d+ here now$/);
  });
}

test("without JavaScript the text inside the tag is shown", async () => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  leaving.push(() => context.close());
  const page = await context.newPage();
  await page.goto(site);
  assert.equal(await page.locator("main roll-call").first().innerText(), "Who is here?");
});
