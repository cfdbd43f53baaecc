"""Each alarm is heard when it should be, and at no other time: made-up series of its metrics, one that fires it and one
that does not."""

import json
import re
import unittest

import alarms
from aws import ROOT
from simulation.translate import read

PERIODS = [60, 30, 20, 15, 10]
MINUTES = 30
# Ceilings of the cache, as the template has them by default.
CEILINGS = {"EcpuMax": 5000, "StorageMaxGb": 1}
GB = 1 << 30


def template() -> dict:
    return read(ROOT / "infra/alarms.yaml")


def all_alarms(period: int) -> dict[str, dict]:
    """The alarms of a stack with that period, by their logical ids."""
    found = template()
    numbers = found["Mappings"]["Periods"][str(period)]

    def resolved(node):
        if isinstance(node, list):
            return [resolved(it) for it in node]
        if not isinstance(node, dict):
            return node
        if "Fn::FindInMap" in node:
            return numbers[node["Fn::FindInMap"][2]]
        if "Fn::Sub" in node and isinstance(node["Fn::Sub"], str):
            return re.sub(r"\$\{(\w+)\}", lambda name: str(CEILINGS.get(name[1], name[0])), node["Fn::Sub"])
        return {name: resolved(value) for name, value in node.items()}

    resources = found["Resources"].items()
    return {name: resolved(it["Properties"]) for name, it in resources if it["Type"] == "AWS::CloudWatch::Alarm"}


