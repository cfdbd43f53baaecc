/**
 * A page on a stage: everything around the element is played, so that it can be told to say what no real server can be
 * made to say, at a moment of our choice. Nothing leaves the browser.
 *
 * - `https://page.test` is the host page, with a policy as strict as can be
 * - `https://cdn.test` has the files of `widget/dist` and the HTTP API
 * - `wss://rt.test` is Centrifugo
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { WAIT_MS } from "./browser.mjs";

export const T0 = 1_790_000_000_000;
export const CHANNEL = "site:main";
const LIVE = { url: "wss://rt.test/connection/websocket", channel: `presence:${CHANNEL}` };
const POLICY =
  "default-src 'none'; script-src https://cdn.test; connect-src https://cdn.test https://page.test wss://rt.test; " +
  "img-src https://pics.test; require-trusted-types-for 'script'; trusted-types 'none'";
const TYPES = /** @type {Record<string, string>} */ ({ js: "text/javascript", map: "application/json", css: "text/css", svg: "image/svg+xml" });
/** By either name; the second is that of the documents. */
const CDN = /^https:\/\/(cdn\.test|d111\.cloudfront\.net)\//;
const dist = new URL("../../../widget/dist/", import.meta.url).pathname;

const NAMES = [
  "Ada Lovelace", "Ben Okafor", "Chen Wei", "Dalia Haddad", "Émile Roux", "Fatima Zahra El-Idrissi", "Guðrún Jónsdóttir",
  "Hiro Tanaka", "Ines Müller", "João Silva", "Kofi Mensah", "Lea Novak", "Mia Rossi",
];

/** @param {number} n */
export const member = (n) => ({
  id: String(n + 1),
  info: { name: NAMES[n] ?? `Member ${n + 1}` },
  clients: n ? 1 : 2,
  since: T0 - 60_000,
});

/**
 * A view of the server. `members` may be a number: so many of them.
 * @param {Record<string, any>} [over]
 */
export function view({ members = 5, guests = 10, ...over } = {}) {
  const list = typeof members === "number" ? Array.from({ length: members }, (_, n) => member(n)) : members;
  const users = over.users ?? list.length;
  return {
    v: 1, channel: CHANNEL, taken_at: T0, period: 60, present: users + guests, users, guests, clients: users + guests + 1,
    peak: { today: { present: 47, at: T0 }, ever: { present: 99, at: T0 } },
    live: LIVE, members: list, truncated: false, recent: [], ...over,
  };
}

/** A day of visits, with an hour that nobody counted. */
export function history() {
  const present = Array.from({ length: 1440 }, (_, n) =>
    n >= 300 && n < 360 ? null : Math.round(22 + 16 * Math.sin((n - 450) / 230) + 5 * Math.sin(n / 31) + ((n * 7919) % 5)),
  );
  const last = Math.floor(T0 / 60_000) * 60_000;
  return { v: 1, channel: CHANNEL, step: 60, from: last - 1439 * 60_000, present, peak: view().peak };
}

/** @typedef {{ contentType: string, body: string | Buffer }} File of the page's own site */
/** @typedef {{ status?: number, body?: unknown, headers?: Record<string, string> }} Reply */

export class Stage {
  /** What is answered to which path; `undefined` aborts. */
  replies = /** @type {Record<string, Reply | undefined>} */ ({
    [`/v1/presence/${encodeURIComponent(CHANNEL)}`]: { body: view() },
    [`/v1/presence/${encodeURIComponent(CHANNEL)}/history`]: { body: history() },
  });
  /** Files of the CDN that can't be had. */
  away = /^$/;
  /** What the CDN's files wait for. @type {() => Promise<unknown>} */
  waits = async () => {};
  /** What was asked of the HTTP API and of the page's own server. */
  requests = /** @type {string[]} */ ([]);
  /** What was asked of the CDN's files, with those that can't be had. */
  files = /** @type {string[]} */ ([]);
  /** Every picture that was asked for, with the referrer. */
  pictures = /** @type {string[]} */ ([]);
  /** Every socket that was opened, in order. */
  sockets = /** @type {Socket[]} */ ([]);
  errors = /** @type {string[]} */ ([]);
  /** What Centrifugo does with the first message. @type {(socket: Socket) => void} */
  greets = (socket) => socket.greet();

  /** @param {import("playwright-core").BrowserContext} context */
  constructor(context) {
    this.context = context;
  }

