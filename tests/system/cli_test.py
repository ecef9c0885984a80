"""The command as people and scripts meet it: exit statuses, messages, and what each verb prints."""
import os
import signal
import subprocess
import tempfile
import unittest

from command import DRIVERS, PROGRAM, MachineFile, example, last_json, run


class Usage(unittest.TestCase):
    def test_no_verb_is_wrong_usage(self):
        self.assertEqual(run().returncode, 2)

    def test_an_unknown_verb_is_wrong_usage(self):
        result = run("rnu")
        self.assertEqual(result.returncode, 2)
        self.assertIn("rnu", result.stderr)

    def test_every_verb_has_help_with_an_example(self):
        for verb in ("demo", "run", "build", "imports", "ddi", "ioctl", "wmi", "debug", "version", "man", "completion"):
            result = run(verb, "--help")
            self.assertEqual(result.returncode, 0, verb)
            self.assertIn("Example", result.stdout, verb)

    def test_version_lists_the_releases(self):
        result = run("version", "--releases")
        self.assertEqual(result.returncode, 0)
        self.assertIn("11-24h2", result.stdout)

    def test_the_manual_and_the_completion_name_every_verb(self):
        for text in (run("man").stdout, run("completion", "bash").stdout):
            for verb in ("demo", "run", "build", "imports", "ddi", "debug", "version"):
                self.assertIn(verb, text)

    def test_the_completion_is_good_bash(self):
        script = run("completion", "bash").stdout
        self.assertEqual(subprocess.run(["bash", "-n"], input=script, text=True, check=False).returncode, 0)

    def test_no_colours_in_a_pipe(self):
        self.assertNotIn("\033", run("imports", os.path.join(DRIVERS, "mux.sys")).stdout)


class Imports(unittest.TestCase):
    def test_every_import_of_mux_is_served(self):
        result = run("imports", os.path.join(DRIVERS, "mux.sys"), "--json")
        self.assertEqual(result.returncode, 0, result.stdout)
        self.assertEqual(last_json(result)["missing"], 0)

    def test_what_is_no_driver_is_bad_input(self):
        result = run("imports", PROGRAM)
        self.assertEqual(result.returncode, 2)
        self.assertIn(PROGRAM, result.stderr)
        self.assertEqual(len(result.stderr.strip().splitlines()), 1)


class Ioctl(unittest.TestCase):
    def refuses(self, *arguments, word):
        with tempfile.TemporaryDirectory() as folder:
            result = run("ioctl", "\\\\.\\No", *arguments, env={"NDISKIT_SOCKETS": folder, "NDISKIT_MACHINE": ""})
        self.assertEqual(result.returncode, 2)
        self.assertEqual(len(result.stderr.strip().splitlines()), 1, result.stderr)
        self.assertIn(word, result.stderr)

    def test_without_a_machine_it_says_so(self):
        self.refuses("0x12C800", word="ndiskit run")

    def test_a_code_that_is_none_is_refused(self):
        self.refuses("network,0x800,buffered", word="TYPE,FUNCTION,METHOD,ACCESS")
        self.refuses("network,0x800,bufferd,any", word="METHOD_BUFFERED")

    def test_input_that_is_none_is_refused(self):
        self.refuses("0x12C800", "--hex", "0x1", word="hex")
        self.refuses("0x12C800", "/no/such/file", word="/no/such/file")
        self.refuses(word="--read")


