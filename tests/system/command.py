"""Runs the real command, for the tests of this folder. The first argument of a test is its path."""
import json
import os
import subprocess
import sys
import tempfile

PROGRAM = os.path.abspath(sys.argv.pop(1)) if len(sys.argv) > 1 else "build/ndiskit"
SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DRIVERS = os.path.join(os.path.dirname(PROGRAM), "drivers")


def run(*arguments, timeout=100, env=None):
    environment = dict(os.environ, **(env or {}))
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=timeout, env=environment)


def skip(why):
    """Ends the whole script as one that cannot run here; CTest knows the status."""
    print(f"skipped: {why}")
    sys.exit(77)


def last_json(result):
    return json.loads(result.stdout.strip().splitlines()[-1])


def example(name):
    """The text of an example."""
    with open(os.path.join(SOURCE, "examples", name), encoding="utf-8") as file:
        return file.read()


class MachineFile:
    """A machine file of its own for a test."""

    def __init__(self, text):
        self.folder = tempfile.TemporaryDirectory(prefix="ndiskit-test-")
        self.path = os.path.join(self.folder.name, "machine.toml")
        with open(self.path, "w", encoding="utf-8") as file:
            file.write(text)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.folder.cleanup()
