"""tests/aws/run, the whole of it, against the simulation: its stack is there, and in the place of CloudFront stand the
real functions, with a real Centrifugo and a real Redis, and the files that the stack has put into its bucket."""

import json
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from unittest.mock import patch
from urllib.parse import unquote, urlsplit

from aws import REGION, ROOT, TARGET, Simulation, built, environment, tool
from build_test import build
from centrifugo import KEY, Centrifugo
from simulation.runtime_api import Function

sys.path.insert(0, str(ROOT / "tests/aws"))
from report import Failed, Report
from stack import Stack

ARCHITECTURE = "arm64"
STACK = "rollcall-try"
# What the simulation has not: limits of an account, a function's own address, functions that a rule calls, and what Lambda
# logs.
NOT_THERE = {"the account", "the function behind CloudFront", "shards", "memory and cold starts of the collector"}


class Redis:
    """A real one, in a `with`."""

    def __enter__(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.folder = tempfile.TemporaryDirectory()
        command = [tool("ROLLCALL_REDIS"), "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", self.folder.name]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        end = time.monotonic() + 30
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return self
            except OSError:
                if self.process.poll() is not None or time.monotonic() > end:
                    raise RuntimeError("Redis does not start") from None
                time.sleep(0.05)

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.folder.cleanup()


class Front:
    """What CloudFront is to the stack, without keeping anything: the function for the API, the bucket for the rest."""

    def __init__(self, simulation: Simulation, snapshot: Function):
        front, turn = self, threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                path = urlsplit(self.path).path
                if path.startswith("/v1/"):
                    with turn:
                        _, answer = snapshot.invoke(self.event())
                    self.answer(answer["statusCode"], answer["headers"], answer.get("body", "").encode())
                else:
                    self.answer(*front.file(simulation, path.removeprefix("/") or "index.html"))

            do_HEAD = do_OPTIONS = do_GET

            def event(self) -> dict:
                url = urlsplit(self.path)
                http = {"method": self.command, "path": unquote(url.path), "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1",
                        "userAgent": "tests"}  # fmt: skip
                return {
                    "version": "2.0", "routeKey": "$default", "rawPath": url.path, "rawQueryString": url.query,
                    "headers": {name.lower(): value for name, value in self.headers.items()},
                    "requestContext": {
                        "accountId": "anonymous", "apiId": "api", "domainName": "api.on.aws", "domainPrefix": "api", "http": http,
                        "requestId": "1", "routeKey": "$default", "stage": "$default", "time": "24/Nov/2026:12:00:00 +0000",
                        "timeEpoch": 1795521600000,
                    },
                    "isBase64Encoded": False,
                }  # fmt: skip

            def answer(self, status: int, headers: dict, body: bytes):
                self.send_response(status)
                for name, value in headers.items():
                    if name.lower() != "content-length":
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    @staticmethod
    def file(simulation: Simulation, key: str):
        s3 = simulation.client("s3")
        buckets = [it["Name"] for it in s3.list_buckets()["Buckets"] if it["Name"].startswith(STACK)]
        try:
            found = s3.get_object(Bucket=buckets[0], Key=key)
        except (IndexError, s3.exceptions.NoSuchKey):
            return 404, {}, b""
        return 200, {"Content-Type": found["ContentType"]}, found["Body"].read()


class Run(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        build(ARCHITECTURE)

    def setUp(self):
        self.aws = self.enterContext(Simulation())
        # Its own copy: a run changes the programs.
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        shutil.copytree(built(ARCHITECTURE), folder / "built")
        self.template = folder / "built/template.yaml"

    def run_it(self, site: str, centrifugo: Centrifugo) -> subprocess.CompletedProcess:
        command = [
            sys.executable, ROOT / "tests/aws/run", "--stack", STACK, "--region", REGION, "--template", self.template,
            "--site", site, "--sam", tool("ROLLCALL_SAM"), "--minutes", "0.1",
        ]  # fmt: skip
        more = {
            "AWS_ENDPOINT_URL": f"http://localhost:{self.aws.port}",
            "CENTRIFUGO_API_URL": f"http://127.0.0.1:{centrifugo.port}/api",
            "CENTRIFUGO_API_KEY": KEY,
        }
        return subprocess.run(
            command, env=environment(**more), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def test_a_run_goes_all_the_way_and_leaves_nothing(self):
        centrifugo, redis = self.enterContext(Centrifugo()), self.enterContext(Redis())
        variables = {"WATCH_CHANNELS": "site:main", "REDIS_URL": f"redis://127.0.0.1:{redis.port}"}
        api = {"CENTRIFUGO_API_URL": f"http://127.0.0.1:{centrifugo.port}/api", "CENTRIFUGO_API_KEY": KEY}
        collector = self.enterContext(Function([str(TARGET / "debug/collector")], {**variables, **api}))
        snapshot = self.enterContext(Function([str(TARGET / "debug/snapshot")], variables))
        ended = threading.Event()

        def minutes():
            # A second stands for a minute.
            while not ended.wait(1):
                collector.invoke({})

        schedule = threading.Thread(target=minutes)
        schedule.start()
        self.addCleanup(schedule.join)
        self.addCleanup(ended.set)
        front = self.enterContext(Front(self.aws, snapshot))
        done = self.run_it(front.url, centrifugo)

        self.assertNotIn(KEY, done.stdout)
        self.assertNotIn(str(centrifugo.port), done.stdout)
        steps = dict(re.findall(r"^\| (.+?) \| (good|\*\*wrong\*\*) \|", done.stdout, re.M))
        wrong = {name for name, state in steps.items() if state != "good"}
        self.assertEqual(wrong, NOT_THERE, done.stdout)
        self.assertEqual(done.returncode, 1, "what is wrong is told")
        for name in ["deploy", "every route", "the clock, period 10", "an upgrade", "delete", "what is left"]:
            self.assertIn(name, steps)
        self.assertRegex(done.stdout, r"\d+ roll calls, \d\.\d to \d\.\d s apart")
        self.assertFalse(self.is_there())

    def is_there(self) -> bool:
        stacks = self.aws.client("cloudformation").list_stacks()["StackSummaries"]
        return any(it["StackName"] == STACK and it["StackStatus"] != "DELETE_COMPLETE" for it in stacks)

    def test_what_a_stack_leaves_is_found(self):
        self.aws.client("logs").create_log_group(logGroupName=f"/aws/lambda/{STACK}-CollectorFunction-1")
        self.aws.client("cloudwatch").put_dashboard(DashboardName=f"{STACK}-{REGION}", DashboardBody="{}")
        self.aws.client("events").create_event_bus(Name=f"{STACK}-shards")
        queue = self.aws.client("sqs").create_queue(QueueName=f"{STACK}-Undelivered-1")["QueueUrl"]
        self.aws.client("logs").create_log_group(logGroupName="/aws/lambda/another")
        self.aws.client("sqs").create_queue(QueueName="another")
        stack = Stack(STACK, REGION, "", self.template)
        stack.client = self.aws.client
        found, unasked = stack.leftovers()
        self.assertEqual(found, [
            f"describe_log_groups: /aws/lambda/{STACK}-CollectorFunction-1", f"list_event_buses: {STACK}-shards",
            f"list_queues: {queue}", f"list_dashboards: {STACK}-{REGION}",
        ])  # fmt: skip
        for reason in unasked:
            self.assertRegex(reason, r"^(elasticache|cloudfront)\.")


class Told(unittest.TestCase):
    def test_the_reason_is_that_of_the_nested_stack(self):
        root, nested = "arn:aws:cloudformation:us-east-1:1:stack/x/1", "arn:aws:cloudformation:us-east-1:1:stack/x-Site/2"
        failed = {"ResourceStatus": "CREATE_FAILED"}
        events = {
            "x": [
                {**failed, "StackId": root, "ResourceType": "AWS::Lambda::Function", "LogicalResourceId": "SiteFunction",
                 "ResourceStatusReason": "Resource creation cancelled"},
                {**failed, "StackId": root, "ResourceType": "AWS::CloudFormation::Stack", "LogicalResourceId": "Site",
                 "PhysicalResourceId": nested, "ResourceStatusReason": f"Embedded stack {nested} was not successfully created"},
            ],
            nested: [
                {**failed, "StackId": nested, "ResourceType": "AWS::CloudFront::Distribution", "LogicalResourceId": "Distribution",
                 "ResourceStatusReason": "Your account must be verified"},
                {"ResourceStatus": "CREATE_COMPLETE", "StackId": nested, "ResourceType": "AWS::S3::Bucket", "LogicalResourceId": "Bucket"},
            ],
        }  # fmt: skip
        stack = Stack("x", REGION, "", Path())
        with patch.object(stack, "client") as client:
            pages = client.return_value.get_paginator.return_value.paginate
            pages.side_effect = lambda StackName: [{"StackEvents": events[StackName]}]
            self.assertEqual(stack.reasons("x"), ["Distribution: Your account must be verified"])

    def test_shards_are_counted_by_the_lines_of_plans_and_shards(self):
        plan = {"Stack": "x", "ShardsDue": 2, "Present": 0}
        lines = [json.dumps(it) for it in [plan, {"ShardsTaken": 1}, {"ShardsTaken": 1}, {**plan, "ShardsDue": 3}]]
        stack = Stack("x", REGION, "", Path())
        with patch.object(stack, "_logged", return_value=lines):
            self.assertEqual(stack.shards(), (5, 2))

    def test_a_step_that_fails_is_told_without_secrets_and_does_not_stop_the_next(self):
        report = Report({"the-secret": "the-key", "": "never"})
        with report.step("first"):
            raise Failed("the-secret of account 111122223333")
        with report.step("second") as second:
            second.note("it goes on")
        self.assertFalse(report.is_good())
        text = report.markdown()
        self.assertIn("- **wrong**: the-key of account 123456789012", text)
        self.assertRegex(text, r"\| second \| good \|")
