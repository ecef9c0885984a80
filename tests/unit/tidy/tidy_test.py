#!/usr/bin/env python3
"""Tests of tools/tidy: each plants one breach of the house in a small good tree and expects that one finding.

Words that tidy itself looks for are spelt in halves here.
"""
import importlib.machinery
import importlib.util
import pathlib
import subprocess
import sys
import tempfile
import unittest

TIDY = pathlib.Path(__file__).resolve().parents[3] / "tools/tidy/tidy"


def load_tidy():
    loader = importlib.machinery.SourceFileLoader("tidy", str(TIDY))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("tidy", loader))
    sys.dont_write_bytecode = True
    loader.exec_module(module)
    return module


tidy = load_tidy()

GOOD_TREE = {
    "cmake/Layers.cmake": "ndiskit_layer(base fmt::fmt)\nndiskit_layer(engine ndiskit_base)\n"
                          "ndiskit_layer(nt ndiskit_engine Zydis)\nndiskit_layer(ndis ndiskit_nt)\n"
                          "ndiskit_layer(cli ndiskit_ndis)\n",
    "cmake/Tests.cmake": "foreach(layer base engine nt)\n  ndiskit_unit_tests(${layer})\nendforeach()\n",
    "CMakeLists.txt": "include(cmake/Layers.cmake)\ninclude(cmake/Tests.cmake)\n",
    "src/base/text.h": "// Text.\n#pragma once\n",
    "src/engine/engine.h": "// Tasks.\n#pragma once\n#include \"base/text.h\"\n",
    "src/nt/event.h": "// Events.\n#pragma once\n#include \"engine/engine.h\"\n",
    "src/nt/event.cpp": "#include \"nt/event.h\"\nextern \"C\" LONG NTAPI KeSetEvent(int a) {\n    return a;\n}\n",
    "src/nt/exports_ke.cpp": "Row rows[] = {{\"KeSetEvent\", KeSetEvent}};\n",
    "tests/unit/nt/event_test.cpp": "#include \"nt/event.h\"\nTEST(Event, Sets) {\n    load(\"small.sys\");\n}\n",
    "tests/drivers/small/small.cpp": "int x;\n",
}


def lines(count, text="    work();"):
    return f"{text}\n" * count


