"""What documents and example events promise."""

import json
import re
import tempfile
import unittest

from aws import ROOT, TARGET, run, tool
from settings_test import VARIABLES
from simulation.runtime_api import Function

EVENTS = ROOT / "tests/events"


class Documents(unittest.TestCase):
    def test_centrifugo_takes_the_configuration(self):
        text = (ROOT / "docs/CENTRIFUGO.md").read_text()
        configuration = re.search(r"```json\n(.*?)```", text, re.S)[1]
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            file.write(configuration)
            file.flush()
            done = run([tool("ROLLCALL_CENTRIFUGO"), "checkconfig", "-c", file.name, "--strict"])
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_every_parameter_that_the_documents_name_exists(self):
        template = (ROOT / "template.yaml").read_text()
        text = (ROOT / "docs/DEPLOY.md").read_text()
        for name in re.findall(r"\b([A-Z][A-Za-z]+)=", text):
            self.assertRegex(template, rf"(?m)^  {name}:$")

    def test_the_functions_start_with_the_settings_for_local_events(self):
        settings = json.loads((EVENTS / "env.json").read_text())
        for function, program in [("CollectorFunction", "collector"), ("SnapshotFunction", "snapshot")]:
            with self.subTest(function=function):
                known = {name for name, functions in VARIABLES.items() if function in functions}
                self.assertLessEqual(set(settings[function]), known)
                with Function([str(TARGET / "debug" / program)], settings[function]) as started:
                    started.wait_until_ready()
