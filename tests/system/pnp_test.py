"""What happens to a machine while it runs: events of its file, and the pnp verb. Memory adapters only."""
import json
import os
import signal
import subprocess
import unittest

from command import PROGRAM, SOURCE, MachineFile, example, last_json, run

DISASTERS = os.path.join(SOURCE, "examples", "disasters.toml")
PNP_DEVICE = "\\\\.\\NdiskitPnp"


def memory_machine(end=""):
    text = example("memory.toml")
    return text[:text.index("[[traffic]]")] + end


class Events(unittest.TestCase):
    def test_a_machine_lives_through_what_its_file_says(self):
        for seed in ("1", "2", "3"):
            result = run("run", DISASTERS, "--seed", seed, "--json")
            self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
            self.assertEqual([event["done"] for event in last_json(result)["events"]], [6, 6, 6, 12])
            self.assertIn("sleep, wake: 6 done", result.stdout)

    def test_what_fails_is_told(self):
        with MachineFile(memory_machine("[[event]]\ndo = 'enable lower'\n")) as file:
            result = run("run", file.path, "--engine", "sim", "--duration", "0.01")
        self.assertEqual(result.returncode, 1, result.stdout + result.stderr)
        self.assertIn("enable lower: 0 done, 1 failed", result.stdout)

    def test_a_wrong_name_stops_before_anything_starts(self):
        with MachineFile(memory_machine("[[event]]\ndo = 'pause lover'\n")) as file:
            result = run("run", file.path)
        self.assertEqual(result.returncode, 2)
        self.assertIn("event.do: there is no adapter 'lover' (did you mean 'lower'?)", result.stderr)


class Pnp(unittest.TestCase):
    def test_the_verb_does_to_a_machine_what_people_do(self):
        with MachineFile(memory_machine()) as file:
            environment = dict(os.environ, NDISKIT_SOCKETS=file.folder.name)
            machine = subprocess.Popen([PROGRAM, "run", file.path], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                       text=True, env=environment)
            for line in machine.stdout:
                if "programs reach its devices" in line:
                    break
            def pnp(*action):
                return run("pnp", *action, env=environment)
            before = pnp()
            results = [pnp(*action.split()) for action in (
                "sleep", "wake", "battery", "pause left", "restart left", "unbind mux lower", "bind mux lower",
                "d3 right", "d0 right", "disable left", "enable left")]
            removed = pnp("surprise-remove", "lower")
            again = pnp("surprise-remove", "lower", "--json")
            back = pnp("enable", "lower", "--json")
            nothing = pnp("nap")
            nowhere = pnp("pause", "lover")
            denied = run("ioctl", PNP_DEVICE, "0x22a000", "--as", "user", env=environment)
            machine.send_signal(signal.SIGINT)
            out, err = machine.communicate(timeout=60)
        self.assertEqual(before.returncode, 0, before.stderr)
        self.assertIn("left", before.stdout)
        for result in results:
            self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assertEqual(removed.returncode, 0, removed.stderr)
        self.assertNotEqual(removed.stdout, before.stdout)
        self.assertEqual(again.returncode, 1)
        self.assertIn("no such adapter is started", json.loads(again.stdout)["error"])
        self.assertTrue(json.loads(back.stdout)["good"])
        self.assertEqual(nothing.returncode, 2)
        self.assertEqual(nowhere.returncode, 1)
        self.assertIn("did you mean 'lower'", nowhere.stderr)
        self.assertEqual(denied.returncode, 1)
        self.assertIn("STATUS_ACCESS_DENIED", denied.stderr)
        self.assertEqual(machine.returncode, 0, out + err)
        self.assertIn("nothing left", out)


if __name__ == "__main__":
    unittest.main()
