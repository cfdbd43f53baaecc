/** What TypeScript says of each app, and of code that is wrong on purpose: there it has to find something. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { root } from "./support/site.mjs";

const ANGULAR = "angular/node_modules/@angular/compiler-cli/bundles/src/bin/ngc.js";

/** @param {string} program @param {string[]} told @returns {Promise<{ code: unknown, said: string }>} */
const run = (program, ...told) =>
  new Promise((resolve) => {
    const options = { cwd: root, env: { ...process.env, ASTRO_TELEMETRY_DISABLED: "1" } };
    execFile(process.execPath, [join(root, program), ...told], options, (error, stdout, stderr) => {
      resolve({ code: error ? (error.code ?? 1) : 0, said: stdout + stderr });
    });
  });

for (const [name, program, ...told] of /** @type {[string, string, ...string[]][]} */ ([
  ["React", "node_modules/typescript/bin/tsc", "-p", "react"],
  ["Preact and Solid", "node_modules/typescript/bin/tsc", "-p", "types"],
  ["Vue", "node_modules/vue-tsc/bin/vue-tsc.js", "-p", "vue"],
  ["Svelte", "node_modules/svelte-check/bin/svelte-check", "--workspace", "svelte", "--tsconfig", "tsconfig.json", "--fail-on-warnings"],
  ["Astro", "node_modules/astro/astro.js", "check", "--root", "astro", "--minimumFailingSeverity", "hint"],
  ["Angular", ANGULAR, "-p", "angular"],
])) {
  test(name, async () => {
    const { code, said } = await run(program, ...told);
    assert.equal(code, 0, said);
  });
}

test("Angular knows the events, and the element by its name in a template", async () => {
  const { code, said } = await run(ANGULAR, "-p", "angular/tsconfig.wrong.json");
  assert.equal(code, 1, said);
  assert.deepEqual(said.match(/Property '\w+' does not exist on type '\w+'/g), [
    "Property 'members' does not exist on type 'RollCallUpdateEvent'",
    "Property 'nothing' does not exist on type 'RollCallElement'",
  ]);
});
