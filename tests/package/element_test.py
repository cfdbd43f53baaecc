"""The element, as npm brings it."""

import json
import unittest

from packed import PACKAGE, ROOT, VERSION, empty_folder, run


class Element(unittest.TestCase):
    def setUp(self):
        self.folder = empty_folder(self.addCleanup)
        (self.folder / "package.json").write_text('{"private": true, "type": "module"}')
        tarball = PACKAGE / f"roll-call-element-{VERSION}.tgz"
        run(["npm", "install", "--offline", "--no-audit", "--no-fund", tarball], cwd=self.folder)
        self.installed = self.folder / "node_modules/roll-call-element"

    def test_every_entry_is_there_and_nothing_else_comes_with_it(self):
        self.assertEqual([path.name for path in (self.folder / "node_modules").glob("[!.]*")], ["roll-call-element"])
        packed = json.loads((self.installed / "package.json").read_text())
        for entry in packed["exports"].values():
            for path in entry.values() if isinstance(entry, dict) else [entry]:
                self.assertTrue((self.installed / path).is_file(), path)
        files = {path.relative_to(self.installed) for path in self.installed.rglob("*") if path.is_file()}
        dist = ROOT / "widget/dist"
        built = {path.relative_to(dist.parent) for path in dist.rglob("*") if path.is_file()}
        self.assertEqual({str(path) for path in files - built}, {"LICENSE-APACHE", "LICENSE-MIT", "README.md", "package.json"})
        self.assertEqual(built - files, set())

    def test_node_imports_it(self):
        # Where a page is rendered there is no DOM; the element waits for one.
        script = "console.log(Object.keys(await import('roll-call-element')).sort().join())"
        names = run(["node", "--input-type=module", "--eval", script], cwd=self.folder).strip().split(",")
        self.assertIn("RollCallElement", names)
