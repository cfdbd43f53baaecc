/** The element in frameworks that render on a server and go on in the browser. */
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import { launch } from "../browser/support/browser.mjs";
import { CHANNEL, stage, T0 } from "../browser/support/stage.mjs";
import { builtApp, page } from "./support/app.mjs";
import { filesOf, POLICY } from "./support/site.mjs";

const path = `/v1/presence/${encodeURIComponent(CHANNEL)}`;

/** @type {import("playwright-core").Browser} */
let browser;
/** @type {import("../browser/support/stage.mjs").Stage} */
let shown;

before(async () => {
  browser = await launch();
});
after(() => browser?.close());

for (const name of ["react", "vue", "svelte"]) {
  describe(name, () => {
    /** @type {{ folder: string, rendered: string }} */
    let app;
    before(async () => {
      app = await builtApp(name);
    });
    afterEach(() => shown?.context.close());

    /** A page that starts with what the server wrote, until a view is shown. */
    const open = async (rendered = app.rendered) => {
      shown = await stage(browser);
      const file = filesOf(app.folder);
      const html = { contentType: "text/html", body: page(rendered) };
      await shown.open((path) => (path === "/" ? html : file(path)), { policy: POLICY });
      await shown.until(([element]) => element.state === "current");
    };
    /** One socket is open, with this token, and it is the n-th. @param {number} n @param {string} [token] */
    const counted = (n, token) =>
      shown.when(
        () =>
          shown.sockets.length === n && shown.socket.hello && shown.socket.hello.token === token && shown.sockets.filter(({ closed }) => !closed).length === 1,
      );
    const press = (/** @type {string} */ button) => shown.page.getByRole("button", { name: button }).click();
    const heading = (/** @type {string} */ text) => shown.page.getByRole("heading", { level: 1, name: text, exact: true }).waitFor();

    test("the server writes the tag with its attributes, and the text that is there without a script", () => {
      const [, attributes = "", text = ""] = /<roll-call([^>]*)>([^<]*)<\/roll-call>/.exec(app.rendered) ?? [];
      assert.deepEqual(
        [...attributes.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, attribute, value]) => [attribute, value]),
        [["channel", "site:main"], ["endpoint", "https://d111.cloudfront.net"]],
      );
      assert.equal(text.trim(), "Who is here?");
      assert.match(app.rendered, />Chat</);
    });

    const ways = { "takes the server's page over": () => open(), ...(name === "react" ? { "begins with nothing": () => open("") } : {}) };
    for (const [way, begin] of Object.entries(ways)) {
      test(`the browser ${way}, hears the events, and asks once`, async () => {
        await begin();
        await heading("Chat (15)");
        await counted(1);
        shown.socket.publish({ taken_at: T0 + 1, guests: 33 });
        await heading("Chat (38)");
        assert.deepEqual(await shown.texts("number"), ["38"]);
        assert.deepEqual(shown.requests, [path]);
        assert.deepEqual(shown.errors, []);
      });
    }

    test("who signs in and out is counted as who they are, by one socket at a time", async () => {
      await open();
      await counted(1);
      await press("Ada");
      await counted(2, "ada");
      await press("Sign out");
      await counted(3);
      await press("Ben");
      await counted(4, "ben");
      await shown.until(([element]) => element.state === "current" && !element.hasAttribute("token"));
      assert.deepEqual(shown.errors, []);
    });
  });
}
