/** Who is shown, and how one learns who that is. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { found } from "./support/axe.mjs";
import { open, shown } from "./support/shown.mjs";
import { member, T0, view } from "./support/stage.mjs";

const LIST = '<roll-call channel="site:main">Who is here?</roll-call>';
const FACES = LIST.replace("<roll-call", '<roll-call view="avatars"');
const SENTENCE = LIST.replace("<roll-call", '<roll-call view="sentence"');
/** What a visitor's server would sign; nobody verifies it here. @param {string} sub */
const tokenOf = (sub) => `x.${Buffer.from(JSON.stringify({ sub })).toString("base64url")}.y`;

/** @param {string} body @param {Record<string, any>} [kept] @param {Parameters<import("./support/stage.mjs").Stage["show"]>[1]} [options] @param {import("playwright-core").BrowserContextOptions} [context] */
async function show(body, kept = {}, options = {}, context = {}) {
  await open(context);
  shown.keeps(kept);
  await shown.show(body, options);
  await shown.until(([element]) => element.state === "current");
}
const parts = (/** @type {string} */ name) => shown.page.locator(`roll-call [part~="${name}"]`);
const flaws = () => found(shown.page, ["landmark-one-main", "region", "page-has-heading-one"]);
/** The name that a face tells at the moment. */
const told = () => shown.page.evaluate(() => {
  const labels = /** @type {HTMLElement[]} */ ([...(document.querySelector("roll-call")?.shadowRoot?.querySelectorAll('[part="label"]') ?? [])]);
  return labels.filter((label) => getComputedStyle(label).opacity === "1").map((label) => label.textContent);
});

test("a face tells its name to the pointer, to the keyboard and to touch, inside the window", async () => {
  const long = { id: "9", info: { name: "Wilhelmina ".repeat(12) }, clients: 1, since: T0 };
  await show(`<div style="height:200px"></div>${FACES}`, { members: [member(0), member(1), long] }, {}, { hasTouch: true, viewport: { width: 320, height: 400 } });
  await parts("avatar").nth(2).waitFor();
  assert.deepEqual(await told(), []);
  await parts("member").nth(1).hover();
  assert.deepEqual(await told(), ["Ben Okafor"]);
  await shown.shot("face-told");
  await shown.page.mouse.move(0, 0);
  await shown.page.keyboard.press("Tab");
  assert.deepEqual(await told(), ["Ada Lovelace"]);
  await parts("member").nth(2).tap();
  assert.deepEqual(await told(), [long.info.name.trim()]);
  const { right, width } = await shown.page.evaluate(() => ({
    right: Math.max(...[.../** @type {any} */ (document.querySelector("roll-call")).shadowRoot.querySelectorAll('[part="label"]')].map((label) => label.getBoundingClientRect().right)),
    width: document.documentElement.scrollWidth,
  }));
  assert.ok(right <= 320 && width <= 320, `${right} ${width}`);
  assert.deepEqual(await flaws(), []);
});

test("a face is read as a name, and a link leads where it says", async () => {
  await show(FACES, { members: [{ ...member(0), info: { name: "Ada", url: "https://example.com/ada" } }, member(1)] });
  await shown.page.getByRole("link", { name: "Ada" }).waitFor();
  assert.deepEqual(await parts("name").allInnerTexts(), ["Ada", "Ben Okafor"]);
  const { x, y, width } = (await parts("avatar").first().boundingBox()) ?? { x: 0, y: 0, width: 0 };
  const hit = await shown.page.evaluate(([x, y]) => {
    const link = document.querySelector("roll-call")?.shadowRoot?.elementFromPoint(x, y)?.closest("a");
    return link?.href;
  }, /** @type {[number, number]} */ ([x + width / 2, y + width / 2]));
  assert.equal(hit, "https://example.com/ada");
  assert.equal(await parts("link").count(), 1);
});

test("the numbers beside the faces add up, and are said in full", async () => {
  await show(FACES, { members: 13, guests: 10 });
  await parts("avatar").nth(4).waitFor();
  assert.deepEqual(await shown.texts("more"), ["+18"]);
  assert.deepEqual(await shown.texts("count"), ["23 here now"]);
  await shown.page.getByRole("button", { name: "+18 more" }).waitFor();
});

