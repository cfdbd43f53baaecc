/** What a page's author meets: many channels, frameworks' values, labels, styles, mistakes. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { current, greeted, open, shown } from "./support/shown.mjs";
import { CHANNEL, T0, view } from "./support/stage.mjs";

const path = `/v1/presence/${encodeURIComponent(CHANNEL)}`;
const ONE = '<roll-call channel="site:main">Who is here?</roll-call>';

/** @param {(element: any, argument: any) => any} run in the page @param {any} [argument] */
const first = (run, argument) => shown.page.locator("roll-call").first().evaluate(run, argument);
/** The names of all groups, as the browser tells them to a screen reader. */
async function groups() {
  const client = await shown.context.newCDPSession(shown.page);
  const { nodes } = await client.send("Accessibility.getFullAXTree");
  return nodes.filter(({ role }) => role?.value === "group").map(({ name }) => name?.value);
}
const warnings = () => shown.errors.filter((error) => error.startsWith("roll-call:"));

test("the numbers are asked for before what shows the names: there may be one open connection", async () => {
  await open();
  const asked = /** @type {string[]} */ ([]);
  shown.context.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await shown.show(ONE);
  await current();
  const people = () => asked.indexOf("/roll-call-people.js");
  await shown.when(() => people() >= 0);
  assert.ok(asked.indexOf(path) < people(), asked.join(" "));
});

test("20 channels on a page are one request and one socket, and each shows its own", async () => {
  await open();
  const names = Array.from({ length: 20 }, (_, n) => `room:${n}`);
  for (const [n, name] of names.entries()) {
    const live = { ...view().live, channel: `presence:${name}` };
    shown.replies[`/v1/presence/${encodeURIComponent(name)}`] = { body: view({ channel: name, live, guests: n }) };
  }
  await shown.show(names.map((name) => `<roll-call channel="${name}" view="count"></roll-call>`).join(""));
  await shown.page.waitForFunction(() => [...document.querySelectorAll("roll-call")].every((element) => /** @type {any} */ (element).state === "current"));
  await greeted();
  assert.deepEqual(shown.requests, [`/v1/presence?channels=${[...names].sort().map(encodeURIComponent).join(",")}`]);
  assert.deepEqual([...shown.socket.entered].sort(), names.flatMap((name) => [name, `presence:${name}`]).sort());
  assert.deepEqual(await shown.texts("count"), names.map((_, n) => `${n + 5} online`));
  // One goes and another comes, on the open socket.
  shown.replies["/v1/presence/room%3Anew"] = { body: view({ channel: "room:new", live: { ...view().live, channel: "presence:room:new" } }) };
  await shown.page.evaluate(() => {
    document.querySelector("roll-call")?.remove();
    document.body.append(Object.assign(document.createElement("roll-call"), { channel: "room:new" }));
  });
  await shown.when(() => shown.socket.left.length === 2 && shown.socket.entered.includes("room:new"));
  assert.deepEqual([...shown.socket.left].sort(), ["presence:room:0", "room:0"]);
  assert.equal(shown.requests.length, 2);
  assert.equal(shown.sockets.length, 1);
});

for (const nothing of ["null", "undefined", "false"]) {
  test(`a property set to ${nothing} is taken away, as when a visitor signs out`, async () => {
    await open();
    await shown.show('<roll-call channel="site:main" token="jwt" token-url="/t" observer announce view="count" max="3" hide-below="1" endpoint="https://cdn.test"></roll-call>');
    await current();
    await greeted();
    const left = await first((element, nothing) => {
      const value = JSON.parse(nothing === "undefined" ? '{}' : `{"is":${nothing}}`).is;
      for (const name of ["token", "tokenUrl", "getToken", "client", "observer", "announce", "view", "max", "hideBelow", "endpoint"]) element[name] = value;
      const { token, tokenUrl, getToken, client, observer, announce, view, max, hideBelow, endpoint } = element;
      return { attributes: element.getAttributeNames(), all: [token, tokenUrl, getToken, client, observer, announce, view, max, hideBelow, endpoint].map(String) };
    }, nothing);
    assert.deepEqual(left, {
      attributes: ["channel"],
      all: ["", "", "undefined", "undefined", "false", "false", "list", "20", "0", "https://cdn.test"],
    });
    // Still counted, as a guest.
    await greeted(2);
    assert.deepEqual(shown.socket.hello, {});
    assert.ok(shown.socket.entered.includes("site:main"));
    await first((element) => Object.assign(element, { channel: undefined }));
    await shown.when(() => shown.socket.closed);
    assert.equal(shown.requests.some((asked) => /undefined|null/.test(asked)), false);
  });
}

