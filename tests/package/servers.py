"""A Centrifugo and a Redis for the program to be between."""

import os
import socket
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

from packed import READY_SECONDS, tool


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Server:
    """A program that is there once `is_there` says so, in a `with`."""

    def __init__(self, command: list[str], environment: dict[str, str], is_there):
        self.command, self.environment, self.is_there = command, environment, is_there

    def __enter__(self):
        self.log = tempfile.TemporaryFile()
        environment = {"PATH": os.environ["PATH"], **self.environment}
        self.process = subprocess.Popen(self.command, env=environment, stdout=self.log, stderr=subprocess.STDOUT)
        end = time.monotonic() + READY_SECONDS
        while True:
            try:
                self.is_there()
                return self
            except OSError:
                if self.process.poll() is not None or time.monotonic() > end:
                    self.log.seek(0)
                    words = self.log.read().decode(errors="replace")[-2000:]
                    self.__exit__()
                    raise AssertionError(f"{self.command[0]} does not start: {words}") from None
                time.sleep(0.05)

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.log.close()


def centrifugo(port: int, configuration: Path, environment: dict[str, str]) -> Server:
    """A Centrifugo with that configuration."""
    own = {"CENTRIFUGO_HTTP_SERVER_ADDRESS": "127.0.0.1", "CENTRIFUGO_HTTP_SERVER_PORT": str(port)}
    return Server(
        [tool("CENTRIFUGO"), "-c", str(configuration)],
        {**environment, **own},
        lambda: urllib.request.urlopen(f"http://127.0.0.1:{port}/health").close(),
    )


def redis(port: int) -> Server:
    command = [tool("REDIS"), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", tempfile.gettempdir()]
    return Server(command, {}, lambda: socket.create_connection(("127.0.0.1", port)).close())
