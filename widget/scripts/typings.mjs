/**
 * What frameworks and editors know of the element, made of the manifest by the tools that there are for it: its
 * attributes, properties and events as a type, completion in VS Code and in the editors of JetBrains. Where a framework
 * looks for the tags of a page is a file by hand for each, in `frameworks/`.
 */
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { generateJsxTypes } from "@wc-toolkit/jsx-types";
import { generateJetBrainsWebTypes } from "custom-element-jet-brains-integration";
import { generateVsCodeCustomElementData } from "custom-element-vs-code-integration";
import { root } from "./bundle.mjs";

const HEAD = "// Made of custom-elements.json.\n";

export async function writeTypings() {
  const dist = join(root, "dist");
  const folder = join(dist, "types/frameworks");
  const manifest = JSON.parse(await readFile(join(dist, "custom-elements.json"), "utf8"));
  await cp(join(root, "frameworks"), folder, { recursive: true });
  await writeFile(join(folder, "props.d.ts"), props(structuredClone(manifest)));
  const editors = { outdir: join(dist, "editors"), packageJson: false };
  generateVsCodeCustomElementData(structuredClone(manifest), editors);
  generateJetBrainsWebTypes(structuredClone(manifest), editors);
}

/**
 * The two types that are about the element. The rest, one tag for all frameworks at once, knows the references and
 * styles of none, and needs them all to be there.
 */
function props(manifest) {
  const made = generateJsxTypes(manifest, { fileName: "" });
  const types = made.match(/^\s*export type RollCallElement(?:SolidJs)?Props = \{.*?^\}/gms) ?? [];
  const [element] = manifest.modules.flatMap(({ declarations }) => declarations);
  const names = [element.name, ...element.events.map(({ type }) => type.text)];
  const tidy = (type) => type.replace(/^\s*\n/gm, "").replace(/^ +/gm, "  ").trim();
  return `${HEAD}import type { ${names.join(", ")} } from "../index.js";\n\n${types.map(tidy).join("\n\n")}\n`;
}