test("a token given as a property is in no HTML, and goes before the attribute", async () => {
  await open();
  await shown.show(ONE);
  await current();
  await greeted();
  await first((element) => {
    element.setAttribute("token", "of the page");
    element.token = "secret-jwt";
  });
  await greeted(2);
  assert.equal(shown.socket.hello.token, "secret-jwt");
  assert.equal(await first((element) => element.outerHTML.includes("secret")), false);
});

test("a token comes by the page's function, and is renewed on the open socket", async () => {
  await open();
  shown.greets = (socket) => socket.greet({}, { expires: true, ttl: 20 });
  await shown.show("");
  await shown.page.evaluate(() => {
    let number = 0;
    document.body.append(Object.assign(document.createElement("roll-call"), { channel: "site:main", getToken: async () => `jwt ${++number}` }));
  });
  await greeted();
  assert.equal(shown.socket.hello.token, "jwt 1");
  await shown.page.clock.runFor(20_000);
  await shown.when(() => shown.socket.commands.some(({ refresh }) => refresh?.token === "jwt 2"));
  assert.equal(shown.sockets.length, 1);
});

test("a client for all elements serves those that have none of their own, also those that are there already", async () => {
  await open();
  await shown.show(ONE);
  await current();
  await greeted();
  const channels = await shown.page.evaluate(async () => {
    /** @type {string[]} */
    const channels = [];
    const emitter = { on() {}, off() {} };
    const client = {
      ...emitter,
      getSubscription: () => null,
      removeSubscription() {},
      newSubscription: (/** @type {string} */ channel) => (channels.push(channel), { ...emitter, state: "unsubscribed", subscribe() {} }),
    };
    const { RollCallElement } = await import(/** @type {any} */ ("https://cdn.test/roll-call.js"));
    RollCallElement.client = client;
    const own = /** @type {any} */ (document.querySelector("roll-call"));
    Object.assign(window, { channels });
    return [own.client === client, RollCallElement.client === client];
  });
  assert.deepEqual(channels, [true, true]);
  await shown.page.waitForFunction(() => /** @type {any} */ (window).channels.length === 2);
  await shown.when(() => shown.socket.closed);
  assert.deepEqual(await shown.page.evaluate(() => /** @type {any} */ (window).channels), ["presence:site:main", "site:main"]);
});

test("each element is a group by its own name, and what it says begins with that", async () => {
  await open();
  shown.keeps({ period: 10 });
  await shown.show(`${ONE}<roll-call channel="site:main" view="count" announce aria-label="Room 5"></roll-call>`);
  await current();
  await greeted();
  assert.deepEqual(await groups(), ["Who is here", "Room 5"]);
  await shown.page.clock.runFor(10_000);
  shown.socket.publish({ taken_at: T0 + 10_000, guests: 20, period: 10 });
  await shown.page.locator("output", { hasText: "Room 5: 25 here now" }).waitFor({ state: "attached" });
  assert.deepEqual(await shown.page.locator("output").allTextContents(), ["", "Room 5: 25 here now"]);
});

