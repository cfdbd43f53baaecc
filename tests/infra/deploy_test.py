"""`sam deploy`, an update and a delete, against a simulation of AWS.

What the simulation really has: packaging, parameters with their patterns and rules, conditions, references, outputs of
nested stacks, the order of creation and deletion; functions with their variables, roles with their policies, log groups,
the schedule, the bucket and its files (the site function really runs), topic, dashboard, security group; the bus of the
shards with its rule, whose pattern really chooses among events, and the queue for what can't be handed over.

What it can't check, since moto has no such resources; they exist in the stack only, by their properties:
CloudFront (distribution, policies, access control), ElastiCache (cache, user, group), the function's URL, alias and
retry configuration, alarms, subscription, the policies of bucket, topic and queue; nor that a rule calls a function, or
sends to the queue what it can't hand over. CloudFormation's own schemas check those,
patterns and bounds. And nothing at all tells whether IAM would allow what the roles say, whether AWS takes each value,
whether a name is free, or how long it takes.
"""

import ast
import json
import re
import tempfile
import unittest
from urllib.parse import urlsplit

from aws import REGION, ROOT, TARGET, Simulation, built
from build_test import build
from settings_test import VARIABLES
from simulation.runtime_api import Function

ARCHITECTURE = "arm64"
VPC = {"SubnetIds": "subnet-0aaaaaaa,subnet-0bbbbbbb", "SecurityGroupIds": "sg-0aaaaaaa"}


