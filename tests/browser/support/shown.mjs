/** For files whose tests show one page each: a browser for the file, and a stage for each test. */
import { after, afterEach, before } from "node:test";
import { launch } from "./browser.mjs";
import { stage } from "./stage.mjs";

/** @type {import("playwright-core").Browser} */
let browser;
/** The stage of the test that runs. @type {import("./stage.mjs").Stage} */
export let shown;

before(async () => {
  browser = await launch();
});
afterEach(() => shown.context.close());
after(() => browser?.close());

/** Begins a stage. @param {import("playwright-core").BrowserContextOptions} [context] */
export async function open(context) {
  shown = await stage(browser, context);
}
/** The first element has its numbers. */
export const current = () => shown.until(([element]) => element.state === "current");
/** A socket is open, and has said hello. @param {number} [sockets] so many were opened until now */
export const greeted = (sockets = 1) => shown.when(() => shown.sockets.length === sockets && shown.socket.hello);
