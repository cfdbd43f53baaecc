"""The stack on AWS, by sam and boto3, which comes with sam. AWS_ENDPOINT_URL leads both to a simulation."""

import json
import os
import subprocess
import time
from pathlib import Path

import boto3
from botocore.exceptions import ClientError

from report import Failed

ROOT = Path(__file__).resolve().parents[2]
ENDED = 60  # seconds; a simulation is quicker


class Stack:
    def __init__(self, name: str, region: str, sam: str, template: Path):
        self.name, self.region, self.sam_program, self.template = name, region, sam, template

    def client(self, service: str):
        return boto3.client(service, region_name=self.region)

    def sam(self, *arguments) -> str:
        """Runs sam at the root; the output of one that fails is in the error."""
        done = subprocess.run(
            [self.sam_program, *map(str, arguments)], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env={**os.environ, "SAM_CLI_TELEMETRY": "0"},
        )  # fmt: skip
        if done.returncode:
            raise Failed(f"sam {arguments[0]} fails: {done.stdout[-1500:]}")
        return done.stdout

    def exists(self) -> bool:
        try:
            (stack,) = self.client("cloudformation").describe_stacks(StackName=self.name)["Stacks"]
        except ClientError:
            return False
        return stack["StackStatus"] != "DELETE_COMPLETE"

    def deploy(self, parameters: dict[str, str]):
        overrides = [f'{name}="{value}"' for name, value in parameters.items()]
        try:
            self.sam(
                "deploy", "--template-file", self.template, "--config-file", ROOT / "samconfig.toml", "--stack-name", self.name,
                "--region", self.region, "--tags", f"rollcall-try={self.name}", "--parameter-overrides", *overrides,
            )  # fmt: skip
        except Failed as error:
            reasons = self.reasons(self.name)
            raise Failed("; ".join(reasons) or str(error)) from None

    def reasons(self, stack: str) -> list[str]:
        """Why a stack and the stacks in it failed. Those are gone after the rollback and known by their ARN alone."""
        try:
            pages = self.client("cloudformation").get_paginator("describe_stack_events").paginate(StackName=stack)
            events = [event for page in pages for event in page["StackEvents"]]
        except ClientError:
            return []
        found = []
        for event in events:
            reason = event.get("ResourceStatusReason", "")
            if "FAILED" not in event["ResourceStatus"] or "cancelled" in reason:
                continue
            inner = event.get("PhysicalResourceId", "")
            is_nested = event["ResourceType"] == "AWS::CloudFormation::Stack" and inner != event["StackId"]
            found += (self.reasons(inner) if is_nested and inner else []) or [f"{event['LogicalResourceId']}: {reason}"]
        return list(dict.fromkeys(found))

    def outputs(self) -> dict[str, str]:
        (stack,) = self.client("cloudformation").describe_stacks(StackName=self.name)["Stacks"]
        return {it["OutputKey"]: it["OutputValue"] for it in stack.get("Outputs", [])}

    def change_programs(self):
        """Makes other programs of those that were built, as an upgrade does: a byte at the end of one changes nothing."""
        for program in self.template.parent.glob("*Function/bootstrap"):
            program.write_bytes(program.read_bytes() + b"\n")

    def delete(self):
        if "AWS_ENDPOINT_URL" in os.environ:
            # sam looks for the nested templates at the address of AWS; this is what it does then.
            self.client("cloudformation").delete_stack(StackName=self.name)
        else:
            self.sam("delete", "--stack-name", self.name, "--region", self.region, "--no-prompts")
        end = time.monotonic() + ENDED
        while self.exists():
            if time.monotonic() > end:
                raise Failed("; ".join(self.reasons(self.name)) or "the stack is still there")
            time.sleep(1)

    def collector_runs(self) -> list[str]:
        """What Lambda says of the collector's runs."""
        return self._logged('{ $.type = "platform.report" }')

    def shards(self) -> tuple[int, int]:
        """How many shards the collector says were due, and how many were taken."""
        lines = [json.loads(it) for it in self._logged("{ $.ShardsDue > 0 || $.ShardsTaken > 0 }")]
        return sum(it.get("ShardsDue", 0) for it in lines), sum(it.get("ShardsTaken", 0) for it in lines)

    def _logged(self, pattern: str) -> list[str]:
        """Lines of the collector's log."""
        pages = self.client("logs").get_paginator("filter_log_events").paginate(
            logGroupName=self._physical("CollectorLogs"), filterPattern=pattern
        )
        return [event["message"] for page in pages for event in page["events"]]

    def alarms(self) -> dict[str, str]:
        pages = self.client("cloudwatch").get_paginator("describe_alarms").paginate(AlarmNamePrefix=self.name)
        return {it["AlarmName"]: it["StateValue"] for page in pages for it in page["MetricAlarms"]}

    def function_url(self) -> str:
        name = self._physical("SnapshotFunction")
        return self.client("lambda").get_function_url_config(FunctionName=name)["FunctionUrl"]

    def _physical(self, logical_id: str) -> str:
        found = self.client("cloudformation").describe_stack_resource(StackName=self.name, LogicalResourceId=logical_id)
        return found["StackResourceDetail"]["PhysicalResourceId"]

    def leftovers(self) -> tuple[list[str], list[str]]:
        """What is still there of a stack that was deleted, and what could not be asked."""
        found, unasked = [], []
        for service, operation, key, named in [
            ("lambda", "list_functions", "Functions", "FunctionName"),
            ("logs", "describe_log_groups", "logGroups", "logGroupName"),
            ("iam", "list_roles", "Roles", "RoleName"),
            ("scheduler", "list_schedules", "Schedules", "Name"),
            ("s3", "list_buckets", "Buckets", "Name"),
            ("sns", "list_topics", "Topics", "TopicArn"),
            ("events", "list_event_buses", "EventBuses", "Name"),  # rules go with their bus
            ("sqs", "list_queues", "QueueUrls", None),
            ("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
            ("cloudwatch", "list_dashboards", "DashboardEntries", "DashboardName"),
            ("elasticache", "describe_serverless_caches", "ServerlessCaches", "ServerlessCacheName"),
            ("elasticache", "describe_users", "Users", "UserId"),
            ("elasticache", "describe_user_groups", "UserGroups", "UserGroupId"),
            ("cloudfront", "list_distributions", "DistributionList.Items", "Comment"),
            ("cloudfront", "list_cache_policies", "CachePolicyList.Items", "CachePolicy.CachePolicyConfig.Name"),
            ("cloudfront", "list_origin_access_controls", "OriginAccessControlList.Items", "Name"),
            ("cloudfront", "list_response_headers_policies", "ResponseHeadersPolicyList.Items",
             "ResponseHeadersPolicy.ResponseHeadersPolicyConfig.Name"),
        ]:  # fmt: skip
            try:
                names = [_at(it, named) if named else it for it in self._all(service, operation, key)]
            except Exception as error:  # The other questions are asked all the same.
                unasked.append(f"{service}.{operation}: {type(error).__name__}")
                continue
            found += [f"{operation}: {name}" for name in names if self.name in name]
        return found, unasked

    def _all(self, service: str, operation: str, key: str) -> list:
        client = self.client(service)
        if client.can_paginate(operation):
            pages = client.get_paginator(operation).paginate()
        else:
            pages = [getattr(client, operation)()]
        return [item for page in pages for item in _at(page, key) or []]


def _at(value, path: str):
    for name in path.split("."):
        value = value.get(name) if value else None
    return value
