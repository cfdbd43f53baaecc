"""Parameters, variables and rights, as the template states them."""

import re
import unittest
from fnmatch import fnmatchcase
from pathlib import Path

import yaml

from aws import REQUIRED, ROOT, TEMPLATES
from simulation import rules
from simulation.translate import read

COLLECTOR, SNAPSHOT = {"CollectorFunction"}, {"SnapshotFunction"}
BOTH = COLLECTOR | SNAPSHOT

# Every variable of the functions, and who gets it. The snapshot function needs CENTRIFUGO_CLIENT_URL too: while there
# is no view yet, its answer says where the next one will come from.
VARIABLES = {
    "WATCH_CHANNELS": BOTH,
    "WATCH_CHANNELS_MAX": COLLECTOR,
    "CENTRIFUGO_API_URL": COLLECTOR,
    "CENTRIFUGO_API_KEY": COLLECTOR,
    "CENTRIFUGO_CLIENT_URL": BOTH,
    "PUBLISH_CHANNEL": BOTH,
    "PUBLISH_MEMBERS_CHANNEL": BOTH,
    "PRIVATE_CHANNELS": BOTH,
    "PRIVATE_MEMBERS_CHANNEL": BOTH,
    "REDIS_URL": BOTH,
    "REDIS_IAM_CACHE": BOTH,
    "REDIS_PREFIX": BOTH,
    "VISIBILITY": BOTH,
    "LISTED_MAX": COLLECTOR,
    "INFO_FIELDS": COLLECTOR,
    "GUEST_USERS": BOTH,
    "PERIOD_SECONDS": BOTH,
    "LEAVE_GRACE_SECONDS": COLLECTOR,
    "RECENT_SECONDS": COLLECTOR,
    "SNAPSHOT_TTL_SECONDS": COLLECTOR,
    "EVENT_BUS_NAME": COLLECTOR,
    "EVENT_WEBHOOK_URL": COLLECTOR,
    "EVENT_WEBHOOK_SECRET": COLLECTOR,
    "SHARD_BUS_NAME": COLLECTOR,
    "SHARD_CHANNELS": COLLECTOR,
    "SHARD_CLIENTS": COLLECTOR,
    "CENTRIFUGO_TOKEN_HMAC_SECRET": SNAPSHOT,
    "CENTRIFUGO_TOKEN_JWKS_URL": SNAPSHOT,
    "CENTRIFUGO_TOKEN_AUDIENCE": SNAPSHOT,
    "CENTRIFUGO_TOKEN_ISSUER": SNAPSHOT,
    "STACK_NAME": BOTH,
}
# What is no parameter: the stack's name, and the bus that is named after it.
OF_THE_STACK = {"STACK_NAME": {"Ref": "AWS::StackName"}, "SHARD_BUS_NAME": {"Fn::Sub": "${AWS::StackName}-shards"}}
SECRETS = ["CentrifugoApiKey", "CentrifugoTokenHmacSecret", "EventWebhookSecret", "EventWebhookUrl", "RedisUrl"]

PRIVATE = {"PrivateChannels": "room:*", "CentrifugoTokenHmacSecret": "s"}
LISTS = {"Visibility": "counts", "PublishMembersChannel": "members:{channel}"}

