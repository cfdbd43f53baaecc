/** How `custom-elements.json` is made: of the class's source, but about the files that are shipped. */

const MODULE = "dist/roll-call-element.js";

const shipped = {
  name: "shipped",
  packageLinkPhase({ customElementsManifest: manifest }) {
    const [module] = manifest.modules;
    const element = module.declarations.find(({ name }) => name === "RollCallElement");
    // Private fields are nobody's to use, and the rest of the module is in the types.
    element.members = element.members.filter(({ privacy, name }) => privacy !== "private" && !name.endsWith("Callback"));
    for (const attribute of element.attributes) {
      const fieldName = attribute.name.replace(/-./, ([, letter]) => letter.toUpperCase());
      const { type } = element.members.find(({ name }) => name === fieldName);
      // Both ways: whoever knows the one finds the other.
      Object.assign(attribute, { fieldName, type });
      Object.assign(element.members.find(({ name }) => name === fieldName), { attribute: attribute.name, reflects: true });
    }
    const declaration = { name: element.name, module: MODULE };
    manifest.modules = [
      { ...module, path: MODULE, declarations: [element], exports: [{ kind: "js", name: element.name, declaration }] },
      {
        kind: "javascript-module",
        path: "dist/define.js",
        declarations: [],
        exports: [{ kind: "custom-element-definition", name: element.tagName, declaration }],
      },
    ];
  },
};

export default {
  globs: ["src/roll-call-element.ts"],
  outdir: "dist",
  packagejson: false,
  plugins: [shipped],
};
