/** What the READMEs say about the script itself: the hash by which a page can hold the CDN to it, and its size. */
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { root } from "./bundle.mjs";

/** Brings them up to date. */
export async function writeFacts() {
  const script = await readFile(join(root, "dist/roll-call.js"));
  const hash = createHash("sha384").update(script).digest("base64");
  const people = await readFile(join(root, "dist/roll-call-people.js"));
  const [own, more] = [script, people].map((bytes) => gzipSync(bytes, { level: 9 }).length);
  const size = own.toLocaleString("en");
  for (const readme of [join(root, "README.md"), join(root, "../README.md")]) {
    const before = await readFile(readme, "utf8");
    const after = before
      .replace(/sha384-[\w+/]{64}/, `sha384-${hash}`)
      .replace(/(\| \*\*`roll-call\.js`\*\* \| [^|]+ \| )[\d,]+/, `$1${size}`)
      .replace(/[\d,]+ bytes gzipped, with names and faces [\d,]+/, `${size} bytes gzipped, with names and faces ${(own + more).toLocaleString("en")}`);
    if (after !== before) await writeFile(readme, after);
  }
}