test("'+n' opens the rest, follows it, and closes as anything of the browser's does", async () => {
  await show(FACES, { members: 13, users: 15, guests: 10 });
  const rest = parts("rest");
  const opener = parts("opener");
  await opener.click();
  await rest.waitFor();
  assert.deepEqual(await rest.locator('[part~="name"]').allInnerTexts(), view({ members: 13 }).members.slice(5).map((/** @type {any} */ { info }) => info.name));
  assert.deepEqual(await rest.locator('[part="guests"]').allInnerTexts(), ["+2 more · 10 guests"]);
  await shown.shot("rest");
  assert.deepEqual(await flaws(), []);
  const box = await rest.boundingBox();
  assert.ok(box && box.x >= 0 && box.x + box.width <= 420, JSON.stringify(box));
  await shown.when(() => shown.sockets.length === 1 && shown.socket.hello);
  shown.socket.publish({ taken_at: T0 + 1, members: 7, guests: 1 });
  await shown.until(([{ shadowRoot }]) => shadowRoot.querySelectorAll('[part="rest"] li').length === 2);
  await shown.page.keyboard.press("Escape");
  await rest.waitFor({ state: "hidden" });
  // A click that opens it does not close it again, nor the other way round.
  for (const state of /** @type {const} */ (["visible", "hidden", "visible"])) {
    await opener.click();
    await rest.waitFor({ state });
  }
  await shown.page.mouse.click(410, 470);
  await rest.waitFor({ state: "hidden" });
  await opener.focus();
  await shown.page.keyboard.press("Enter");
  await rest.waitFor();
  assert.deepEqual(shown.errors, []);
});

test("'+n' of a list opens those who are listed, and is a mere number where nobody is", async () => {
  await show(LIST.replace("<roll-call", '<roll-call max="2"'), { members: 5 });
  await parts("opener").click();
  await parts("rest").waitFor();
  assert.equal(await parts("rest").locator("li").count(), 3);
  await shown.context.close();
  await show(LIST, { members: 5, users: 7, truncated: true });
  assert.deepEqual(await shown.texts("more"), ["+2 more"]);
  assert.equal(await parts("opener").count(), 0);
});

test("'+n' is there without the file that opens the rest, which is tried again", async () => {
  await open();
  shown.away = /roll-call-rest/;
  shown.keeps({ members: 13 });
  await shown.show(FACES);
  await parts("opener").click();
  await shown.when(() => shown.files.some((path) => path.includes("rest")));
  // Who asks later is answered later: then the page knows that it could not be had.
  await shown.page.evaluate(() => import(/** @type {any} */ ("https://cdn.test/roll-call-rest.js")).catch(() => undefined));
  shown.away = /^$/;
  await shown.page.clock.runFor(31_000);
  await parts("opener").click();
  await parts("rest").waitFor();
});

test("those who just left stand after everybody who is here", async () => {
  const recent = [{ id: "g", info: { name: "Farid Nasser" }, last_seen: T0 - 120_000 }];
  await show(LIST, { members: 5, users: 11, guests: 10, truncated: true, recent });
  await parts("recent").waitFor();
  const texts = (await parts("roll").innerText()).split("\n").filter(Boolean);
  assert.ok(texts.indexOf("+6 more") < texts.indexOf("10 guests") && texts.indexOf("10 guests") < texts.indexOf("Farid Nasser"), texts.join());
});

test("who has no name is a number, in a list and among faces", async () => {
  const nameless = [2, 3, 4].map((n) => ({ ...member(n), info: {} }));
  await show(LIST + FACES, { members: [member(0), ...nameless], guests: 0 });
  await parts("avatar").nth(1).waitFor();
  assert.equal(await parts("avatar").count(), 2);
  assert.deepEqual(await shown.texts("more"), ["+3 more", "+3"]);
  await shown.context.close();
  await show(LIST + FACES, { members: nameless, guests: 0 });
  await parts("guests").first().waitFor();
  assert.equal(await parts("avatar").count(), 0);
  assert.deepEqual(await shown.texts("guests"), ["3 members"]);
});

test("nobody here: a hollow dot, and the words of the page", async () => {
  const empty = '<p slot="empty">Nobody here yet.</p></roll-call>';
  await show(LIST.replace("</roll-call>", empty) + FACES.replace("</roll-call>", empty), { members: 0, guests: 0 });
  await shown.page.getByText("Nobody here yet.").nth(1).waitFor();
  assert.equal(await shown.page.locator('roll-call [part="dot off"]').count(), 2);
  await shown.shot("empty");
  await shown.when(() => shown.sockets.length === 1 && shown.socket.hello);
  shown.socket.publish({ taken_at: T0 + 1, members: 1, guests: 0 });
  await shown.until(([element]) => element.snapshot.present === 1);
  assert.equal(await shown.page.getByText("Nobody here yet.").first().isVisible(), false);
  assert.equal(await shown.page.locator('roll-call [part="dot"]').count(), 2);
});

