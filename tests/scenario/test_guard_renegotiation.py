# SPDX-License-Identifier: Apache-2.0
"""Peers that negotiate TLS 1.2 anew: freeDiameter would do so in its receiving thread, while another one writes, and the
certificate that the border has judged would be freed."""

from support.bare import PARTNER, Daemon, main
from support.s_client import Client
from support.scenario import expect


def is_granted(site):
    with Client(site, "1_2", "hss." + PARTNER, PARTNER) as client:
        client.command("R")
        expect(client.says("RENEGOTIATING"), "the client began nothing")
        return client.says("read server hello")


def test_unguarded_daemon_grants_it(site):
    with Daemon(site, guard=False) as daemon:
        daemon.ready()
        expect(is_granted(site), "no renegotiation")


def test_guarded_daemon_ends_the_connection(site):
    with Daemon(site) as daemon:
        daemon.ready()
        expect(not is_granted(site), "renegotiation was granted")
        daemon.wait_log("Unsafe renegotiation denied")


if __name__ == "__main__":
    main(__file__, [test_unguarded_daemon_grants_it, test_guarded_daemon_ends_the_connection])
