"""`ndiskit debug`: a breakpoint by source line, set before the driver is loaded, is hit in the driver."""
import os
import shutil
import unittest

from command import SOURCE, MachineFile, example, run


class Debug(unittest.TestCase):
    @unittest.skipUnless(shutil.which("gdb"), "gdb is not installed")
    def test_a_breakpoint_by_line_is_hit_in_mux(self):
        with open(os.path.join(SOURCE, "drivers/mux/send.cpp"), encoding="utf-8") as file:
            line = next(i for i, text in enumerate(file, 1) if "MuxMiniportSend(" in text)
        with MachineFile(example("memory.toml")) as file:
            result = run("debug", file.path, "--engine", "sim", "-b", f"send.cpp:{line}", "-c", "bt 3", "-c", "kill",
                         "--batch")
        self.assertIn("hit Breakpoint", result.stdout, result.stdout + result.stderr)
        self.assertIn("#0  MuxMiniportSend", result.stdout)
        self.assertIn("send.cpp:", result.stdout)

    def test_a_machine_file_that_is_not_there_is_bad_input(self):
        self.assertEqual(run("debug", "/nowhere/m.toml").returncode, 2)


if __name__ == "__main__":
    unittest.main()
