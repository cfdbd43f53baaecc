/** The element in a host page: how it comes, moves and goes, and what it lets nobody do. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { current, greeted, open, shown } from "./support/shown.mjs";
import { CHANNEL, T0, view } from "./support/stage.mjs";

const path = `/v1/presence/${encodeURIComponent(CHANNEL)}`;
const ONE = '<roll-call channel="site:main">Who is here?</roll-call>';

test("a move in the page is no removal: nothing is asked, no socket is closed", async () => {
  await open();
  await shown.show(`<div id="a">${ONE}</div><div id="b"></div>`);
  await current();
  await greeted();
  await shown.page.evaluate(() => document.querySelector("#b")?.append(/** @type {Node} */ (document.querySelector("roll-call"))));
  shown.socket.publish({ taken_at: T0 + 1, guests: 33 });
  await shown.until(([element]) => element.snapshot.guests === 33);
  assert.deepEqual(shown.requests, [path]);
  assert.equal(shown.sockets.length, 1);
  assert.equal(shown.socket.closed, false);
});

test("a removal closes the socket, and a return opens one", async () => {
  await open();
  await shown.show(ONE);
  await current();
  await greeted();
  await shown.page.evaluate(() => {
    const element = /** @type {any} */ (document.querySelector("roll-call"));
    /** @type {any} */ (window).kept = element;
    element.remove();
  });
  await shown.when(() => shown.socket.closed);
  assert.equal(await shown.page.evaluate(() => /** @type {any} */ (window).kept.state), "unknown");
  await shown.page.evaluate(() => document.body.append(/** @type {any} */ (window).kept));
  await current();
  await greeted(2);
});

test("properties set before the script came are kept", async () => {
  await open();
  await shown.show("");
  await shown.page.evaluate(() => {
    // An element of a document without a registry is not upgraded until it comes into this one.
    const element = /** @type {any} */ (document.implementation.createHTMLDocument("").createElement("roll-call"));
    Object.assign(element, { channel: "site:main", view: "avatars", max: 3, hideBelow: 2, observer: true, tokenUrl: "/token", client: undefined });
    document.body.append(element);
  });
  await current();
  const kept = await shown.page.evaluate(() => {
    const element = /** @type {any} */ (document.querySelector("roll-call"));
    const { channel, view, max, hideBelow, observer, tokenUrl } = element;
    return { channel, view, max, hideBelow, observer, tokenUrl, own: Object.keys(element), attributes: element.getAttributeNames().sort() };
  });
  assert.deepEqual(kept, {
    channel: "site:main", view: "avatars", max: 3, hideBelow: 2, observer: true, tokenUrl: "/token", own: [],
    attributes: ["channel", "hide-below", "max", "observer", "token-url", "view"],
  });
  assert.equal(await shown.page.locator('[part="avatar"]').count(), 3);
});

test("junk in an attribute is the default", async () => {
  await open();
  await shown.show('<roll-call channel="site:main" view="constructor" max="-1" hide-below="many"></roll-call>');
  await current();
  assert.deepEqual(
    await shown.page.evaluate(() => {
      const { view, max, hideBelow, endpoint } = /** @type {any} */ (document.querySelector("roll-call"));
      return { view, max, hideBelow, endpoint };
    }),
    { view: "list", max: 20, hideBelow: 0, endpoint: "https://cdn.test" },
  );
});

test("two elements of a channel ask once and share a socket; the one that stays keeps it", async () => {
  await open();
  await shown.show(ONE + ONE.replace("<roll-call", '<roll-call view="avatars"'));
  await current();
  await greeted();
  await shown.page.evaluate(() => document.querySelector("roll-call")?.remove());
  shown.socket.publish({ taken_at: T0 + 1, guests: 34 });
  await shown.until(([element]) => element.view === "avatars" && element.snapshot.guests === 34);
  assert.deepEqual(shown.requests, [path]);
  assert.equal(shown.sockets.length, 1);
});