for (const [name, body] of Object.entries({ list: LIST, avatars: FACES })) {
  test(`one's own place is the first, and marked: ${name}`, async () => {
    await open();
    shown.keeps({ members: 9 });
    await shown.show(body.replace("<roll-call", `<roll-call token="${tokenOf("7")}"`));
    await parts("you").first().waitFor();
    assert.equal(await parts("member").first().getAttribute("part"), "member you");
    assert.equal(await parts("you").count(), 1);
    if (name === "list") assert.deepEqual(await shown.texts("meta"), ["you", "2 tabs"]);
    else assert.deepEqual((await parts("name").allInnerTexts())[0], "Guðrún Jónsdóttir (you)");
    await shown.shot(`you-${name}`);
    assert.deepEqual(await flaws(), []);
    // Signed out, nobody is.
    await shown.page.evaluate(() => Object.assign(/** @type {any} */ (document.querySelector("roll-call")), { token: undefined }));
    await parts("you").waitFor({ state: "detached" });
  });
}

test("a sentence names some, counts the rest, and stands in a line of text", async () => {
  await show(`<p>Read by many. ${SENTENCE} Welcome.</p>`, { members: [{ ...member(0), info: { name: "Ada", url: "https://example.com/" } }, member(1), member(2)], guests: 20 }, {}, { viewport: { width: 900, height: 300 } });
  await parts("others").waitFor();
  assert.equal(await parts("sentence").innerText(), "Ada, Ben Okafor, and 21 others are here");
  const height = (await shown.page.locator("p").boundingBox())?.height ?? 0;
  assert.ok(height < 30, `${height}`);
  assert.equal(await shown.page.getByRole("link", { name: "Ada" }).getAttribute("href"), "https://example.com/");
  await shown.shot("sentence");
  await shown.when(() => shown.sockets.length === 1 && shown.socket.hello);
  let now = T0;
  for (const [over, text] of /** @type {[Record<string, any>, string][]} */ ([
    [{ members: 1, guests: 0 }, "Ada Lovelace is here"],
    [{ members: 2, guests: 0 }, "Ada Lovelace and Ben Okafor are here"],
    [{ members: 0, guests: 4 }, "4 here now"],
    [{ members: 1, guests: 1 }, "Ada Lovelace and 1 other are here"],
  ])) {
    shown.socket.publish({ ...over, taken_at: ++now });
    await shown.page.waitForFunction((text) => document.querySelector("roll-call")?.shadowRoot?.querySelector('[part="sentence"] > span')?.textContent === text, text);
  }
  assert.deepEqual(await flaws(), []);
});

test("a sentence with nobody known is the text of the page, and a stale one has its age", async () => {
  await open();
  shown.replies = {};
  await shown.show(SENTENCE);
  await shown.page.getByText("Who is here?").waitFor();
  await shown.context.close();
  await show(SENTENCE, { live: undefined });
  await parts("others").waitFor();
  shown.replies = {};
  await shown.page.clock.runFor(240_000);
  await shown.until(([element]) => element.state === "stale");
  assert.match((await shown.texts("age")).join(), /^4 min/);
});

test("a name yields to nothing: in a narrow column what else is said is cut first", async () => {
  const recent = [{ id: "g", info: { name: "Farid Nasser" }, last_seen: T0 - 600_000 }];
  await show(LIST, { members: 3, recent }, { style: "html { font-size: 200% } roll-call { width: 300px }" }, { viewport: { width: 350, height: 700 } });
  await parts("recent").waitFor();
  const widths = await parts("name").evaluateAll((names) => names.map((name) => name.getBoundingClientRect().width));
  for (const width of widths) assert.ok(width >= 120, `${widths}`);
  const { right, host } = await shown.page.evaluate(() => {
    const root = /** @type {any} */ (document.querySelector("roll-call")).shadowRoot;
    return { right: Math.max(...[...root.querySelectorAll("*")].map((node) => node.getBoundingClientRect().right)), host: root.host.getBoundingClientRect().right };
  });
  assert.ok(right <= host + 1, `${right} ${host}`);
  await shown.shot("narrow");
  // Nor does it push that away, as long as there is room for both.
  await shown.context.close();
  const long = { id: "1", info: { name: "Wilhelmina ".repeat(20) }, clients: 2, since: T0 };
  await show(LIST, { members: [long] });
  const meta = await parts("meta").first().evaluate((node) => [node.scrollWidth, node.clientWidth]);
  assert.equal(meta[0], meta[1]);
});

