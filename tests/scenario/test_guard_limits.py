# SPDX-License-Identifier: Apache-2.0
# labels: slow
"""Connections that say nothing (trap C10) and messages that are too long (C11) cost nobody else anything."""

import contextlib
import socket

from support.bare import PRIMARY, Daemon, main
from support.raw import avp
from support.scenario import equal, expect


def test_idle_connections_within_the_threads_keep_nobody_out(site):
    with Daemon(site, threads=20) as daemon, contextlib.ExitStack() as idle:
        daemon.ready()
        for _ in range(19):
            idle.enter_context(socket.create_connection((site.address, 3868)))
        with daemon.plain() as peer:
            equal(peer.capabilities().result, 2001, "CEA beside 19 idle connections")


def test_few_threads_are_all_taken_by_idle_connections(site):
    """No extension can cure this: the border warns, the guide names ThreadsPerServer and a firewall."""
    with Daemon(site, threads=5) as daemon, contextlib.ExitStack() as idle:
        daemon.ready().wait_log("ev=few_threads threads_per_server=5")
        for _ in range(20):
            idle.enter_context(socket.create_connection((site.address, 3868)))
        with daemon.plain(timeout=3) as peer:
            try:
                peer.capabilities()
            except TimeoutError:
                return
            expect(False, "20 idle connections leave one of 5 threads free: is the warning needed?")


def test_a_message_that_is_too_long_costs_its_sender_only(site):
    with Daemon(site) as daemon, daemon.ready().plain() as long, daemon.plain("other.ims." + PRIMARY) as other:
        long.capabilities()
        other.capabilities()
        equal(long.ask(long.mar(PRIMARY, more=[avp(33, b"x" * 60000, flags=0)])).result, 2001, "60,000 octets")
        expect(long.ask(long.mar(PRIMARY, more=[avp(33, b"x" * 70000, flags=0)])) is None, "70,000 octets: closed")
        equal(other.ask(other.mar(PRIMARY)).result, 2001, "another peer")
    equal(daemon.status, 0, "exit status")


if __name__ == "__main__":
    main(__file__, [test_idle_connections_within_the_threads_keep_nobody_out,
                    test_few_threads_are_all_taken_by_idle_connections,
                    test_a_message_that_is_too_long_costs_its_sender_only])
