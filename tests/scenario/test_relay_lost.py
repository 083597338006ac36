# SPDX-License-Identifier: Apache-2.0
"""A primary that is away, or whose connection breaks over an answer, costs its users a quick 5012, and service returns
by itself (design 6)."""

import time

from support import raw
from support.hss import Options
from support.played import Played
from support.scenario import equal, expect, main

BREAKING = ["close", "unparsable", "garbage", "huge"]
LOST = r"'STATE_OPEN'\s+-> 'STATE_CLOSED'\s+'hss.primary.example'"


def ask(core, realm, inbound, what, wanted):
    began = time.monotonic()
    equal(core.ask(core.mar(realm, impi=inbound[0], impu=inbound[1])).result, wanted, what)
    took = time.monotonic() - began
    expect(took < 10, f"{what}: answered after {took:.1f} s; the time limit is 20 s and must not be waited for")


def test_lost_connection(lab):
    lab.connect("primary", "partner")
    alice = lab.add_user("primary", "alice")
    inbound = lab.bind(alice, "primary", "partner").inbound
    partner = lab.systems["partner"]
    with raw.Peer(partner.scscf, partner.realm, partner.address, partner.port) as core:
        core.capabilities()
        ask(core, partner.realm, inbound, "primary not connected", 5012)
        behaviours = [behaviour for breaking in BREAKING for behaviour in ("vectors", breaking)] + ["vectors"]
        with Played(lab, "primary", alice, behaviours) as primary:
            for count, behaviour in enumerate(BREAKING, 1):
                primary.wait_open()
                ask(core, partner.realm, inbound, f"before {behaviour}", 2001)
                ask(core, partner.realm, inbound, behaviour, 5012)
                lab.hss["partner"].wait_log(LOST, count=count)
            primary.wait_open()
            ask(core, partner.realm, inbound, "at the end", 2001)


main(__file__, [test_lost_connection], broken="answers that break off", options={
    "primary": Options(run=False), "partner": Options(settings={"hss": {"answer_time_ms": 20000}})})
