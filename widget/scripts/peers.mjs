/**
 * What the client code of other services weighs, beside ours: each package as its newest version, all of it in one
 * minified file, gzipped. Prints the README's table. Installs into a temporary folder and nowhere else.
 */
import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { root } from "./bundle.mjs";

const PEERS = ["centrifuge", "phoenix", "socket.io-client", "pusher-js", "@supabase/realtime-js", "@liveblocks/client", "ably"];

const weigh = (bytes) => gzipSync(bytes, { level: 9 }).length;
const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
const rows = [["**`roll-call.js`**", version, weigh(await readFile(join(root, "dist/roll-call.js"))), "yes"]];
const folder = await mkdtemp(join(tmpdir(), "peers-"));
try {
  await writeFile(join(folder, "package.json"), '{"private":true}');
  execFileSync("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--silent", ...PEERS], { cwd: folder });
  for (const name of PEERS) {
    const bundle = (contents) =>
      build({
        stdin: { contents, resolveDir: folder },
        bundle: true,
        minify: true,
        format: "esm",
        target: "es2022",
        platform: "browser",
        legalComments: "none",
        logLevel: "silent",
        write: false,
      });
    const all = `export * from "${name}";`;
    // Not every package has a default export.
    const { outputFiles } = await bundle(`${all} export { default } from "${name}";`).catch(() => bundle(all));
    const manifest = JSON.parse(await readFile(join(folder, "node_modules", name, "package.json"), "utf8"));
    rows.push([`\`${name}\``, manifest.version, weigh(outputFiles[0].contents), "no"]);
  }
} finally {
  await rm(folder, { recursive: true });
}
rows.sort(([, , a], [, , b]) => a - b);
console.log("| client | version | bytes, minified and gzipped | shows something |\n|---|---|---:|---|");
for (const row of rows) console.log(`| ${row[0]} | ${row[1]} | ${row[2].toLocaleString("en")} | ${row[3]} |`);
