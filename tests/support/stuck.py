# SPDX-License-Identifier: Apache-2.0
"""For tests of peers that stop reading or leave: who asks too much, who asks well meanwhile, and who should answer."""

import contextlib
import itertools
import ssl
import time

from . import raw
from .scenario import Failed, equal, expect

_names = itertools.count(1)


def core_peer(lab, name, **options):
    """A connection of the SIP core of a system, without TLS, under a name of its own."""
    system = lab.systems[name]
    peer = raw.Peer(f"raw-{next(_names)}.{system.scscf_domain}", system.realm, system.address, system.port, **options)
    peer.capabilities()
    return peer


def door(lab, name, **options):
    """Where partners look for the SIP database of a system whose daemon is left out."""
    system = lab.systems[name]
    return raw.Listener(system.address, system.tls_port, raw.server_context(system.cert, system.key), **options)


def mar_of(peer, user):
    return peer.mar(peer.realm, impi=user.impi, impu=user.impu)


def relayed(core, user, primary):
    """The SIP core asks; the request as the primary gets it."""
    core.send(mar_of(core, user))
    return primary.receive()


def flood(core, user, number):
    core.send(b"".join(mar_of(core, user) for _ in range(number)))


def unread(lab, name, asked, run, turns=5):
    """What run(core, stuck) answers, for the SIP core of `asked` and the connection of its SIP database to that of
    `name`, on which nothing was read. Again, if it was lost meanwhile: freeDiameter gives it up after a second, and a
    busy machine may take as long. Without debug lines much more happens within that second."""
    hss, theirs = lab.hss[asked], lab.systems[name]
    with door(lab, name, small=True) as there:
        for turn in range(turns):
            stuck, since = there.accept(theirs.host, theirs.realm, watchdogs=3 if turn else 0), len(hss.text())
            hss.wait_open(theirs.host, count=turn + 1)
            with core_peer(lab, asked) as core:
                found = run(core, stuck)
                is_lost = bool(hss.events("failover", since))
                core.drop()
            stuck.drop()
            if not is_lost:
                return found
    raise Failed(f"the connection to {name} was lost {turns} times")


class Other:
    """A well-behaved peer that asks for a user of its own; slowest: seconds of its slowest answer."""

    def __init__(self, lab, name):
        self.card, self.slowest = lab.add_user(name, "other"), 0
        self.peer = core_peer(lab, name)

    def ask(self):
        began = time.monotonic()
        answer = self.peer.ask(mar_of(self.peer, self.card))
        self.slowest = max(self.slowest, time.monotonic() - began)
        equal(answer and answer.result, 2001, "the other peer's answer")


def pour(asker, user, other, hss, number=600, flaw=None, **stuck):
    """MARs of one peer, whose answers it does not read here. The other asks between them, and goes on until the daemon
    has given the stuck connection up. flaw: options of raw.Peer.mar that spoil each. stuck: how ev=peer_stuck of the log
    names it."""
    since = len(hss.text())
    with contextlib.suppress(ConnectionError, ssl.SSLError):  # it may be over before we are done
        for count in range(number):
            asker.send(asker.mar(other.peer.realm, impi=user.impi, impu=user.impu, **flaw or {}))
            if count % 20 == 0:
                other.ask()
    until = time.monotonic() + 60
    while not hss.events("failover", since):
        expect(time.monotonic() < until, f"the daemon did not give up {stuck}")
        other.ask()
    found = hss.events("peer_stuck", since)
    expect(any(stuck.items() <= event.items() for event in found), f"no ev=peer_stuck of {stuck} in {found}")