  /** The page; there is none before `show`. */
  get page() {
    const page = this.context.pages()[0];
    if (!page) throw new Error("nothing is shown");
    return page;
  }

  get socket() {
    const socket = this.sockets.at(-1);
    if (!socket) throw new Error("no socket was opened");
    return socket;
  }

  /** What the HTTP API answers with from now on. @param {Record<string, any>} over */
  keeps(over) {
    this.replies[`/v1/presence/${encodeURIComponent(CHANNEL)}`] = { body: view(over) };
  }

  /**
   * Shows a page with this body, and waits until its script has run.
   * @param {string} body
   * @param {{ lang?: string, dir?: string, style?: string, policy?: string, clock?: boolean }} [options]
   */
  async show(body, { lang = "en", dir = "ltr", style = "", policy = POLICY, clock = true } = {}) {
    const html =
      `<!doctype html><html lang="${lang}" dir="${dir}"><meta charset="utf-8"><title>A page</title>` +
      `<link rel="icon" href="https://pics.test/icon.svg">${style && '<link rel="stylesheet" href="/page.css">'}` +
      `<script type="module" src="https://cdn.test/roll-call.js"></script><body>${body}`;
    const files = /** @type {Record<string, File>} */ ({
      "/": { contentType: "text/html", body: html },
      "/page.css": { contentType: "text/css", body: style },
    });
    return this.open((path) => files[path], { policy: style ? `${policy}; style-src https://page.test` : policy, clock });
  }

  /**
   * Shows the page of a site that has these files, and waits until the element is defined in it.
   * @param {(path: string) => File | undefined} file
   * @param {{ policy: string, clock?: boolean }} options
   */
  async open(file, { policy, clock = true }) {
    const page = this.context.pages()[0] ?? (await this.context.newPage());
    page.setDefaultTimeout(WAIT_MS);
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") this.errors.push(message.text());
    });
    page.on("pageerror", (error) => this.errors.push(String(error)));
    if (clock) await page.clock.install({ time: T0 });
    await this.context.route("https://page.test/**", (route) => {
      const found = file(new URL(route.request().url()).pathname);
      return found ? route.fulfill({ ...found, headers: { "content-security-policy": policy } }) : this.#answer(route);
    });
    await this.context.route(CDN, (route) => this.#cdn(route));
    await this.context.route("https://pics.test/**", (route) => this.#picture(route));
    await this.context.routeWebSocket(/^wss:\/\/rt\.test\//, (route) => {
      const socket = new Socket(route);
      this.sockets.push(socket);
      route.onMessage((message) => {
        const commands = String(message).split("\n").map((line) => JSON.parse(line));
        const isFirst = !socket.commands.length;
        socket.commands.push(...commands);
        if (isFirst) this.greets(socket);
        else if (socket.isGreeted) socket.answer();
      });
      route.onClose(() => {
        socket.closed = true;
      });
    });
    await page.goto("https://page.test/");
    await page.waitForFunction(() => customElements.get("roll-call"));
    return page;
  }

  /**
   * Waits until the first element is as told.
   * @param {(told: [element: any, argument: any]) => unknown} condition runs in the page
   * @param {any} [argument]
   */
  async until(condition, argument) {
    const element = await this.page.waitForSelector("roll-call", { state: "attached" });
    const held = await this.page.waitForFunction(condition, /** @type {[any, any]} */ ([element, argument]));
    // A handle would keep the element alive.
    await Promise.all([element.dispose(), held.dispose()]);
  }

  /** Waits for a condition on our side. @param {() => unknown} condition */
  async when(condition) {
    const end = Date.now() + WAIT_MS;
    while (!condition()) {
      if (Date.now() > end) throw new Error(`this never came: ${condition}`);
      await this.page.evaluate(() => 0);
    }
  }

  /** The texts of a part, as somebody sees them. @param {string} part */
  texts(part) {
    return this.page.locator(`roll-call [part~="${part}"]:visible`).allInnerTexts();
  }

  /** @param {string} name */
  async shot(name) {
    const folder = process.env.ROLLCALL_SHOTS;
    if (folder) await this.page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
  }

  /** @param {import("playwright-core").Route} route */
  async #cdn(route) {
    const { pathname } = new URL(route.request().url());
    if (pathname.startsWith("/v1/")) return this.#answer(route);
    this.files.push(pathname);
    if (this.away.test(pathname)) return route.abort();
    await this.waits();
    const body = await readFile(join(dist, pathname)).catch(() => undefined);
    const headers = { "access-control-allow-origin": "*", "content-type": TYPES[pathname.split(".").at(-1) ?? ""] ?? "" };
    return body ? route.fulfill({ body, headers }) : route.fulfill({ status: 404, headers });
  }

  /** @param {import("playwright-core").Route} route */
  #answer(route) {
    const { pathname, search, searchParams } = new URL(route.request().url());
    this.requests.push(pathname + search);
    const names = searchParams.get("channels")?.split(",");
    const reply = names ? this.#together(names) : this.replies[pathname];
    if (!reply) return route.abort();
    const { status = 200, body, headers } = reply;
    return route.fulfill({
      status,
      body: JSON.stringify(body),
      headers: { "content-type": "application/json", "access-control-allow-origin": "*", ...headers },
    });
  }

  /** @param {string[]} names @returns {Reply} */
  #together(names) {
    const kept = (/** @type {string} */ name) => this.replies[`/v1/presence/${encodeURIComponent(name)}`]?.body ?? null;
    return { body: { v: 1, channels: Object.fromEntries(names.map((name) => [name, kept(name)])) } };
  }

  /** @param {import("playwright-core").Route} route */
  #picture(route) {
    this.pictures.push(`${route.request().url()} ${route.request().headers()["referer"] ?? "no referrer"}`);
    if (route.request().url().includes("missing")) return route.fulfill({ status: 404 });
    const body =
      '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><rect width="8" height="8" fill="#c9d6e8"/>' +
      '<circle cx="4" cy="3" r="1.6" fill="#5b6b82"/><ellipse cx="4" cy="8" rx="3" ry="2.8" fill="#5b6b82"/></svg>';
    return route.fulfill({ body, contentType: "image/svg+xml" });
  }
}

