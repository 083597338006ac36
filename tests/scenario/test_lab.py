# SPDX-License-Identifier: Apache-2.0
"""Labs leave nothing behind: killed ones are dead at once and reaped by the next start."""

import os
import signal
import sys

from support import folders, processes
from support.build import Build
from support.lab import Lab
from support.scenario import equal, expect, run_alone

HERE = os.path.join(Build().folder, "lab", "test_lab")
DEEP = os.path.join(HERE, "deep" * 25)  # a socket path longer than the kernel takes


def hold():
    """Run as a child: makes a lab, tells its pids, and waits to be killed."""
    processes.exit_on_signals()
    with Lab(DEEP) as lab:
        pids = [hss.pid for hss in lab.hss.values()] + [lab.cluster.server.pid]
        print("pids", *pids, "home", lab.cluster.home, flush=True)
        processes.wait_for_signal()


def start_holder():
    os.makedirs(HERE, exist_ok=True)
    child = processes.Child("holder", [sys.executable, "-B", __file__, "hold"], os.path.join(HERE, "holder.txt"),
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


if __name__ == "__main__":
    if sys.argv[1:] == ["hold"]:
        hold()
    processes.exit_on_signals()
    sys.exit(run_alone(globals()))
