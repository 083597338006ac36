#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Peers that update their keys (TLS 1.3) and ask for new ones of ours: GnuTLS would change both with the next send, under the
hands of freeDiameter's receiving thread, which then loses the connection."""

from support.bare import PARTNER, PRIMARY, Daemon, main
from support.s_client import Client
from support.scenario import equal, expect


def results(site, turns):
    """Of MARs, two after each update; shorter when the connection is lost."""
    found = []
    with Client(site, "1_3", "hss." + PARTNER, PARTNER) as client:
        peer = client.peer()
        equal(peer.capabilities().result, 2001, "CEA")
        for _ in range(turns):
            client.command("K")
            expect(client.says("KEYUPDATE"), "the client updated nothing")
            for _ in range(2):
                got = peer.ask(peer.mar(PRIMARY))
                if got is None:
                    return found
                found.append(got.result)
    return found


def test_unguarded_daemon_loses_the_connection(site):
    with Daemon(site, guard=False) as daemon:
        daemon.ready()
        expect(len(results(site, 2)) < 4, "all were served")


def test_guarded_daemon_serves_on(site):
    with Daemon(site) as daemon:
        daemon.ready()
        equal(results(site, 3), [2001] * 6, "results")


if __name__ == "__main__":
    main(__file__, [test_unguarded_daemon_loses_the_connection, test_guarded_daemon_serves_on])
