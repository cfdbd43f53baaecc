"""The templates before anything is built: linters, each clean."""

import json
import tempfile
import unittest
from pathlib import Path

from aws import REGION, ROOT, TEMPLATES, run, tool
from simulation.translate import read, translated


class Lint(unittest.TestCase):
    maxDiff = None

    def test_cfn_lint_finds_nothing(self):
        done = run([tool("ROLLCALL_CFN_LINT"), "--", *TEMPLATES])
        self.assertEqual((done.returncode, done.stdout.strip()), (0, ""))

    def test_sam_validate_lint_finds_nothing(self):
        for template in TEMPLATES:
            with self.subTest(template=template.name):
                done = run([tool("ROLLCALL_SAM"), "validate", "--lint", "-t", template, "--region", REGION])
                self.assertEqual(done.returncode, 0, done.stdout)
                self.assertIn("is a valid SAM Template", done.stdout)

    def test_checkov_passes_and_every_skip_has_its_reason(self):
        """On the translated templates: checkov sees more there than in SAM's form."""
        for template in TEMPLATES:
            with self.subTest(template=template.name), tempfile.TemporaryDirectory() as folder:
                plain = Path(folder) / "plain.json"
                plain.write_text(json.dumps(translated(with_code_elsewhere(read(template))), default=str))
                done = run(
                    [tool("ROLLCALL_CHECKOV"), "-f", plain, "--framework", "cloudformation", "--output", "json",
                     "--skip-download"],
                    BC_SKIP_MAPPING="TRUE",
                )  # fmt: skip
                report = json.loads(done.stdout[done.stdout.index("{") :])
                # Of a template in which there is nothing that it knows, its report is numbers alone.
                report = report if "results" in report else {"results": {"failed_checks": [], "skipped_checks": []}, "summary": report}
                results = report["results"]
                failed = [(it["check_id"], it["resource"], it["check_name"]) for it in results["failed_checks"]]
                self.assertEqual(failed, [])
                self.assertEqual(report["summary"]["parsing_errors"], 0)
                used = {(it["resource"].split(".")[-1], it["check_id"]) for it in results["skipped_checks"]}
                skips = {
                    (name, skip["id"]): skip.get("comment", "")
                    for name, resource in read(template)["Resources"].items()
                    for skip in resource.get("Metadata", {}).get("checkov", {}).get("skip", [])
                }
                self.assertEqual(set(skips), used, "a skip that skips nothing is stale")
                for skip, reason in skips.items():
                    self.assertGreater(len(reason), 20, skip)

    def test_no_stack_reaches_into_another_by_name(self):
        for template in TEMPLATES:
            text = template.read_text()
            for word in ["Export:", "ImportValue"]:
                self.assertNotIn(word, text, f"{template.name}: data goes through the root")

    def test_files_stay_small(self):
        for template in TEMPLATES:
            limit = 700 if template == ROOT / "template.yaml" else 400
            self.assertLess(len(template.read_text().splitlines()), limit, template.name)


def with_code_elsewhere(template: dict) -> dict:
    """The translator wants code to be packaged."""
    function = template.get("Globals", {}).get("Function", {})
    if "CodeUri" in function:
        function["CodeUri"] = "s3://bucket/code.zip"
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Application":
            resource["Properties"]["Location"] = "https://s3.amazonaws.com/bucket/child.yaml"
    return template


