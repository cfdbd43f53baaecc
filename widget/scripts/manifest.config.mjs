/** How `custom-elements.json` is made: of the class's source, but about the files that are shipped. */

const MODULE = "dist/roll-call-element.js";

const shipped = {
  name: "shipped",
  packageLinkPhase({ customElementsManifest: manifest }) {
    const [module] = manifest.modules;
    const element = module.declarations.find(({ name }) => name === "RollCallElement");
    // Private fields are nobody's to use, a setter is told with its getter, and the rest of the module is in the types.
    element.members = element.members.filter(
      ({ privacy, name, description }) => privacy !== "private" && !name.endsWith("Callback") && description,
    );
    for (const attribute of element.attributes) {
      const fieldName = attribute.name.replace(/-./, ([, letter]) => letter.toUpperCase());
      const { type, default: standard } = attribute;
      const field = element.members.find((member) => member.name === fieldName && !member.static);
      // Both ways: whoever knows the one finds the other.
      attribute.fieldName = fieldName;
      Object.assign(field, { type, attribute: attribute.name, reflects: fieldName !== "token" });
      if (standard) field.default = standard;
    }
    for (const { type } of element.events) {
      type.references = [{ name: type.text, package: "roll-call-element", module: "dist/index.js" }];
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
