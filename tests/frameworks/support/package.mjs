/** Puts the package where the apps find it, as npm would publish it: what is not in the tarball is not there. */
import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const widget = fileURLToPath(new URL("../../../widget", import.meta.url));
const place = fileURLToPath(new URL("../node_modules/roll-call-element", import.meta.url));

const folder = await mkdtemp(join(tmpdir(), "package-"));
try {
  const name = execFileSync("npm", ["pack", "--silent", "--pack-destination", folder], { cwd: widget, encoding: "utf8" }).trim();
  await rm(place, { recursive: true, force: true });
  await mkdir(place, { recursive: true });
  execFileSync("tar", ["xzf", join(folder, name), "--strip-components=1", "-C", place]);
} finally {
  await rm(folder, { recursive: true });
}
