# SPDX-License-Identifier: Apache-2.0
"""A daemon that is told to stop on a machine so busy that none of its other threads comes to run meanwhile: freeDiameter
gives them 20 ms to leave its queues, then aborts."""

from support.bare import Daemon, main
from support.scenario import equal, expect

HASTY = {"preload": ("hasty_fifo.so",)}


def status(site, guard):
    with Daemon(site, guard=guard, **HASTY) as daemon:
        return daemon.ready().stop()


def test_unguarded_daemon_aborts(site):
    expect(any(status(site, guard=False) == -6 for _ in range(10)), "the unguarded daemon never aborted")


def test_guarded_daemon_waits(site):
    equal(status(site, guard=True), 0, "status of the guarded daemon")


if __name__ == "__main__":
    main(__file__, [test_unguarded_daemon_aborts, test_guarded_daemon_waits])
