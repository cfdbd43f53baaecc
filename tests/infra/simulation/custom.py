"""Custom resources that are really made: their function runs on this machine, against the simulated S3.

moto would run it in Docker. The program is built for this machine, since the deployed one may be for another; what was
deployed decides whether, when and with which properties it is called.
"""

import json
import os
import queue
import threading
import uuid
from http.server import BaseHTTPRequestHandler, HTTPServer

from moto.cloudformation.custom_model import CustomModel

from .runtime_api import Function

# Environment variables of the server: the program, and where the simulated AWS is. An address, not a name: for a name
# S3's client would put the bucket before it.
PROGRAM, ENDPOINT = "ROLLCALL_SITE_PROGRAM", "ROLLCALL_SIMULATION"


class Failed(Exception):
    """The custom resource answered FAILED, for this reason."""


def _ask(kind: str, properties: dict, logical_id: str, stack_id: str, physical_id: str | None) -> str:
    """Sends one request as CloudFormation does; gives the physical id that is answered."""
    answers = queue.Queue()

    class Answer(BaseHTTPRequestHandler):
        def do_PUT(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            answers.put((self.headers.get("Content-Type"), json.loads(body)))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    event = {
        "RequestType": kind,
        "ResponseURL": f"http://127.0.0.1:{server.server_port}/answer",
        "StackId": stack_id,
        "RequestId": str(uuid.uuid4()),
        "ResourceType": "Custom::SiteFiles",
        "LogicalResourceId": logical_id,
        "ResourceProperties": {name: str(value) for name, value in properties.items()},
    }
    if physical_id:
        event["PhysicalResourceId"] = physical_id
    try:
        with Function([os.environ[PROGRAM]], {"AWS_ENDPOINT_URL": os.environ[ENDPOINT]}) as function:
            function.invoke(event)
    finally:
        server.shutdown()
        server.server_close()
    content_type, answer = answers.get(timeout=1)
    if content_type:
        raise Failed(f"the answer is sent as {content_type!r}; its address is signed for an empty Content-Type")
    if answer["Status"] != "SUCCESS":
        raise Failed(answer["Reason"])
    return answer["PhysicalResourceId"]


def _create(cls, resource_name, cloudformation_json, account_id, region_name, **kw):
    properties = cloudformation_json["Properties"]
    physical_id = _ask("Create", properties, kw["LogicalId"], kw["StackId"], None)
    resource = CustomModel(region_name, "request", kw["LogicalId"], physical_id)
    resource.properties, resource.stack_id = properties, kw["StackId"]
    resource.set_data({})
    return resource


def _update(cls, original_resource, new_resource_name, cloudformation_json, account_id, region_name):
    properties = cloudformation_json["Properties"]
    before = original_resource
    after = _ask("Update", properties, before.logical_id, before.stack_id, before.resource_name)
    if after != before.resource_name:
        raise Failed(f"another id, {after}: CloudFormation would now delete {before.resource_name}")
    before.properties = properties
    return before


def _delete(self, account_id, region):
    _ask("Delete", self.properties, self.logical_id, self.stack_id, self.resource_name)


def install():
    CustomModel.create_from_cloudformation_json = classmethod(_create)
    CustomModel.update_from_cloudformation_json = classmethod(_update)
    CustomModel.delete = _delete
