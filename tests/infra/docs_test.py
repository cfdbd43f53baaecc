"""What documents and example events promise."""

import ast
import json
import re
import sys
import tempfile
import unittest
from types import SimpleNamespace
from unittest.mock import patch

from aws import ROOT, TARGET, run, tool
from centrifugo import SECRET, Centrifugo, Visitor, configuration, encode
from settings_test import VARIABLES
from simulation.runtime_api import Function
from simulation.translate import read

EVENTS = ROOT / "tests/events"
# Metrics that are there, and are paid for, only where roll calls are divided.
OF_SHARDS = {"ShardsDue", "ShardsTaken"}


class Documents(unittest.TestCase):
    def test_centrifugo_takes_the_configuration(self):
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            file.write(configuration())
            file.flush()
            done = run([tool("ROLLCALL_CENTRIFUGO"), "checkconfig", "-c", file.name, "--strict"])
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_every_parameter_and_variable_that_the_documents_name_exists(self):
        template = (ROOT / "template.yaml").read_text()
        for path in ["README.md", "docs/DEPLOY.md", "docs/CENTRIFUGO.md"]:
            text = (ROOT / path).read_text()
            for name in re.findall(r"\b([A-Z]\w+)=", text):
                if name.isupper():
                    self.assertIn(name, VARIABLES, path)
                else:
                    self.assertRegex(template, rf"(?m)^  {name}:$", path)

    def test_the_readme_lists_every_variable(self):
        text = (ROOT / "README.md").read_text().split("## Configuration")[1]
        rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
        self.assertEqual(set(re.findall(r"`(\w+)`", " ".join(rows))), set(VARIABLES))

    def test_what_is_public_is_said_in_the_same_words_everywhere(self):
        said = set()
        for path in ["README.md", "docs/DEPLOY.md", "docs/openapi.yaml"]:
            text = " ".join((ROOT / path).read_text().split())
            said.add(re.search(r"Whoever knows or guesses .*? gets its numbers\.", text)[0])
        self.assertEqual(len(said), 1)

    def test_the_bill_counts_every_metric_and_alarm(self):
        text = (ROOT / "docs/DEPLOY.md").read_text()
        alarms = _alarms()
        # An alarm costs as many times as it watches metrics.
        watched = sum(len([it for it in alarm.get("Metrics", [alarm]) if "Expression" not in it]) for alarm in alarms)
        always = len(_metrics() - OF_SHARDS)
        self.assertIn(f"| metrics | {always} of Rollcall's own; {_price(always, 0.30)} |", text)
        self.assertIn(f"two more metrics, ${len(OF_SHARDS) * 0.30:.2f}", text)
        self.assertIn(f"| alarms | {len(alarms)}, on {watched} metrics; {_price(watched, 0.10)} |", text)

    def test_every_metric_is_watched_or_shown_and_described(self):
        """One that is not would be paid for, and never looked at."""
        asked = [it["MetricStat"]["Metric"] for alarm in _alarms() for it in alarm.get("Metrics", []) if "MetricStat" in it]
        watched = {it["MetricName"] for it in [*_alarms(), *asked] if it.get("Namespace") == "Rollcall"}
        self.assertGreaterEqual(watched, {"RollCallOk", "Dropped", "LeftOut", *OF_SHARDS})
        self.assertEqual(watched | _shown(), _metrics())
        self.assertGreaterEqual(_shown(), {"AskMs", "CommitMs", "PublishMs", "AnnounceMs"})

    def test_the_collector_makes_metrics_of_what_is_described_and_fields_of_the_rest(self):
        numbers = (ROOT / "crates/roll-call/src/report.rs").read_text().split("fn numbers")[1].split("\n    }\n")[0]
        names = set(re.findall(r'(?:count|known|millis)\("(\w+)"|name: "(\w+)"', numbers))
        names = {first or second for first, second in names}
        fields = re.search(r"FIELDS: \[&str; \d+\] = \[(.*?)\]", (ROOT / "functions/collector/src/emf.rs").read_text(), re.S)[1]
        fields = set(re.findall(r'"(\w+)"', fields))
        self.assertEqual(names - fields, _metrics())
        described = (ROOT / "docs/LOGGING.md").read_text().split("is a field of the same line")[1].split("\n")[0]
        self.assertLessEqual(fields, set(re.findall(r"`(\w+)`", described)))

    def test_the_functions_start_with_the_settings_for_local_events(self):
        settings = json.loads((EVENTS / "env.json").read_text())
        for function, program in [("CollectorFunction", "collector"), ("SnapshotFunction", "snapshot")]:
            with self.subTest(function=function):
                known = {name for name, functions in VARIABLES.items() if function in functions}
                self.assertLessEqual(set(settings[function]), known)
                with Function([str(TARGET / "debug" / program)], settings[function]) as started:
                    started.wait_until_ready()


