/** What it looks like, and what those find who do not see it. */
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { found } from "./support/axe.mjs";
import { launch } from "./support/browser.mjs";
import { member, stage, T0, view } from "./support/stage.mjs";

/** @type {import("playwright-core").Browser} */
let browser;
/** @type {import("./support/stage.mjs").Stage[]} */
let stages = [];

before(async () => {
  browser = await launch();
});
afterEach(async () => {
  await Promise.all(stages.map(({ context }) => context.close()));
  stages = [];
});
after(() => browser?.close());

/** @param {import("playwright-core").BrowserContextOptions} [options] */
async function open(options) {
  const opened = await stage(browser, options);
  stages.push(opened);
  return opened;
}

const STYLE = `
  * { box-sizing: border-box }
  body { margin: 0; display: grid; grid-template-columns: repeat(3, 1fr); font: 16px/1.45 ui-sans-serif, system-ui, sans-serif }
  section { padding: 28px; display: grid; gap: 26px; align-content: start; justify-items: start; min-height: 100vh }
  section > * { width: 100% } section > [view="count"] { width: auto }
  .w { background: #fff; color: #1b1f24 }
  .d { background: #14171c; color: #e8eaed; color-scheme: dark }
  .c { background: #2d2a6e; color: #fff; font-family: Georgia, serif; color-scheme: dark }`;

/** The same on a light, a dark and a coloured page. @param {string} content */
const pages = (content) => ["w", "d", "c"].map((name) => `<section class="${name}">${content}</section>`).join("");

const ALL = ["list", "avatars", "count", "sentence", "chart"].map((name) => `<roll-call channel="site:main" view="${name}">Who is here?</roll-call>`).join("");

const PEOPLE = [
  { ...member(0), info: { name: "Ada Lovelace", avatar: "https://pics.test/ada.svg", url: "https://example.com/ada" } },
  { ...member(1), info: { name: "Ben Okafor", avatar: "https://pics.test/missing.png" } },
  ...[2, 3, 4, 5, 6].map(member),
];
const RECENT = [{ id: "g", info: { name: "Farid Nasser" }, last_seen: T0 - 120_000 }];
const FULL = { members: PEOPLE, users: 13, guests: 10, recent: RECENT };

/** A stage has no more of a page than it needs. @param {import("./support/stage.mjs").Stage} shown */
const flaws = ({ page }) => found(page, ["landmark-one-main", "region", "page-has-heading-one"]);

test("all views, on a light, a dark and a coloured page", async () => {
  const shown = await open({ viewport: { width: 1200, height: 800 } });
  shown.keeps(FULL);
  await shown.show(pages(ALL), { style: STYLE });
  await shown.page.locator('roll-call [part="line"][d^="M"]').nth(2).waitFor({ state: "attached" });
  await shown.page.waitForFunction(() => [...document.querySelectorAll("roll-call")].every(({ shadowRoot }) =>
    [...(shadowRoot?.querySelectorAll("img") ?? [])].every((image) => image.complete)));
  await shown.shot("views");
  assert.deepEqual(await flaws(shown), []);
  assert.deepEqual(shown.errors.filter((error) => !error.includes("404")), []);
});

test("all views, stale", async () => {
  const shown = await open({ viewport: { width: 1200, height: 800 } });
  shown.keeps(FULL);
  await shown.show(pages(ALL), { style: STYLE });
  await shown.when(() => shown.sockets.length === 1);
  shown.greets = () => {};
  await shown.page.locator('roll-call [part="line"][d^="M"]').nth(2).waitFor({ state: "attached" });
  await shown.page.clock.runFor(240_000);
  await shown.until(([element]) => element.state === "stale");
  await shown.shot("stale");
  assert.deepEqual(await flaws(shown), []);
});

test("all views, unknown: never a zero, and as high as they will be", async () => {
  const shown = await open({ viewport: { width: 1200, height: 800 } });
  shown.replies = {};
  await shown.show(pages(ALL), { style: STYLE });
  await shown.page.waitForFunction(() => [...document.querySelectorAll("roll-call")].every((element) => element.shadowRoot?.querySelector('[part="base unknown"]')));
  await shown.shot("unknown");
  assert.doesNotMatch((await shown.page.locator("roll-call").allInnerTexts()).join(), /0/);
  assert.deepEqual(await flaws(shown), []);
});

test("nothing jumps when the first numbers arrive", async () => {
  const shown = await open();
  const body = ["list", "avatars", "count", "chart"].map((name) => `<div><roll-call channel="site:main" view="${name}">Who is here?</roll-call></div>`).join("");
  const heights = () => shown.page.locator("div").evaluateAll((divs) => divs.slice(0, 4).map((div) => div.getBoundingClientRect().height));
  const path = Object.keys(shown.replies)[0] ?? "";
  const kept = { body: view({ members: 2, guests: 10 }) };
  shown.replies[path] = undefined;
  await shown.show(body);
  await shown.when(() => shown.requests.includes(path));
  const before = await heights();
  shown.replies[path] = kept;
  await shown.page.clock.runFor(2000);
  await shown.until(([element]) => element.state === "current");
  await shown.page.locator('[part="line"][d^="M"]').waitFor({ state: "attached" });
  const [list, avatars, count, chart] = await heights();
  assert.deepEqual([list, avatars, count], before.slice(0, 3));
  assert.ok(Math.abs((chart ?? 0) - (before[3] ?? 0)) <= 1, `${before[3]} became ${chart}`);
});