/** One connection, from Centrifugo's end. */
export class Socket {
  /** What the page said, in order. @type {any[]} */
  commands = [];
  closed = false;
  isGreeted = false;
  #answered = 0;

  /** @param {import("playwright-core").WebSocketRoute} route */
  constructor(route) {
    this.route = route;
  }

  /** The first command, once it is here. */
  get hello() {
    return this.commands[0]?.connect;
  }

  /** The channels that were subscribed to, in order. */
  get entered() {
    return this.commands.flatMap(({ subscribe }) => subscribe?.channel ?? []);
  }

  /** The channels that were left, in order. */
  get left() {
    return this.commands.flatMap(({ unsubscribe }) => unsubscribe?.channel ?? []);
  }

  /** Frames of one message. @param {unknown[]} frames */
  send(...frames) {
    this.route.send(frames.map((frame) => JSON.stringify(frame)).join("\n"));
  }

  /** All that was asked is granted. @param {Record<string, unknown[]>} [kept] views by channel @param {object} [greeting] */
  greet(kept = {}, greeting = {}) {
    this.isGreeted = true;
    this.answer(kept, greeting);
  }

  /** Answers what was not answered yet. @param {Record<string, unknown[]>} [kept] @param {object} [greeting] */
  answer(kept = {}, greeting = {}) {
    const commands = this.commands.slice(this.#answered);
    this.#answered = this.commands.length;
    const answers = commands.flatMap(({ id, connect, subscribe, refresh }) => {
      if (connect) return { id, connect: { client: "c", ping: 25, pong: true, ...greeting } };
      if (refresh) return { id, refresh: { client: "c", ...greeting } };
      const publications = (kept[subscribe?.channel] ?? []).map((data) => ({ data }));
      if (subscribe) return { id, subscribe: publications.length ? { publications, recovered: true } : {} };
      return id ? { id, unsubscribe: {} } : [];
    });
    if (answers.length) this.send(...answers);
  }

  /** @param {Record<string, any>} over */
  publish(over) {
    const data = view(over);
    this.send({ push: { channel: data.live?.channel ?? LIVE.channel, pub: { data } } });
  }

  /** @param {number} code @param {string} [reason] */
  async end(code, reason = "") {
    await this.route.close({ code, reason });
    this.closed = true;
  }
}

/**
 * @param {import("playwright-core").Browser} browser
 * @param {import("playwright-core").BrowserContextOptions} [options]
 */
export async function stage(browser, options = {}) {
  return new Stage(await browser.newContext({ viewport: { width: 420, height: 480 }, ...options }));
}