class Run(unittest.TestCase):
    def refuses(self, text, *words, arguments=()):
        with MachineFile(text) as file:
            result = run("run", file.path, *arguments)
        self.assertEqual(result.returncode, 2, result.stderr)
        self.assertEqual(len(result.stderr.strip().splitlines()), 1, result.stderr)
        self.assertEqual(result.stdout, "")
        for word in words:
            self.assertIn(word, result.stderr)

    def test_an_unknown_key_is_named_with_file_and_line(self):
        self.refuses("[machine]\nnaem = 'x'\n", "machine.toml:2", "machine.naem", "'name'")

    def test_a_missing_image_is_named(self):
        self.refuses("[[driver]]\nname='d'\nimage='no.sys'\n[[nic]]\nname='n'\ntype='memory'\n", "machine.toml:3",
                     "driver.image", "no.sys")

    def test_an_image_that_is_no_driver_is_named(self):
        self.refuses(f"[[driver]]\nname='d'\nimage='{PROGRAM}'\n[[nic]]\nname='n'\ntype='memory'\n",
                     "machine.toml:1", PROGRAM)

    def test_an_interface_that_is_not_there_is_named(self):
        with MachineFile("[[nic]]\nname='n'\ntype='af_packet'\ninterface='no-such-if'\n") as file:
            result = run("run", file.path, "--duration", "0")
        self.assertEqual(result.returncode, 2)
        self.assertIn("no-such-if", result.stderr)

    def test_a_real_interface_needs_the_live_engine(self):
        self.refuses("[[nic]]\nname='n'\ntype='af_packet'\ninterface='eth0'\n", "live engine",
                     arguments=("--engine", "sim"))

    def test_an_unknown_release_is_refused(self):
        self.refuses(example("memory.toml"), "12-25h2", arguments=("--windows", "12-25h2"))

    def test_the_same_seed_gives_the_same_run(self):
        with MachineFile(example("memory.toml")) as file:
            results = [run("run", file.path, "--engine", "sim", "--seed", seed, "--json") for seed in "778"]
        for result in results:
            self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
            self.assertTrue(last_json(result)["intact"])
            self.assertEqual(last_json(result)["leaks"], 0)
        traces = [last_json(result)["trace"] for result in results]
        self.assertEqual(traces[0], traces[1])
        self.assertNotEqual(traces[0], traces[2])

    def test_every_release_that_mux_is_for_runs_it(self):
        with MachineFile(example("memory.toml")) as file:
            for release in ("7", "8", "10-22h2", "server-2022", "11-24h2"):
                result = run("run", file.path, "--windows", release, "--json")
                self.assertEqual(result.returncode, 0, release + result.stdout + result.stderr)

    def test_a_capture_has_an_interface_for_each_edge(self):
        with MachineFile(example("memory.toml")) as file:
            capture = os.path.join(file.folder.name, "out.pcapng")
            self.assertEqual(run("run", file.path, "--pcap", capture).returncode, 0)
            with open(capture, "rb") as data:
                head = data.read(4096)
        self.assertEqual(head[:4], b"\x0a\x0d\x0d\x0a")
        for name in (b"lower", b"left", b"ndkmux over lower", b"ndktransport over left"):
            self.assertIn(name, head)

    def test_a_command_decides_the_exit_status(self):
        text = example("memory.toml").split("[[traffic]]")[0]
        for command, status in (("true", 0), ("false", 1)):
            with MachineFile(f"{text}\n[run]\ncommand = '{command}'\n") as file:
                self.assertEqual(run("run", file.path).returncode, status, command)

    def test_a_driver_that_crashes_ends_the_machine_not_the_command(self):
        image = os.path.join(DRIVERS, "crash_null.sys")
        with MachineFile(f"[[driver]]\nname='bad'\nimage='{image}'\nkind='protocol'\n[[nic]]\nname='n'\n"
                         "type='memory'\n") as file:
            result = run("run", file.path, "--duration", "0")
        self.assertEqual(result.returncode, 3, result.stderr)
        self.assertIn("STOP: 0x", result.stderr)
        self.assertIn("crash_null.cpp:", result.stderr)
        self.assertEqual(result.stderr.splitlines()[-1], "error: the machine bug checked")

    def test_a_driver_by_itself_is_loaded_and_unloaded(self):
        for name in ("hello", "mux"):
            result = run("run", os.path.join(DRIVERS, name + ".sys"), "--duration", "0")
            self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
            self.assertIn(name + ".sys is loaded", result.stdout)
            self.assertIn("nothing left", result.stdout)
        result = run("run", "/nowhere/x.sys")
        self.assertEqual(result.returncode, 2)
        self.assertIn("/nowhere/x.sys", result.stderr)

    def test_ctrl_c_stops_the_machine_in_good_order(self):
        with MachineFile(example("memory.toml").split("[[traffic]]")[0]) as file:
            with subprocess.Popen([PROGRAM, "run", file.path], stdout=subprocess.PIPE, text=True) as process:
                first = process.stdout.readline()
                process.send_signal(signal.SIGINT)
                rest = process.communicate(timeout=60)[0]
        self.assertIn("adapter lower", first)
        self.assertIn("nothing left", rest)
        self.assertEqual(process.returncode, 0)


if __name__ == "__main__":
    unittest.main()
