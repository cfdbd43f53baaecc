"""The checksums, and the bill of what the program is made of."""

import json
import subprocess
import unittest
import zipfile

from packed import ARM64, PACKAGE, ROOT, VERSION, X86_64, run, wheel


class Checksums(unittest.TestCase):
    def test_each_file_is_the_one_that_was_packed(self):
        said = run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=PACKAGE)
        packed = {path.name for path in PACKAGE.iterdir()} - {"SHA256SUMS"}
        self.assertEqual(set(said.splitlines()), {f"{name}: OK" for name in packed})
        # An archive, a wheel and a bill for each machine, and the element.
        self.assertEqual(len(packed), 3 * 2 + 1)


class Bill(unittest.TestCase):
    """A bill of materials, as CycloneDX has it."""

    def test_every_crate_of_the_program_is_on_it(self):
        for target in [X86_64, ARM64]:
            bill = (PACKAGE / f"rollcall-{VERSION}-{target}.cdx.json").read_text()
            with zipfile.ZipFile(wheel(target)) as files:
                within = files.read(f"rollcall_server-{VERSION}.dist-info/sboms/rollcall.cyclonedx.json").decode()
            self.assertEqual(bill, within)
            bill = json.loads(bill)
            self.assertEqual((bill["bomFormat"], bill["metadata"]["component"]["name"]), ("CycloneDX", "rollcall"))
            listed = {(it["name"], it["version"]) for it in bill["components"]}
            # What cargo links into it.
            tree = subprocess.run(
                ["cargo", "tree", "--package", "rollcall", "--locked", "--offline", "--target", target]
                + ["--edges", "normal", "--prefix", "none", "--no-dedupe", "--format", "{p}"],
                cwd=ROOT, check=True, capture_output=True, text=True,
            ).stdout  # fmt: skip
            crates = {tuple(line.replace(" v", " ", 1).split()[:2]) for line in tree.splitlines()}
            self.assertGreater(len(crates), 200)
            self.assertEqual(crates - listed, {("rollcall", VERSION)})
            for crate in bill["components"]:
                self.assertTrue(crate["licenses"], crate["name"])
