/** Builds an app for server and browser, and has the server write what it starts with. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "vite";
import { root } from "./site.mjs";

// Only so does StrictMode mount twice, and says a framework what it finds wrong with a server's page.
process.env.NODE_ENV = "development";

/**
 * @param {string} name folder of an app with `src/client` and `src/server`
 * @returns {Promise<{ folder: string, rendered: string }>} where its scripts are, and what its server writes
 */
export async function builtApp(name) {
  const app = join(root, name);
  const sources = await readdir(join(app, "src"));
  const source = (/** @type {string} */ side) => join(app, "src", sources.find((file) => file.startsWith(`${side}.`)) ?? side);
  const folder = join(app, "dist/client");
  const options = { root: app, mode: "development", logLevel: /** @type {const} */ ("warn") };
  await build({
    ...options,
    build: { outDir: folder, minify: false, rolldownOptions: { input: source("client"), output: { entryFileNames: "client.js" } } },
  });
  await build({ ...options, build: { outDir: join(app, "dist/server"), ssr: source("server") } });
  const { render } = await import(pathToFileURL(join(app, "dist/server/server.js")).href);
  return { folder, rendered: await render() };
}

/** A page that starts with this. @param {string} rendered */
export const page = (rendered) =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><title>A page</title><link rel="icon" href="https://pics.test/icon.svg">` +
  `<body><div id="app">${rendered}</div><script type="module" src="/client.js"></script>`;