class Doors(unittest.TestCase):
    """Who may enter what, with the configuration of docs/CENTRIFUGO.md, and with the tokens that it shows."""

    @classmethod
    def setUpClass(cls):
        cls.centrifugo = cls.enterClassContext(Centrifugo())
        cls.signed_in = encode({"sub": "42"}, SECRET)

    def codes(self, token: str, *commands: dict) -> list[int]:
        """What each command is answered with: an error's code, or 0."""
        with Visitor(self.centrifugo) as visitor:
            return [it.get("error", {}).get("code", 0) for it in visitor.enter(token, *commands)]

    def test_strangers_enter_what_is_for_strangers_and_signed_in_visitors_their_rooms(self):
        channels = ["site:a", "presence:site:a", "room:a", "members:room:a", "team:7", "private:team:7"]
        subscribe = [{"subscribe": {"channel": channel}} for channel in channels]
        self.assertEqual(self.codes("", *subscribe), [0, 0, 103, 103, 103, 103])
        self.assertEqual(self.codes(self.signed_in, *subscribe), [0, 0, 0, 0, 103, 103])

    def test_no_visitor_may_publish_or_ask_who_is_there(self):
        for namespace in json.loads(configuration())["channel"]["namespaces"]:
            channel = f"{namespace['name']}:a"
            token = encode({"sub": "42", "channel": channel}, SECRET)
            commands = [
                {"subscribe": {"channel": channel, "token": token}},
                {"publish": {"channel": channel, "data": {}}},
                {"presence": {"channel": channel}},
            ]
            # 108: there is no presence to ask for.
            self.assertIn(self.codes(self.signed_in, *commands), ([0, 103, 103], [0, 103, 108]), channel)

    def test_the_tokens_that_are_shown_open_what_they_name(self):
        text = (ROOT / "docs/CENTRIFUGO.md").read_text()
        code = ast.parse(re.search(r"```python\n(.*?)```", text, re.S)[1])
        shown = [node for node in code.body if isinstance(node, ast.Expr)]
        names = {"SECRET": SECRET}
        with patch.dict(sys.modules, jwt=SimpleNamespace(encode=encode)):
            exec(compile(ast.Module([it for it in code.body if it not in shown], []), "the document", "exec"), names)
        enters, brings, for_the_element, for_http = (eval(ast.unparse(it), names) for it in shown)

        self.centrifugo.ask("publish", channel="private:team:7", data={"v": 1})
        with Visitor(self.centrifugo) as visitor:
            subscribe = [
                {"subscribe": {"channel": "team:7", "token": enters}},
                {"subscribe": {"channel": "private:team:7", "token": brings}},
            ]
            entered, brought = visitor.enter(self.signed_in, *subscribe)
            self.assertNotIn("error", entered)
            self.assertEqual(brought["subscribe"]["publications"][0]["data"], {"v": 1})
            self.assertEqual(self.centrifugo.present("team:7"), {"42"})
        self.centrifugo.wait_until_empty("team:7")
        with Visitor(self.centrifugo) as visitor:
            # As the element does: what the token has subscribed to is with the greeting, and error 105 when asked for.
            names = ["presence:team:7", "private:team:7", "team:7"]
            greeting, *answers = visitor.greet(for_the_element, *({"subscribe": {"channel": it}} for it in names))
            granted = greeting["connect"]["subs"]
            self.assertEqual(set(granted), {"team:7", "private:team:7"})
            self.assertEqual(granted["private:team:7"]["publications"][0]["data"], {"v": 1})
            self.assertEqual([it.get("error", {}).get("code", 0) for it in answers], [0, 105, 105])
            self.assertEqual(self.centrifugo.present("team:7"), {"42"})
        # Centrifugo takes it, and it opens nothing there.
        self.assertEqual(self.codes(for_http, {"subscribe": {"channel": "team:7"}}), [103])
        # A token of another channel, or of another user.
        for token in [enters, encode({"sub": "43", "channel": "private:team:7"}, SECRET)]:
            with self.assertRaisesRegex(RuntimeError, "closed: 3500"):
                self.codes(self.signed_in, {"subscribe": {"channel": "private:team:7", "token": token}})


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
    body, _ = read(ROOT / "infra/dashboard.yaml")["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    shown = set()
    for widget in json.loads(body.replace("${LateSeconds}", "0").replace("${AlarmArns}", ""))["widgets"]:
        namespace = None
        for metric in widget["properties"].get("metrics", []):
            namespace = metric[0] if metric[0] not in (".", "...") else namespace
            shown |= {metric[1]} if namespace == "Rollcall" else set()
    return shown


def _price(count: int, each: float) -> str:
    """Of so many, ten of which are free, as docs/DEPLOY.md says it."""
    return f"ten are free, ${each:.2f} each after that | ${(count - 10) * each:.2f} (${count * each:.2f} otherwise)"
