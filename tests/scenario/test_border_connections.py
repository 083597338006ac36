# SPDX-License-Identifier: Apache-2.0
# labels: slow
"""Many connections (trap C9): a TLS handshake on a socket numbered 1024 or more aborts the daemon, and a daemon without
descriptors stops accepting for good."""

import contextlib

from support.bare import PRIMARY, Daemon, main
from support.crowd import fill, slow_handshake
from support.scenario import equal, expect

NOFILE = 4096
PATIENT = ["TwTimer = 300;"]  # nobody in the crowd answers watchdogs


def test_unguarded_daemon_aborts_at_descriptor_1024(site):
    with Daemon(site, guard=False, nofile=NOFILE, open_files=1024) as daemon:
        with contextlib.suppress(OSError):
            slow_handshake(daemon.ready())
        equal(daemon.wait_end(), -6, "exit status of the unguarded daemon")


def test_peers_beyond_the_cap_are_refused(site):
    for nofile, in_use, room in ((NOFILE, 800, 220), (1024, 800, 220), (300, 100, 190)):
        with Daemon(site, nofile=nofile, open_files=in_use, lines=PATIENT) as daemon:
            with contextlib.ExitStack() as stack:
                taken = fill(daemon.ready(), stack, room)
                expect(10 < taken < room - 20, f"{taken} of {room} taken with {nofile} descriptors")
                slow_handshake(daemon)
                daemon.wait_log("ev=peer_refused .*reason=too_many_connections")
            with daemon.plain("late.ims." + PRIMARY) as peer:
                daemon.wait_until(lambda: peer.capabilities() is not None, "a connection after the crowd has left")
        equal(daemon.status, 0, "exit status")


def test_refuses_to_start_without_room(site):
    with Daemon(site, nofile=NOFILE, open_files=1000) as daemon:
        expect(daemon.wait_end() not in (0, None), "it started")
        expect("ev=start_refused" in daemon.child.text(), "without saying why")


if __name__ == "__main__":
    main(__file__, [test_unguarded_daemon_aborts_at_descriptor_1024, test_peers_beyond_the_cap_are_refused,
                    test_refuses_to_start_without_room])
