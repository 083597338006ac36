# SPDX-License-Identifier: Apache-2.0
"""What labs have for themselves: a folder, ports, networks, and a cluster without any port."""

import os
import socket
import sys

from support import folders, pg, processes
from support.addresses import Reservations
from support.build import Build
from support.lab import Lab
from support.scenario import equal, expect, run_alone

HERE = os.path.join(Build().folder, "lab", "test_lab_bounds")


def test_second_lab_in_the_same_folder_is_refused():
    with Lab(os.path.join(HERE, "one")):
        try:
            folders.Folder(os.path.join(HERE, "one"))
            expect(False, "two labs in one folder")
        except processes.LabError as error:
            expect("running" in str(error), str(error))


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


def test_cluster_lies_elsewhere_when_its_user_cannot_enter_the_folder():
    closed = os.path.join(HERE, "closed")
    os.makedirs(closed, mode=0o700, exist_ok=True)
    with Lab(os.path.join(closed, "lab"), names=("primary",)) as lab:
        home = lab.cluster.home
        equal(home.startswith("/var/tmp/mcx-lab-"), pg.server_user() is not None, f"root's cluster, in {home}")
        equal((os.path.dirname(lab.cluster.data), os.path.dirname(lab.cluster.sockets)), (home, home), "its parts")
    expect(not os.path.exists(home), f"{home} was left")


if __name__ == "__main__":
    processes.exit_on_signals()
    sys.exit(run_alone(globals()))
