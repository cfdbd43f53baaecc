"""The image, built and started without a daemon, and what compose.yaml says."""

import http.client
import json
import re
import unittest

import yaml
from packed import HERE, LEAST, ROOT, Serving, archive, empty_folder, run, tool, unpack, variables
from servers import centrifugo, free_port


class Image(unittest.TestCase):
    def setUp(self):
        self.folder = unpack(archive(HERE), empty_folder(self.addCleanup))
        store = empty_folder(self.addCleanup)
        self.buildah = [
            tool("BUILDAH"), "--storage-driver", "vfs", "--root", store / "storage", "--runroot", store / "run",
        ]  # fmt: skip

    def test_it_is_built_and_serves(self):
        build = ["build", "--isolation", "chroot", "--tag", "rollcall", "--file", "container/Containerfile", "."]
        run([*self.buildah, *build], cwd=self.folder)
        config = json.loads(run([*self.buildah, "inspect", "--type", "image", "rollcall"]))["OCIv1"]["config"]
        self.assertEqual((config["Entrypoint"], config["Cmd"]), (["/rollcall"], ["serve"]))
        self.assertEqual((config["User"], list(config["ExposedPorts"])), ("65534:65534", ["8090/tcp"]))
        container = run([*self.buildah, "from", "rollcall"]).strip()
        self.addCleanup(run, [*self.buildah, "rm", container])
        # Its network is this machine's, so nothing but this machine may reach it.
        variables = [f"--env={name}={value}" for name, value in {**LEAST, "LISTEN": "127.0.0.1:0"}.items()]
        start = [*self.buildah, "run", "--isolation", "chroot", *variables, container, "--", "/rollcall", "serve"]
        with Serving(start, {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}) as serving:
            serving.check_alone(self)


class Compose(unittest.TestCase):
    def setUp(self):
        self.folder = ROOT / "server/container"
        self.services = yaml.safe_load((self.folder / "compose.yaml").read_text())["services"]

    def test_every_variable_is_one_of_the_program(self):
        environment = self.services["rollcall"]["environment"]
        self.assertLessEqual(set(environment), variables())
        self.assertGreaterEqual(set(environment), set(LEAST))

    def test_the_image_is_built_as_the_archive_stands(self):
        folder = unpack(archive(HERE), empty_folder(self.addCleanup))
        build = self.services["rollcall"]["build"]
        context = folder / "container" / build["context"]
        self.assertTrue((context / build["dockerfile"]).is_file())
        self.assertTrue((context / "rollcall").is_file())

    def test_its_centrifugo_is_the_one_that_is_tested_and_has_the_documented_configuration(self):
        (version,) = re.findall(
            r"centrifugal/centrifugo/v6 (v\S+)", (ROOT / "tests/harness/centrifugo/go.mod").read_text()
        )
        self.assertEqual(self.services["centrifugo"]["image"], f"docker.io/centrifugo/centrifugo:{version}")
        documented = re.search(r"```json\n(.*?)```", (ROOT / "docs/CENTRIFUGO.md").read_text(), re.S)[1]
        configuration = self.folder / "centrifugo.json"
        self.assertEqual(configuration.read_text(), documented)
        run([tool("CENTRIFUGO"), "checkconfig", "-c", configuration, "--strict"])
        (volume,) = self.services["centrifugo"]["volumes"]
        self.assertEqual(volume.split(":")[0], "./centrifugo.json")
        self.assertIn(volume.split(":")[1], self.services["centrifugo"]["command"])

    def test_the_page_that_it_serves_may_open_the_socket_and_no_other_may(self):
        environment = self.services["centrifugo"]["environment"]
        path = self.services["rollcall"]["environment"]["CENTRIFUGO_CLIENT_URL"].split(":8000")[1]
        port = free_port()
        with centrifugo(port, self.folder / "centrifugo.json", environment):
            for origin, status in [
                ("http://localhost:8090", 101),
                ("http://127.0.0.1:8090", 101),
                ("https://www.example.com", 403),
            ]:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
                socket = {"Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA=="}
                upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Origin": origin}
                connection.request("GET", path, headers=socket | upgrade)
                self.assertEqual(connection.getresponse().status, status, origin)
                connection.close()

    def test_the_keys_are_told_to_both_and_stand_nowhere(self):
        rollcall, server = (self.services[name]["environment"] for name in ["rollcall", "centrifugo"])
        self.assertEqual(rollcall["CENTRIFUGO_API_KEY"], server["CENTRIFUGO_HTTP_API_KEY"])
        secret = server["CENTRIFUGO_CLIENT_TOKEN_HMAC_SECRET_KEY"]
        self.assertEqual(rollcall["CENTRIFUGO_TOKEN_HMAC_SECRET"], secret)
        for value in [rollcall["CENTRIFUGO_API_KEY"], secret]:
            self.assertRegex(value, r"^\$\{[A-Z_]+:\?.+\}$")
