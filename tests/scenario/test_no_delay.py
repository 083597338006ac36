# SPDX-License-Identifier: Apache-2.0
"""Nagle's algorithm is off on every Diameter connection, opened by either side, with TLS or without: else an answer waits
for the next request of its connection (border.tcp_no_delay; RFC 3539 3.2)."""

import ctypes
import os
import socket

from support.hss import Options
from support.scenario import equal, main

PIDFD_GETFD = 438  # pidfd_getfd(2)
DUMPABLE = {"log": {"core_dumps": True}}  # or the daemon's descriptors are nobody's to look at
LIBC = ctypes.CDLL(None, use_errno=True)


def sockets(pid):
    """Copies of the TCP connections of a process."""
    process = os.pidfd_open(pid)
    for number in map(int, os.listdir(f"/proc/{pid}/fd")):
        if not os.readlink(f"/proc/{pid}/fd/{number}").startswith("socket:"):
            continue
        copy = LIBC.syscall(PIDFD_GETFD, process, number, 0)
        if copy < 0:
            raise OSError(ctypes.get_errno(), "pidfd_getfd")
        found = socket.socket(fileno=copy)
        if found.family == socket.AF_INET and found.type == socket.SOCK_STREAM:
            yield found
    os.close(process)


def delays(hss):
    """{other end: is Nagle's algorithm off?} of the open connections of a daemon."""
    found = {}
    for one in sockets(hss.pid):
        with one:
            if not one.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                found[one.getpeername()] = one.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    return found


def test_every_connection(lab):
    lab.connect("primary", "partner")
    with lab.raw_peer("primary") as core:
        core.watchdog()
        equal(sorted(delays(lab.hss["primary"]).values()), [1, 1], "at the primary: the SIP core and the partner")
        equal(list(delays(lab.hss["partner"]).values()), [1], "at the partner: the primary")


main(__file__, [test_every_connection],
     options={name: Options(settings=DUMPABLE) for name in ("primary", "partner")})
