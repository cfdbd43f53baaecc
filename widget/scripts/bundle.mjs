import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build, transform } from "esbuild";

export const root = fileURLToPath(new URL("..", import.meta.url));

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

/** The package's small entries share one class with each other instead of each bringing its own. */
const sharedClass = {
  name: "shared-class",
  setup(setup) {
    setup.onResolve({ filter: /^\.\/roll-call-element\.ts$/ }, () => ({
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
    plugins: [styleSheets],
    write: false,
  };
  const builds = await Promise.all([
    // For the CDN: all in one file.
    build({ ...options, entryPoints: ["src/roll-call-element-define.ts"], outfile: "dist/roll-call.js", sourcemap: true }),
    // For the package.
    build({ ...options, entryPoints: ["src/roll-call-element.ts"], outfile: "dist/roll-call-element.js" }),
    build({
      ...options,
      entryPoints: { index: "src/index.ts", define: "src/roll-call-element-define.ts" },
      outdir: "dist",
      plugins: [sharedClass],
    }),
  ]);
  return builds.flatMap(({ outputFiles }) => outputFiles);
}
