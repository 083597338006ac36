# SPDX-License-Identifier: Apache-2.0
"""What ends a stock freeDiameterd 1.2.1 (freediameter traps C1, C5): the unguarded daemon ends, ours lives."""

from support import raw
from support.bare import PRIMARY, Daemon, main
from support.crowd import leave_before_the_answers
from support.raw import avp
from support.scenario import equal, expect


def nul_session_id(peer):
    return peer.mar(PRIMARY, replace={263: avp(263, b"a\0b")})


def session_id_with_vendor_0(peer):
    return peer.mar(PRIMARY, replace={263: avp(263, "s;1;2", flags=raw.MANDATORY | raw.VENDOR)})


REQUESTS = [(nul_session_id, 5004), (session_id_with_vendor_0, 3009)]


def test_unguarded_daemon_ends_by_one_request(site):
    for make, _ in REQUESTS:
        with Daemon(site, guard=False) as daemon, daemon.ready().plain() as peer:
            peer.capabilities()
            expect(daemon.ends_by(peer, make(peer)) is not None, f"the unguarded daemon survives {make.__name__}")


def test_guarded_daemon_answers_and_lives(site):
    with Daemon(site) as daemon, daemon.ready().plain() as peer:
        peer.capabilities()
        for make, result in REQUESTS:
            got = peer.ask(make(peer))
            equal((got.result, got.failed[0]), (result, 263), make.__name__)
            equal(peer.ask(peer.mar(PRIMARY)).result, 2001, "the next, sound request")
    equal(daemon.status, 0, "exit status")


def test_unguarded_daemon_ends_when_a_peer_leaves_early(site):
    with Daemon(site, guard=False) as daemon:
        leave_before_the_answers(daemon.ready(), 500)
        expect(daemon.wait_end() is not None, "the unguarded daemon survives peers that leave")


def test_guarded_daemon_lets_peers_leave(site):
    with Daemon(site) as daemon:
        equal(leave_before_the_answers(daemon.ready(), 60), 60, "peers that came and left")
        with daemon.plain() as peer:
            peer.capabilities()
            equal(peer.ask(peer.mar(PRIMARY, application=16777217)).result, 3007, "one that stays")
    equal(daemon.status, 0, "exit status")


if __name__ == "__main__":
    main(__file__, [test_unguarded_daemon_ends_by_one_request, test_guarded_daemon_answers_and_lives,
                    test_unguarded_daemon_ends_when_a_peer_leaves_early, test_guarded_daemon_lets_peers_leave])
