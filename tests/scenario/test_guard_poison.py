# SPDX-License-Identifier: Apache-2.0
# labels: slow
"""Answers that abort a stock freeDiameterd 1.2.1: an unknown AVP with M before the Result-Code, or a Result-Code of the
wrong length (freediameter trap C2). Shown with the answer to a watchdog, which every peer gives."""

from support import raw
from support.bare import PRIMARY, Daemon, main
from support.raw import avp
from support.scenario import equal

ANSWERS = [[avp(9999, b"x"), avp(268, 2001)], [avp(9999, b"x"), avp(268, b"\0")]]


def poison_watchdog(peer, avps):
    """Waits for the daemon's DWR and answers it so."""
    got = peer.receive()
    while got.command != 280:
        got = peer.receive()
    peer.send(raw.answer_to(got, [*avps, avp(264, peer.host), avp(296, peer.realm)]))


def test_unguarded_daemon_ends_by_one_answer(site):
    for avps in ANSWERS:
        with Daemon(site, guard=False) as daemon, daemon.ready().plain(timeout=15) as peer:
            peer.capabilities()
            poison_watchdog(peer, avps)
            equal(daemon.wait_end(), -6, "exit status of the unguarded daemon")


def test_guarded_daemon_survives_the_answer(site):
    for avps in ANSWERS:
        with Daemon(site) as daemon, daemon.ready().plain(timeout=15) as peer:
            peer.capabilities()
            poison_watchdog(peer, avps)
            with daemon.plain("icscf.ims." + PRIMARY) as other:
                other.capabilities()
                equal(other.ask(other.mar(PRIMARY)).result, 2001, "another peer's request")
        equal(daemon.status, 0, "exit status")


if __name__ == "__main__":
    main(__file__, [test_unguarded_daemon_ends_by_one_answer, test_guarded_daemon_survives_the_answer])
