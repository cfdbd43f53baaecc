/**
 * Visits pages, one at a time, as told by lines of JSON on the standard input; each is answered by a line.
 *
 * - `{"visit":url}`: opens it as somebody does who was never here, and waits for the first number:
 *   `{"number":"1,007","first_ms":431.2}`, from the beginning of the navigation until it stands in the page
 * - `{"change":true}`: waits until there is another number: `{"number":"1,009"}`
 * - `{"leave":true}`: closes the page: `{"shift":0}`, all that moved what was there already (CLS without windows)
 */
import { createInterface } from "node:readline";
import { launch, WAIT_MS } from "../../tests/browser/support/browser.mjs";

/** Runs in the page before its own scripts, and notes each number at the moment when it is written. */
function watch() {
  const seen = (window.seen = { numbers: [], moments: [], shift: 0 });
  const look = (root) => {
    const text = root.querySelector('#number, [part="number"]')?.textContent;
    if (!text || text === seen.numbers.at(-1)) return;
    seen.numbers.push(text);
    seen.moments.push(performance.now());
  };
  const follow = (root) =>
    new MutationObserver(() => look(root)).observe(root, { subtree: true, childList: true, characterData: true });
  follow(document);
  // The element's own tree is seen from outside alone by whoever made it.
  const { attachShadow } = Element.prototype;
  Element.prototype.attachShadow = function (init) {
    const root = attachShadow.call(this, init);
    follow(root);
    return root;
  };
  new PerformanceObserver((list) => {
    for (const { value } of list.getEntries()) seen.shift += value;
  }).observe({ type: "layout-shift", buffered: true });
}

const browser = await launch();
let context;
let page;
let n = 0;

/** The next number, and when it came. */
async function next() {
  await page.waitForFunction((n) => window.seen.numbers.length > n, n);
  const [number, first_ms] = await page.evaluate((n) => [window.seen.numbers[n], window.seen.moments[n]], n);
  n++;
  return { number, first_ms };
}

const tasks = {
  async visit(url) {
    context = await browser.newContext({ viewport: { width: 390, height: 844 }, locale: "en" });
    page = await context.newPage();
    page.setDefaultTimeout(WAIT_MS);
    await page.addInitScript(watch);
    n = 0;
    await page.goto(url, { waitUntil: "commit" });
    return next();
  },
  change: async () => ({ number: (await next()).number }),
  async leave() {
    // What moved is told with the frame after.
    const shift = await page.evaluate(async () => {
      for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
      return window.seen.shift;
    });
    await context.close();
    return { shift };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const [[task, told]] = Object.entries(JSON.parse(line));
  const answer = await tasks[task](told).catch(async (error) => {
    await context?.close();
    return { error: String(error).split("\n")[0] };
  });
  console.log(JSON.stringify(answer));
}
await browser.close();