test("all charts of a page ask once for the past, and again only over a gap", async () => {
  await open();
  const chart = ONE.replace("<roll-call", '<roll-call view="chart"');
  await shown.show(chart + chart);
  await shown.page.locator('[part="line"][d^="M"]').nth(1).waitFor({ state: "attached" });
  await greeted();
  shown.socket.publish({ taken_at: T0 + 60_000, guests: 60 });
  await shown.page.locator('[part="axis"]', { hasText: "peak 65" }).nth(1).waitFor();
  assert.deepEqual(shown.requests, [path, `${path}/history`]);
  shown.socket.publish({ taken_at: T0 + 600_000, guests: 61 });
  await shown.page.locator('[part="axis"]', { hasText: "peak 66" }).nth(1).waitFor();
  await shown.when(() => shown.requests.length === 3);
  assert.deepEqual(shown.requests, [path, `${path}/history`, `${path}/history`]);
});

test("a chart without a past is drawn from the views that come", async () => {
  await open();
  shown.replies[`${path}/history`] = { status: 404, body: { code: "no_snapshot" } };
  await shown.show(ONE.replace("<roll-call", '<roll-call view="chart"'));
  await shown.page.locator('[part="axis"]', { hasText: "peak 15" }).waitFor();
  assert.deepEqual(shown.errors.filter((error) => !error.includes("404")), []);
});

test("connected and disconnected 50 times: no socket, timer, listener or node is left", async () => {
  await open();
  await shown.show("", { clock: false });
  await shown.page.evaluate(() => {
    const alive = { sockets: 0, opened: 0, timers: new Set(), listeners: 0 };
    const { setTimeout: set, clearTimeout: clear, addEventListener: add } = window;
    Object.assign(window, {
      alive,
      elements: [],
      setTimeout: (/** @type {any} */ run, /** @type {any} */ delay) => {
        const id = set(() => (alive.timers.delete(id), run()), delay);
        alive.timers.add(id);
        return id;
      },
      clearTimeout: (/** @type {any} */ id) => (alive.timers.delete(id), clear(id)),
      addEventListener: (/** @type {string} */ type, /** @type {any} */ run, /** @type {any} */ options) => {
        alive.listeners++;
        options?.signal?.addEventListener("abort", () => alive.listeners--);
        return add(type, run, options);
      },
      // The stage's own remembers every socket for ever.
      WebSocket: class {
        onopen = () => {};
        onmessage = (/** @type {any} */ _) => {};
        constructor() {
          alive.sockets++;
          alive.opened++;
          queueMicrotask(() => this.onopen());
        }
        /** @param {string} hello */
        send(hello) {
          const ids = hello.split("\n").map((line) => JSON.parse(line).id);
          this.onmessage({ data: ids.map((id) => JSON.stringify({ id, connect: { ping: 25 }, subscribe: {} })).join("\n") });
        }
        close() {
          alive.sockets--;
        }
      },
    });
  });
  const alive = () => shown.page.evaluate(() => {
    const { sockets, opened, timers, listeners } = /** @type {any} */ (window).alive;
    return { sockets, opened, timers: timers.size, listeners };
  });
  const come = () => shown.page.evaluate(async () => {
    const element = document.createElement("roll-call");
    Object.assign(element, { channel: "site:main" });
    const shows = new Promise((resolve) => element.addEventListener("roll-call-update", resolve, { once: true }));
    document.body.append(element);
    await shows;
    /** @type {any} */ (window).elements.push(new WeakRef(element));
  });
  for (let n = 0; n < 50; n++) {
    await come();
    if (!n) assert.deepEqual({ ...(await alive()), timers: 2 }, { sockets: 1, opened: 1, timers: 2, listeners: 4 });
    await shown.page.evaluate(() => document.querySelector("roll-call")?.remove());
  }
  assert.deepEqual(await alive(), { sockets: 0, opened: 50, timers: 0, listeners: 0 });
  const client = await shown.context.newCDPSession(shown.page);
  const kept = async () => {
    await client.send("HeapProfiler.collectGarbage");
    return shown.page.evaluate(() => /** @type {any} */ (window).elements.filter((/** @type {any} */ element) => element.deref()).length);
  };
  // The first look keeps what it saw until it is over.
  await kept();
  assert.ok((await kept()) <= 1);
});

