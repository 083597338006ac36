# SPDX-License-Identifier: Apache-2.0
"""Peers that end TLS while we write to them: freeDiameter answers in its receiving thread, beside the one that writes, and
GnuTLS has one queue for both. Threads are slowed down where what they sent still stands there."""

import os
import signal

from support.bare import PRIMARY, Daemon, main, outcome
from support.scenario import equal, expect

SLOW = {"preload": ("slow_writer.so",)}


def are_repeated(records):
    return len(set(records)) < len(records)


def leave_while_written_to(daemon):
    """Several MARs, and close_notify as soon as the first answer arrives."""
    peer = daemon.tls(sealed=True)
    equal(peer.capabilities().result, 2001, "CEA")
    for _ in range(3):
        peer.send(peer.mar(PRIMARY))
    peer.socket.wait()
    peer.socket.end()
    return are_repeated(peer.socket.records())


def leave_together(daemon):
    """DPA and close_notify in one segment, to a daemon that closes as well."""
    peer = daemon.tls(sealed=True)
    equal(peer.capabilities().result, 2001, "CEA")
    os.kill(daemon.child.pid, signal.SIGTERM)
    peer.socket.end(peer.answer_to(peer.receive(), 2001))
    return are_repeated(peer.socket.records())


def repeats_unguarded(site, leave):
    with Daemon(site, guard=False, **SLOW) as daemon:
        return leave(daemon.ready())


def test_unguarded_daemon_has_two_writers(site):
    for leave in (leave_while_written_to, leave_together):  # threads that are slow to start may just miss each other
        expect(any(repeats_unguarded(site, leave) for _ in range(5)), f"{leave.__name__}: no record was sent twice")


def test_guarded_daemon_has_one(site):
    with Daemon(site, **SLOW) as daemon:
        expect(not leave_while_written_to(daemon.ready()), "a record was sent twice")
        equal(outcome(daemon.tls(f"scscf.ims.{PRIMARY}", PRIMARY)), 2001, "the next peer")
        expect(not leave_together(daemon), "a record was sent twice at the end")
        equal(daemon.wait_end(), 0, "exit status")


if __name__ == "__main__":
    main(__file__, [test_unguarded_daemon_has_two_writers, test_guarded_daemon_has_one])
