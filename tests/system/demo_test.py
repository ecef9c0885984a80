"""`ndiskit demo`: real programs across the driver, and the fall-back to memory adapters."""
import unittest

from command import last_json, run


class Demo(unittest.TestCase):
    def good(self, result):
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        summary = last_json(result)
        self.assertTrue(summary["intact"])
        self.assertEqual(summary["leaks"], 0)
        self.assertEqual(summary["engine"], "live")
        for name, edge in summary["edges"].items():
            self.assertGreater(edge["packets"], 0, name)
        return summary

    def test_real_programs_cross_the_driver(self):
        summary = self.good(run("demo", "--json", "--seconds", "1"))
        if summary["tcp_gbit"] is None:
            self.skipTest("this system does not allow network namespaces or their devices")
        self.assertGreater(summary["tcp_gbit"], 0)
        self.assertGreater(summary["tcp_gbit_bare"], 0)

    def test_bad_input_is_told_before_anything_starts(self):
        for arguments in (("--windows", "12"), ("--machine", __file__)):
            result = run("demo", *arguments)
            self.assertEqual(result.returncode, 2)
            self.assertEqual(result.stdout, "")

    def test_memory_adapters_where_there_are_no_namespaces(self):
        summary = self.good(run("demo", "--json", "--memory"))
        self.assertIsNone(summary["tcp_gbit"])


if __name__ == "__main__":
    unittest.main()
