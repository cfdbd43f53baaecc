"""The archives: a program that needs nothing of the machine that it is on."""

import os
import struct
import unittest

from packed import ARM64, HERE, LEAST, VERSION, X86_64, Serving, archive, empty_folder, run, tool, unpack

# ELF's numbers.
MACHINES = {X86_64: 62, ARM64: 183}
INTERPRETER = 3
BESIDE_IT = {
    "LICENSE-APACHE", "LICENSE-MIT", "README.md", "rollcall", "container/Containerfile", "container/centrifugo.json",
    "container/compose.yaml", "systemd/rollcall.env", "systemd/rollcall.service",
}  # fmt: skip


def segments(program: bytes) -> list[int]:
    """The kinds of what a 64-bit program has the system load."""
    (start,) = struct.unpack_from("<Q", program, 32)
    size, count = struct.unpack_from("<HH", program, 54)
    return [struct.unpack_from("<I", program, start + index * size)[0] for index in range(count)]


class Program(unittest.TestCase):
    def check(self, target: str):
        folder = unpack(archive(target), empty_folder(self.addCleanup))
        self.assertEqual(folder.name, f"rollcall-{VERSION}-{target}")
        files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
        self.assertEqual(files, BESIDE_IT)
        program = folder / "rollcall"
        content = program.read_bytes()
        self.assertEqual(content[:4], b"\x7fELF")
        self.assertEqual(struct.unpack_from("<H", content, 18)[0], MACHINES[target])
        self.assertNotIn(INTERPRETER, segments(content), "it needs a loader, and so a C library")
        emulator = [] if target == HERE else [tool("QEMU")]
        if target != HERE and target != ARM64:
            self.skipTest(f"no emulator of {target}")
        self.assertEqual(run([*emulator, program, "--version"], env={}), f"rollcall {VERSION}\n")
        with Serving([*emulator, program, "serve"], {**LEAST, "LISTEN": "127.0.0.1:0"}) as serving:
            serving.check_alone(self)
        self.assertEqual(serving.status, 0, serving.log)

    def test_the_program_for_x86_64_serves_in_an_empty_environment(self):
        self.check(X86_64)

    def test_the_program_for_arm64_serves_in_an_empty_environment(self):
        self.check(ARM64)

    def test_only_the_program_may_be_run_and_nobody_may_write(self):
        folder = unpack(archive(HERE), empty_folder(self.addCleanup))
        for path in folder.rglob("*"):
            expected = 0o755 if path.is_dir() or path.name == "rollcall" else 0o644
            self.assertEqual(os.stat(path).st_mode & 0o7777, expected, path)
