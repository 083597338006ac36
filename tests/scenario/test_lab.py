#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Labs leave nothing behind: killed ones are dead at once and reaped by the next start, and two never collide."""

import os
import signal
import socket
import sys

from support import folders, pg, processes
from support.addresses import Reservations
from support.build import Build
from support.lab import Lab
from support.processes import Child
from support.scenario import equal, expect

BUILD = Build()
HERE = os.path.join(BUILD.folder, "lab", "test_lab")
DEEP = os.path.join(HERE, "deep" * 25)  # a socket path longer than the kernel takes


def hold():
    """Run as a child: makes a lab, tells its pids, and waits to be killed."""
    processes.exit_on_signals()
    with Lab(DEEP) as lab:
        pids = [hss.pid for hss in lab.hss.values()] + [lab.cluster.server.pid]
        print("pids", *pids, "home", lab.cluster.home, flush=True)
        signal.pause()


def start_holder():
    os.makedirs(HERE, exist_ok=True)
    child = Child("holder", [sys.executable, "-B", __file__, "hold"], os.path.join(HERE, "holder.txt"),
                  env=dict(os.environ))
    said = child.wait_line(r"^pids (.*) home (.*)$", timeout=90)
    return child, [int(pid) for pid in said[1].split()], said[2]


def test_killed_lab_is_dead_and_the_next_start_removes_what_it_left():
    child, pids, home = start_holder()
    began = {pid: processes.start_time(pid) for pid in pids}
    expect(home.startswith("/var/tmp/mcx-lab-"), f"the cluster of a deep folder lies in {home}")
    equal(folders.is_live(DEEP), True, "the lab is seen as live")
    os.kill(child.pid, signal.SIGKILL)
    child.process.wait()
    processes.wait_until(lambda: all(processes.start_time(pid) != began[pid] for pid in pids), 10, "children to end")
    expect(os.path.isdir(home), "nobody was there to remove the folder")
    with Lab(DEEP):
        expect(not os.path.exists(home), f"{home} outlived the next start")


def test_told_lab_ends_in_order_and_leaves_nothing():
    child, pids, home = start_holder()
    began = {pid: processes.start_time(pid) for pid in pids}
    equal(child.stop(signal.SIGTERM, 60), 128 + signal.SIGTERM, "exit status")
    expect(all(processes.start_time(pid) != began[pid] for pid in pids), "a child outlived the lab")
    expect(not os.path.exists(home), f"{home} was left")


def test_second_lab_in_the_same_folder_is_refused():
    with Lab(os.path.join(HERE, "one")):
        try:
            folders.Folder(os.path.join(HERE, "one"))
        except processes.LabError as error:
            expect("running" in str(error), str(error))
        else:
            expect(False, "two labs in one folder")


def test_reserved_ports_and_networks_are_nobody_elses():
    mine, others = Reservations(), Reservations()
    ports = mine.ports(20) + others.ports(20)
    equal(len(set(ports)), 40, "different ports")
    expect(mine.network() != others.network(), "two labs share a network")
    with open("/proc/sys/net/ipv4/ip_local_port_range", encoding="ascii") as text:
        first = int(text.read().split()[0])
    expect(first < 20100 or max(ports) < first, "ports of outgoing connections were given out")
    for port in ports:
        with socket.socket() as server:
            server.bind(("127.0.0.1", port))
    mine.close()
    others.close()


def test_cluster_has_no_port():
    with Lab(os.path.join(HERE, "one")) as lab:
        equal(lab.cluster.sql("primary", "SHOW listen_addresses"), [("",)], "listen_addresses")
        if pg.server_user():
            equal(lab.cluster.sql("primary", "SELECT 1", "mcx_daemon"), [("1",)], "the daemon's role can connect")


def main():
    failures = 0
    for name, test in list(globals().items()):
        if not name.startswith("test_"):
            continue
        try:
            test()
            print(f"ok - {name}", flush=True)
        except (AssertionError, processes.LabError) as error:
            print(f"not ok - {name}: {error}", flush=True)
            failures += 1
    return 1 if failures else 0


if __name__ == "__main__":
    if sys.argv[1:] == ["hold"]:
        hold()
    processes.exit_on_signals()
    sys.exit(main())
