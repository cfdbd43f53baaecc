"""The wheels: `pip install` and `rollcall` is there."""

import sys
import unittest
import zipfile

from packed import ARM64, HERE, LEAST, ROOT, VERSION, X86_64, Serving, archive, empty_folder, run, unpack, wheel
from servers import centrifugo, free_port, redis

KEY = "the-api-key"


class Wheel(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = empty_folder(cls.addClassCleanup)
        run([sys.executable, "-m", "venv", cls.folder])
        pip = [cls.folder / "bin/python", "-m", "pip", "--disable-pip-version-check"]
        run([*pip, "install", "--no-index", wheel(HERE)])
        cls.program = cls.folder / "bin/rollcall"

    def test_it_is_there_after_pip_install(self):
        self.assertEqual(run([self.program, "--version"], env={}), f"rollcall {VERSION}\n")

    def test_it_serves_the_page_and_a_view(self):
        centrifugo_port, redis_port = free_port(), free_port()
        servers = {
            "CENTRIFUGO_API_URL": f"http://127.0.0.1:{centrifugo_port}/api",
            "CENTRIFUGO_API_KEY": KEY,
            "REDIS_URL": f"redis://127.0.0.1:{redis_port}",
            "LISTEN": "127.0.0.1:0",
        }
        configuration = ROOT / "server/container/centrifugo.json"
        with (
            centrifugo(centrifugo_port, configuration, {"CENTRIFUGO_HTTP_API_KEY": KEY}),
            redis(redis_port),
            Serving([self.program, "serve"], LEAST | servers) as serving,
        ):
            self.assertIn("<roll-call ", serving.ask("/")[1])
            self.assertEqual(serving.view("site:main")["present"], 0)
            self.assertEqual(serving.ask("/v1/health")[0], 200)

    def test_a_wheel_has_the_program_of_its_archive_and_the_licences(self):
        for target in [X86_64, ARM64]:
            with zipfile.ZipFile(wheel(target)) as files:
                packed = files.read(f"rollcall_server-{VERSION}.data/scripts/rollcall")
                names = {name.rsplit("/")[-1] for name in files.namelist()}
            archived = (unpack(archive(target), empty_folder(self.addCleanup)) / "rollcall").read_bytes()
            self.assertTrue(packed == archived, target)
            self.assertLessEqual({"LICENSE-APACHE", "LICENSE-MIT"}, names)
