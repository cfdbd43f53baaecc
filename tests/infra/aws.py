"""What the tests share: where things are, the tools, and a simulated AWS of one's own."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import boto3

ROOT = Path(__file__).resolve().parents[2]
TARGET = ROOT / os.environ.get("CARGO_TARGET_DIR", "target")
TEMPLATES = [ROOT / "template.yaml", *sorted((ROOT / "infra").glob("*.yaml"))]
REGION = "us-east-1"
QUOTES = '""'

# The least that a deployment must be told.
REQUIRED = {
    "WatchChannels": "site:main,room:*",
    "CentrifugoApiUrl": "https://rt.example.com/api",
    "CentrifugoApiKey": "an-api-key",
}


def tool(variable: str) -> str:
    """A program that `cargo xtask test` has brought."""
    if variable not in os.environ:
        raise RuntimeError(f"{variable} is not set: run `cargo xtask test --only infra`")
    return os.environ[variable]


def environment(**more: str) -> dict[str, str]:
    """This process's environment, without whatever of AWS or SAM is set in it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SAM_"))}
    return {
        **kept,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": REGION,
        "SAM_CLI_TELEMETRY": "0",
        **more,
    }


def run(command: list, **more: str) -> subprocess.CompletedProcess:
    """Runs a command at the root; its output is text, both streams together."""
    return subprocess.run(
        [str(part) for part in command],
        cwd=ROOT,
        env=environment(**more),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )


def built(architecture: str) -> Path:
    """Where build_test.py has `sam build` put its output."""
    return TARGET / "sam" / architecture


class Simulation:
    """The server of simulation/, in a `with`."""

    def __enter__(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "simulation", str(self.port), tool("ROLLCALL_SITE")],
            cwd=Path(__file__).parent,
            env=environment(),
            stdout=self.log,
            stderr=subprocess.STDOUT,
        )
        end = time.monotonic() + 60
        while True:
            try:
                self.stubs()
                return self
            except OSError:
                if self.process.poll() is not None or time.monotonic() > end:
                    raise RuntimeError(f"the simulation does not start: {self.last_words()}") from None
                time.sleep(0.1)

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.log.close()

    def stubs(self) -> list[dict]:
        """The resources that only the stack knows."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/moto-api/stubs") as answer:
            return json.load(answer)

    def client(self, service: str):
        """A boto3 client."""
        return boto3.client(
            service,
            region_name=REGION,
            endpoint_url=f"http://127.0.0.1:{self.port}",
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
        )

    def sam(self, *arguments) -> subprocess.CompletedProcess:
        """Runs sam against it. A name, not an address: moto finds nested templates only so."""
        return run([tool("ROLLCALL_SAM"), *arguments], AWS_ENDPOINT_URL=f"http://localhost:{self.port}")

    def deploy(self, stack: str, architecture: str, parameters: dict[str, str]) -> subprocess.CompletedProcess:
        """`sam deploy` as docs/DEPLOY.md says, with samconfig.toml as it is."""
        # sam takes an empty value only in quotes of its own.
        overrides = [f"{name}={value or QUOTES}" for name, value in {**REQUIRED, **parameters}.items()]
        return self.sam(
            "deploy", "--template-file", built(architecture) / "template.yaml", "--config-file", ROOT / "samconfig.toml",
            "--stack-name", stack, "--region", REGION, "--parameter-overrides", *overrides,
        )  # fmt: skip

    def last_words(self) -> str:
        self.log.seek(0)
        return self.log.read().decode(errors="replace")[-4000:]