test("hostile names and addresses stay what they are, and a picture tells nobody where it is shown", async () => {
  await open();
  const html = `<img src=x onerror="document.title='taken'"><script>document.title='taken'</script>`;
  const bad = ["javascript:document.title='taken'", "data:text/html,x", "//evil.test/x", "vbscript:x", " https://evil.test", "blob:x", "file:///etc/passwd"];
  shown.keeps({
    members: [
      { id: html, info: { name: html }, clients: 1, since: T0 },
      { id: "__proto__", info: { name: "محمد \u202eعبد الله\u0000" }, clients: 1, since: T0 },
      ...bad.map((url) => ({ id: url, info: { name: "x".repeat(300), avatar: url, url }, clients: 1, since: T0 })),
      { id: "ok", info: { name: "Ok", avatar: "https://pics.test/ok.svg", url: "https://example.com/" }, clients: 1, since: T0 },
    ],
  });
  await shown.show(ONE);
  await current();
  await shown.when(() => shown.pictures.some((asked) => asked.includes("ok.svg")));
  const made = await shown.page.evaluate(() => {
    const root = /** @type {any} */ (document.querySelector("roll-call")).shadowRoot;
    const { right } = root.host.getBoundingClientRect();
    return {
      title: document.title,
      first: root.querySelector('[part="name"]').textContent,
      pictures: [...root.querySelectorAll("img")].map((/** @type {any} */ image) => [image.src, image.loading, image.referrerPolicy, image.alt]),
      links: [...root.querySelectorAll("a")].map((link) => [link.href, link.rel]),
      scripts: root.querySelectorAll("script, [onerror]").length,
      within: [...root.querySelectorAll("*")].every((node) => node.getBoundingClientRect().right <= right + 1),
    };
  });
  assert.deepEqual(made, {
    title: "A page",
    first: html,
    pictures: [["https://pics.test/ok.svg", "lazy", "no-referrer", ""]],
    links: [["https://example.com/", "nofollow ugc"]],
    scripts: 0,
    within: true,
  });
  assert.deepEqual(shown.pictures.filter((asked) => !asked.includes("icon")), ["https://pics.test/ok.svg no referrer"]);
  assert.deepEqual(shown.errors, []);
});

test("1,000 members: those shown are few, or all if a page wants them, and a change keeps their rows", async () => {
  await open();
  shown.keeps({ members: 1000 });
  await shown.show(ONE);
  await current();
  assert.equal(await shown.page.locator('[part="member"]').count(), 20);
  assert.deepEqual(await shown.texts("more"), ["+980 more"]);
  await shown.page.evaluate(() => {
    const element = /** @type {any} */ (document.querySelector("roll-call"));
    element.max = 1000;
  });
  await shown.page.locator('[part="member"]').nth(999).waitFor();
  await greeted();
  await shown.page.evaluate(() => {
    /** @type {any} */ (window).row = document.querySelector("roll-call")?.shadowRoot?.querySelectorAll("li")[999];
  });
  shown.socket.publish({ taken_at: T0 + 1, members: view({ members: 1000 }).members.slice(1) });
  await shown.until(([{ shadowRoot }]) => shadowRoot.querySelectorAll("li").length === 999 && shadowRoot.querySelectorAll("li")[998] === /** @type {any} */ (window).row);
});

test("every face and what opens the rest is reached by the keyboard, and it is seen", async () => {
  await open();
  const linked = (/** @type {number} */ n) => ({ id: String(n), info: { name: `Member ${n}`, url: `https://example.com/${n}` }, clients: 1, since: T0 });
  shown.keeps({ members: [linked(1), linked(2), linked(3)] });
  await shown.show(ONE.replace("<roll-call", '<roll-call view="avatars"'));
  await current();
  for (const n of [1, 2, 3]) {
    await shown.page.keyboard.press("Tab");
    const focus = await shown.page.evaluate(() => {
      const link = /** @type {any} */ (document.activeElement?.shadowRoot?.activeElement);
      return { href: link?.href, ring: getComputedStyle(link).outlineStyle, width: link.getBoundingClientRect().width };
    });
    assert.equal(focus.href, `https://example.com/${n}`);
    assert.notEqual(focus.ring, "none");
    assert.ok(focus.width > 20);
  }
  await shown.page.keyboard.press("Tab");
  assert.equal(await shown.page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.textContent), "+10");
  await shown.page.keyboard.press("Tab");
  assert.equal(await shown.page.evaluate(() => document.activeElement?.localName), "body");
});

