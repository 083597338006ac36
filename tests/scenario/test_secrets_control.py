# SPDX-License-Identifier: Apache-2.0
"""The control of test_secrets.py: a stock daemon without our hook writes CK, IK and XRES of an answer that it can't send
(trap S1), and the same search finds them."""

from support.bare import PRIMARY, Daemon, main
from support.scenario import equal, expect, holds_secret
from support.vectors import collect


def leaks(site, guard):
    """Many answers to a peer that does not read and leaves; then SIGTERM. Does the log hold the vector?"""
    found = set()
    with Daemon(site, guard=guard) as daemon:
        with daemon.ready().plain() as peer:
            peer.capabilities()
            equal(collect(peer.ask(peer.mar(PRIMARY)), found), 1, "vectors in the daemon's answer")
        with daemon.plain("rude.ims." + PRIMARY, small=True) as rude:
            rude.capabilities()
            for _ in range(300):
                rude.send(rude.mar(PRIMARY))
            rude.drop()
        daemon.wait_log("rude.*STATE_ZOMBIE|STATE_ZOMBIE.*rude")
        daemon.stop()
        # The constant vector: its keys are zeros, which a log may hold for other reasons; XRES is not.
        secrets = {secret for secret in found if any(secret)}
        expect(secrets, "a secret to look for")
        return holds_secret(daemon.child.text().encode("utf-8", "backslashreplace"), secrets)


def test_stock_daemon_writes_them_and_the_search_finds_them(site):
    expect(leaks(site, guard=False), "the search found nothing in the stock daemon's log")


def test_guarded_daemon_does_not(site):
    expect(not leaks(site, guard=True), "octets of a vector in the log")


if __name__ == "__main__":
    main(__file__, [test_stock_daemon_writes_them_and_the_search_finds_them, test_guarded_daemon_does_not])
