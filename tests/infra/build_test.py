"""`sam build` of all functions for both architectures, and the arm64 programs under an emulator."""

import json
import os
import struct
import threading
import unittest
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from aws import ROOT, built, run, tool
from simulation.runtime_api import Died, Function

FUNCTIONS = ["CollectorFunction", "SnapshotFunction", "SiteFunction"]
EVENTS = ROOT / "tests/events"
# ELF's numbers of machines.
MACHINES = {"arm64": 183, "x86_64": 62}
# A start downloads and unpacks the program; one that doubles should be noticed.
MOST_BYTES = 16 * 1024 * 1024
# Linux of arm64 has its libraries elsewhere on a machine that is another.
LIBRARIES = Path("/usr/aarch64-linux-gnu")


def program(architecture: str, function: str) -> Path:
    return built(architecture) / function / "bootstrap"


# The other architecture has to build; how well it is optimized is the same profile's business, and takes half of the time.
QUICKLY = {"CARGO_PROFILE_RELEASE_LTO": "off", "CARGO_PROFILE_RELEASE_CODEGEN_UNITS": "16", "CARGO_PROFILE_RELEASE_OPT_LEVEL": "1"}


def build(architecture: str):
    # As docs/DEPLOY.md says; the folder alone is another, so that both stand side by side.
    done = run([
        tool("ROLLCALL_SAM"), "build", "--config-file", ROOT / "samconfig.toml", "--build-dir", built(architecture),
        "--parameter-overrides", f"Architecture={architecture}",
    ], **(QUICKLY if architecture == "x86_64" else {}))  # fmt: skip
    if done.returncode:
        raise AssertionError(done.stdout[-4000:])


class Build(unittest.TestCase):
    def check(self, architecture: str):
        build(architecture)
        for function in FUNCTIONS:
            head = program(architecture, function).read_bytes()[:20]
            self.assertEqual(head[:4], b"\x7fELF", function)
            self.assertEqual(struct.unpack_from("<H", head, 18)[0], MACHINES[architecture], function)
            self.assertLess(program(architecture, function).stat().st_size, MOST_BYTES, function)

    def test_all_functions_are_built_for_arm64(self):
        self.check("arm64")

    def test_all_functions_are_built_for_x86_64(self):
        if os.uname().machine != "x86_64":
            # sam gives cargo-lambda no target for x86_64, which then builds for the machine that it is on.
            self.skipTest("sam builds x86_64 on x86_64 alone")
        self.check("x86_64")


@unittest.skipIf("ROLLCALL_NO_QEMU" in os.environ, os.environ.get("ROLLCALL_NO_QEMU", ""))
class Arm64(unittest.TestCase):
    """A smoke test of what is deployed: starts, reads its configuration, answers one event.

    An emulator of the processor is not Lambda: memory, time and the sandbox are this machine's.
    """

    @classmethod
    def setUpClass(cls):
        build("arm64")

    def start(self, function: str, environment: dict[str, str]) -> Function:
        command = [str(program("arm64", function))]
        if os.uname().machine not in ("aarch64", "arm64"):
            command = [tool("ROLLCALL_QEMU"), "-L", str(LIBRARIES), *command]
        return Function(command, environment)

    def test_collector_says_what_it_could_not_reach(self):
        environment = {
            "WATCH_CHANNELS": "site:main",
            "CENTRIFUGO_API_URL": "http://127.0.0.1:9/api",
            "CENTRIFUGO_API_KEY": "key",
            "REDIS_URL": "redis://127.0.0.1:9",
        }
        with self.start("CollectorFunction", environment) as function:
            kind, answer = function.invoke(json.loads((EVENTS / "collector.json").read_text()))
        self.assertEqual(kind, "error")
        self.assertIn(answer["errorType"], ["CentrifugoUnavailable", "StoreUnavailable"])

    def test_collector_names_every_wrong_variable(self):
        with self.start("CollectorFunction", {"PERIOD_SECONDS": "45"}) as function:
            with self.assertRaises(Died) as died:
                function.wait_until_ready()
        for name in ["WATCH_CHANNELS", "CENTRIFUGO_API_URL", "CENTRIFUGO_API_KEY", "REDIS_URL", "PERIOD_SECONDS"]:
            self.assertIn(name, str(died.exception))

    def test_snapshot_answers_a_request(self):
        environment = {"WATCH_CHANNELS": "room:*", "REDIS_URL": "redis://127.0.0.1:9"}
        with self.start("SnapshotFunction", environment) as function:
            kind, answer = function.invoke(json.loads((EVENTS / "snapshot.json").read_text()))
        self.assertEqual((kind, answer["statusCode"]), ("response", 404))
        self.assertEqual(json.loads(answer["body"])["code"], "unknown_channel")

    def test_site_answers_cloudformation(self):
        answers = []

        class CloudFormation(BaseHTTPRequestHandler):
            def do_PUT(self):
                answers.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_):
                pass

        server = HTTPServer(("127.0.0.1", 0), CloudFormation)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        event = json.loads((EVENTS / "site-delete.json").read_text())
        event["ResponseURL"] = f"http://127.0.0.1:{server.server_port}/"
        event["PhysicalResourceId"] = "not-ours"
        with self.start("SiteFunction", {}) as function:
            self.assertEqual(function.invoke(event)[0], "response")
        self.assertEqual([answer["Status"] for answer in answers], ["SUCCESS"])