test("what a page's own listener throws stays the page's", async () => {
  await open();
  await shown.show("");
  await shown.page.evaluate(() => {
    document.addEventListener("roll-call-update", () => {
      throw new Error("a page's own");
    });
    document.body.append(Object.assign(document.createElement("roll-call"), { channel: "site:main" }));
  });
  await current();
  assert.deepEqual(await shown.texts("count"), ["15 here now"]);
  assert.deepEqual(shown.errors, ["Error: a page's own"]);
});

test("a client that is given later, and is none, blanks nothing", async () => {
  await open();
  await shown.show(ONE);
  await current();
  await greeted();
  const states = await shown.page.evaluate(async () => {
    const element = /** @type {any} */ (document.querySelector("roll-call"));
    /** @type {string[]} */
    const told = [];
    element.addEventListener("roll-call-state", (/** @type {any} */ { state }) => told.push(state));
    element.client = {};
    return told;
  });
  await shown.when(() => shown.sockets[0]?.closed);
  assert.deepEqual(await shown.texts("count"), ["15 here now"]);
  assert.deepEqual(states, []);
  assert.ok(shown.errors.every((error) => error.startsWith("roll-call:")), shown.errors.join());
});

test("without the files that come on need the number is there, in English", async () => {
  await open();
  shown.away = /roll-call-(chart|words)\.js$/;
  await shown.show(ONE.replace("<roll-call", '<roll-call view="chart"'), { lang: "de" });
  await current();
  assert.deepEqual(await shown.texts("count"), ["15 here now"]);
});

test("a file that comes on need and could not be had is tried again, and not in a hurry", async () => {
  await open();
  shown.away = /roll-call-(chart|words)\.js$/;
  await shown.show(ONE.replace("<roll-call", '<roll-call view="chart"'), { lang: "de" });
  await current();
  await greeted();
  const tries = () => shown.files.filter((path) => path.endsWith("-chart.js")).length;
  await shown.when(() => tries() > 0);
  /** @param {number} seconds since the first */
  const view = async (seconds) => {
    await shown.page.clock.runFor(10_000);
    shown.socket.publish({ taken_at: T0 + seconds * 1000, guests: seconds });
    await shown.until(([element, guests]) => element.snapshot.guests === guests, seconds);
  };
  for (let seconds = 10; seconds <= 60; seconds += 10) await view(seconds);
  assert.deepEqual(await shown.texts("count"), ["65 here now"]);
  // Chromium asks twice for a module of which it knows that it could not be had.
  assert.ok(tries() > 1 && tries() <= 5, `${tries()} tries in a minute`);
  shown.away = /^$/;
  for (let seconds = 70; seconds <= 110; seconds += 10) await view(seconds);
  await shown.page.locator('[part="line"][d^="M"]').waitFor({ state: "attached" });
  assert.deepEqual(await shown.texts("count"), ["115 jetzt hier"]);
  const done = shown.files.length;
  for (let seconds = 120; seconds <= 200; seconds += 10) await view(seconds);
  assert.equal(shown.files.length, done);
});

test("a page that changes its language is followed, and shows its numbers meanwhile", async () => {
  await open();
  await shown.show(ONE, { lang: "en" });
  await current();
  await greeted();
  await shown.page.evaluate(() => {
    const told = /** @type {any} */ (window);
    told.seen = new Set();
    const count = document.querySelector("roll-call")?.shadowRoot?.querySelector('[part="count"]');
    new MutationObserver(() => told.seen.add(/** @type {any} */ (count).hidden)).observe(/** @type {any} */ (count), { attributes: true, childList: true });
    document.documentElement.lang = "de";
  });
  shown.socket.publish({ taken_at: T0 + 1, guests: 11 });
  await shown.page.locator('[part="count"]', { hasText: "16 jetzt hier" }).waitFor();
  // Its own is seen at once.
  await shown.page.evaluate(() => document.querySelector("roll-call")?.setAttribute("lang", "fr"));
  await shown.page.locator('[part="count"]', { hasText: "16 personnes ici" }).waitFor();
  assert.deepEqual(await shown.page.evaluate(() => [.../** @type {any} */ (window).seen]), [false]);
});

test("without JavaScript the text inside the tag is shown", async () => {
  await open({ javaScriptEnabled: false });
  const page = await shown.context.newPage();
  await page.setContent(ONE);
  assert.equal(await page.locator("roll-call").innerText(), "Who is here?");
});
