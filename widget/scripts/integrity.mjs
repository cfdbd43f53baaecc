/** The hash by which a page can hold the CDN to the very script it was written for. */
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { root } from "./bundle.mjs";

const README = join(root, "README.md");
const HASH = /sha384-[\w+/]{64}/g;

export async function integrity() {
  const script = await readFile(join(root, "dist/roll-call.js"));
  return `sha384-${createHash("sha384").update(script).digest("base64")}`;
}

/** Brings the README's hash up to date. */
export async function writeIntegrity() {
  const before = await readFile(README, "utf8");
  const after = before.replace(HASH, await integrity());
  if (after !== before) await writeFile(README, after);
}