def ages(period: int, *gaps: float) -> dict[str, list]:
    """What the roll calls of one channel write that are so many seconds apart, again and again: the greatest age of each
    minute."""
    values: list = [None] * MINUTES
    at = 7.0
    for number in range(10_000):
        gap = gaps[number % len(gaps)]
        at += gap
        if at >= MINUTES * 60:
            break
        minute = int(at // 60)
        values[minute] = max(values[minute] or 0, int(gap))
    return {"AgeSeconds": values}


def quiet(*values, length: int = 12) -> list:
    """A series that ends as it begins: with its first value."""
    return [values[0]] * length + list(values) + [values[0]] * length


def cases(period: int) -> dict[str, tuple[list[dict], list[dict]]]:
    """By alarm: series that fire it, series that do not."""
    # A run of a shorter period ends up to 65 s after its start, and the roll call that it began last has to end.
    usual_ms = 800 if period == 60 else 65_800
    slow_ms = usual_ms + 900 * min(period, 55)
    return {
        "NoRollCall": (
            [
                {"RollCallOk": [1, 1, 1, 0, 0, 0]},
                # One that does not run at all says nothing; this long it takes at the most.
                {"RollCallOk": [1, 1, 1, None, None, None, None, None]},
                {"RollCallOk": [None] * 5},
            ],
            # A number that CloudWatch counted twice, a minute without a roll call and one with two, a failure in between.
            [{"RollCallOk": quiet(1, 2, None, 2, 1, 0, 0, 1)}],
        ),
        "OldView": (
            [ages(period, 4 * period), ages(period, *[period] * 3, 3 * period + 2)],
            # Once a roll call is late, or the collector was away for an hour; or each one comes a little late.
            [
                ages(period, *[period] * 600, 10 * period, *[period] * 6000),
                ages(period, 2.9 * period),
                {"AgeSeconds": [None, None, 3600, *[period] * 20]},
            ],
        ),
        "ChannelsFail": ([{"Failed": [0, 0, 2, 1, 1]}], [{"Failed": quiet(0, 5, 5, 0, 7, 7)}]),
        "EventsDropped": ([{"Dropped": [0, 3, 0]}], [{"Dropped": quiet(0, None)}]),
        "ChannelsLeftOut": ([{"LeftOut": [0, 1, 0]}], [{"LeftOut": quiet(0, None)}]),
        "ShardsNotTaken": (
            [
                # One that fails each time; none that arrives; a few that are throttled.
                {"ShardsDue": [1000] * 6, "ShardsTaken": [1000, 995, 995, 995, 995, 995]},
                {"ShardsDue": [None, 200, 1000, 1000, 1000], "ShardsTaken": [None] * 5},
                {"ShardsDue": [1000] * 5, "ShardsTaken": [1000, 900, 990, 999, 1000]},
            ],
            [
                # Two bad turns. In the newest period shards are always under way.
                {"ShardsDue": quiet(1000, 1000, 1000), "ShardsTaken": quiet(1000, 0, 500)},
                {"ShardsDue": [1000] * 5, "ShardsTaken": [1000, 1000, 1000, 999, 810]},
                # A line that CloudWatch counted twice: of a plan, of a shard. A shard that comes twice has one line.
                {"ShardsDue": quiet(1000, 1200), "ShardsTaken": quiet(1000, 1000)},
                {"ShardsDue": quiet(1000, 1000), "ShardsTaken": quiet(1000, 1001)},
                # Nothing is divided, or no longer.
                {"ShardsDue": [None] * 9, "ShardsTaken": [None] * 9},
                {"ShardsDue": [1000, 1000, 600, None, None, None], "ShardsTaken": [1000, 1000, 600, None, None, None]},
            ],
        ),
        "CollectorErrors": ([{"Errors": [0, 5, 0]}], [{"Errors": quiet(0, 2, None)}]),
        "SnapshotErrors": (
            [{"Url5xxCount": [None, 4, 5, None], "UrlRequestCount": [40, 40, 40, 40]}],
            [
                # One time alone; few requests, all of which fail; none.
                {"Url5xxCount": [0, 40, 0, 0], "UrlRequestCount": [40, 40, 40, 40]},
                {"Url5xxCount": [19, 19, 19], "UrlRequestCount": [19, 19, 19]},
                {"Url5xxCount": [None] * 6, "UrlRequestCount": [None, 0, None, 1000, 1000, 1000]},
                {"Url5xxCount": [5, 5, 5], "UrlRequestCount": [1000, 1000, 1000]},
            ],
        ),
        "CollectorThrottles": ([{"Throttles": [0, 1, 0, 1, 0]}], [{"Throttles": quiet(0, 1)}]),
        "SnapshotThrottles": ([{"Throttles": [0, 9, 9, 0, 0]}], [{"Throttles": quiet(0, 9)}]),
        "CollectorSlow": (
            [{"Duration": [usual_ms, slow_ms, slow_ms]}],
            [{"Duration": quiet(usual_ms, slow_ms, usual_ms)}],
        ),
        "CollectorLost": ([{"AsyncEventsDropped": [0, 2, 0]}], [{"AsyncEventsDropped": quiet(None, 1)}]),
        "CacheNearlyThrottled": (
            [{"ElastiCacheProcessingUnits": [10, 0.8 * 300_000, 0.9 * 300_000, 10, 0.8 * 300_000]}],
            # Each minute a roll call takes more than a second's worth; that is no matter.
            [{"ElastiCacheProcessingUnits": quiet(7000, 290_000, 7000, None)}],
        ),
        "CacheThrottled": ([{"ThrottledCmds": [0, 1, 0]}], [{"ThrottledCmds": quiet(0, None)}]),
        "CacheNearlyFull": ([{"BytesUsedForCache": [0.8 * GB] * 2}], [{"BytesUsedForCache": quiet(0.1 * GB, 0.7 * GB)}]),
    }


class Alarms(unittest.TestCase):
    def test_each_alarm_has_a_series_that_fires_it_and_one_that_does_not(self):
        for period in PERIODS:
            made_up, found = cases(period), all_alarms(period)
            self.assertEqual(set(made_up), set(found))
            for name, (firing, resting) in made_up.items():
                self.assertTrue(firing and resting, name)
                for farther_back in alarms.FARTHER_BACK:
                    for expected, series in [(True, it) for it in firing] + [(False, it) for it in resting]:
                        with self.subTest(name, period=period, series=series, farther_back=farther_back):
                            self.assertEqual(alarms.fires(found[name], series, farther_back), expected)

    def test_what_always_fails_is_heard_whoever_takes_it_and_what_failed_once_is_not(self):
        """Each roll call has a line in the log, and so has each shard."""
        alarm = all_alarms(60)["ChannelsFail"]
        of_a_minute = {"Maximum": max, "Minimum": min}[alarm["Statistic"]]
        plan, shards, bad_shard = [0], [0] * 199, [1]
        for what, minutes, expected in [
            ("a roll call each minute", [[1]] * 3, True),
            ("six of them each minute", [[1] * 6] * 3, True),
            ("one shard of many", [plan + shards + bad_shard] * 3, True),
            ("once, of six a minute", [[0] * 6, [0, 0, 5, 0, 0, 0], [0] * 6, [0] * 6], False),
            ("once, one shard of many", [plan + shards, plan + shards + bad_shard, plan + shards, plan + shards], False),
        ]:
            with self.subTest(what):
                series = {"Failed": [0, *(of_a_minute(lines) for lines in minutes)]}
                self.assertEqual(alarms.fires(alarm, series, 0), expected)

    def test_no_alarm_counts_exactly_what_cloudwatch_takes_from_lines(self):
        """It takes them at least once, and may take them twice."""
        for name, alarm in all_alarms(60).items():
            if alarm.get("Namespace") == "Rollcall":
                least = alarm["Statistic"] == "Sum" and alarm["ComparisonOperator"] == "LessThanThreshold"
                self.assertTrue(least or alarm["Statistic"] in ("Maximum", "Minimum"), name)

    def test_metrics_of_one_alarm_have_one_period(self):
        for name, alarm in all_alarms(60).items():
            self.assertEqual(len({it["Period"] for it in alarms.metrics(alarm)}), 1, name)

    def test_every_alarm_speaks_and_is_shown(self):
        topic = [{"Ref": "Topic"}]
        for name, alarm in all_alarms(60).items():
            self.assertEqual((alarm["AlarmActions"], alarm["OKActions"]), (topic, topic), name)
            self.assertRegex(alarm["AlarmDescription"], r"^[A-Z].{30}", name)
        resources, outputs = template()["Resources"], template()["Outputs"]
        shown = json.loads(f"[{outputs['Arns']['Value']['Fn::Sub']}]")
        always = [name for name in all_alarms(60) if "Condition" not in resources[name]]
        self.assertEqual(shown, [f"${{{name}.Arn}}" for name in always])