# Combinations that can't work, and a word of the sentence that says so.
REFUSED = [
    ({"CentrifugoTokenHmacSecret": "s", "CentrifugoTokenJwksUrl": "https://x.example/jwks"}, "not both"),
    ({"PublishMembersChannel": "members:{channel}"}, "needs Visibility=counts"),
    ({"PublishMembersChannel": "presence:{channel}", "Visibility": "counts"}, "must differ from PublishChannel"),
    ({"PrivateChannels": "room:*"}, "need CentrifugoTokenHmacSecret or CentrifugoTokenJwksUrl"),
    ({"PrivateMembersChannel": "private:{channel}"}, "needs PrivateChannels"),
    ({**PRIVATE, "PrivateMembersChannel": "presence:{channel}"}, "must differ from PublishChannel"),
    ({**PRIVATE, **LISTS, "PrivateMembersChannel": "members:{channel}"}, "must differ from PublishMembersChannel"),
    ({"EventWebhookUrl": "https://x.example", "EventWebhookSecret": "s", "EventBusName": "default"}, "not both"),
    ({"EventWebhookUrl": "https://x.example"}, "needs EventWebhookSecret"),
    ({"EventWebhookSecret": "s"}, "needs EventWebhookUrl"),
    ({"EventWebhookUrl": "x.example"}, "http(s)"),
    ({"WatchChannelsMax": "0"}, "WatchChannelsMax"),
    ({"WatchChannelsMax": "10000001"}, "WatchChannelsMax"),
    ({"ShardChannels": "99"}, "ShardChannels"),
    ({"ShardChannels": "100001"}, "ShardChannels"),
    ({"ShardClients": "999"}, "ShardClients"),
    ({"ShardClients": "10000001"}, "ShardClients"),
    ({"RedisIamCache": "mine"}, "whose address is RedisUrl"),
    ({"DomainName": "x.example.com"}, "DomainName needs CertificateArn"),
    ({"CertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/1"}, "CertificateArn needs DomainName"),
    ({"SubnetIds": "subnet-0a"}, "SubnetIds need SecurityGroupIds"),
    ({"SubnetIds": "subnet-0a", "SecurityGroupIds": "sg-0a"}, "SubnetIds need VpcId"),
    ({"SecurityGroupIds": "sg-0a"}, "need SubnetIds"),
    ({"VpcId": "vpc-0a"}, "need SubnetIds"),
    ({"DualStack": "true"}, "DualStack needs SubnetIds"),
    ({"CacheGeneration": "four"}, "at most three"),
    ({"CertificateArn": "arn:aws:acm:eu-west-1:123456789012:certificate/1", "DomainName": "x.example.com"}, "us-east-1"),
    ({"CentrifugoClientUrl": "https://x.example"}, "wss://"),
    ({"CentrifugoApiUrl": "rt.example.com"}, "http(s)"),
    ({"WatchChannels": ""}, "WatchChannels"),
    ({"PeriodSeconds": "45"}, "PeriodSeconds"),
    ({"ListedMax": "1001"}, "ListedMax"),
    ({"SnapshotTtlSeconds": "60"}, "SnapshotTtlSeconds"),
    ({"RedisPrefix": "a b"}, "letters, digits"),
    ({"AlarmEmail": "nobody"}, "e-mail"),
]
ACCEPTED = [
    {},
    {"PeriodSeconds": "10", "Visibility": "counts", "PublishMembersChannel": "members:{channel}"},
    {**PRIVATE, **LISTS, "PrivateMembersChannel": "private:{channel}", "WatchChannelsMax": "10000000"},
    {"PrivateChannels": "room:*", "CentrifugoTokenJwksUrl": "https://x.example/jwks"},
    {"SubnetIds": "subnet-0a,subnet-0b", "SecurityGroupIds": "sg-0a", "VpcId": "vpc-0a"},
    {"SubnetIds": "subnet-0a", "SecurityGroupIds": "sg-0a", "RedisUrl": "rediss://u:p@h:6379"},
    {"SubnetIds": "subnet-0a,subnet-0c", "SecurityGroupIds": "sg-0a", "VpcId": "vpc-0a", "CacheGeneration": "2", "DualStack": "true"},
    {"RedisUrl": "rediss://u@h:6379", "RedisIamCache": "mine"},
    {"DomainName": "x.example.com", "CertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/1-2"},
    {"SnapshotConcurrency": "10"},
    {"ShardChannels": "100", "ShardClients": "1000"},
    {"ShardChannels": "100000", "ShardClients": "10000000"},
    {"PublishChannel": "", "EventBusName": "default", "GuestUsers": "", "CentrifugoClientUrl": "wss://x.example/connection/websocket"},
    {"CentrifugoApiKey": "{{resolve:secretsmanager:rollcall:SecretString:api_key}}"},
]


