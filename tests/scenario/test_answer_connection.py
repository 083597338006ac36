# SPDX-License-Identifier: Apache-2.0
"""An answer goes back by the connection that its request came by, or not at all (RFC 6733 6.2): on the peer's next one the
Hop-by-Hop Identifiers begin anew, and vectors of one user would be taken for another's."""

import re

from support import raw
from support.hss import Options
from support.raw import GPP, avp
from support.scenario import equal, main
from support.stuck import core_peer, door, mar_of, relayed

UNKNOWN = -5001  # what the primary says


def answer(primary, asked):
    primary.send(raw.answer_to(asked, [
        avp(263, asked.get(263)), avp(277, 1), avp(264, primary.host), avp(296, primary.realm),
        avp(297, [avp(266, GPP), avp(298, -UNKNOWN)])]))


def again(lab, left):
    """The next connection under that name, as soon as the last is forgotten."""
    hss, system, cea = lab.hss["primary"], lab.systems["primary"], None
    hss.wait_log(rf"STATE_ZOMBIE \(terminated\)\s+'{re.escape(left.host)}'")
    while not (cea and cea.result == 2001):  # a few milliseconds later
        core = raw.Peer(left.host, left.realm, system.address, system.port)
        cea = core.capabilities(watchdogs=3)
    hss.wait_open(left.host, count=2)
    return core


def test_reconnected_within_the_answer_time(lab):
    lab.connect("primary", "partner")
    theirs, hss = lab.systems["partner"], lab.hss["primary"]
    bob = lab.add_user("partner", "bob")
    roaming = bob.named(*lab.bind(bob, "partner", "primary").inbound)
    with door(lab, "partner") as there, there.accept(theirs.host, theirs.realm) as primary:
        hss.wait_open(theirs.host)
        core = core_peer(lab, "primary")
        asked = relayed(core, roaming, primary)
        core.drop()
        with again(lab, core) as core:
            answer(primary, asked)
            again_asked = mar_of(core, roaming)
            core.send(again_asked)
            answer(primary, primary.receive())
            equal(core.receive().end_to_end, int.from_bytes(again_asked[16:20], "big"), "End-to-End id of the first answer")
            hss.wait_event("answer_dropped", reason="other_connection")


main(__file__, [test_reconnected_within_the_answer_time], options={
    "partner": Options(run=False), "primary": Options(settings={"hss": {"answer_time_ms": 20000}},
                                                      daemon_lines=["TwTimer = 60;"])})
