/** Writes `dist/`: the file for the CDN with its source map, the package's modules, and their types. */
import { execFileSync } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { gzipSync } from "node:zlib";
import { bundle, root } from "./bundle.mjs";

const files = await bundle();
await rm(join(root, "dist"), { recursive: true, force: true });
for (const { path, contents } of files) {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, contents);
  const gzipped = gzipSync(contents, { level: 9 }).length;
  console.log(`${relative(root, path)}: ${contents.length} bytes, ${gzipped} gzipped`);
}
const tsc = join(root, "node_modules/typescript/bin/tsc");
execFileSync(process.execPath, [tsc, "--project", root, "--emitDeclarationOnly"], { stdio: "inherit" });
