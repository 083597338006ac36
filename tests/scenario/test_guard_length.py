# SPDX-License-Identifier: Apache-2.0
"""An answer that repeats what was asked can be longer than the 65,535 octets at which freeDiameter closes a connection
(trap C11): with the guard none is."""

from support.bare import PRIMARY, Daemon, main
from support.raw import REQUEST, avp, message
from support.scenario import equal, expect

ASKED = 65500  # a request of so many octets is let in


def fill(peer, octets, make):
    """make(padding) is a request; one of that many octets."""
    return make("u" * (octets - len(make(""))))


def named(peer, octets, first=""):
    return fill(peer, octets, lambda padding: peer.mar(PRIMARY, impi=first + padding))


def test_unguarded_daemon_answers_at_a_length_that_closes_connections(site):
    with Daemon(site, guard=False) as daemon, daemon.ready().plain() as peer:
        peer.capabilities()
        got = peer.ask(named(peer, ASKED))
        expect(got.size > 65535, f"an answer of {got.size} octets")
        expect(peer.ask(named(peer, got.size)) is None, "a message so long leaves the connection open")


def test_no_answer_of_ours_is_so_long(site):
    with Daemon(site) as daemon, daemon.ready().plain() as peer:
        peer.capabilities()
        for what, result, octets in (
                ("served", 2001, named(peer, ASKED)), ("refused", 5004, named(peer, ASKED, "!")),
                ("Session-Id", 5012, fill(peer, ASKED, lambda long: peer.mar(PRIMARY, session="s" + long, realm="x"))),
                ("Proxy-Info", 2001, fill(peer, ASKED, lambda long: peer.mar(PRIMARY, more=[
                    avp(284, [avp(280, "proxy.example"), avp(33, "s" + long)])])))):
            got = peer.ask(octets)
            equal((got and got.result, bool(got and got.size <= 65535)), (result, True), what)
        got = peer.ask(message(280, 0, REQUEST, [avp(263, "s" * 65400), avp(264, peer.host)]))  # no Origin-Realm
        equal((got and got.result, bool(got and got.size <= 65535)), (5005, True), "a watchdog")
    equal(daemon.status, 0, "exit status")


if __name__ == "__main__":
    main(__file__, [test_unguarded_daemon_answers_at_a_length_that_closes_connections,
                    test_no_answer_of_ours_is_so_long])