test("a short name of the other direction stands beside its face", async () => {
  await show(LIST, { members: [{ id: "1", info: { name: "دينا" }, clients: 1, since: T0 }] });
  await parts("name").waitFor();
  const gap = await shown.page.evaluate(() => {
    const root = /** @type {any} */ (document.querySelector("roll-call")).shadowRoot;
    const range = document.createRange();
    range.selectNodeContents(root.querySelector('[part="name"]'));
    return range.getBoundingClientRect().left - root.querySelector('[part="avatar"]').getBoundingClientRect().right;
  });
  assert.ok(gap > 0 && gap < 12, `${gap}`);
});

test("a page's own rows, by the README's example: its styles, its text alone, in a list that is heard as one", async () => {
  const readme = await readFile(new URL("../../widget/README.md", import.meta.url), "utf8");
  const example = readme.match(/```html\n(<roll-call channel="site:main">\n[\s\S]*?<\/roll-call>)/)?.[1] ?? "";
  const html = "<img src=x onerror=alert(1)>";
  const people = [
    { id: "1", info: { name: "Ada", avatar: "https://pics.test/ada.svg", url: "https://example.com/ada" }, clients: 2, since: T0 },
    { id: "2", info: { name: html, avatar: "javascript:alert(1)", url: "javascript:alert(1)" }, clients: 1, since: T0 },
    { id: "3", info: { name: "Cy" }, clients: 1, since: T0 },
  ];
  await show(example, { members: people }, { style: "roll-call b { color: rgb(1, 2, 3) }" });
  const rows = shown.page.locator('roll-call > [slot^="member "]');
  await rows.nth(2).waitFor();
  assert.deepEqual(await rows.locator("b").allInnerTexts(), ["Ada", html, "Cy"]);
  assert.deepEqual(await rows.locator("small:visible").allInnerTexts(), ["2 tabs"]);
  assert.deepEqual(await rows.locator("img:visible").evaluateAll((images) => images.map((image) => /** @type {any} */ (image).src)), ["https://pics.test/ada.svg"]);
  assert.deepEqual(await rows.locator("a").evaluateAll((links) => links.map((link) => /** @type {any} */ (link).getAttribute("href"))), ["https://example.com/ada", null, null]);
  assert.equal(await rows.locator("b").first().evaluate((name) => getComputedStyle(name).color), "rgb(1, 2, 3)");
  assert.equal(await shown.page.getByRole("listitem").count(), 3);
  await shown.shot("rows");
  await shown.when(() => shown.sockets.length === 1 && shown.socket.hello);
  shown.socket.publish({ taken_at: T0 + 1, members: people.slice(1) });
  await rows.nth(2).waitFor({ state: "detached" });
  assert.deepEqual(await rows.locator("b").allInnerTexts(), [html, "Cy"]);
  // A clone brings no rows of its own along.
  await shown.page.evaluate(() => document.body.append(/** @type {Node} */ (document.querySelector("roll-call")?.cloneNode(true))));
  await shown.page.waitForFunction(() => [...document.querySelectorAll("roll-call")].every((element) => element.querySelectorAll(':scope > [slot^="member "]').length === 2 && element.shadowRoot?.querySelectorAll("li").length === 2));
  assert.deepEqual(shown.errors, []);
});

test("a chart says that it is one, and what it shows", async () => {
  await show(LIST.replace("<roll-call", '<roll-call view="chart"'));
  await shown.page.locator('[part="line"][d^="M"]').waitFor({ state: "attached" });
  await shown.page.getByRole("img", { name: /^24 hr\. ago – now: peak 47 at / }).waitFor();
});

test("forced colours leave faces their circle, and right-to-left pages are mirrored", async () => {
  await show(`${FACES}${LIST}`, { members: 7 }, { lang: "ar", dir: "rtl" }, { forcedColors: "active" });
  await parts("avatar").first().waitFor();
  assert.equal(await parts("avatar").first().evaluate((face) => getComputedStyle(face).outlineStyle), "solid");
  await parts("member").nth(1).hover();
  // A name of the other direction, too, is told on the side on which the faces begin.
  const edges = await parts("member").nth(1).evaluate((face) => {
    const label = face.querySelector(".label");
    const row = face.closest(".stack");
    return [label, row].map((box) => Math.round(box?.getBoundingClientRect().right ?? 0));
  });
  assert.equal(edges[0], edges[1]);
  await shown.shot("faces-forced-rtl");
  await parts("opener").first().click();
  await parts("rest").first().waitFor();
  await shown.shot("rest-forced-rtl");
  const box = await parts("rest").first().boundingBox();
  assert.ok(box && box.x >= 0 && box.x + box.width <= 420, JSON.stringify(box));
});
