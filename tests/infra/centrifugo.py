"""A Centrifugo with the configuration of docs/CENTRIFUGO.md, and visitors who knock at it."""

import base64
import hashlib
import hmac
import json
import os
import re
import socket
import struct
import subprocess
import tempfile
import time
import urllib.request

from aws import ROOT, tool

SECRET = "the-token-secret"
KEY = "the-api-key"
ORIGIN = "https://www.example.com"


def configuration() -> str:
    return re.search(r"```json\n(.*?)```", (ROOT / "docs/CENTRIFUGO.md").read_text(), re.S)[1]


def encode(claims: dict, secret: str, algorithm: str = "HS256") -> str:
    """A JWT, as PyJWT makes it."""
    parts = [json.dumps(part).encode() for part in ({"alg": algorithm, "typ": "JWT"}, claims)]
    signed = b".".join(map(_base64, parts))
    return b".".join([signed, _base64(hmac.digest(secret.encode(), signed, hashlib.sha256))]).decode()


def _base64(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


class Centrifugo:
    """The server, in a `with`."""

    def __enter__(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.file = tempfile.NamedTemporaryFile("w", suffix=".json")
        self.file.write(configuration())
        self.file.flush()
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [tool("ROLLCALL_CENTRIFUGO"), "-c", self.file.name],
            env={
                "PATH": os.environ["PATH"],
                "CENTRIFUGO_HTTP_SERVER_ADDRESS": "127.0.0.1",
                "CENTRIFUGO_HTTP_SERVER_PORT": str(self.port),
                "CENTRIFUGO_HTTP_API_KEY": KEY,
                "CENTRIFUGO_CLIENT_TOKEN_HMAC_SECRET_KEY": SECRET,
            },
            stdout=self.log,
            stderr=subprocess.STDOUT,
        )
        end = time.monotonic() + 30
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health").close()
                return self
            except OSError:
                if self.process.poll() is not None or time.monotonic() > end:
                    self.log.seek(0)
                    last_words = self.log.read().decode(errors="replace")[-2000:]
                    self.__exit__()
                    raise RuntimeError(f"Centrifugo does not start: {last_words}") from None
                time.sleep(0.05)

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.log.close()
        self.file.close()

    def ask(self, method: str, **body) -> dict:
        """Its server API."""
        url, data = f"http://127.0.0.1:{self.port}/api/{method}", json.dumps(body).encode()
        with urllib.request.urlopen(urllib.request.Request(url, data, {"X-API-Key": KEY})) as answer:
            return json.load(answer)["result"]

    def present(self, channel: str) -> set[str]:
        """The users whom the collector would find there."""
        return {it["user"] for it in self.ask("presence", channel=channel)["presence"].values()}

    def wait_until_empty(self, channel: str):
        end = time.monotonic() + 10
        while self.present(channel):
            if time.monotonic() > end:
                raise RuntimeError(f"somebody stays in {channel}")
            time.sleep(0.02)


class Visitor:
    """A WebSocket to Centrifugo, in a `with`; what it needs of RFC 6455 and no more."""

    def __init__(self, centrifugo: Centrifugo):
        self.socket = socket.create_connection(("127.0.0.1", centrifugo.port), timeout=10)
        self.file = self.socket.makefile("rb")
        head = [
            "GET /connection/websocket HTTP/1.1", "Host: 127.0.0.1", "Upgrade: websocket", "Connection: Upgrade",
            "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==", f"Origin: {ORIGIN}", "", "",
        ]  # fmt: skip
        self.socket.sendall("\r\n".join(head).encode())
        status = self.file.readline()
        if b" 101 " not in status:
            raise RuntimeError(f"no WebSocket: {status!r}")
        while self.file.readline().strip():
            pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()
        self.socket.close()

    def send(self, *messages: dict):
        """One text frame, a line for each message; its mask is zero."""
        text = "\n".join(map(json.dumps, messages)).encode()
        self.socket.sendall(b"\x81\xfe" + struct.pack(">H", len(text)) + bytes(4) + text)

    def receive(self) -> list[dict]:
        """The messages of the next frame."""
        kind, length = self.file.read(2)
        length = struct.unpack(">H", self.file.read(2))[0] if length == 126 else length
        text = self.file.read(length)
        if kind == 0x88:
            raise RuntimeError(f"closed: {struct.unpack('>H', text[:2])[0]} {text[2:].decode()}")
        return [json.loads(line) for line in text.decode().splitlines()]

    def enter(self, token: str, *commands: dict) -> list[dict]:
        """Connects and sends commands in one go; the answer to each of the commands."""
        return self.greet(token, *commands)[1:]

    def greet(self, token: str, *commands: dict) -> list[dict]:
        """The same, with the answer to the connection itself before them."""
        connect = {"connect": {"token": token} if token else {}}
        self.send(*({"id": index + 1, **command} for index, command in enumerate([connect, *commands])))
        answers = []
        while len(answers) <= len(commands):
            answers += self.receive()
        return answers
