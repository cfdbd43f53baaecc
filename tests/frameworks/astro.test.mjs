/** The element in pages that are made once, and go on by their own scripts. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, afterEach, before, test } from "node:test";
import { promisify } from "node:util";
import { launch } from "../browser/support/browser.mjs";
import { CHANNEL, stage, T0 } from "../browser/support/stage.mjs";
import { filesOf, POLICY, root } from "./support/site.mjs";

const path = `/v1/presence/${encodeURIComponent(CHANNEL)}`;
const app = join(root, "astro");
const folder = join(app, "dist");

/** @type {import("playwright-core").Browser} */
let browser;
/** @type {import("../browser/support/stage.mjs").Stage} */
let shown;

before(async () => {
  const environment = { ...process.env, ASTRO_TELEMETRY_DISABLED: "1" };
  await promisify(execFile)(process.execPath, [join(root, "node_modules/astro/astro.js"), "build", "--silent"], { cwd: app, env: environment });
  browser = await launch();
});
afterEach(() => shown?.context.close());
after(() => browser?.close());

/** The page as somebody sees it for whom the site has this token. @param {string} token */
const open = async (token) => {
  shown = await stage(browser);
  shown.replies["/token"] = { body: { token } };
  await shown.open(filesOf(folder), { policy: POLICY });
  await shown.until(([element]) => element.state === "current");
  await shown.when(() => shown.sockets.length && shown.socket.hello);
};

test("the page has the tag with its attributes, and the text that is there without a script", async () => {
  const html = await readFile(join(folder, "index.html"), "utf8");
  assert.match(html, /<roll-call channel="site:main" endpoint="https:\/\/d111\.cloudfront\.net" token-url="\/token">Who is here\?<\/roll-call>/);
});

test("the script hears the events, and the element asks once for numbers and once for the token", async () => {
  await open("ada");
  shown.socket.publish({ taken_at: T0 + 1, guests: 33 });
  await shown.page.getByRole("heading", { level: 1, name: "Chat (38)", exact: true }).waitFor();
  assert.deepEqual([...shown.requests].sort(), ["/token", path]);
  assert.deepEqual(shown.sockets.map(({ hello }) => hello.token), ["ada"]);
  assert.deepEqual(shown.errors, []);
});

test("who has signed out is a guest on the next page", async () => {
  await open("");
  assert.deepEqual(shown.sockets.map(({ hello }) => hello.token), [undefined]);
  assert.deepEqual(shown.errors, []);
});
