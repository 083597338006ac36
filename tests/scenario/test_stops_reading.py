# SPDX-License-Identifier: Apache-2.0
# labels: slow
"""A peer that stops reading costs the others nothing (trap R13), be it of the own SIP core, a partner that asks, or a
primary that is asked. Another peer asks all the while. MCX_LONG=1: twenty times each."""

import os

from support import raw
from support.hss import Options
from support.scenario import equal, expect, main
from support.stuck import Other, core_peer, door, pour

TURNS = range(20 if os.environ.get("MCX_LONG") else 3)
SLOWEST = 0.9  # seconds; unguarded, freeDiameter's one sending thread stands still for a second each time
ALL = {}


def test_client_of_the_core(lab):
    lab.connect("primary", "partner")
    other = ALL["other"] = Other(lab, "primary")
    alice = ALL["alice"] = lab.add_user("primary", "alice")
    for _ in TURNS:
        stuck = core_peer(lab, "primary", small=True)
        pour(stuck, alice, other, lab.hss["primary"], peer=stuck.host)
        stuck.drop()
    expect(other.slowest < SLOWEST, f"the slowest answer to another peer took {other.slowest:.2f} s")


def test_partner_that_asks(lab):
    other, system, theirs = ALL["other"], lab.systems["primary"], lab.systems["partner"]
    granted = ALL["alice"].named(*lab.bind(ALL["alice"], "primary", "partner").asked)
    context = raw.client_context(theirs.cert, theirs.key)
    for turn in TURNS:
        stuck = None
        while not (stuck and stuck.capabilities(watchdogs=3 if turn else 0)):  # again, if it came too soon after the last
            stuck = raw.Peer(theirs.host, theirs.realm, system.address, system.tls_port, tls=context, small=True)
        equal(stuck.watchdog().result, 2001, "watchdog")
        pour(stuck, granted, other, lab.hss["primary"], partner="partner")
        stuck.drop()
    expect(other.slowest < SLOWEST, f"the slowest answer to another peer took {other.slowest:.2f} s")


def test_primary_that_is_asked(lab):
    other, theirs, bob = ALL["other"], lab.systems["partner"], lab.add_user("partner", "bob")
    roaming = bob.named(*lab.bind(bob, "partner", "primary").inbound)
    for _ in TURNS:
        with door(lab, "partner", small=True) as there:
            stuck = there.accept(theirs.host, theirs.realm, watchdogs=3)
            asker = core_peer(lab, "primary")
            pour(asker, roaming, other, lab.hss["primary"], partner="partner")
            for _ in range(600):
                equal(asker.receive().result, 5012, "what the SIP core gets")
            stuck.drop()
            asker.close()
    other.peer.close()  # or the daemon waits for its DPA at the end
    expect(other.slowest < SLOWEST, f"the slowest answer to another peer took {other.slowest:.2f} s")


main(__file__, [test_client_of_the_core, test_partner_that_asks, test_primary_that_is_asked],
     options={"partner": Options(run=False), "primary": Options(settings={"hss": {"answer_time_ms": 1500}})})
