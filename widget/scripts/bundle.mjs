import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build, transform } from "esbuild";
import { minify } from "terser";

export const root = fileURLToPath(new URL("..", import.meta.url));

/** Loaded on need from beside the script, under names that do not change: a page may keep the script for a while. */
const CHUNKS = {
  "./people-views.ts": "./roll-call-people.js",
  "./rest.ts": "./roll-call-rest.js",
  "./template-row.ts": "./roll-call-template.js",
  "./sentence-view.ts": "./roll-call-sentence.js",
  "./chart-view.ts": "./roll-call-chart.js",
  "./token.ts": "./roll-call-token.js",
  "./client-live.ts": "./roll-call-client.js",
  "./languages.ts": "./roll-call-words.js",
};

/** A style sheet becomes a string, without what only its authors need. */
export const styleSheets = {
  name: "style-sheets",
  setup(setup) {
    setup.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(await readFile(path, "utf8"), { loader: "css", minify: true });
      return { contents: code.trim(), loader: "text" };
    });
  },
};

/** What is imported on need stays a file of its own. */
const chunks = {
  name: "chunks",
  setup(setup) {
    setup.onResolve({ filter: /\.ts$/ }, ({ path, kind }) =>
      kind === "dynamic-import" ? { path: CHUNKS[path], external: true } : undefined,
    );
  },
};

/** The package's small entries share one class with each other instead of each bringing its own. */
const sharedClass = {
  name: "shared-class",
  setup(setup) {
    setup.onResolve({ filter: /^\.\/(package|roll-call-element)\.ts$/ }, () => ({
      path: "./roll-call-element.js",
      external: true,
    }));
  },
};

/**
 * All files of `dist/` but the types, as esbuild's output files (path and contents).
 * The paths are relative to the package, so that the bytes are the same wherever they are made.
 */
export async function bundle() {
  const options = {
    absWorkingDir: root,
    bundle: true,
    format: "esm",
    target: "es2022",
    minify: true,
    charset: "utf8",
    legalComments: "none",
    plugins: [styleSheets, chunks],
    write: false,
  };
  const builds = await Promise.all([
    // For the CDN: all in one file, but what is loaded on need.
    build({ ...options, entryPoints: ["src/roll-call-element-define.ts"], outfile: "dist/roll-call.js", sourcemap: true }).then(
      squeezed,
    ),
    ...Object.entries(CHUNKS).map(([source, name]) =>
      build({ ...options, entryPoints: [`src/${source}`], outfile: `dist/${name}` }),
    ),
    // For the package.
    build({ ...options, entryPoints: ["src/package.ts"], outfile: "dist/roll-call-element.js" }),
    build({
      ...options,
      entryPoints: { index: "src/index.ts", define: "src/roll-call-element-define.ts" },
      outdir: "dist",
      plugins: [sharedClass],
    }),
  ]);
  return builds.flatMap(({ outputFiles }) => outputFiles);
}

/** A second minifier finds another twentieth. What it calls unsafe is so for code that patches built-ins; ours does not. */
async function squeezed({ outputFiles: [map, script] }) {
  const { code, map: sources } = await minify(script.text, {
    module: true,
    compress: { ecma: 2022, passes: 6, hoist_funs: true, unsafe: true, unsafe_arrows: true, unsafe_methods: true, pure_getters: true, keep_fargs: false },
    sourceMap: { content: map.text, filename: "roll-call.js", url: "roll-call.js.map", includeSources: true },
  });
  const file = ({ path }, text) => ({ path, contents: Buffer.from(text) });
  return { outputFiles: [file(map, sources), file(script, code)] };
}
