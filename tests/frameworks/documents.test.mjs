/** The code of docs/EMBED.md: the apps' own, or opened here as it stands. */
import assert from "node:assert/strict";
import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, afterEach, before, test } from "node:test";
import { launch } from "../browser/support/browser.mjs";
import { CHANNEL, stage, T0 } from "../browser/support/stage.mjs";
import { root } from "./support/site.mjs";

const path = `/v1/presence/${encodeURIComponent(CHANNEL)}`;
const document = await readFile(join(root, "../../docs/EMBED.md"), "utf8");

/** @type {import("playwright-core").Browser} */
let browser;
/** @type {import("../browser/support/stage.mjs").Stage} */
let shown;

before(async () => {
  browser = await launch();
});
afterEach(() => shown?.context.close());
after(() => browser?.close());

/** The n-th block of code in HTML as a page. @param {number} n */
const open = async (n) => {
  const [, code = ""] = [...document.matchAll(/```html\n(.*?)```/gs)][n] ?? [];
  const [, channel = ""] = /channel="([^"]*)"/.exec(code) ?? [];
  assert.equal(channel, CHANNEL);
  const head = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Chat</title><link rel="icon" href="https://pics.test/icon.svg">';
  // The blocks have scripts and styles in the page, which is theirs to allow.
  const policy = "default-src https: wss: 'unsafe-inline'";
  await shown.open((asked) => (asked === "/" ? { contentType: "text/html", body: head + code } : undefined), { policy });
  await shown.until(([element]) => element.state === "current");
  await shown.when(() => shown.sockets.length && shown.socket.hello);
};

test("each app is shown as it is", async () => {
  const quoted = [...document.matchAll(/^`([\w/.-]+)`:\n\n```\w+\n(.*?)^```/gms)];
  assert.deepEqual(
    quoted.map(([, file]) => file?.split("/")[0]),
    ["react", "react", "vue", "svelte", "astro", "angular"],
  );
  for (const [, file = "", code] of quoted) assert.equal(code, await readFile(join(root, file), "utf8"), file);
});

test("the page of plain HTML asks once, by its own preload, and knows the visitor", async () => {
  shown = await stage(browser);
  shown.replies["/token"] = { body: { token: "ada" } };
  await open(0);
  assert.deepEqual([...shown.requests].sort(), ["/token", path]);
  assert.equal(shown.socket.hello.token, "ada");
  assert.equal(await shown.page.evaluate(() => getComputedStyle(/** @type {Element} */ (window.document.querySelector("roll-call"))).overflow), "auto");
  assert.deepEqual(shown.errors, []);
});

test("the page with an API gets its token there, and the number into its title", async () => {
  shown = await stage(browser);
  shown.replies["/api/token"] = { body: "ada" };
  await open(1);
  assert.deepEqual([...shown.requests].sort(), ["/api/token", path]);
  assert.equal(shown.sockets.length, 1);
  assert.equal(JSON.parse(shown.socket.hello.token), "ada");
  shown.socket.publish({ taken_at: T0 + 1, guests: 33 });
  await shown.page.waitForFunction(() => window.document.title === "Chat (38)");
  assert.deepEqual(shown.errors, []);
});

test("the files for editors are in the package, where VS Code is told to look", async () => {
  const [, settings = ""] = /```json\n(.*?)```/s.exec(document) ?? [];
  const told = Object.values(JSON.parse(settings)).flat();
  assert.equal(told.length, 2);
  for (const file of told) await access(join(root, file));
});
