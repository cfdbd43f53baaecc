/**
 * Writes `dist/`: the file for the CDN with its source map and what it loads on need, the package's modules, their types
 * and their manifest, and what frameworks and editors make of that. The script's hash and size go to where a page's
 * author finds them.
 */
import { execFileSync } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { gzipSync } from "node:zlib";
import { bundle, root } from "./bundle.mjs";
import { writeFacts } from "./facts.mjs";
import { writeTypings } from "./typings.mjs";

const files = await bundle();
await rm(join(root, "dist"), { recursive: true, force: true });
for (const { path, contents } of files) {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, contents);
  const gzipped = gzipSync(contents, { level: 9 }).length;
  console.log(`${relative(root, path)}: ${contents.length} bytes, ${gzipped} gzipped`);
}
const run = (program, ...told) =>
  execFileSync(process.execPath, [join(root, "node_modules", program), ...told], { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
run("typescript/bin/tsc", "--emitDeclarationOnly");
run("@custom-elements-manifest/analyzer/cem.js", "analyze", "--config", "scripts/manifest.config.mjs");
await writeTypings();
await writeFacts();
