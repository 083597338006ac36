# SPDX-License-Identifier: Apache-2.0
"""Peers that use one Session-Id again and again (freediameter trap R8): freeDiameter frees the session of one message while
the next one arrives, and touches it once more. Threads are slowed down where they give its lock up."""

from support.bare import PRIMARY, Daemon, main
from support.scenario import equal, expect

SAME = "scscf.example;1;1"
PEERS = [f"{name}.ims.{PRIMARY}" for name in ("scscf", "icscf", "scscf2")]
FREED = "fd_sess_reclaim ( session )"  # freeDiameter's complaint when it happens to see that a session was freed


def use_again(daemon, turns):
    """Its status if it ends, None if it serves all; every answer says the Session-Id that was asked with."""
    peers = [daemon.plain(peer, timeout=15) for peer in PEERS]
    for peer in peers:
        peer.capabilities()
    for _ in range(turns):
        for peer in peers:  # each answer is sent before the session is given back
            got = peer.ask(peer.mar(PRIMARY, session=SAME))
            if got is None:
                return daemon.wait_end()
            equal((got.result, got.get(263)), (2001, SAME.encode()), "an answer")
        if any(peer.watchdog() is None for peer in peers):  # sent after that
            return daemon.wait_end()
    for peer in peers:
        peer.drop()
    return None


def test_unguarded_daemon_touches_freed_sessions(site):
    with Daemon(site, guard=False, preload=("slow_reclaim.so",)) as daemon:
        ended = use_again(daemon.ready(), 5) is not None
        expect(ended or FREED in daemon.child.text(), "the daemon never touched a freed session")


def test_guarded_daemon_has_none_to_free(site):
    with Daemon(site, preload=("slow_reclaim.so",)) as daemon:
        equal(use_again(daemon.ready(), 5), None, "status of the guarded daemon")
        expect(FREED not in daemon.child.text(), "the guarded daemon touched a freed session")
    equal(daemon.status, 0, "exit status")


if __name__ == "__main__":
    main(__file__, [test_unguarded_daemon_touches_freed_sessions, test_guarded_daemon_has_none_to_free])
