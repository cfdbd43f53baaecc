/** What a site is, once it is built: its files, the page among them. */
import { readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

/** Its own scripts and nothing of a page's text; the CDN and the socket are only asked. */
export const POLICY =
  "default-src 'none'; script-src https://page.test; connect-src https://d111.cloudfront.net https://page.test wss://rt.test; img-src https://pics.test";

const TYPES = /** @type {Record<string, string>} */ ({ ".html": "text/html", ".js": "text/javascript", ".css": "text/css" });

/** The files of a folder, by their paths in the site. @param {string} folder */
export const filesOf = (folder) => (/** @type {string} */ path) => {
  const name = path === "/" ? "/index.html" : path;
  const contentType = TYPES[extname(name)];
  try {
    return contentType ? { contentType, body: readFileSync(join(folder, name)) } : undefined;
  } catch {
    return undefined;
  }
};
