/**
 * Makes of the scripts what a CDN sends: `pack.mjs <folder> <roll-call.js> <bare.js> <others…>` writes each into the folder
 * as it is and gzipped. The bare one is made as long as `roll-call.js`, by that very text in a comment.
 */
import { readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { gzipSync } from "node:zlib";

const [folder, rollCall, bare, ...others] = process.argv.slice(2);

/** `script` and a comment out of `text`, as many characters in all as `text` has. */
function filled(script, text) {
  const [head, tail] = [`${script}/*`, "*/"];
  const filling = text.replaceAll("*/", "  ").slice(head.length + tail.length);
  return head + filling + tail;
}

async function pack(path, contents) {
  const target = join(folder, basename(path));
  await writeFile(target, contents);
  await writeFile(`${target}.gz`, gzipSync(contents, { level: 9 }));
}

const ours = await readFile(rollCall, "utf8");
await pack(rollCall, ours);
await pack(bare, filled(await readFile(bare, "utf8"), ours));
for (const other of others) await pack(other, await readFile(other, "utf8"));