class Settings(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.template = read(ROOT / "template.yaml")
        cls.parameters = cls.template["Parameters"]
        cls.resources = cls.template["Resources"]

    def test_each_function_gets_its_variables_from_the_parameters_of_their_names(self):
        for function in BOTH:
            variables = self.resources[function]["Properties"]["Environment"]["Variables"]
            own = {name: value for name, value in variables.items() if not name.startswith("AWS_")}
            self.assertEqual(set(own), {name for name, functions in VARIABLES.items() if function in functions})
            for name, value in own.items():
                parameter = "".join(word.capitalize() for word in name.split("_"))
                if name in OF_THE_STACK:
                    self.assertEqual(value, OF_THE_STACK[name], f"{function}: {name}")
                    self.assertNotIn(parameter, self.parameters)
                else:
                    self.assertIn(parameter, _referred(value), f"{function}: {name}")

    def test_the_harness_knows_the_same_variables(self):
        """It keeps those of its own environment from the functions that it starts."""
        source = (ROOT / "tests/harness/src/functions.rs").read_text()
        known = re.search(r"VARIABLES: \[&str; \d+\] = \[(.*?)\]", source, re.S)[1]
        self.assertEqual(set(re.findall(r'"(\w+)"', known)) - {"AWS_LAMBDA_LOG_LEVEL"}, set(VARIABLES))

    def test_every_parameter_is_described_and_only_what_nobody_can_guess_is_required(self):
        for template in TEMPLATES:
            for name, parameter in read(template).get("Parameters", {}).items():
                self.assertRegex(parameter.get("Description", ""), r".{10}", f"{template.name}: {name}")
        self.assertEqual({name for name, it in self.parameters.items() if "Default" not in it}, set(REQUIRED))
        for name in SECRETS:
            self.assertTrue(self.parameters[name].get("NoEcho"), name)

    def test_every_parameter_is_in_one_group(self):
        groups = self.template["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
        self.assertEqual([name for group in groups for name in group["Parameters"]], list(self.parameters))
        self.assertLess(max(len(group["Parameters"]) for group in groups), 10)

    def test_bad_combinations_are_refused_in_a_sentence(self):
        for given, sentence in REFUSED:
            with self.subTest(given=given):
                problems = "; ".join(rules.problems(self.template, {**REQUIRED, **given}))
                self.assertIn(sentence, problems)

    def test_good_combinations_are_not(self):
        for given in ACCEPTED:
            with self.subTest(given=given):
                self.assertEqual(rules.problems(self.template, {**REQUIRED, **given}), [])

    def test_a_right_is_for_one_thing(self):
        """No wildcard among the actions, and as a whole resource only where AWS has no name for it."""
        for template in TEMPLATES:
            for name, resource in read(template)["Resources"].items():
                if resource["Type"] != "AWS::IAM::Role":
                    continue
                self.assertNotIn("ManagedPolicyArns", resource["Properties"], name)
                for policy in resource["Properties"]["Policies"]:
                    # [condition, policy, nothing]
                    policy = policy["Fn::If"][1] if "Fn::If" in policy else policy
                    for statement in policy["PolicyDocument"]["Statement"]:
                        self.assertNotIn("*", str(statement["Action"]), name)
                        if policy["PolicyName"] != "join-vpc":
                            self.assertNotEqual(statement["Resource"], "*", f"{name}: {policy['PolicyName']}")

    def test_shards_go_over_a_bus_of_the_stack_to_the_collector_alone(self):
        """The bus has one name in three places, which can't ask each other: where it is made, in the variable, in the right."""
        shards = read(ROOT / "infra/shards.yaml")["Resources"]
        given = self.resources["Shards"]["Properties"]["Parameters"]
        self.assertEqual(given, {"Name": {"Ref": "AWS::StackName"}, "CollectorArn": {"Fn::GetAtt": ["CollectorFunction", "Arn"]}})
        name = shards["Bus"]["Properties"]["Name"]["Fn::Sub"].replace("${Name}", "${AWS::StackName}")
        self.assertEqual(name, OF_THE_STACK["SHARD_BUS_NAME"]["Fn::Sub"])
        policies = {it["PolicyName"]: it for it in self.resources["CollectorRole"]["Properties"]["Policies"] if "PolicyName" in it}
        (statement,) = policies["hand-out"]["PolicyDocument"]["Statement"]
        bus = f"arn:${{AWS::Partition}}:events:${{AWS::Region}}:${{AWS::AccountId}}:event-bus/{name}"
        self.assertEqual((statement["Action"], statement["Resource"]), ("events:PutEvents", {"Fn::Sub": bus}))
        # The pattern is made of what the collector writes, and reads.
        source = (ROOT / "crates/event-bus/src/lib.rs").read_text()
        written = dict(re.findall(r'const (SHARD_\w+): &str = "([^"]+)";', source))
        pattern = shards["Rule"]["Properties"]["EventPattern"]
        self.assertEqual(pattern, {
            "source": [written["SHARD_SOURCE"]], "detail-type": [written["SHARD_DUE"]], "detail": {"stack": [{"Ref": "Name"}]},
        })  # fmt: skip
        (target,) = shards["Rule"]["Properties"]["Targets"]
        self.assertEqual(target["Arn"], {"Ref": "CollectorArn"})
        # The collector tells a shard from a minute by what the event itself says: it must come as it is.
        for changed in ["Input", "InputPath", "InputTransformer"]:
            self.assertNotIn(changed, target)

    def test_a_run_of_the_collector_ends_in_time_and_is_not_repeated(self):
        """Before the next one where it takes one roll call; with a shorter period the last one has its period."""
        properties = self.resources["CollectorFunction"]["Properties"]
        self.assertEqual(properties["Timeout"], {"Fn::FindInMap": ["Periods", {"Ref": "PeriodSeconds"}, "TimeoutSeconds"]})
        for period, timeout_ms in self.timeouts_ms().items():
            if period == 60:
                self.assertLess(timeout_ms, 60_000)
            else:
                self.assertEqual(timeout_ms, _reach_ms() + 1000 * period + _reserve_ms(), period)
        self.assertEqual(properties["EventInvokeConfig"]["MaximumRetryAttempts"], 0)
        self.assertEqual(properties["Events"]["Minute"]["Properties"]["RetryPolicy"]["MaximumRetryAttempts"], 0)

    def test_the_collector_is_called_slow_before_it_is_cut_off(self):
        """The function's timeout, what its host keeps back of it and the alarm's threshold are one fact. An invocation
        never lasts longer than the first without the second, so an alarm above that would never be heard."""
        periods = read(ROOT / "infra/alarms.yaml")["Mappings"]["Periods"]
        self.assertEqual([int(it) for it in periods], list(self.timeouts_ms()))
        for period, timeout_ms in self.timeouts_ms().items():
            longest_ms = timeout_ms - _reserve_ms()
            # The last roll call begins here at the latest, and has the rest of the time.
            begins_ms = 0 if period == 60 else _reach_ms()
            numbers = periods[str(period)]
            self.assertEqual(numbers["SlowMs"], begins_ms + (longest_ms - begins_ms) * 4 // 5, period)
            self.assertEqual(numbers["LateSeconds"], 3 * period)

    def timeouts_ms(self) -> dict[int, int]:
        """The collector's, by period."""
        periods = self.template["Mappings"]["Periods"]
        self.assertEqual([int(it) for it in periods], self.parameters["PeriodSeconds"]["AllowedValues"])
        return {int(period): 1000 * numbers["TimeoutSeconds"] for period, numbers in periods.items()}

    def test_the_harness_ends_functions_when_lambda_would(self):
        source = (ROOT / "tests/harness/src/sandbox.rs").read_text()
        (seconds,) = re.findall(r"TIMEOUT_SECONDS: u64 = (\d+);", source)
        self.assertEqual(1000 * int(seconds), self.timeouts_ms()[60])

    def test_cloudfront_lets_pages_read_what_the_function_does(self):
        """Its policy replaces the function's CORS headers."""
        policy = read(ROOT / "infra/site.yaml")["Resources"]["ViewsHeaders"]["Properties"]["ResponseHeadersPolicyConfig"]
        source = "".join(path.read_text() for path in _rust_sources())
        for name in ["AccessControlExposeHeaders", "AccessControlAllowHeaders"]:
            self.assertIn(f'"{", ".join(policy["CorsConfig"][name]["Items"])}"', source, name)

    def test_cloudfront_keys_each_answer_by_what_it_depends_on(self):
        """And by nothing else, or anybody could make each request one for the function. What is in no key never
        reaches the function: CloudFront forwards what it keys by."""
        resources = read(ROOT / "infra/site.yaml")["Resources"]
        distribution = resources["Distribution"]["Properties"]["DistributionConfig"]
        api = yaml.safe_load((ROOT / "docs/openapi.yaml").read_text())
        for template, item in api["paths"].items():
            with self.subTest(path=template):
                # CloudFront takes the first that matches; a star is any text, slashes too.
                path = template.replace("{channel}", "room%3A1")
                behavior = next(it for it in distribution["CacheBehaviors"] if fnmatchcase(path, it["PathPattern"]))
                self.assertEqual(behavior["TargetOriginId"], "function")
                self.assertEqual(behavior["AllowedMethods"], ["GET", "HEAD", "OPTIONS"])
                self.assertEqual(behavior["ResponseHeadersPolicyId"], {"Ref": "ViewsHeaders"})
                self.assertNotIn("OriginRequestPolicyId", behavior)
                policy_id = behavior["CachePolicyId"]
                if "security" in item["get"]:
                    condition, policy_id, without_tokens = policy_id["Fn::If"]
                    self.assertEqual((condition, without_tokens), ("ReadsTokens", {"Ref": "ViewsCache"}))
                policy = resources[policy_id["Ref"]]["Properties"]["CachePolicyConfig"]
                # Above 0 it would overrule what the function says of a private answer.
                self.assertEqual(policy["MinTTL"], 0)
                key = policy["ParametersInCacheKeyAndForwardedToOrigin"]
                headers = ["X-Rollcall-Token"] if "security" in item["get"] else []
                self.assertEqual(key["HeadersConfig"].get("Headers", []), headers)
                queries = {it["name"] for it in item["get"].get("parameters", []) if it.get("in") == "query"}
                self.assertEqual(set(key["QueryStringsConfig"].get("QueryStrings", [])), queries)
                self.assertEqual(key["CookiesConfig"], {"CookieBehavior": "none"})

    def test_functions_in_a_vpc_may_do_all_that_lambda_needs_there(self):
        """Its guide: "make sure to add all of the following permissions" (configuration-vpc, Required IAM permissions)."""
        actions = ["CreateNetworkInterface", "DescribeNetworkInterfaces", "DescribeSubnets", "DeleteNetworkInterface",
                   "AssignPrivateIpAddresses", "UnassignPrivateIpAddresses"]  # fmt: skip
        for role in ["CollectorRole", "SnapshotRole"]:
            policies = [it["Fn::If"][1] for it in self.resources[role]["Properties"]["Policies"] if "Fn::If" in it]
            (joins,) = [it for it in policies if it["PolicyName"] == "join-vpc"]
            (statement,) = joins["PolicyDocument"]["Statement"]
            self.assertEqual(statement["Action"], [f"ec2:{action}" for action in actions], role)

    def test_functions_may_not_make_log_groups(self):
        """Else a late line brings a group back that the stack has just deleted."""
        for template in TEMPLATES:
            self.assertNotIn("logs:CreateLogGroup", template.read_text())
        for function in ["CollectorFunction", "SnapshotFunction", "SiteFunction"]:
            properties = self.resources[function]["Properties"]
            self.assertIn("LogGroup", properties["LoggingConfig"], function)
            self.assertIn("Role", properties, function)


def _rust_sources() -> list[Path]:
    """Of the functions and what they are made of; not of tests."""
    return [*ROOT.glob("crates/*/src/**/*.rs"), *ROOT.glob("functions/*/src/**/*.rs")]


def _reach_ms() -> int:
    """How long a run with a shorter period takes roll calls."""
    source = (ROOT / "crates/roll-call/src/schedule.rs").read_text()
    (minute,) = re.findall(r"\bMINUTE: Millis = ([\d_]+);", source)
    (more,) = re.findall(r"\bREACH: Millis = MINUTE \+ (\d+);", source)
    return int(minute) + int(more)


def _reserve_ms() -> int:
    """What the collector's host keeps back of the timeout."""
    (reserve,) = re.findall(r"\bRESERVE: Millis = ([\d_]+);", (ROOT / "functions/collector/src/handler.rs").read_text())
    return int(reserve)


def _referred(value) -> set[str]:
    if isinstance(value, dict):
        own = {value["Ref"]} if "Ref" in value else set()
        return own.union(*(_referred(item) for item in value.values()))
    if isinstance(value, list):
        return set().union(*(_referred(item) for item in value))
    return set()
