/** The very file that a CDN serves. Its size is a promise to every page that loads it. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

const LIMIT = 6 * 1024;

test("roll-call.js is at most 6 KB gzipped", async () => {
  const size = gzipSync(await readFile("dist/roll-call.js"), { level: 9 }).length;
  assert.ok(
    size <= LIMIT,
    `dist/roll-call.js has grown to ${size} bytes gzipped, ${size - LIMIT} more than the ${LIMIT} we promise. ` +
      "Please see what can be said shorter or loaded later; raising the limit is the last resort.",
  );
});

test("the package can be imported where there is no DOM", async () => {
  for (const name of ["index", "define", "roll-call-element", "roll-call"]) {
    const path: string = new URL(`dist/${name}.js`, `file://${process.cwd()}/`).href;
    const module = (await import(path)) as { RollCallElement?: unknown };
    assert.equal(typeof module.RollCallElement, "function", name);
  }
});
