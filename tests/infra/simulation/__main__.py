"""The server. Usage: python -m simulation PORT PROGRAM_OF_THE_SITE_FUNCTION"""

import json
import os
import sys
import warnings

warnings.simplefilter("ignore")

from moto.moto_api._internal.urls import url_paths
from moto.server import main

from . import custom, stacks, stubs


def list_stubs(request, full_url, headers):
    """What exists as a stub, for tests: moto's own API has nothing of it."""
    rows = [{"Type": kind, "Name": name, "Properties": it} for (kind, name), it in stubs.EXISTING.items()]
    return 200, {"Content-Type": "application/json"}, json.dumps(rows, default=str)


port, program = sys.argv[1:]
os.environ[custom.PROGRAM], os.environ[custom.ENDPOINT] = program, f"http://127.0.0.1:{port}"
stubs.install()
stacks.install()
custom.install()
url_paths["{0}/moto-api/stubs"] = list_stubs
main(["-H", "127.0.0.1", "-p", port])
