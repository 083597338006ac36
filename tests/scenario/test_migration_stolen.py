# SPDX-License-Identifier: Apache-2.0
"""Another system that repeats a PAR octet for octet gets neither the identities nor a hint that they exist (design 3)."""

from support import mcx, migration
from support.hss import Options
from support.mcx import PAR, ask, given, par_avps
from support.scenario import equal, expect, main

NO_AGREEMENT, UNKNOWN_BINDING = -5002, -5003
HOME = "partner"  # the system under attack


def test_repeat_by_another_system_tells_nothing(lab):
    migration.admit(lab, HOME, ("primary", "third"))
    p, binding = lab.systems["primary"], "4c1c2b8a-0d0f-4f3e-9a53-6a7f1d0e2b11"
    sound = par_avps(p, "carol", binding)
    with mcx.connect(lab, HOME, "primary") as peer:
        first = ask(peer, lab, HOME, PAR, sound)
        equal(given(ask(peer, lab, HOME, PAR, sound)), given(first), "a repeat by the same system")
    with mcx.connect(lab, HOME, "third") as other:
        stolen = ask(other, lab, HOME, PAR, sound)
        never = ask(other, lab, HOME, PAR, par_avps(p, "nobody"))
        equal((stolen.result, given(stolen)), (NO_AGREEMENT, (None, [])), "the repeat by another system")
        skeleton = [[code for code, _v, _f, _value in got.avps] for got in (stolen, never)]
        equal((never.result, skeleton[1]), (NO_AGREEMENT, skeleton[0]), "a binding that never was")
        for system in ("primary", "third"):
            got = ask(other, lab, HOME, mcx.MRR, mcx.mrr_avps(system, binding))
            expect(got.result in (NO_AGREEMENT, UNKNOWN_BINDING), f"MRR by another system: {got.result}")
        own = ask(other, lab, HOME, PAR, par_avps(lab.systems["third"], "carol", binding))
        equal(own.result, 2001, "the same id for a user of its own")
        expect(not set(given(own)[1]) & set(given(first)[1]), "it got the first one's identities")
    expect(given(first)[0] in [row["inbound_impi"] for row in migration.live(lab, HOME, "binding")], "the binding ended")


main(__file__, [test_repeat_by_another_system_tells_nothing], cms=True,
     names=("primary", "partner", "third"), options={name: Options(run=False) for name in ("primary", "third")},
     cms_options={name: Options(run=False) for name in ("primary", "third")})
