import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, WAIT_MS } from "./support/browser.mjs";

const url = process.env.ROLLCALL_SELF_HOSTED ?? "";
/** @type {import("playwright-core").Browser} */
let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

/** Opens the demo page as somebody new. */
async function visits() {
  // Nobody has to trust the certificate: it was made for this test.
  const context = await browser.newContext({ ignoreHTTPSErrors: true, colorScheme: "light" });
  const page = await context.newPage();
  page.setDefaultTimeout(2 * WAIT_MS);
  const sockets = /** @type {string[]} */ ([]);
  const hosts = new Set();
  const errors = /** @type {string[]} */ ([]);
  page.on("websocket", (socket) => sockets.push(socket.url()));
  page.on("request", (request) => hosts.add(new URL(request.url()).host));
  page.on("pageerror", (error) => errors.push(String(error)));
  await page.goto(`${url}/`);
  /** @param {number} present */
  const shows = (present) =>
    page.waitForFunction((present) => {
      const element = /** @type {any} */ (document.querySelector("roll-call"));
      return element?.state === "current" && element.snapshot.present === present;
    }, present);
  return { page, shows, sockets, hosts, errors, leave: () => context.close() };
}

test("behind nginx one origin has all of a live page, and each who comes and goes is seen", async () => {
  assert.ok(url, "ROLLCALL_SELF_HOSTED says where");
  const first = await visits();
  await first.shows(1);
  const second = await visits();
  await Promise.all([first.shows(2), second.shows(2)]);
  if (process.env.ROLLCALL_SHOTS) {
    await first.page.screenshot({ path: `${process.env.ROLLCALL_SHOTS}/self-host.png`, fullPage: true });
  }
  await second.leave();
  await first.shows(1);
  const { host } = new URL(url);
  assert.deepEqual([...first.hosts], [host]);
  assert.ok(first.sockets.length > 0 && first.sockets.every((socket) => socket.startsWith(`wss://${host}/connection/`)), String(first.sockets));
  assert.deepEqual(first.errors, []);
});