test("without being asked to, it says only that what is known grew old, and that it is new again", async () => {
  await open();
  shown.keeps({ period: 10, live: undefined });
  await shown.show(ONE + ONE);
  await current();
  const said = () => shown.page.locator("output").allTextContents();
  shown.keeps({ period: 10, live: undefined, taken_at: T0 + 10_000, guests: 30 });
  await shown.page.clock.runFor(13_000);
  await shown.until(([element]) => element.snapshot.guests === 30);
  assert.deepEqual(await said(), ["", ""]);
  shown.replies = {};
  await shown.page.clock.runFor(40_000);
  await shown.until(([element]) => element.state === "stale");
  assert.match((await said()).join(""), /^35 here now, 1 min\. ago$/);
  await shown.page.clock.runFor(30_000);
  shown.keeps({ period: 10, live: undefined, taken_at: T0 + 90_000, guests: 31 });
  await shown.page.clock.runFor(15_000);
  await current();
  assert.ok((await said()).includes("36 here now"), (await said()).join("|"));
});

test("a page styles it by its state", async () => {
  await open();
  await shown.show(ONE, { style: "roll-call:state(current) { outline: 3px solid } roll-call:state(stale) { outline: 5px solid }" });
  await current();
  const width = () => first((element) => getComputedStyle(element).outlineWidth);
  assert.equal(await width(), "3px");
  shown.replies = {};
  shown.greets = () => {};
  await shown.page.clock.runFor(240_000);
  await shown.until(([element]) => element.state === "stale");
  assert.equal(await width(), "5px");
});

test("with the documented line nothing jumps, however late the script comes", async () => {
  const readme = await readFile(new URL("../../widget/README.md", import.meta.url), "utf8");
  const line = readme.match(/^roll-call \{ display: block; .*?\}/m)?.[0] ?? "";
  for (const [style, least, most] of /** @type {[string, number, number][]} */ ([[line, 0, 0], ["", 0.05, 9]])) {
    await open({ viewport: { width: 390, height: 700 } });
    shown.keeps({ members: 20 });
    /** @type {() => void} */
    let comes = () => {};
    const late = new Promise((resolve) => (comes = () => resolve(undefined)));
    await shown.context.addInitScript(() => {
      const told = /** @type {any} */ (window);
      told.shift = 0;
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) told.shift += /** @type {any} */ (entry).value;
      }).observe({ type: "layout-shift", buffered: true });
    });
    shown.waits = () => late;
    const coming = shown.context.waitForEvent("page");
    const showing = shown.show(`${ONE}<p>${"Words below it. ".repeat(40)}</p>`, { style: `body { margin: 8px } ${style}`, clock: false });
    await coming;
    await shown.page.locator("p").waitFor();
    await shown.page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
    comes();
    await showing;
    await shown.page.locator('[part="member"]').nth(19).waitFor();
    await shown.page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
    const shift = await shown.page.evaluate(() => /** @type {any} */ (window).shift);
    assert.ok(shift >= least && shift <= most, `${shift} with ${style || "nothing"}`);
    if (style) await shown.context.close();
  }
});

test("a tag that is never closed says so when it hides the page", async () => {
  await open();
  await shown.show('<roll-call channel="site:main" /><h2>The rest</h2><p>of the page</p>');
  await current();
  assert.equal(warnings().length, 1);
  assert.match(warnings()[0] ?? "", /needs an end tag, <\/roll-call>/);
});

test("wrong use is said once, and the text of the page stays", async () => {
  await open();
  shown.replies["/v1/presence/room%3A404"] = { status: 404, body: { code: "unknown_channel" } };
  await shown.context.addInitScript(() => {
    document.addEventListener("roll-call-state", (/** @type {any} */ { state, reason }) => Object.assign(window, { told: [state, reason] }));
  });
  await shown.show('<roll-call chanel="site:main">No channel</roll-call><roll-call>No channel</roll-call><roll-call channel="room:404">Not watched</roll-call>');
  await shown.when(() => warnings().length >= 2);
  assert.deepEqual(await shown.page.evaluate(() => /** @type {any} */ (window).told), ["unknown", "404 unknown_channel"]);
  assert.deepEqual(await shown.page.locator("roll-call").allInnerTexts(), ["No channel", "No channel", "Not watched"]);
  assert.deepEqual(warnings().sort(), [
    "roll-call: <roll-call> has no channel, and shows nothing",
    'roll-call: https://cdn.test has no roll call of "room:404": 404 unknown_channel',
  ]);
});

