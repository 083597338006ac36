# SPDX-License-Identifier: Apache-2.0
"""A peer that floods requests that do not parse, and stops reading, costs the others nothing either: freeDiameter's own
error answers would bypass our sender (trap R13). MCX_LONG=1: twenty times each."""

import os

from support.hss import Options
from support.raw import GPP, avp
from support.scenario import expect, main
from support.stuck import Other, core_peer, pour

TURNS = range(20 if os.environ.get("MCX_LONG") else 2)
SLOWEST = 0.9  # seconds; unguarded, freeDiameter's one sending thread stands still for a second each time
FLAWS = {
    "an unknown AVP with M": {"more": [avp(4711, "?", GPP)]},
    "a missing AVP": {"drop": {277}},
    "a wrong length": {"replace": {607: avp(607, b"\0\0\0\1\0", GPP)}},
}


def test_floods_of_malformed_requests(lab):
    other, alice = Other(lab, "primary"), lab.add_user("primary", "alice")
    for what, flaw in FLAWS.items():
        for _ in TURNS:
            stuck = core_peer(lab, "primary", small=True)
            pour(stuck, alice, other, lab.hss["primary"], flaw=flaw, peer=stuck.host)
            stuck.drop()
        expect(other.slowest < SLOWEST, f"{what}: the slowest answer to another peer took {other.slowest:.2f} s")
    other.peer.close()  # or the daemon waits for its DPA at the end


main(__file__, [test_floods_of_malformed_requests], broken="requests that do not parse", names=("primary",),
     options={"primary": Options(settings={"hss": {"answer_time_ms": 1500}})})
