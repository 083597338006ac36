#!/usr/bin/python3
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


if __name__ == "__main__":
    processes.exit_on_signals()
    sys.exit(run_alone(globals()))
