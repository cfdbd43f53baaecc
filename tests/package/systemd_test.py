"""The unit for systemd, and the file of its variables."""

import re
import subprocess
import unittest

from packed import HERE, LEAST, archive, empty_folder, run, tool, unpack, variables

# Of 100. What is left is that it has a network, and sees the files that everybody may read.
MOST_EXPOSED = 12


class Systemd(unittest.TestCase):
    def setUp(self):
        self.folder = unpack(archive(HERE), empty_folder(self.addCleanup))
        self.unit = self.folder / "systemd/rollcall.service"

    def test_systemd_takes_the_unit(self):
        analyze = tool("SYSTEMD_ANALYZE")
        unit, installed = self.unit.read_text(), "/usr/local/bin/rollcall"
        self.assertIn(f"ExecStart={installed} serve\n", unit)
        # It looks whether the program is there.
        self.unit.write_text(unit.replace(installed, str(self.folder / "rollcall")))
        said = run([analyze, "verify", "--man=no", self.unit])
        self.assertEqual([line for line in said.splitlines() if "rollcall" in line], [])

    def test_it_is_exposed_to_little(self):
        most = f"--threshold={MOST_EXPOSED}"
        said = run([tool("SYSTEMD_ANALYZE"), "security", "--offline=true", "--no-pager", most, self.unit])
        self.assertIn("Overall exposure level for rollcall.service", said)

    def test_the_variables_are_those_of_the_program_and_the_rest_are_defaults(self):
        text = (self.folder / "systemd/rollcall.env").read_text()
        given = dict(re.findall(r"(?m)^([A-Z_]+)=(.*)$", text))
        commented = dict(re.findall(r"(?m)^#([A-Z_]+)=(.*)$", text))
        self.assertEqual(set(given), {*LEAST, "CENTRIFUGO_CLIENT_URL"})
        self.assertLessEqual(set(given) | set(commented), variables() | {"RUST_LOG"})
        # Only the key is left to be filled in; all that is commented out may be as it is.
        done = subprocess.run([self.folder / "rollcall", "take"], env=given | commented, capture_output=True, text=True)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertRegex(done.stderr, r"\ACENTRIFUGO_API_KEY is required.*\n\Z")