class Deploy(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        # Hardly any work after build_test.py.
        build(ARCHITECTURE)

    def setUp(self):
        self.aws = self.enterContext(Simulation())

    def deploy(self, parameters: dict[str, str], stack: str = "rollcall"):
        done = self.aws.deploy(stack, ARCHITECTURE, parameters)
        self.assertEqual(done.returncode, 0, f"{done.stdout[-3000:]}\n{self.aws.last_words()}")

    def outputs(self) -> dict[str, str]:
        (stack,) = self.aws.client("cloudformation").describe_stacks(StackName="rollcall")["Stacks"]
        return {it["OutputKey"]: it["OutputValue"] for it in stack["Outputs"]}

    def function(self, logical_id: str) -> dict:
        functions = self.aws.client("lambda").list_functions()["Functions"]
        (found,) = [it for it in functions if logical_id in it["FunctionName"]]
        return found

    def variables(self, logical_id: str) -> dict[str, str]:
        # CloudFormation makes text of a number; moto does not.
        return {name: str(value) for name, value in self.function(logical_id)["Environment"]["Variables"].items()}

    def reserved(self, logical_id: str) -> int | None:
        name = self.function(logical_id)["FunctionName"]
        concurrency = self.aws.client("lambda").get_function_concurrency(FunctionName=name)
        return concurrency.get("ReservedConcurrentExecutions")

    def all_stubs(self) -> list[dict]:
        return [it for it in self.aws.stubs() if not it["Name"].startswith("aws-sam-cli-managed")]

    def stubs(self, kind: str) -> list[dict]:
        return [it["Properties"] for it in self.all_stubs() if it["Type"] == kind]

    def bucket(self) -> str:
        names = [it["Name"] for it in self.aws.client("s3").list_buckets()["Buckets"]]
        (name,) = [name for name in names if not name.startswith("aws-sam-cli-managed")]
        return name

    def keys(self) -> set[str]:
        return {it["Key"] for it in self.aws.client("s3").list_objects_v2(Bucket=self.bucket()).get("Contents", [])}

    def left(self) -> dict[str, list]:
        """Everything that costs, runs or stands in the way of the next deployment. SAM's own bucket is not ours."""
        client = self.aws.client
        buckets = [it["Name"] for it in client("s3").list_buckets()["Buckets"]]
        return {
            "functions": [it["FunctionName"] for it in client("lambda").list_functions()["Functions"]],
            "buckets": [name for name in buckets if not name.startswith("aws-sam-cli-managed")],
            "schedules": client("scheduler").list_schedules()["Schedules"],
            "log groups": client("logs").describe_log_groups()["logGroups"],
            "roles": [it["RoleName"] for it in client("iam").list_roles()["Roles"]],
            "topics": client("sns").list_topics()["Topics"],
            "buses": [it["Name"] for it in client("events").list_event_buses()["EventBuses"] if it["Name"] != "default"],
            "queues": client("sqs").list_queues().get("QueueUrls", []),
            "dashboards": client("cloudwatch").list_dashboards()["DashboardEntries"],
            "stubs": self.all_stubs(),
        }

    def delete(self):
        # `sam delete` looks for the nested templates at the address of AWS; this is what it does then.
        self.aws.client("cloudformation").delete_stack(StackName="rollcall")
        self.assertEqual({kind: rest for kind, rest in self.left().items() if rest}, {})

    def test_a_stack_comes_up_is_updated_and_leaves_nothing(self):
        self.deploy({})
        self.check_outputs()
        self.check_functions()
        self.check_schedule()
        self.check_shards()
        files = {path.name for folder in ["dist", "demo"] for path in (ROOT / "widget" / folder).iterdir() if path.is_file()}
        self.assertEqual(self.keys(), files)
        self.assertEqual({it["retentionInDays"] for it in self.aws.client("logs").describe_log_groups()["logGroups"]}, {14})
        dashboards = self.aws.client("cloudwatch").list_dashboards()["DashboardEntries"]
        self.assertEqual([it["DashboardName"] for it in dashboards], [f"rollcall-{REGION}"])
        self.check_dashboard(of_a_minute="Sum")
        self.check_keys(of_members=f"rollcall-{REGION}-views")

        # New settings, and new code for the site: a version that CloudFormation has not seen.
        s3 = self.aws.client("s3")
        s3.put_object(Bucket=self.bucket(), Key="old.js", Body=b"")
        program = built(ARCHITECTURE) / "SiteFunction" / "bootstrap"
        before = program.read_bytes()
        self.addCleanup(program.write_bytes, before)
        program.write_bytes(before + b"\n")
        self.deploy({
            "PeriodSeconds": "30", "Visibility": "counts", "PublishMembersChannel": "members:{channel}",
            "EventBusName": "default",
        })  # fmt: skip
        self.assertEqual(self.outputs()["EventBus"], "default")
        variables = self.variables("CollectorFunction")
        self.assertEqual((variables["PERIOD_SECONDS"], variables["VISIBILITY"]), ("30", "counts"))
        self.assertEqual(self.keys(), files, "what is no longer a file is gone")
        (late,) = [it for it in self.stubs("AWS::CloudWatch::Alarm") if it.get("MetricName") == "AgeSeconds"]
        self.assertEqual(late["Threshold"], 90)
        self.delete()

    def test_an_own_redis_an_own_domain_and_a_vpc(self):
        self.deploy({
            **VPC, "RedisUrl": "rediss://someone@redis.example.com:6379", "RedisIamCache": "mine",
            "CentrifugoTokenHmacSecret": "secret", "SnapshotConcurrency": "20",
            "DomainName": "rollcall.example.com", "AlarmEmail": "ops@example.com", "EventBusName": "default",
            "CertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555",
        })  # fmt: skip
        self.assertEqual(self.stubs("AWS::ElastiCache::ServerlessCache"), [])
        outputs = self.outputs()
        self.assertEqual(outputs["Page"], "https://rollcall.example.com/?channel=site:main")
        (distribution,) = self.stubs("AWS::CloudFront::Distribution")
        self.assertEqual(distribution["DistributionConfig"]["Aliases"], ["rollcall.example.com"])
        policies = self.policies("CollectorRole")
        self.assertIn("join-vpc", policies)
        announce = policies["announce"]
        self.assertEqual((announce["Action"], announce["Resource"].split(":", 5)[5]), ("events:PutEvents", "event-bus/default"))
        for role in ["CollectorRole", "SnapshotRole"]:
            self.assertEqual(self.may_enter(role), ["serverlesscache:mine", "user:someone"])
        for function in ["CollectorFunction", "SnapshotFunction"]:
            self.assertEqual(self.function(function)["VpcConfig"]["SecurityGroupIds"], ["sg-0aaaaaaa"])
        self.assertNotIn("AWS_USE_DUALSTACK_ENDPOINT", self.variables("CollectorFunction"))
        self.check_keys(of_members=f"rollcall-{REGION}-members")
        self.assertEqual(self.reserved("SnapshotFunction"), 20)
        (subscription,) = self.stubs("AWS::SNS::Subscription")
        self.assertEqual(subscription["Endpoint"], "ops@example.com")
        self.delete()

    def test_a_cache_in_a_vpc_has_its_own_security_group(self):
        ec2 = self.aws.client("ec2")
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        clients = ec2.create_security_group(GroupName="clients", Description="clients", VpcId=vpc)["GroupId"]
        self.deploy({**VPC, "SecurityGroupIds": clients, "VpcId": vpc, "DualStack": "true"})
        self.assertEqual(self.variables("CollectorFunction")["AWS_USE_DUALSTACK_ENDPOINT"], "true")
        (cache,) = self.stubs("AWS::ElastiCache::ServerlessCache")
        self.assertEqual((cache["ConnectionType"], cache["ServerlessCacheName"]), ("vpc", "rollcall-vpc"))
        groups = ec2.describe_security_groups(GroupIds=cache["SecurityGroupIds"])["SecurityGroups"]
        (rule,) = groups[0]["IpPermissions"]
        self.assertEqual((rule["FromPort"], rule["ToPort"]), (6379, 6380))
        self.assertEqual([it["GroupId"] for it in rule["UserIdGroupPairs"]], [clients])
        self.delete()

    def test_two_stacks_of_an_account_take_their_own_shards_even_from_one_bus(self):
        self.deploy({})
        self.deploy({"ShardChannels": "100", "ShardClients": "1000", "PeriodSeconds": "10"}, "another")
        self.check_dashboard(of_a_minute="Maximum", stack="another")
        events, sqs = self.aws.client("events"), self.aws.client("sqs")
        rules = {}
        for stack in ["rollcall", "another"]:
            (rule,) = events.list_rules(EventBusName=f"{stack}-shards")["Rules"]
            rules[stack] = rule["EventPattern"]
        # What would reach the collectors goes into queues here, to be read; and both rules stand on one bus.
        (shared,) = events.list_rules(EventBusName="rollcall-shards")["Rules"]
        events.remove_targets(Rule=shared["Name"], EventBusName="rollcall-shards", Ids=["collector"])
        queues = {}
        for stack, pattern in rules.items():
            queues[stack] = sqs.create_queue(QueueName=f"arrives-at-{stack}")["QueueUrl"]
            arn = sqs.get_queue_attributes(QueueUrl=queues[stack], AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
            events.put_rule(Name=f"of-{stack}", EventBusName="rollcall-shards", EventPattern=pattern)
            events.put_targets(Rule=f"of-{stack}", EventBusName="rollcall-shards", Targets=[{"Id": "queue", "Arn": arn}])

        def put(detail: dict, source: str = "rollcall.shards", detail_type: str = "Shard Due"):
            entry = {"EventBusName": "rollcall-shards", "Source": source, "DetailType": detail_type, "Detail": json.dumps(detail)}
            self.assertEqual(events.put_events(Entries=[entry])["FailedEntryCount"], 0)

        for number, stack in enumerate(["rollcall", "another", "rollcall", "rollcall-2"]):
            put({"v": 1, "stack": stack, "taken_at": 1790000000000, "shard": number, "shards": 4, "channels": ["room:1"]})
        put({"v": 1, "stack": "rollcall", "shard": 5}, source="rollcall")
        put({"v": 1, "stack": "rollcall", "shard": 6}, detail_type="Presence Changed")
        put({"v": 1, "shard": 7})
        arrived = {}
        for stack, url in queues.items():
            messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
            arrived[stack] = [json.loads(it["Body"]) for it in messages]
            sqs.delete_queue(QueueUrl=url)
            events.remove_targets(Rule=f"of-{stack}", EventBusName="rollcall-shards", Ids=["queue"])
            events.delete_rule(Name=f"of-{stack}", EventBusName="rollcall-shards")
        shards = {stack: sorted(it["detail"]["shard"] for it in found) for stack, found in arrived.items()}
        self.assertEqual(shards, {"rollcall": [0, 2], "another": [1]})
        (event,) = arrived["another"]
        self.assertEqual((event["source"], event["detail-type"]), ("rollcall.shards", "Shard Due"))
        self.assertEqual(event["detail"]["channels"], ["room:1"])
        self.aws.client("cloudformation").delete_stack(StackName="another")
        self.delete()

    def test_settings_that_cannot_work_are_refused_before_anything_is_made(self):
        done = self.aws.deploy("rollcall", ARCHITECTURE, {"DomainName": "rollcall.example.com"})
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("DomainName needs CertificateArn", done.stdout)
        self.assertEqual({kind: rest for kind, rest in self.left().items() if rest}, {})

    def test_a_stack_whose_name_elasticache_would_refuse_is_refused(self):
        done = self.aws.deploy("Rollcall", ARCHITECTURE, {})
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("in lower case", done.stdout + self.aws.last_words())

    def test_the_configuration_file_that_the_guide_shows_is_one(self):
        shown = re.search(r"```toml\n(.*?)```", (ROOT / "docs/DEPLOY.md").read_text(), re.S)[1]
        section, settings = shown.split("\n", 1)
        ours = (ROOT / "samconfig.toml").read_text()
        self.assertIn(section, ours)
        with tempfile.NamedTemporaryFile("w", suffix=".toml") as file:
            file.write(ours.replace(section, shown))
            file.flush()
            done = self.aws.sam(
                "deploy", "--template-file", built(ARCHITECTURE) / "template.yaml", "--config-file", file.name, "--region", REGION
            )
        self.assertEqual(done.returncode, 0, f"{done.stdout[-3000:]}\n{self.aws.last_words()}")
        (stack,) = self.aws.client("cloudformation").describe_stacks(StackName="rollcall")["Stacks"]
        given = {it["ParameterKey"]: it["ParameterValue"] for it in stack["Parameters"]}
        self.assertEqual(given["WatchChannels"], "site:main")
        self.assertEqual(given["CentrifugoApiKey"], "{{resolve:secretsmanager:rollcall:SecretString:api_key}}")
        self.assertIn({"Key": "project", "Value": "rollcall"}, stack["Tags"])
        self.delete()

    def check_outputs(self):
        outputs = self.outputs()
        origin = outputs["Api"].removesuffix("/v1")
        self.assertRegex(origin, r"^https://\S+\.cloudfront\.net$")
        self.assertEqual(outputs["Page"], f"{origin}/?channel=site:main")
        self.assertEqual(
            outputs["Snippet"],
            f'<script type="module" src="{origin}/roll-call.js"></script>'
            '<roll-call channel="site:main">Who is here?</roll-call>',
        )
        self.assertNotIn("EventBus", outputs)
        self.assertNotIn("announce", self.policies("CollectorRole"), "nothing is announced, and nothing may be")
        self.assertTrue(outputs["AlarmTopic"].startswith("arn:aws:sns:"))

    def check_functions(self):
        """Each has the variables that it should; and the programs take them for a good configuration."""
        users = {"CollectorFunction": "rollcall-writer", "SnapshotFunction": "rollcall-reader"}
        for function, name in [("CollectorFunction", "collector"), ("SnapshotFunction", "snapshot")]:
            variables = self.variables(function)
            self.assertEqual(set(variables), {it for it, functions in VARIABLES.items() if function in functions})
            self.assertEqual(variables["REDIS_IAM_CACHE"], "rollcall-pub")
            self.assertRegex(variables["REDIS_URL"], rf"^rediss://{users[function]}@rollcall-pub-\S+:6379$")
            # Each as its own user alone: who takes over the function that the public reaches can't write.
            role = function.replace("Function", "Role")
            self.assertEqual(self.may_enter(role), ["serverlesscache:rollcall-pub", f"user:{users[function]}"])
            self.assertEqual(variables["STACK_NAME"], "rollcall")
            # An address where nothing is: what is tested is that they start.
            local = {**variables, "REDIS_URL": "redis://127.0.0.1:9", "REDIS_IAM_CACHE": ""}
            with Function([str(TARGET / "debug" / name)], local) as started:
                started.wait_until_ready()
        (group,) = self.stubs("AWS::ElastiCache::UserGroup")
        self.assertEqual(set(group["UserIds"]), set(users.values()))

    def may_enter(self, role: str) -> list[str]:
        """The cache that a role may enter, and the user as which it may."""
        connect = self.policies(role)["enter-cache"]
        self.assertEqual(connect["Action"], "elasticache:Connect")
        return [arn.split(":", 5)[5] for arn in connect["Resource"]]

    def policies(self, logical_id: str) -> dict[str, dict]:
        """The only statement of each policy of a role."""
        iam = self.aws.client("iam")
        (role,) = [it["RoleName"] for it in iam.list_roles()["Roles"] if logical_id in it["RoleName"]]
        found = {}
        for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
            document = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
            # What CloudFormation made, moto gives back as Python writes it.
            document = ast.literal_eval(document) if isinstance(document, str) else document
            (found[name],) = document["Statement"]
        return found

    def check_schedule(self):
        scheduler = self.aws.client("scheduler")
        (listed,) = scheduler.list_schedules()["Schedules"]
        schedule = scheduler.get_schedule(Name=listed["Name"])
        self.assertEqual(schedule["ScheduleExpression"], "cron(* * * * ? *)")
        self.assertEqual(schedule["State"], "ENABLED")
        self.assertEqual(schedule["FlexibleTimeWindow"], {"Mode": "OFF"})
        target = schedule["Target"]
        self.assertEqual(target["Arn"], self.function("CollectorFunction")["FunctionArn"])
        self.assertEqual(json.loads(target["Input"]), {"scheduled_at": "<aws.scheduler.scheduled-time>"})
        self.assertEqual(target["RetryPolicy"]["MaximumRetryAttempts"], 0)

    def check_shards(self):
        """The way of a shard: from the collector to the bus, by the rule to the collector, or into the queue."""
        events, sqs = self.aws.client("events"), self.aws.client("sqs")
        variables = self.variables("CollectorFunction")
        bus = variables["SHARD_BUS_NAME"]
        self.assertEqual(bus, "rollcall-shards")
        self.assertEqual((variables["SHARD_CHANNELS"], variables["SHARD_CLIENTS"]), ("5000", "250000"))
        hand_out = self.policies("CollectorRole")["hand-out"]
        bus_arn = events.describe_event_bus(Name=bus)["Arn"]
        self.assertEqual((hand_out["Action"], hand_out["Resource"]), ("events:PutEvents", bus_arn))

        (rule,) = events.list_rules(EventBusName=bus)["Rules"]
        self.assertEqual(rule["State"], "ENABLED")
        (target,) = events.list_targets_by_rule(Rule=rule["Name"], EventBusName=bus)["Targets"]
        collector = self.function("CollectorFunction")
        self.assertEqual(target["Arn"], collector["FunctionArn"])
        self.assertEqual(target["RetryPolicy"], {"MaximumRetryAttempts": 3, "MaximumEventAgeInSeconds": 60})
        document = json.loads(self.aws.client("lambda").get_policy(FunctionName=collector["FunctionName"])["Policy"])
        (allowed,) = [it for it in document["Statement"] if it["Principal"] == {"Service": "events.amazonaws.com"}]
        self.assertEqual((allowed["Action"], allowed["Condition"]["ArnLike"]["AWS:SourceArn"]), ("lambda:InvokeFunction", rule["Arn"]))

        (url,) = sqs.list_queues()["QueueUrls"]
        # The same queue at another address: that of AWS, that of the simulation.
        self.assertEqual(urlsplit(self.outputs()["UndeliveredShards"]).path, urlsplit(url).path)
        queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        self.assertEqual(target["DeadLetterConfig"], {"Arn": queue["QueueArn"]})
        self.assertEqual((queue["MessageRetentionPeriod"], queue["SqsManagedSseEnabled"]), ("86400", "true"))
        (policy,) = self.stubs("AWS::SQS::QueuePolicy")
        (sends,) = policy["PolicyDocument"]["Statement"]
        self.assertEqual((sends["Action"], sends["Resource"]), ("sqs:SendMessage", queue["QueueArn"]))
        self.assertEqual(sends["Condition"], {"ArnEquals": {"aws:SourceArn": rule["Arn"]}})

    def check_keys(self, of_members: str):
        """By which policy the answers of a path are kept."""
        (distribution,) = self.stubs("AWS::CloudFront::Distribution")
        behaviors = distribution["DistributionConfig"]["CacheBehaviors"]
        kept = [it for it in self.all_stubs() if it["Type"] == "AWS::CloudFront::CachePolicy"]
        names = {it["Name"]: it["Properties"]["CachePolicyConfig"]["Name"] for it in kept}
        policies = {it["PathPattern"]: names[it["CachePolicyId"]] for it in behaviors}
        self.assertEqual(policies["/v1/presence/*/members"], of_members)
        self.assertEqual(policies["/v1/*"], f"rollcall-{REGION}-views")
        self.assertEqual(set(policies.values()), set(names.values()), "each is used")

    def check_dashboard(self, of_a_minute: str, stack: str = "rollcall"):
        body = self.aws.client("cloudwatch").get_dashboard(DashboardName=f"{stack}-{REGION}")["DashboardBody"]
        widgets = json.loads(body)["widgets"]
        first_row = [it["properties"]["title"] for it in widgets if it["y"] == 0]
        self.assertEqual(first_row, ["Is it working?", "How many are here?", "How late are we? (seconds)"])
        self.assertNotIn("${", body)
        (people,) = [it["properties"]["stat"] for it in widgets if it["properties"]["title"] == "How many are here?"]
        self.assertEqual(people, of_a_minute)