test("a page that is no Rollcall is named: in a bundle without an endpoint it is the page itself", async () => {
  await open();
  shown.replies[path] = { status: 200, body: "<!doctype html>" };
  await shown.show(ONE.replace("<roll-call", '<roll-call endpoint="https://page.test/"'));
  await shown.when(() => warnings().length > 0);
  assert.deepEqual(warnings(), ['roll-call: https://page.test has no roll call of "site:main": 200 no view']);
});

test("moved into another document it keeps its looks, and what it shows", async () => {
  await open();
  await shown.show(`${ONE}<iframe></iframe>`);
  await current();
  await shown.page.locator('[part="avatar"]').first().waitFor();
  await shown.page.evaluate(() => {
    document.querySelector("iframe")?.contentDocument?.body.append(/** @type {Node} */ (document.querySelector("roll-call")));
  });
  const inside = shown.page.frameLocator("iframe").locator("roll-call");
  await inside.locator('[part="avatar"]').first().waitFor();
  const round = await inside.locator('[part="avatar"]').first().evaluate((face) => [getComputedStyle(face).borderRadius, getComputedStyle(face).display]);
  assert.deepEqual(round, ["50%", "grid"]);
  assert.equal(await inside.locator('[part="count"]').innerText(), "15 here now");
});

test("an element that goes is not painted on its way out", async () => {
  await open();
  await shown.show(ONE);
  await current();
  await shown.page.locator('[part="member"]').first().waitFor();
  const changes = await first(async (element) => {
    let count = 0;
    const observer = new MutationObserver((records) => (count += records.length));
    observer.observe(element.shadowRoot, { subtree: true, childList: true, attributes: true, characterData: true });
    element.remove();
    await new Promise((resolve) => setTimeout(resolve));
    return [count, element.state, element.shadowRoot.querySelectorAll("li").length];
  });
  assert.deepEqual(changes, [0, "unknown", 5]);
});

test("presence without the element, by the README's example, shares what the elements have", async () => {
  const readme = await readFile(new URL("../../widget/README.md", import.meta.url), "utf8");
  const example = readme.match(/```js\n(import \{ follow \}[\s\S]*?)```/)?.[1] ?? "";
  await open();
  await shown.show("");
  await shown.context.route("https://cdn.test/example.js", (route) => route.fulfill({
    contentType: "text/javascript",
    headers: { "access-control-allow-origin": "*" },
    body: `${example.replace('"roll-call-element"', '"https://cdn.test/index.js"').replace("https://d111.cloudfront.net", "https://cdn.test")}; window.stop = stop;`,
  }));
  await shown.page.evaluate(() => import(/** @type {any} */ ("https://cdn.test/example.js")));
  await shown.page.waitForFunction(() => document.title === "Chat (15)");
  await greeted();
  shown.socket.publish({ taken_at: T0 + 1, guests: 2 });
  await shown.page.waitForFunction(() => document.title === "Chat (7)");
  assert.deepEqual(shown.socket.entered, ["presence:site:main", "site:main"]);
  // The package's own element.
  await shown.page.evaluate(async () => {
    const { RollCallElement } = await import(/** @type {any} */ ("https://cdn.test/index.js"));
    customElements.define("our-call", class extends RollCallElement {});
    document.body.append(Object.assign(document.createElement("our-call"), { channel: "site:main", endpoint: "https://cdn.test" }));
  });
  await shown.page.locator('our-call [part="count"]', { hasText: "7 here now" }).waitFor();
  assert.deepEqual([shown.requests, shown.sockets.length], [[path], 1]);
  await shown.page.evaluate(() => {
    document.querySelector("our-call")?.remove();
    /** @type {any} */ (window).stop();
  });
  await shown.when(() => shown.socket.closed);
});
