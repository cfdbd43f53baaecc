import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

const source = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/**
 * What axe-core finds, or is not sure of, as readable lines. The contrast of mixed colours it leaves undecided.
 * @param {import("playwright-core").Page} page
 * @param {string[]} [without] rules that are about a page and not about the element
 * @returns {Promise<string[]>}
 */
export async function found(page, without = []) {
  await page.evaluate(source);
  const rules = Object.fromEntries(without.map((rule) => [rule, { enabled: false }]));
  const { violations, incomplete } = await page.evaluate((rules) => /** @type {any} */ (window).axe.run(document, { rules }), rules);
  return [...violations, ...incomplete.filter((/** @type {any} */ { id }) => id !== "color-contrast")].map(
    (/** @type {any} */ { id, nodes }) => `${id}: ${nodes.map((/** @type {any} */ node) => `${node.target.flat().join(" ")} ${node.failureSummary}`).join("; ")}`,
  );
}
