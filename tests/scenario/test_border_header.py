# SPDX-License-Identifier: Apache-2.0
"""A request with the E bit is answered 3008 (RFC 6733 3, 7.1.3), by the border also where it only observes.
freeDiameter would say the same, but its own error answers end the daemon when the peer has just left (trap C5)."""

from support import raw
from support.bare import PRIMARY, Daemon, main
from support.raw import GPP
from support.scenario import equal, expect


def marked(octets):
    """The same message with the E bit set."""
    return octets[:4] + bytes([octets[4] | raw.ERROR]) + octets[5:]


def test_r_and_e_bits_are_refused(site):
    for mode in ("enforce", "observe"):
        with Daemon(site, border=f'mode = "{mode}";', metrics=True) as daemon, daemon.ready().plain() as peer:
            peer.capabilities()
            got = peer.ask(marked(peer.mar(PRIMARY)))
            equal((got.command, got.result), (303, 3008), mode)
            expect(got.flags & raw.ERROR and not got.all(612, GPP), f"{mode}: a protocol error without a vector")
            equal(peer.ask(peer.mar(PRIMARY)).result, 2001, f"{mode}: the next, sound one")
            equal(daemon.metric('mcx_border_refused_total{rule="header_bits"}'), 1, f"{mode}: counted")
        equal(daemon.status, 0, "exit status")


if __name__ == "__main__":
    main(__file__, [test_r_and_e_bits_are_refused])
