"""Lambda's Runtime API for one program: hands it events, takes its answers."""

import json
import os
import queue
import subprocess
import tempfile
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

VERSION = "/2018-06-01/runtime"


class Died(Exception):
    """The program ended although it should wait for events; the text is its output."""


class Function:
    """A program that runs as AWS Lambda would run it. Use it in a `with`."""

    def __init__(self, command: list[str], environment: dict[str, str], timeout_seconds: int = 30):
        self.timeout_seconds = timeout_seconds
        self.events, self.answers, self.ready = queue.Queue(), queue.Queue(), threading.Event()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        # Nothing of this process's environment but where programs are: what is set outside must not decide.
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            command,
            stdout=self.log,
            stderr=subprocess.STDOUT,
            env={
                "PATH": os.environ["PATH"],
                "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self.server.server_port}",
                "AWS_LAMBDA_FUNCTION_NAME": "function",
                "AWS_LAMBDA_FUNCTION_VERSION": "1",
                "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
                "AWS_LAMBDA_LOG_GROUP_NAME": "group",
                "AWS_LAMBDA_LOG_STREAM_NAME": "stream",
                "AWS_REGION": "us-east-1",
                "AWS_ACCESS_KEY_ID": "testing",
                "AWS_SECRET_ACCESS_KEY": "testing",
                **environment,
            },
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.server.shutdown()
        self.server.server_close()
        self.log.close()

    def wait_until_ready(self, seconds: float = 30):
        """Waits for the first request for an event: the configuration is read, and it is a good one."""
        self._wait(self.ready.is_set, seconds)

    def invoke(self, event: dict) -> tuple[str, object]:
        """Gives `("response", …)` or `("error", …)`."""
        self.events.put(event)
        self._wait(lambda: not self.answers.empty(), self.timeout_seconds + 5)
        return self.answers.get()

    def output(self) -> str:
        """What it has written so far."""
        self.log.seek(0)
        return self.log.read().decode(errors="replace")

    def _wait(self, done, seconds: float):
        end = time.monotonic() + seconds
        while not done():
            if self.process.poll() is not None:
                raise Died(self.output())
            if time.monotonic() > end:
                raise TimeoutError(f"{self.process.args} does not answer")
            time.sleep(0.02)


def _handler(function: Function):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            function.ready.set()
            event = json.dumps(function.events.get()).encode()
            deadline = int((time.time() + function.timeout_seconds) * 1000)
            self.send_response(200)
            self.send_header("Content-Length", str(len(event)))
            self.send_header("Lambda-Runtime-Aws-Request-Id", str(uuid.uuid4()))
            self.send_header("Lambda-Runtime-Deadline-Ms", str(deadline))
            self.send_header("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:123456789012:function:x")
            self.end_headers()
            self.wfile.write(event)

        def do_POST(self):
            body = self._body()
            # An invocation ends with …/response or …/error, a start that fails with init/error.
            kind = self.path.rsplit("/", 1)[1]
            function.answers.put((kind, json.loads(body or b"null")))
            self.send_response(202)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def _body(self) -> bytes:
            if self.headers.get("Transfer-Encoding") != "chunked":
                return self.rfile.read(int(self.headers.get("Content-Length", 0)))
            body = b""
            while size := int(self.rfile.readline().split(b";")[0], 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            # Trailers, up to an empty line.
            while self.rfile.readline().strip():
                pass
            return body

        def log_message(self, *_):
            pass

    return Handler
