# SPDX-License-Identifier: Apache-2.0
"""For tests of peers that stop reading: who asks too much, and who asks well meanwhile."""

import contextlib
import itertools
import time

from . import raw
from .scenario import equal, expect

_names = itertools.count(1)


def core_peer(lab, name, **options):
    """A connection of the SIP core of a system, without TLS, under a name of its own."""
    system = lab.systems[name]
    peer = raw.Peer(f"raw-{next(_names)}.{system.scscf_domain}", system.realm, system.address, system.port, **options)
    peer.capabilities()
    return peer


class Other:
    """A well-behaved peer that asks for a user of its own; slowest: seconds of its slowest answer."""

    def __init__(self, lab, name):
        self.card, self.realm, self.slowest = lab.add_user(name, "other"), lab.systems[name].realm, 0
        self.peer = core_peer(lab, name)

    def ask(self):
        began = time.monotonic()
        answer = self.peer.ask(self.peer.mar(self.realm, impi=self.card.impi, impu=self.card.impu))
        self.slowest = max(self.slowest, time.monotonic() - began)
        equal(answer and answer.result, 2001, "the other peer's answer")


def pour(asker, user, other, hss, number=600, flaw=None, **stuck):
    """MARs of one peer, whose answers it does not read here. The other asks between them, and goes on until the daemon
    has given the stuck connection up. flaw: options of raw.Peer.mar that spoil each. stuck: how ev=peer_stuck of the log
    names it."""
    since = len(hss.text())
    with contextlib.suppress(ConnectionError):  # it may be over before we are done
        for count in range(number):
            asker.send(asker.mar(other.realm, impi=user.impi, impu=user.impu, **flaw or {}))
            if count % 20 == 0:
                other.ask()
    until = time.monotonic() + 60
    while not hss.events("failover", since):
        expect(time.monotonic() < until, f"the daemon did not give up {stuck}")
        other.ask()
    found = hss.events("peer_stuck", since)
    expect(any(stuck.items() <= event.items() for event in found), f"no ev=peer_stuck of {stuck} in {found}")
