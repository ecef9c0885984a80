"""The support list: `ndiskit ddi`, and that docs/ddi.md says what the export tables say."""
import difflib
import os
import re
import unittest

from command import SOURCE, last_json, run

REGENERATE = "build/ndiskit ddi --markdown > docs/ddi.md"


def tree(path):
    with open(os.path.join(SOURCE, path), encoding="utf-8") as file:
        return file.read()


def without_test(line):
    """A row of a table of functions without its last cell: which of several tests is shown may change."""
    return re.sub(r"\| [^|]* \|$", "|", line) if line.startswith("|") and line.count("|") == 4 else line


def names_of_facts():
    rows = [line.split("\t") for line in tree("tests/facts/abi/exports.tsv").splitlines() if not line.startswith("#")]
    return {(row[0], row[1]) for row in rows}


class Page(unittest.TestCase):
    def test_docs_ddi_md_says_what_the_tables_say(self):
        now = [without_test(line) for line in run("ddi", "--markdown").stdout.splitlines()]
        page = [without_test(line) for line in tree("docs/ddi.md").splitlines()]
        difference = "\n".join(difflib.unified_diff(page, now, "docs/ddi.md", "the tables", n=0, lineterm=""))
        self.assertEqual(page, now, f"docs/ddi.md is behind: run `{REGENERATE}`\n{difference[:2000]}")

    def test_the_readme_quotes_its_counts(self):
        quoted = [int(number) for number in re.findall(r"\d+", tree("README.md").split("## What drivers can call")[1]
                                                       .split("`ndiskit ddi`")[0].replace("NDIS 6", ""))]
        states = ("implemented", "partial", "refuses", "absent")
        rows = [row for row in last_json(run("ddi", "--json")) if row["class"] == "documented"]
        counted = [sum(row["module"] == module and row["state"] == state for row in rows)
                   for module in ("ndis.sys", "ntoskrnl.exe") for state in states]
        self.assertEqual(quoted, counted, "README.md quotes other counts than `ndiskit ddi`")

    def test_the_tests_it_shows_are_there(self):
        sources = {}
        for name, path in re.findall(r"\| \[([^\]]+)\]\(\.\./(tests/[^)]+)\) \|$", tree("docs/ddi.md"), re.M):
            if path not in sources:
                self.assertTrue(os.path.exists(os.path.join(SOURCE, path)), f"{path}: run `{REGENERATE}`")
                sources[path] = tree(path)
            if name != path:
                title = r"\(" + r",\s*".join(name.split(".")) + r"\)"
                self.assertRegex(sources[path], title, f"{path} has no {name}: run `{REGENERATE}`")


class Verb(unittest.TestCase):
    def test_it_knows_every_export_of_the_facts(self):
        listed = {(row["module"], row["name"]) for row in last_json(run("ddi", "--json"))}
        self.assertEqual(names_of_facts() - listed, set())

    def test_counts_are_told_by_module_and_class(self):
        result = run("ddi")
        self.assertEqual(result.returncode, 0)
        for word in ("ndis.sys", "ntoskrnl.exe", "hal.dll", "connection-oriented", "undocumented"):
            self.assertIn(word, result.stdout)

    def test_one_function_is_told_whole(self):
        result = run("ddi", "ndissendnetbufferlists")
        self.assertEqual(result.returncode, 0)
        for word in ("implemented", "nf-ndis-ndissendnetbufferlists", "tests/"):
            self.assertIn(word, result.stdout)

    def test_a_function_that_is_absent_fails(self):
        result = run("ddi", "NdisSendPackets")
        self.assertEqual(result.returncode, 1)
        self.assertIn("ndis5", result.stdout)

    def test_a_pattern_lists(self):
        result = run("ddi", "Ke?etEvent")
        self.assertEqual(result.returncode, 0)
        self.assertIn("KeSetEvent", result.stdout)
        self.assertTrue(all(row["state"] == "absent" for row in last_json(run("ddi", "FsRtl*", "--absent", "--json"))))

    def test_an_unknown_name_is_wrong_usage(self):
        result = run("ddi", "KeSetEvant")
        self.assertEqual(result.returncode, 2)
        self.assertIn("KeSetEvent", result.stderr)


if __name__ == "__main__":
    unittest.main()