test("only numbers are public: no list, and nobody missing from the words", async () => {
  const shown = await open({ viewport: { width: 1200, height: 500 } });
  const { members: _, recent: __, truncated: ___, ...counts } = view({ members: 3, guests: 12 });
  shown.replies[Object.keys(shown.replies)[0] ?? ""] = { body: counts };
  await shown.show(pages(ALL), { style: STYLE });
  await shown.until(([element]) => element.state === "current");
  await shown.shot("counts");
  assert.deepEqual((await shown.texts("guests"))[0], "3 members · 12 guests");
  assert.deepEqual(await flaws(shown), []);
});

/**
 * The contrast of each thing that is shown against what is behind it, the worst of each kind. By the pixels, because
 * axe-core leaves mixed colours undecided.
 * @param {import("./support/stage.mjs").Stage} shown
 * @returns {Promise<Record<string, number>>}
 */
function contrasts(shown) {
  return shown.page.evaluate(() => {
    const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
    const luminance = (/** @type {string[]} */ ...layers) => {
      if (!canvas) throw new Error("no canvas");
      for (const layer of layers) {
        canvas.fillStyle = layer;
        canvas.fillRect(0, 0, 1, 1);
      }
      const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map((value) =>
        value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
      return 0.2126 * (r ?? 0) + 0.7152 * (g ?? 0) + 0.0722 * (b ?? 0);
    };
    /** @type {Record<string, number>} */
    const worst = {};
    for (const host of document.querySelectorAll("roll-call")) {
      const page = getComputedStyle(/** @type {Element} */ (host.closest("section"))).backgroundColor;
      for (const node of host.shadowRoot?.querySelectorAll("[part]") ?? []) {
        const part = node.getAttribute("part") ?? "";
        const style = getComputedStyle(node);
        const text = [...node.childNodes].some((child) => child.nodeType === Node.TEXT_NODE && child.nodeValue?.trim());
        const paint = /^(dot|peak)/.test(part) ? style.borderTopColor : part === "line" ? style.stroke : text ? style.color : "";
        // The names over the avatars are not seen, and what is said aloud neither.
        if (!paint || part === "status" || node.closest('[part="stack"] [part~="name"]')) continue;
        const behind = part === "initials" ? [page, getComputedStyle(/** @type {Element} */ (node.parentElement)).backgroundColor] : [page];
        const [a = 0, b = 0] = [luminance(...behind, paint), luminance(...behind)].sort((x, y) => y - x);
        worst[part] = Math.min(worst[part] ?? 21, (a + 0.05) / (b + 0.05));
      }
    }
    return worst;
  });
}

for (const [name, after] of Object.entries({ current: 0, stale: 240_000 })) {
  test(`${name}, text has a contrast of 4.5 and marks of 3, on each page`, async () => {
    const shown = await open({ viewport: { width: 1200, height: 800 } });
    shown.keeps({ ...FULL, members: Array.from({ length: 60 }, (_, n) => member(n)), users: 70 });
    await shown.show(pages(ALL.replace("<roll-call", '<roll-call max="61"')), { style: STYLE });
    await shown.page.locator('roll-call [part="line"][d^="M"]').nth(2).waitFor({ state: "attached" });
    await shown.when(() => shown.sockets.length === 1);
    shown.greets = () => {};
    await shown.page.clock.runFor(after);
    await shown.until(([element, state]) => element.state === state, name);
    const worst = await contrasts(shown);
    assert.ok(Object.keys(worst).length >= 9, Object.keys(worst).join());
    const marks = /^(dot|peak|line)/;
    assert.deepEqual(Object.entries(worst).filter(([part, contrast]) => contrast < (marks.test(part) ? 3 : 4.5)), []);
  });
}

for (const lang of ["en", "de", "fr", "es", "ar", "ja", "ru"]) {
  test(`in ${lang}`, async () => {
    const shown = await open({ viewport: { width: 420, height: 640 } });
    shown.keeps(FULL);
    await shown.show(`<main>${ALL}</main>`, { lang, dir: lang === "ar" ? "rtl" : "ltr", style: "main { display: grid; gap: 24px; padding: 24px }" });
    await shown.page.locator('[part="line"][d^="M"]').waitFor({ state: "attached" });
    await shown.shot(`words-${lang}`);
    assert.deepEqual(await flaws(shown), []);
    assert.equal(shown.errors.filter((error) => !error.includes("404")).join(), "");
  });
}

for (const [name, media] of Object.entries({
  "forced-colours": { forcedColors: /** @type {const} */ ("active") },
  print: { media: /** @type {const} */ ("print") },
})) {
  test(`all views, ${name}`, async () => {
    const shown = await open({ viewport: { width: 420, height: 640 } });
    shown.keeps(FULL);
    await shown.show(`<main>${ALL}</main>`, { style: "main { display: grid; gap: 24px; padding: 24px }" });
    await shown.page.emulateMedia(media);
    await shown.page.locator('[part="line"][d^="M"]').waitFor({ state: "attached" });
    await shown.shot(name);
  });
}
