/** The very files that a CDN serves. Their size is a promise to every page that loads them. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

const LIMIT = 7000;

test("roll-call.js is at most 7,000 bytes gzipped", async () => {
  const size = gzipSync(await readFile("dist/roll-call.js"), { level: 9 }).length;
  assert.ok(
    size <= LIMIT,
    `dist/roll-call.js has grown to ${size} bytes gzipped, ${size - LIMIT} more than the ${LIMIT} we promise. ` +
      "Please see what can be said shorter or loaded later; raising the limit is the last resort.",
  );
});

test("the package can be imported where there is no DOM", async () => {
  for (const name of ["index", "define", "roll-call-element", "roll-call"]) {
    const path: string = new URL(`dist/${name}.js`, `file://${process.cwd()}/`).href;
    const module = (await import(path)) as { RollCallElement?: unknown };
    assert.equal(typeof module.RollCallElement, "function", name);
  }
});

test("what is loaded on need lies beside the script", async () => {
  const script = await readFile("dist/roll-call.js", "utf8");
  const files = await readdir("dist");
  const parts = files.filter((name) => /^roll-call-(?!element).*\.js$/.test(name));
  const texts = await Promise.all([...parts, "roll-call.js"].map((name) => readFile(`dist/${name}`, "utf8")));
  const wanted = texts.flatMap((text) => [...text.matchAll(/import\("\.\/([^"]+)"\)/g)].map(([, name]) => name));
  assert.deepEqual([...new Set(wanted)].sort(), parts.sort());
  assert.match(script, /\n\/\/# sourceMappingURL=roll-call\.js\.map\s*$/);
  const map = JSON.parse(await readFile("dist/roll-call.js.map", "utf8")) as { sources: string[]; sourcesContent: string[] };
  assert.ok(map.sources.some((source) => source.endsWith("src/feed.ts")));
  assert.equal(map.sourcesContent.length, map.sources.length);
});

test("the READMEs have the script's hash and size", async () => {
  const script = await readFile("dist/roll-call.js");
  const readme = await readFile("README.md", "utf8");
  const hash = createHash("sha384").update(script).digest("base64");
  const size = gzipSync(script, { level: 9 }).length.toLocaleString("en");
  assert.ok(readme.includes(`integrity="sha384-${hash}"`), "npm run build brings it up to date");
  assert.ok(readme.includes(`| ${size} | yes |`), "npm run build brings it up to date");
  const first = await readFile("../README.md", "utf8");
  const people = gzipSync(await readFile("dist/roll-call-people.js"), { level: 9 }).length;
  const both = (gzipSync(script, { level: 9 }).length + people).toLocaleString("en");
  assert.ok(first.includes(`It is ${size} bytes gzipped, with names and faces ${both};`), "npm run build brings it up to date");
});

interface Entry {
  name: string;
  fieldName?: string;
  default?: string;
  reflects?: boolean;
  type?: { text: string; references?: { name: string; module: string }[] };
}
interface Manifest {
  modules: { declarations: Record<string, Entry[]>[] }[];
}

test("the manifest and the README name everything that a page can use", async () => {
  const manifest = JSON.parse(await readFile("dist/custom-elements.json", "utf8")) as Manifest;
  const readme = await readFile("README.md", "utf8");
  const element = manifest.modules[0]!.declarations[0]!;
  const names = (kind: string): string[] => (element[kind] ?? []).map(({ name }) => name);

  assert.deepEqual(names("attributes").sort(), ["announce", "channel", "endpoint", "hide-below", "max", "observer", "token", "token-url", "view"]);
  assert.deepEqual(
    names("members").sort(),
    ["announce", "channel", "client", "client", "endpoint", "getToken", "hideBelow", "max", "observer", "refresh", "snapshot", "state", "token", "tokenUrl", "view"],
  );
  for (const { name, fieldName, type } of element["attributes"]!) assert.ok(fieldName && type?.text, name);
  assert.deepEqual(names("events").sort(), ["roll-call-join", "roll-call-leave", "roll-call-state", "roll-call-update"]);
  for (const kind of ["attributes", "members", "events", "cssProperties", "cssParts"]) {
    for (const name of names(kind)) {
      assert.match(readme, new RegExp(`[\`(]${name}[\`(:]|${name}:`), `${kind}: ${name}`);
    }
  }
  // An editor can offer the words, and say what holds without them.
  const attribute = (wanted: string): Entry | undefined => element["attributes"]!.find(({ name }) => name === wanted);
  assert.equal(attribute("view")?.type?.text, '"list" | "avatars" | "count" | "sentence" | "chart"');
  for (const name of ["endpoint", "view", "max", "observer", "announce", "hide-below"]) assert.ok(attribute(name)?.default, name);
  for (const property of element["cssProperties"]!) assert.ok(property.default, property.name);
  assert.equal(element["members"]!.find(({ name }) => name === "token")?.reflects, false);
  const types = await readFile("dist/types/index.d.ts", "utf8");
  for (const { type } of element["events"]!) {
    assert.deepEqual(type!.references?.map(({ name, module }) => [name, module]), [[type!.text, "dist/index.js"]]);
    assert.match(types, new RegExp(`\\b${type!.text}\\b`));
  }
  // What is a part in the source is one in the manifest.
  const source = await Promise.all((await readdir("src")).filter((file) => file.endsWith(".ts")).map((file) => readFile(`src/${file}`, "utf8")));
  const parts = [...source.join("\n").matchAll(/element\([^(]*?, "([a-z]+)"/g)].map(([, part]) => part!);
  assert.ok(parts.length > 12);
  for (const part of parts) assert.ok(names("cssParts").includes(part), part);
});

test("every entry of the package is there, with its types", async () => {
  const { exports } = JSON.parse(await readFile("package.json", "utf8")) as { exports: Record<string, string | Record<string, string>> };
  const paths = Object.values(exports).flatMap((entry) => (typeof entry === "string" ? entry : Object.values(entry)));
  assert.ok(paths.length > 15);
  for (const path of paths) assert.ok(await readFile(path, "utf8"), path);
});

test("frameworks and editors know what the manifest knows", async () => {
  const manifest = JSON.parse(await readFile("dist/custom-elements.json", "utf8")) as Manifest;
  const element = manifest.modules[0]!.declarations[0]!;
  const attributes = element["attributes"]!.map(({ name }) => name);
  const props = await readFile("dist/types/frameworks/props.d.ts", "utf8");
  for (const name of [...attributes, ...element["events"]!.map(({ name }) => `on${name}`), "getToken", "client"]) {
    assert.match(props, new RegExp(`^  "${name}"\\?: `, "m"), name);
  }
  assert.match(props, /^ {2}"on:roll-call-update"\?: \(\(e: RollCallUpdateEvent\) => void\)/m);

  interface Data {
    tags: { name: string; attributes: { name: string; values: { name: string }[] }[] }[];
  }
  const { tags } = JSON.parse(await readFile("dist/editors/vscode.html-custom-data.json", "utf8")) as Data;
  assert.deepEqual(tags.map((tag) => [tag.name, tag.attributes.map(({ name }) => name)]), [["roll-call", attributes]]);
  const words = tags[0]!.attributes.find(({ name }) => name === "view")!.values.map(({ name }) => name);
  assert.deepEqual(words, ["list", "avatars", "count", "sentence", "chart"]);

  interface WebTypes {
    name: string;
    version: string;
    contributions: { html: { elements: { name: string; attributes: { name: string; value: { default?: string } }[] }[] } };
  }
  const { name, version, contributions } = JSON.parse(await readFile("dist/editors/web-types.json", "utf8")) as WebTypes;
  const { name: ours, version: now } = JSON.parse(await readFile("package.json", "utf8")) as WebTypes;
  assert.deepEqual([name, version], [ours, now]);
  const [tag] = contributions.html.elements;
  assert.equal(tag?.name, "roll-call");
  assert.deepEqual(tag.attributes.map((attribute) => [attribute.name, attribute.value.default]), element["attributes"]!.map((attribute) => [attribute.name, attribute.default]));
});