class Tidy(unittest.TestCase):
    def findings(self, extra):
        with tempfile.TemporaryDirectory() as folder:
            for path, text in (GOOD_TREE | extra).items():
                place = pathlib.Path(folder) / path
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_text(text)
            return [str(finding) for finding in tidy.check(tidy.Tree(folder))]

    def test_what_git_ignores_does_not_count_without_git(self):
        self.assertEqual(self.findings({".gitignore": "/build/\n/build-*/\n*.sys\n",
                                        "build-thread/big.cpp": lines(700), "src/nt/event.sys": lines(700)}), [])

    def expect(self, place_and_rule, extra, says=""):
        found = self.findings(extra)
        self.assertEqual(len(found), 1, found)
        self.assertTrue(found[0].startswith(place_and_rule + ": "), found[0])
        self.assertIn(says, found[0])

    def expect_good(self, extra):
        self.assertEqual(self.findings(extra), [])

    def test_a_good_tree_passes(self):
        self.expect_good({})

    def test_the_command_prints_findings_and_fails(self):
        with tempfile.TemporaryDirectory() as folder:
            for path, text in {"cmake/Layers.cmake": "", "cmake/Tests.cmake": "", "src/a/b.cpp": "\n"}.items():
                (pathlib.Path(folder) / path).parent.mkdir(parents=True, exist_ok=True)
                (pathlib.Path(folder) / path).write_text(text)
            done = subprocess.run([sys.executable, TIDY, folder], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("src/a/b.cpp:1: layer: src/a is no layer", done.stdout)


class Layers(Tidy):
    def test_an_include_that_points_up(self):
        self.expect("src/engine/up.cpp:2: layer", {"src/engine/up.cpp": "\n#include \"nt/event.h\"\n"},
                    "engine may not include nt")

    def test_a_folder_that_is_no_layer(self):
        self.expect("src/other/a.cpp:1: layer", {"src/other/a.cpp": "int x;\n"}, "cmake/Layers.cmake")

    def test_two_layers_down_is_down(self):
        self.expect_good({"src/cli/a.cpp": "#include \"base/text.h\"\n#include \"nt/event.h\"\n"})

    def test_a_driver_that_includes_the_host(self):
        self.expect("drivers/mux/a.cpp:1: layer", {"drivers/mux/a.cpp": "#include \"engine/engine.h\"\n"})

    def test_an_include_by_dots(self):
        self.expect("src/nt/a.cpp:1: include", {"src/nt/a.cpp": "#include \"../nt/event.h\"\n"})

    def test_a_header_without_guard(self):
        self.expect("src/nt/event.h:1: include",
                    {"src/nt/event.h": "// Events.\n#include \"engine/engine.h\"\n"}, "#pragma once")


class Sizes(Tidy):
    def test_a_long_file(self):
        self.expect("src/nt/long.cpp:1: file-size", {"src/nt/long.cpp": "// Long.\n" + lines(600, "int f();")})

    def test_a_long_script_without_suffix(self):
        self.expect("tools/long:1: file-size",
                    {"tools/long": "#!/bin/sh\n" + lines(600, "true"), "run": "tools/long\n"})

    def test_a_long_function(self):
        text = "// Long.\nnamespace a {\nint f(int x,\n      int y) {\n" + lines(67) + "}\n}\n"
        self.expect_good({"src/nt/a.cpp": text.replace("work();\n", "", 1)})
        self.expect("src/nt/a.cpp:3: function-size",
                    {"src/nt/a.cpp": text.replace("    work();\n", "    work();\n    work();\n", 1)}, "f has 71 lines")

    def test_a_long_method_and_constructor(self):
        method = "// Long.\nclass A {\n    int f() const {\n" + lines(70) + "    }\n};\n"
        self.expect("src/nt/a.cpp:3: function-size", {"src/nt/a.cpp": method})
        constructor = "// Long.\nA::A(int x)\n    : a_{x},\n      b_{x} {\n" + lines(70) + "}\n"
        self.expect("src/nt/a.cpp:2: function-size", {"src/nt/a.cpp": constructor})

    def test_tables_classes_and_literals_are_no_functions(self):
        table = "// Long.\nconst Row rows[] = {\n" + lines(100, "    {\"a\", f(1)},") + "};\n"
        record = "// Long.\nstruct A {\n" + lines(100, "    int f();") + "};\n"
        literal = "// Long.\nint f() { return '{' + L'{' + \"{\"[0] + 1'000; }\n" + lines(100, "int g();")
        self.expect_good({"src/nt/a.cpp": table, "src/nt/b.cpp": record, "src/nt/c.cpp": literal})

    def test_a_long_python_function(self):
        text = "def f():\n" + lines(70, "    pass")
        self.expect("tools/a.py:1: function-size", {"tools/a.py": text, "run": "tools/a.py\n"})

    def test_no_prose(self):
        self.expect("src/nt/a.cpp:1: prose", {"src/nt/a.cpp": lines(41, "int f();")})
        self.expect_good({"src/nt/event.cpp": GOOD_TREE["src/nt/event.cpp"] + lines(41, "int f();")})


class Bans(Tidy):
    def expect_ban(self, rule, code, path="src/nt/a.cpp", says=""):
        self.expect(f"{path}:2: {rule}", {path: f"\n{code}\n"}, says)

    def test_each_ban(self):
        self.expect_ban("thread", "std::thread t;", says="engine::the().start")
        self.expect_ban("thread", "pthread_create(a, b);")
        self.expect_ban("clock", "clock_gettime(CLOCK_REALTIME, &t);")
        self.expect_ban("clock", "auto t = std::chrono::steady_clock::now();", "tests/unit/nt/b.cpp")
        self.expect_ban("sleep", "usleep(5);")
        self.expect_ban("random", "int x = rand();")
        self.expect_ban("mutex", "std::mutex m;", says="Guarded")
        self.expect_ban("thread-local", "thread_local int x;")
        self.expect_ban("output", "std::cerr << 1;")
        self.expect_ban("output", "printf(\"x\");")
        self.expect_ban("assert", "assert(x);")
        self.expect_ban("exception", "void f() { throw 1; }")
        self.expect_ban("exception", "void f() { try { g(); } }")
        self.expect_ban("shell", "void f() { system(\"ls\"); }")
        self.expect_ban("allocation", "void* p = malloc(3);")
        self.expect_ban("pointer-order", "std::map<Device*, int> m;")
        self.expect_ban("heavy-header", "#include <regex>")
        self.expect_ban("disabled-test", "TEST(A, DISABLED_b) {}", "tests/unit/nt/b_test.cpp")
        self.expect_ban("unfinished", "// TO" "DO: more")

    def test_what_is_allowed(self):
        self.expect_good({
            "src/engine/a.cpp": "std::thread t; thread_local int x; clock_gettime(a, b);\n",
            "src/base/log.cpp": "fprintf(stderr, x);\n",
            "src/cli/a.cpp": "void f() { try { g(); } catch (E& e) { printf(x); } }\n",
            "src/nt/a.cpp": "// printf(x) and std::thread\nconst char* s = \"rand()\"; static_assert(x);\n"
                            "void f() { __try { g(); } } void snprintf(int); pool.free(x); void free(int);\n",
        })


class Forgotten(Tidy):
    def test_a_header_that_nobody_includes(self):
        self.expect("src/nt/lonely.h:1: unused", {"src/nt/lonely.h": "// Alone.\n#pragma once\n"})

    def test_a_script_that_nobody_calls(self):
        self.expect("tools/lonely.sh:1: unused", {"tools/lonely.sh": "true\n"})
        self.expect_good({"tools/used.sh": "true\n", "run": "exec tools/used.sh\n"})

    def test_a_test_of_no_layer(self):
        self.expect("tests/unit/nic/a_test.cpp:1: unregistered-test", {"tests/unit/nic/a_test.cpp": "TEST(A, B) {}\n"})

    def test_a_test_outside_the_unit_tests(self):
        self.expect("tests/system/a_test.py:1: unregistered-test", {"tests/system/a_test.py": "", "run": "a_test.py\n"})

    def test_a_test_file_without_tests(self):
        self.expect("tests/unit/nt/a_test.cpp:1: unregistered-test", {"tests/unit/nt/a_test.cpp": "int x;\n"})

    def test_a_driver_that_no_test_loads(self):
        self.expect("tests/drivers/lonely:1: unused", {"tests/drivers/lonely/a.cpp": "int lonely;\n"})

    def test_an_export_that_no_table_lists(self):
        one = "extern \"C\" VOID NTAPI KeLost(int a) {\n    return;\n}\n"
        self.expect("src/nt/a.cpp:1: export", {"src/nt/a.cpp": one}, "KeLost")
        callback = "extern \"C\" VOID NTAPI KeLost(INT(NTAPI* f)(int), int b) {\n}\n"
        self.expect("src/nt/a.cpp:1: export", {"src/nt/a.cpp": callback}, "KeLost")
        block = "namespace a {\nextern \"C\" {\nVOID NTAPI KeLost(int a) { return; }\n}\n}\n"
        self.expect("src/nt/a.cpp:3: export", {"src/nt/a.cpp": block}, "KeLost")
        self.expect_good({"src/nt/a.cpp": "VOID NTAPI a_routine(int a) { return; }\nextern \"C\" VOID NTAPI Ke(int);\n"})

    def test_exceptions_let_pass_and_must_be_of_use(self):
        lonely = {"src/nt/lonely.h": "// Alone.\n#pragma once\n"}
        self.expect_good(lonely | {"tools/tidy/exceptions": "# why\nsrc/*.h unused drivers include it\n"})
        self.expect("tools/tidy/exceptions:1: exception", {"tools/tidy/exceptions": "src/nt/event.h unused x\n"})


if __name__ == "__main__":
    unittest.main()
