/** Visitors: each is a browser of its own, with everything that came and went by its pages written down. */
import { join } from "node:path";
import { WAIT_MS } from "./browser.mjs";
import { channel, rollCall, site } from "./site.mjs";

/** One page with one `<roll-call>`. */
export class Tab {
  /** All that the network brought: bodies of the HTTP API, frames of the socket. */
  received = /** @type {string[]} */ ([]);
  /** Errors of the page, violations of its policy among them. */
  errors = /** @type {string[]} */ ([]);
  /** @type {Promise<void>} */
  #greeted;

  /** @param {import("playwright-core").Page} page */
  constructor(page) {
    this.page = page;
    page.setDefaultTimeout(WAIT_MS);
    page.on("response", async (response) => {
      if (!new URL(response.url()).pathname.startsWith("/v1/")) return;
      this.received.push(await response.text().catch(() => ""));
    });
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") this.errors.push(message.text());
    });
    page.on("pageerror", (error) => this.errors.push(String(error)));
    this.#greeted = new Promise((resolve) => {
      page.on("websocket", (socket) => {
        socket.on("framereceived", ({ payload }) => {
          this.received.push(String(payload));
          if (String(payload).includes('"connect"')) resolve();
        });
      });
    });
  }

  /**
   * Loads the page and waits until the visitor is counted, from Centrifugo's first frame on, and sees a view: the
   * channel is watched by a pattern, so it may have none before somebody is in it.
   * @param {Record<string, string>} attributes
   */
  async load(attributes) {
    await this.page.goto(`${site}/embed.html?${new URLSearchParams({ channel, ...attributes })}`);
    let timer;
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error("no first frame from Centrifugo")), WAIT_MS);
    });
    await Promise.race([this.#greeted, late]);
    clearTimeout(timer);
    await rollCall();
    await this.shows(([element]) => element.state === "current");
  }

  /**
   * Waits until the element is as told.
   * @param {(told: [element: any, argument: any]) => boolean} condition runs in the page
   * @param {unknown} [argument]
   * @param {number} [timeout]
   */
  async shows(condition, argument, timeout = WAIT_MS) {
    const element = await this.page.waitForSelector("roll-call", { state: "attached" });
    await this.page.waitForFunction(condition, /** @type {[any, any]} */ ([element, argument]), { timeout });
  }

  /** @returns {Promise<any>} the element's snapshot */
  snapshot() {
    return this.page.evaluate(() => /** @type {any} */ (document.querySelector("roll-call")).snapshot);
  }

  /**
   * What the page asked the HTTP API, as paths. From the page's own record, because a browser may add a request that
   * is not the page's: it serves an answer out of its cache and renews that meanwhile (`stale-while-revalidate`).
   * @returns {Promise<string[]>}
   */
  asked() {
    return this.page.evaluate(() =>
      performance
        .getEntriesByType("resource")
        .map(({ name }) => new URL(name).pathname)
        .filter((path) => path.startsWith("/v1/")),
    );
  }

  /**
   * The texts of a part, as somebody sees them; with `inside`, only of those in a part that is just that.
   * @param {string} part
   * @param {string} [inside]
   * @returns {Promise<string[]>}
   */
  texts(part, inside) {
    const within = inside ? `[part="${inside}"] ` : "";
    return this.page.locator(`roll-call ${within}[part~="${part}"]:visible`).allInnerTexts();
  }

  /** @param {string} name */
  async shot(name) {
    const folder = process.env.ROLLCALL_SHOTS;
    if (folder) await this.page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
  }
}

/**
 * A new visitor with a first tab.
 * @param {import("playwright-core").Browser} browser
 * @param {Record<string, string>} [attributes]
 */
export async function visit(browser, attributes = {}) {
  const context = await browser.newContext({ viewport: { width: 400, height: 480 } });
  const open = async () => {
    const tab = new Tab(await context.newPage());
    await tab.load(attributes);
    return tab;
  };
  return { tab: await open(), open, leave: () => context.close() };
}
