#!/usr/bin/env python3
"""Packets per second through the machine: AF_PACKET -> mux -> TAP, beside DPDK's testpmd between the same two.

A sender (testpmd, txonly) on one end of a veth pair offers 60-byte frames from one core; what forwards has the other
core, and what arrives at the TAP interface is counted. Both forwarders take turns in the same run, several times; the
medians and their ratio are printed. Everything stands in network namespaces of its own. Needs Debian's dpdk.

    bench/run pps [--json] [-- --rounds 5 --seconds 3]
"""
import argparse
import contextlib
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
MAC = "02:4d:55:58:00:01"
MACHINE = f"""
[machine]
name = "pps"
[[driver]]
name = "mux"
image = "{ROOT}/build/drivers/mux.sys"
protocol_service = "ndkmux"
miniport_service = "ndkmuxmp"
[[nic]]
name = "uplink"
type = "af_packet"
interface = "uplink"
[[virtual]]
name = "left"
driver = "mux"
over = "uplink"
mac = "{MAC}"
[[transport]]
name = "host"
over = "left"
interface = "lan"
"""


def in_own_namespace():
    """Starts again in new network and mount namespaces, where the sender gets one of its own too."""
    if os.environ.get("NDISKIT_PPS"):
        return
    flags = ["-n", "-m"] if os.geteuid() == 0 else ["-U", "-r", "-n", "-m"]
    os.environ["NDISKIT_PPS"] = "1"
    os.execvp("unshare", ["unshare", *flags, sys.executable, *sys.argv])


def ip(*words):
    return subprocess.run(["ip", *words], check=True, capture_output=True, text=True).stdout


def packets(interface, direction, pid=None):
    command = ["ip", "-s", "-j", "link", "show", "dev", interface]
    if pid:
        command = ["nsenter", "-t", str(pid), "-n", *command]
    link = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)[0]
    return link["stats64"][direction]["packets"]


@contextlib.contextmanager
def process(command, ready, **options):
    """A program that runs until the block ends; `ready` says when it does its work."""
    log = tempfile.TemporaryFile("w+")
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT, **options)
    try:
        deadline = time.monotonic() + 20
        while not ready():
            if child.poll() is not None or time.monotonic() > deadline:
                log.seek(0)
                sys.exit(f"bench pps: {command[0]} does not start:\n{log.read()[-2000:]}")
            time.sleep(0.05)
        yield child
    finally:
        child.terminate()
        child.wait()


def testpmd(core, name, devices, *options):
    command = ["dpdk-testpmd", "--lcores", f"0@{core},1@{core}", "--no-huge", "-m", "128", "--no-pci",
               "--file-prefix", name]
    for device in devices:
        command += ["--vdev", device]
    return command + ["--", "--total-num-mbufs=16384", *options]


def exists(interface):
    return subprocess.run(["ip", "link", "show", "dev", interface], capture_output=True, check=False).returncode == 0


def is_up(interface):
    return exists(interface) and "LOWER_UP" in ip("link", "show", "dev", interface)


def measure(seconds, sender):
    time.sleep(0.5)
    start, offered, arrived = time.monotonic(), packets("wire", "tx", sender), packets("lan", "rx")
    time.sleep(seconds)
    offered, arrived = packets("wire", "tx", sender) - offered, packets("lan", "rx") - arrived
    elapsed = time.monotonic() - start
    return arrived / elapsed, offered / elapsed


def forwarders(machine):
    ours = ["taskset", "-c", "1", str(ROOT / "build/ndiskit"), "run", machine]
    theirs = testpmd(1, "forward", ["net_af_packet0,iface=uplink", "net_tap0,iface=lan,mac=" + MAC],
                     "--forward-mode=io", "--burst=32")
    return {"ndiskit": ours, "testpmd": theirs}


def run(rounds, seconds):
    ip("link", "set", "lo", "up")
    holder = subprocess.Popen(["unshare", "-n", "sleep", "600"])
    try:
        while os.readlink(f"/proc/{holder.pid}/ns/net") == os.readlink("/proc/self/ns/net"):
            time.sleep(0.01)
        ip("link", "add", "uplink", "type", "veth", "peer", "name", "wire", "netns", str(holder.pid))
        ip("link", "set", "uplink", "up")
        subprocess.run(["nsenter", "-t", str(holder.pid), "-n", "ip", "link", "set", "wire", "up"], check=True)
        send = ["nsenter", "-t", str(holder.pid), "-n",
                *testpmd(0, "send", ["net_af_packet0,iface=wire"], "--forward-mode=txonly", "--txpkts=60",
                         "--burst=32", f"--eth-peer=0,{MAC}")]
        results = {}
        with tempfile.NamedTemporaryFile("w", suffix=".toml") as machine:
            machine.write(MACHINE)
            machine.flush()
            for turn in range(rounds):
                for name, command in forwarders(machine.name).items():
                    print(f"bench pps: round {turn + 1} of {rounds}, {name}", file=sys.stderr)
                    with process(command, lambda: is_up("lan")):
                        before = packets("wire", "tx", holder.pid)
                        with process(send, lambda: packets("wire", "tx", holder.pid) > before + 1000):
                            results.setdefault(name, []).append(measure(seconds, holder.pid))
        return results
    finally:
        holder.terminate()
        holder.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--benchmark_format", choices=["json"], help="print JSON")
    options = parser.parse_args()
    if not shutil.which("dpdk-testpmd"):
        print("bench pps: skipped, there is no dpdk-testpmd; install Debian's package dpdk", file=sys.stderr)
        print(json.dumps({"skipped": "no dpdk-testpmd"}) if options.benchmark_format else "skipped")
        return
    in_own_namespace()
    results = run(options.rounds, options.seconds)
    table = {name: {"packets_per_second": statistics.median(a for a, _ in values),
                    "offered_per_second": statistics.median(o for _, o in values),
                    "rounds": [round(a) for a, _ in values]} for name, values in results.items()}
    ratio = table["ndiskit"]["packets_per_second"] / table["testpmd"]["packets_per_second"]
    if options.benchmark_format:
        print(json.dumps({**table, "ratio": ratio}))
        return
    print(f"{'AF_PACKET to TAP, 60-byte frames':34}{'arrived/s':>12}{'offered/s':>12}")
    for name, row in table.items():
        print(f"{name:34}{row['packets_per_second']:12,.0f}{row['offered_per_second']:12,.0f}")
    print(f"ndiskit is at {ratio:.2f} of testpmd (medians of {options.rounds} rounds)")


main()
