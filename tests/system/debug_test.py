"""`ndiskit debug`: a breakpoint by source line, set before the driver is loaded, is hit in the driver."""
import os
import shutil
import subprocess
import tempfile
import unittest

from command import DRIVERS, SOURCE, MachineFile, example, run


def can_debug():
    """A sandbox may have gdb and forbid it to trace."""
    if not shutil.which("gdb"):
        return False
    tried = subprocess.run(["gdb", "-q", "-batch", "-ex", "run", "--args", "true"], capture_output=True, text=True)
    return "exited normally" in tried.stdout


CAN_DEBUG = can_debug()


class Debug(unittest.TestCase):
    @unittest.skipUnless(CAN_DEBUG, "gdb is not installed, or may not trace")
    def test_a_breakpoint_by_line_is_hit_in_mux(self):
        with open(os.path.join(SOURCE, "drivers/mux/send.cpp"), encoding="utf-8") as file:
            line = next(i for i, text in enumerate(file, 1) if "MuxMiniportSend(" in text)
        with MachineFile(example("memory.toml")) as file:
            result = run("debug", file.path, "--engine", "sim", "-b", f"send.cpp:{line}", "-c", "bt 3", "-c", "kill",
                         "--batch")
        self.assertIn("hit Breakpoint", result.stdout, result.stdout + result.stderr)
        self.assertIn("#0  MuxMiniportSend", result.stdout)
        self.assertIn("send.cpp:", result.stdout)

    @unittest.skipUnless(CAN_DEBUG, "gdb is not installed, or may not trace")
    def test_a_bare_image_stops_at_its_entry(self):
        result = run("debug", os.path.join(DRIVERS, "hello.sys"), "-c", "bt 1", "-c", "info line", "-c", "kill", "--batch")
        self.assertIn("Temporary breakpoint", result.stdout, result.stdout + result.stderr)
        self.assertIn("#0  DriverEntry (driver=0x", result.stdout)
        self.assertIn("hello.cpp", result.stdout)

    @unittest.skipUnless(CAN_DEBUG and shutil.which("llvm-objcopy-19"), "gdb is not installed or may not trace, or llvm is not")
    def test_a_bare_image_without_symbols_stops_at_its_entry(self):
        with tempfile.TemporaryDirectory(prefix="ndiskit-test-") as folder:
            bare = os.path.join(folder, "bare.sys")
            subprocess.run(["llvm-objcopy-19", "--strip-all", os.path.join(DRIVERS, "hello.sys"), bare], check=True)
            result = run("debug", bare, "-c", "x/i $pc", "-c", "kill", "--batch")
        self.assertIn("Temporary breakpoint", result.stdout, result.stdout + result.stderr)
        self.assertIn("=> 0x58000000", result.stdout)

    def test_a_machine_file_that_is_not_there_is_bad_input(self):
        self.assertEqual(run("debug", "/nowhere/m.toml").returncode, 2)


if __name__ == "__main__":
    unittest.main()
