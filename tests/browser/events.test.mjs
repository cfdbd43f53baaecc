import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { takeEvents } from "./support/queue.mjs";
import { channel, rollCall, token } from "./support/site.mjs";
import { launch } from "./support/browser.mjs";
import { visit } from "./support/visitor.mjs";

const ours = `${channel}-events`;
/** @type {import("playwright-core").Browser} */
let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

/**
 * Takes roll calls until the bus has told what is waited for; gives all that it told of our channel.
 * @param {(detail: any) => boolean} condition
 * @returns {Promise<any[]>}
 */
async function rollCallsUntilTold(condition) {
  const told = [];
  for (let tries = 0; tries < 20; tries++) {
    await rollCall();
    told.push(...(await takeEvents()).filter((event) => event.detail.channel === ours));
    if (told.some((event) => condition(event.detail))) return told;
  }
  throw new Error(`not told after 20 roll calls, but: ${JSON.stringify(told)}`);
}

/** @param {any} event */
const kind = (event) => event["detail-type"];

test("a visitor's coming and going arrives in a queue behind the event bus", async () => {
  // Whoever is in the very first roll call has not come: that one is a baseline.
  await rollCall();
  const hidden = await visit(browser, { channel: ours, token: token("e2e-secret-id", { name: "Secret", hidden: true }) });
  const ann = await visit(browser, { channel: ours, token: token("e2e-ann", { name: "Ann Example" }) });
  const came = await rollCallsUntilTold(({ joined }) => joined?.some((/** @type {any} */ { id }) => id === "e2e-ann"));
  const { source, detail } = came.find((event) => kind(event) === "Presence Changed");
  assert.equal(source, "rollcall");
  assert.deepEqual(
    detail.joined.map((/** @type {any} */ { id, info, clients }) => ({ id, info, clients })),
    [{ id: "e2e-ann", info: { name: "Ann Example" }, clients: 1 }],
  );
  assert.ok(came.some((event) => kind(event) === "Channel Occupied"));

  await ann.leave();
  const went = await rollCallsUntilTold(({ left }) => left?.some((/** @type {any} */ { id }) => id === "e2e-ann"));
  await hidden.leave();
  const emptied = await rollCallsUntilTold(({ id }) => id.endsWith("#vacated"));
  assert.doesNotMatch(JSON.stringify([...came, ...went, ...emptied]), /secret/i);
});
