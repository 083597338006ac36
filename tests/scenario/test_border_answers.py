# SPDX-License-Identifier: Apache-2.0
# labels: slow
"""What is no answer to what we asked (RFC 6733 6.2), a watchdog here, ends a stock daemon without NoRelay: it takes it for
one that must be sent on, to nobody. Also with the border such a peer gets no watchdog answered, and nothing else ends."""

import contextlib
import struct

from support import raw
from support.bare import PRIMARY, Daemon, main
from support.raw import avp
from support.scenario import equal, expect


KINDS = {"a MAA": (303, raw.CX, raw.PROXIABLE), "a DWA with P": (280, 0, raw.PROXIABLE),
         "an error": (303, raw.CX, raw.PROXIABLE | raw.ERROR), "an unknown command": (999, raw.CX, raw.PROXIABLE)}


def mislead(peer, kind):
    """Answers the next watchdog so."""
    asked = peer.receive()
    equal((asked.command, bool(asked.flags & raw.REQUEST)), (280, True), "a DWR")
    command, application, flags = KINDS[kind]
    octets = raw.message(command, application, flags, [avp(263, "s;1;2"), avp(268, 3001 if flags & raw.ERROR else 2001),
                                                       avp(264, peer.host), avp(296, peer.realm)])
    peer.send(octets[:12] + struct.pack("!II", asked.hop_by_hop, asked.end_to_end) + octets[20:])


def test_with_and_without(site):
    for kind in ("a MAA", "a DWA with P"):
        with Daemon(site, guard=False, no_relay=False) as daemon, daemon.ready().plain() as peer:
            peer.capabilities()
            mislead(peer, kind)
            expect(daemon.wait_end() is not None, f"the unguarded daemon survives {kind}")
            peer.drop()
    for no_relay in (False, True):
        with Daemon(site, no_relay=no_relay) as daemon, contextlib.ExitStack() as open_ones:
            daemon.ready()
            peers = [open_ones.enter_context(daemon.plain(f"s{n}.ims.{PRIMARY}")) for n in range(len(KINDS))]
            for peer in peers:
                equal(peer.capabilities().result, 2001, "CEA")
            for peer, kind in zip(peers, KINDS):
                mislead(peer, kind)
            for peer, kind in zip(peers, KINDS):
                equal(peer.ask(peer.mar(PRIMARY)).result, 2001, f"asked after {kind}")
        equal(daemon.status, 0, "exit status")


if __name__ == "__main__":
    main(__file__, [test_with_and_without])
