/** What TypeScript says of each app, and of code that is wrong on purpose: there it has to find something. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { root } from "./support/site.mjs";

/** @param {string} program in node_modules @param {string[]} told @param {string} [folder] */
const run = (program, told, folder = "") =>
  new Promise((resolve) => {
    const options = { cwd: join(root, folder), env: { ...process.env, ASTRO_TELEMETRY_DISABLED: "1" } };
    execFile(process.execPath, [join(root, "node_modules", program), ...told], options, (error, stdout, stderr) => {
      resolve({ code: error ? (error.code ?? 1) : 0, said: stdout + stderr });
    });
  });

for (const [name, program, ...told] of [
  ["React", "typescript/bin/tsc", "-p", "react"],
  ["Preact and Solid", "typescript/bin/tsc", "-p", "types"],
  ["Vue", "vue-tsc/bin/vue-tsc.js", "-p", "vue"],
  ["Svelte", "svelte-check/bin/svelte-check", "--workspace", "svelte", "--tsconfig", "tsconfig.json", "--fail-on-warnings"],
  ["Astro", "astro/astro.js", "check", "--root", "astro", "--minimumFailingSeverity", "hint"],
]) {
  test(name, async () => {
    const { code, said } = await run(program, told);
    assert.equal(code, 0, said);
  });
}
