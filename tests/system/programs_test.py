"""Programs and the devices of a machine that runs: the ioctl verb and the client library, over real interfaces.

The tests run in a network namespace of their own: a veth pair, the machine's adapter on one end and a peer, which
echoes frames, on the other."""
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import unittest

from command import DRIVERS, PROGRAM, MachineFile, run, skip

PACKETS = os.path.join(os.path.dirname(PROGRAM), "packets")
ETHER_TYPE = 0x88B6
DEVICE = "\\\\.\\KitPackets"
QUERY_BINDING = "network,0x902,buffered,read+write"


def machine_text(command=""):
    return f"""
[machine]
name = "packets"
[[driver]]
name = "packets"
image = "{DRIVERS}/packets.sys"
kind = "protocol"
service = "KITPACKETS"
over = "lan"
[[nic]]
name = "lan"
type = "af_packet"
interface = "wire0"
{command}
"""


class Peer:
    """Sends back what it hears on its end of the wire, to the sender alone."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETHER_TYPE))
        self.socket.bind(("wire1", ETHER_TYPE))
        self.socket.settimeout(0.2)
        self.over = False
        self.heard = threading.Event()
        self.thread = threading.Thread(target=self.echo)
        self.thread.start()

    def echo(self):
        while not self.over:
            try:
                frame, address = self.socket.recvfrom(2048)
            except TimeoutError:
                continue
            if address[2] != socket.PACKET_OUTGOING:
                self.heard.set()
                self.socket.send(frame[6:12] + b"\x02\x09\x09\x09\x09\x09" + frame[12:])

    def stop(self):
        self.over = True
        self.thread.join()
        self.socket.close()


class Programs(unittest.TestCase):
    def setUp(self):
        self.peer = Peer()
        self.addCleanup(self.peer.stop)

    def start(self, file):
        environment = dict(os.environ, NDISKIT_SOCKETS=file.folder.name)
        machine = subprocess.Popen([PROGRAM, "run", file.path], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   text=True, env=environment)
        for line in machine.stdout:
            if "programs reach its devices" in line:
                return machine, environment
        self.fail(machine.communicate()[1])

    def finish(self, machine):
        machine.send_signal(signal.SIGINT)
        out, err = machine.communicate(timeout=60)
        self.assertEqual(machine.returncode, 0, out + err)
        self.assertIn("nothing left", out)

    def test_a_program_sends_and_receives_through_the_driver(self):
        command = f"['{PACKETS}', '{DEVICE}', '88b6', '900', '901', '902', '903', '500']"
        with MachineFile(machine_text(f"[run]\ncommand = {command}\n")) as file:
            result = run("run", file.path, env={"NDISKIT_SOCKETS": file.folder.name})
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assertIn("500 of 500 frames came back", result.stdout)
        self.assertIn("nothing left", result.stdout)

    def test_the_verb_asks_and_is_answered(self):
        with MachineFile(machine_text()) as file:
            machine, environment = self.start(file)
            answer = os.path.join(file.folder.name, "answer")
            ask = ("ioctl", DEVICE, QUERY_BINDING, "--hex", "00000000")
            raw = run(*ask, "--out", answer, env=environment)
            dumped = run(*ask, env=environment)
            as_json = run(*ask, "--json", env=environment)
            none = run("ioctl", DEVICE, QUERY_BINDING, "--hex", "01000000", env=environment)
            unknown = run("ioctl", "\\\\.\\NoSuch", "0", env=environment)
            denied = run("ioctl", DEVICE, "0x12", "--as", "user", "--json", env=environment)
            read = run("ioctl", DEVICE, "--read", "100", "--timeout", "0.1", env=environment)
            self.finish(machine)
            with open(answer, "rb") as content:
                name = content.read()[20:].decode("utf-16-le")
        self.assertEqual(raw.returncode, 0, raw.stderr)
        self.assertTrue(name.upper().startswith("\\DEVICE\\{"), name)
        self.assertIn("00000000  00 00 00 00 14 00 00 00", dumped.stdout)
        self.assertEqual(json.loads(as_json.stdout)["status"], "0x00000000")
        self.assertEqual(none.returncode, 1)
        self.assertIn("0x8000001A", none.stderr)
        self.assertEqual(unknown.returncode, 1)
        self.assertIn("STATUS_OBJECT_NAME_NOT_FOUND", unknown.stderr)
        self.assertEqual(json.loads(denied.stdout)["text"], "STATUS_INVALID_DEVICE_REQUEST (0xC0000010)")
        self.assertIn("STATUS_INVALID_HANDLE", read.stderr)

    def test_the_verb_asks_an_adapter_as_any_program_may(self):
        with MachineFile(machine_text()) as file:
            machine, environment = self.start(file)
            answer = os.path.join(file.folder.name, "answer")
            run("ioctl", DEVICE, QUERY_BINDING, "--hex", "00000000", "--out", answer, env=environment)
            with open(answer, "rb") as content:
                adapter = content.read()[20:].decode("utf-16-le").rstrip("\0")
            adapter = adapter[:adapter.index("}") + 1]
            query = ("ioctl", adapter, "0x170002", "--json")
            frame = run(*query, "--hex", "06010100", env=environment)
            short = run(*query, "--hex", "06010100", "--size", "2", env=environment)
            no_oid = run(*query, "--hex", "0601", env=environment)
            unknown = run(*query, "--hex", "99999999", env=environment)
            user = run(*query, "--hex", "06010100", "--as", "user", env=environment)
            none = run("ioctl", adapter, "0x170004", "--json", env=environment)
            self.finish(machine)
        self.assertEqual(json.loads(frame.stdout)["output"], "dc050000", frame.stderr)
        self.assertIn("STATUS_BUFFER_TOO_SMALL", json.loads(short.stdout)["text"])
        self.assertIn("STATUS_INVALID_PARAMETER", json.loads(no_oid.stdout)["text"])
        self.assertEqual(unknown.returncode, 1)
        self.assertEqual(json.loads(user.stdout)["output"], "dc050000")
        self.assertEqual(none.returncode, 1)

    def test_a_wmi_client_asks_ndis(self):
        with MachineFile(machine_text()) as file:
            machine, environment = self.start(file)
            listed = run("wmi", "list", "--json", env=environment)
            link = run("wmi", "get", "GEN_LINK_STATE", "lan", "--json", env=environment)
            adapter = run("wmi", "get", "{16716917-4306-4be4-9b5a-3809ae44b125}", "lan", env=environment)
            none = run("wmi", "get", "GEN_LINK_STATE", "nobody", env=environment)
            denied = run("wmi", "set", "GUID_POWER_DEVICE_WAKE_ENABLE", "lan", "--hex", "00", "--as", "user",
                         env=environment)
            wrong = run("wmi", "get", "NO_SUCH", "lan", env=environment)
            silent = run("wmi", "watch", "STATUS_LINK_STATE", "--timeout", "0.2", env=environment)
            self.finish(machine)
        names = {json.loads(line)["name"] for line in listed.stdout.splitlines()}
        self.assertIn("GUID_NDIS_STATUS_LINK_STATE", names)
        self.assertIn("GUID_NDIS_GEN_STATISTICS", names)
        # NDIS_LINK_STATE: header, then MediaConnectStateConnected.
        data = json.loads(link.stdout)["data"]
        self.assertEqual(data[8:16], "01000000", data)
        self.assertEqual(adapter.returncode, 0, adapter.stderr)
        self.assertIn("STATUS_WMI_INSTANCE_NOT_FOUND", none.stderr)
        self.assertIn("STATUS_ACCESS_DENIED", denied.stderr)
        self.assertEqual(wrong.returncode, 2)
        self.assertIn("no GUID", wrong.stderr)
        self.assertIn("STATUS_CANCELLED", silent.stderr)

    def test_a_program_that_is_killed_leaves_nothing(self):
        with MachineFile(machine_text()) as file:
            machine, environment = self.start(file)
            program = subprocess.Popen([PACKETS, DEVICE, "88b6", "900", "901", "902", "903", "100000000"],
                                       env=environment, stdout=subprocess.DEVNULL)
            self.assertTrue(self.peer.heard.wait(60))
            program.kill()
            program.wait()
            again = subprocess.run([PACKETS, DEVICE, "88b6", "900", "901", "902", "903", "50"], env=environment,
                                   capture_output=True, text=True, timeout=60)
            self.finish(machine)
        self.assertEqual(again.returncode, 0, again.stderr)


def make_wire():
    try:
        socket.socket(socket.AF_PACKET, socket.SOCK_RAW).close()
    except OSError as error:
        skip(f"this system does not allow packet sockets: {error}")
    for command in ("ip link add wire0 type veth peer name wire1", "ip link set wire0 up", "ip link set wire1 up"):
        subprocess.run(command.split(), check=True)


if __name__ == "__main__":
    if os.environ.get("NDISKIT_INSIDE") != "1":
        inside = ["unshare", "-n"] if os.geteuid() == 0 else ["unshare", "-Urn"]
        if subprocess.run([*inside, "true"], stderr=subprocess.DEVNULL).returncode != 0:
            skip("this system does not allow network namespaces")
        arguments = [sys.executable, "-B", os.path.abspath(__file__), PROGRAM, *sys.argv[1:]]
        os.execvpe("unshare", inside + arguments, dict(os.environ, NDISKIT_INSIDE="1"))
    make_wire()
    unittest.main()
