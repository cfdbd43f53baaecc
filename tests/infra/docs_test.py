"""What documents and example events promise."""

import json
import re
import tempfile
import unittest

from aws import ROOT, TARGET, run, tool
from settings_test import VARIABLES
from simulation.runtime_api import Function
from simulation.translate import read

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

    def test_the_bill_counts_every_metric_and_alarm(self):
        text = (ROOT / "docs/DEPLOY.md").read_text()
        alarms = _alarms()
        # An alarm costs as many times as it watches metrics.
        watched = sum(len([it for it in alarm.get("Metrics", [alarm]) if "Expression" not in it]) for alarm in alarms)
        self.assertIn(f"| metrics | {len(_metrics())} of Rollcall's own; {_price(len(_metrics()), 0.30)} |", text)
        self.assertIn(f"| alarms | {len(alarms)}, on {watched} metrics; {_price(watched, 0.10)} |", text)

    def test_every_metric_that_is_watched_or_shown_is_described(self):
        watched = {alarm["MetricName"] for alarm in _alarms() if alarm.get("Namespace") == "Rollcall"}
        self.assertGreaterEqual(watched, {"RollCallOk", "Dropped", "LeftOut"})
        self.assertLessEqual(watched | _shown(), _metrics())
        self.assertGreaterEqual(_shown(), {"AskMs", "CommitMs", "PublishMs", "AnnounceMs"})

    def test_the_functions_start_with_the_settings_for_local_events(self):
        settings = json.loads((EVENTS / "env.json").read_text())
        for function, program in [("CollectorFunction", "collector"), ("SnapshotFunction", "snapshot")]:
            with self.subTest(function=function):
                known = {name for name, functions in VARIABLES.items() if function in functions}
                self.assertLessEqual(set(settings[function]), known)
                with Function([str(TARGET / "debug" / program)], settings[function]) as started:
                    started.wait_until_ready()


def _metrics() -> set[str]:
    """Rollcall's own, by the table that describes them."""
    text = (ROOT / "docs/LOGGING.md").read_text().split("## Metrics")[1]
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    return set(re.findall(r"`(\w+)`", " ".join(rows)))


def _alarms() -> list[dict]:
    resources = read(ROOT / "infra/alarms.yaml")["Resources"].values()
    return [it["Properties"] for it in resources if it["Type"] == "AWS::CloudWatch::Alarm"]


def _shown() -> set[str]:
    """Rollcall's own metrics on the dashboard, where a dot stands for what the line above has in its place."""
    body = read(ROOT / "infra/alarms.yaml")["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"][0]
    shown = set()
    for widget in json.loads(body.replace("${Late}", "0"))["widgets"]:
        namespace = None
        for metric in widget["properties"].get("metrics", []):
            namespace = metric[0] if metric[0] not in (".", "...") else namespace
            shown |= {metric[1]} if namespace == "Rollcall" else set()
    return shown


def _price(count: int, each: float) -> str:
    """Of so many, ten of which are free, as docs/DEPLOY.md says it."""
    return f"ten are free, ${each:.2f} each after that | ${(count - 10) * each:.2f} (${count * each:.2f} otherwise)"
