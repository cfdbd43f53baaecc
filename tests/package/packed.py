"""What the tests share: what was packed, the tools, and the program as it serves."""

import json
import os
import re
import select
import signal
import subprocess
import tarfile
import tempfile
import time
import tomllib
import unittest
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = Path(os.environ["ROLLCALL_PACKAGE"])
VERSION = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["package"]["version"]
X86_64, ARM64 = "x86_64-unknown-linux-musl", "aarch64-unknown-linux-musl"
HERE = f"{os.uname().machine}-unknown-linux-musl"

# Enough to start with: neither Centrifugo nor Redis is there.
LEAST = {
    "WATCH_CHANNELS": "site:main",
    "CENTRIFUGO_API_URL": "http://127.0.0.1:9/api",
    "CENTRIFUGO_API_KEY": "key",
    "REDIS_URL": "redis://127.0.0.1:9",
}
READY_SECONDS = 30
END_SECONDS = 15


def tool(name: str) -> str:
    """A program that `cargo xtask test` has brought; without it the test is skipped, for the reason that it gave."""
    if reason := os.environ.get(f"ROLLCALL_NO_{name}"):
        raise unittest.SkipTest(reason)
    return os.environ[f"ROLLCALL_{name}"]


def run(command: list, **options) -> str:
    """Runs a command that must succeed; what it says, both streams together."""
    done = subprocess.run(
        [str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300, **options
    )
    if done.returncode:
        raise AssertionError(f"{command} ended with {done.returncode}: {done.stdout[-3000:]}")
    return done.stdout


def empty_folder(clean_up) -> Path:
    """A folder that is gone after the test, by its `addCleanup`, or after all of a class, by `addClassCleanup`."""
    folder = tempfile.TemporaryDirectory()
    clean_up(folder.cleanup)
    return Path(folder.name)


def archive(target: str) -> Path:
    return PACKAGE / f"rollcall-{VERSION}-{target}.tar.gz"


def unpack(path: Path, to: Path) -> Path:
    """Unpacks an archive, and gives the one folder that it has."""
    with tarfile.open(path) as tar:
        tar.extractall(to, filter="fully_trusted")
    (folder,) = to.iterdir()
    return folder


def wheel(target: str) -> Path:
    machine = target.split("-")[0]
    (path,) = PACKAGE.glob(f"rollcall_server-{VERSION}-py3-none-*_{machine}.whl")
    return path


def variables() -> set[str]:
    """Those that the program knows, as both tables of them say."""
    both = (ROOT / "README.md").read_text().split("## Configuration")[1] + (ROOT / "server/README.md").read_text()
    rows = [line.split("|")[1] for line in both.splitlines() if line.startswith("| `")]
    return set(re.findall(r"`([A-Z][A-Z_]+)`", " ".join(rows))) - {"SHARD_BUS_NAME", "SHARD_CHANNELS", "SHARD_CLIENTS"}


class Serving:
    """`rollcall serve`, in a `with`: `url` is where. At the end it is asked to end, and must; then there are `status` and
    `log`."""

    def __init__(self, command: list, environment: dict[str, str]):
        self.command = [str(part) for part in command]
        self.environment = environment

    def __enter__(self):
        self.stderr = tempfile.TemporaryFile()
        self.process = subprocess.Popen(self.command, env=self.environment, stdout=subprocess.PIPE, stderr=self.stderr)
        ready, _, _ = select.select([self.process.stdout], [], [], READY_SECONDS)
        line = self.process.stdout.readline().decode() if ready else ""
        said = re.fullmatch(r"rollcall serves (http://127\.0\.0\.1:\d+)/\n", line)
        if not said:
            self.__exit__()
            raise AssertionError(f"it does not serve: {line!r} {self.log}")
        self.url = said[1]
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.status = self.process.wait(END_SECONDS)
        finally:
            self.process.kill()
            self.process.stdout.close()
            self.stderr.seek(0)
            self.log = self.stderr.read().decode(errors="replace")
            self.stderr.close()

    def ask(self, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(self.url + path, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def check_alone(self, test: unittest.TestCase):
        """It serves with nobody else there: the page and the element, and says that Redis is away."""
        status, page = self.ask("/")
        test.assertEqual(status, 200)
        test.assertIn('<roll-call channel="site:main"', page)
        test.assertEqual(self.ask("/roll-call.js")[0], 200)
        test.assertEqual(self.ask("/v1/health")[0], 503)

    def view(self, channel: str) -> dict:
        """The view of a channel, once there is one."""
        end = time.monotonic() + READY_SECONDS
        while True:
            status, body = self.ask(f"/v1/presence/{channel}")
            if status == 200:
                return json.loads(body)
            if time.monotonic() > end:
                raise AssertionError(f"no view of {channel}: {status} {body}")
            time.sleep(0.05)
