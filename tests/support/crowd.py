# SPDX-License-Identifier: Apache-2.0
"""Many peers at a bare daemon, and impolite ones."""

import contextlib
import socket

from . import raw
from .bare import PRIMARY


def fill(daemon, stack, most):
    """Connects hosts of the SIP core until one is refused: how many were taken."""
    for number in range(most):
        peer = stack.enter_context(contextlib.closing(daemon.plain(f"h{number}.ims.{PRIMARY}")))
        cea = peer.capabilities()
        peer.is_known = False  # a hundred DPRs are not what this test is about
        if cea is None or cea.result != 2001:
            return number
    return most


def slow_handshake(daemon):
    """A client that says nothing before the daemon waits for it in select(2)."""
    certificate = daemon.site.certificate("hss.partner.example")
    with socket.create_connection((daemon.site.address, 5868), 5) as plain:
        with contextlib.suppress(TimeoutError):
            plain.settimeout(1)
            plain.recv(1)
        plain.settimeout(5)
        raw.client_context(certificate.cert, certificate.key).wrap_socket(plain).close()


def of_no_application(peer):
    return peer.mar(PRIMARY, application=16777217)


def leave_before_the_answers(daemon, times, make=of_no_application):
    """Peers that ask what is refused and are gone before the answer is made: how many came through."""
    for number in range(times):
        try:
            peer = daemon.plain(f"q{number}.ims.{PRIMARY}")
            peer.capabilities()
            peer.send(b"".join(make(peer) for _ in range(20)))
            peer.reset()
        except OSError:
            return number
    return times
