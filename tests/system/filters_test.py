"""Machines with filter drivers: order, bypass at run time, mandatory and optional, through real .sys files."""
import os
import re
import unittest

from command import DRIVERS, MachineFile, example, last_json, run


def filters(text):
    """The example, with the drivers of the build at hand."""
    return text.replace("../build/drivers", DRIVERS)


class Filters(unittest.TestCase):
    def run_file(self, text, *arguments):
        with MachineFile(filters(text)) as machine:
            return run("run", machine.path, "--engine", "sim", *arguments)

    def test_the_example_runs_intact_through_every_module(self):
        for seed in ("1", "2", "3"):
            result = self.run_file(example("filters.toml"), "--seed", seed)
            self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
            self.assertEqual(result.stdout.count("1000 of 1000 frames, intact"), 2, result.stdout)
            self.assertEqual(result.stdout.count("filter module"), 4, result.stdout)
            self.assertIn("unloaded, nothing left", result.stdout)

    def test_modules_stand_in_the_documented_order(self):
        result = self.run_file(example("filters.toml"), "--seed", "1")
        tree = [line for line in result.stdout.splitlines() if "filter " in line and "Running" in line]
        self.assertEqual([re.search(r"filter (\S+):", line).group(1) for line in tree],
                         ["watch-0000", "scramble", "watch-0001", "scramble"], result.stdout)

    def test_what_one_module_changes_is_seen_above_it(self):
        text = example("filters.toml").replace('over = ["lower", "top"]', 'over = "lower"')
        result = self.run_file(text, "--seed", "1")
        self.assertEqual(result.returncode, 1, result.stdout + result.stderr)
        self.assertNotIn("1000 of 1000 frames, intact", result.stdout)

    def test_a_filter_that_is_not_there_is_told(self):
        text = example("filters.toml").replace("1E0001", "1E0009")
        result = self.run_file(text, "--seed", "1")
        self.assertEqual(result.returncode, 2, result.stdout + result.stderr)
        self.assertIn("the filter 'scramble' is not on 'lower'", result.stderr)

    def test_a_filter_that_restarts_its_stack_over_and_over_leaves_nothing(self):
        text = example("filters.toml") + f'''
[[driver]]
name = "valve"
image = "{os.path.join(DRIVERS, "valve.sys")}"
kind = "filter"
guid = "{{7A0C5C5A-1E0B-4F0E-9A51-5C4A3B1E0003}}"
over = "top"

[run]
seconds = 0.05
'''
        text = re.sub(r"\[\[traffic\]\][^\[]*", "", text)
        for seed in ("1", "2", "3"):
            result = self.run_file(text, "--seed", seed, "--json")
            self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
            self.assertIn("valve on top", last_json(result)["edges"])
            self.assertEqual(last_json(result)["leaks"], 0)


if __name__ == "__main__":
    unittest.main()
