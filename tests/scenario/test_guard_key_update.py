# SPDX-License-Identifier: Apache-2.0
"""Keys of TLS 1.3 that are renewed, by peers who ask for new ones of ours, and by us: GnuTLS would do so with the next send,
under the hands of freeDiameter's receiving thread, which then loses the connection."""

from support.bare import PARTNER, PRIMARY, Daemon, main
from support.s_client import Client
from support.scenario import equal, expect


def ask(site, turns, update=True):
    """Results of MARs, two after each update of the peer's keys, until the connection is lost (0); and how often ours were
    renewed."""
    found = []
    with Client(site, "1_3", "hss." + PARTNER, PARTNER) as client:
        peer = client.peer()
        equal(peer.capabilities().result, 2001, "CEA")
        for turn in range(2 * turns):
            if update and turn % 2 == 0:
                client.command("K")
                client.says("KEYUPDATE")
            got = peer.ask(peer.mar(PRIMARY))
            found.append(got.result if got else 0)
            if not got:
                break
        return found, client.updates()


def test_unguarded_daemon_loses_the_connection(site):
    with Daemon(site, guard=False) as daemon:
        daemon.ready()
        # A receiving thread that is slow to wait again is not lost.
        expect(any(ask(site, 2)[0][-1] == 0 for _ in range(20)), "all were served")


def test_guarded_daemon_serves_on(site):
    with Daemon(site) as daemon:
        daemon.ready()
        equal(ask(site, 3), ([2001] * 6, 3), "results and updates")


def test_guarded_daemon_renews_its_own(site):
    with Daemon(site, border="rekey_records = 64;") as daemon:
        daemon.ready()
        equal(ask(site, 150, update=False), ([2001] * 300, 4), "results and updates")


if __name__ == "__main__":
    main(__file__, [test_unguarded_daemon_loses_the_connection, test_guarded_daemon_serves_on,
                    test_guarded_daemon_renews_its_own])
