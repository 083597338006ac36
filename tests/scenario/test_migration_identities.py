# SPDX-License-Identifier: Apache-2.0
"""MIR and MRR at the SIP databases of both systems, as their configuration management servers send them (CR 10.1.X.1
steps 4 to 6 and 9 to 11), and the MAR that the identities are for."""

import struct
import uuid

from support.hss import Options
from support.raw import avp
from support.scenario import equal, expect, main
from support.sdb import IN, MCX, MIR, MRR, OUT, ask, cms, mir

def given(answer):
    equal(answer.result, 2001, "MIR")
    expect(len(answer.get(12, MCX)) == 4, "no Migration-Expiry")
    return answer.get(8, MCX).decode(), [impu.decode() for impu in answer.all(9, MCX)]


def test_migration_identities(lab):
    lab.connect("primary", "partner")
    binding, mc_user = str(uuid.uuid4()), "sip:alice@mc.primary.example"
    impus = [f"sip:alice-{i}@primary.example" for i in (1, 2)]
    alice = lab.add_user("primary", "alice", impus)
    database = ("primary.example", "hss.primary.example")
    with cms(lab, "primary") as home, cms(lab, "partner") as away, lab.raw_peer("partner") as core:
        step4 = mir(binding, OUT, "partner", mc_user, alice.impi, impus, mask=1)
        masked = given(ask(home, lab, "primary", MIR, step4))
        step9 = mir(binding, IN, "primary", mc_user, *masked, database=database)
        foreign = mir(binding, IN, "primary", mc_user, "alice@elsewhere.example", masked[1], database=database)
        equal(ask(away, lab, "partner", MIR, foreign).result, -5002, "a domain that is not the primary's")
        equal(ask(away, lab, "partner", MIR, step9).result, -5002, "no agreement")
        lab.mcxctl("partner", "agreement", "add", "primary", "--direction", "inbound")
        inbound = given(ask(away, lab, "partner", MIR, step9))
        equal(given(ask(home, lab, "primary", MIR, step4)), masked, "a repeat at the primary")
        equal(given(ask(away, lab, "partner", MIR, step9)), inbound, "a repeat at the partner")
        other = ask(home, lab, "primary", MIR, mir(binding, OUT, "partner", "sip:eve@mc.primary.example", alice.impi,
                                                   impus, mask=1))
        equal((other.result, other.failed), (5007, (1, b"sip:eve@mc.primary.example")), "another MC user")
        for impu in inbound[1]:
            got = core.ask(core.mar("partner.example", impi=inbound[0], impu=impu))
            equal((got.result, got.get(1)), (2001, inbound[0].encode()), f"MAR of {impu}")
        release = [avp(11, binding, MCX), avp(3, "primary", MCX), avp(13, struct.pack("!i", 0), MCX)]
        equal([ask(peer, lab, name, MRR, release).result for peer, name in
               ((away, "partner"), (away, "partner"), (home, "primary"))], [2001, 2001, 2001], "MRR, again, both sides")
        equal(core.ask(core.mar("partner.example", impi=inbound[0], impu=inbound[1][0])).result, -5001, "MAR after that")
        equal(ask(away, lab, "partner", MIR, step9).result, -5003, "a MIR that comes too late")
        equal(ask(home, lab, "primary", MRR, [avp(11, str(uuid.uuid4()), MCX), *release[1:]]).result, -5003, "no such")
    for name in ("primary", "partner"):
        lab.mcxctl(name, "audit", "verify")


main(__file__, [test_migration_identities], cms=True,
     cms_options={name: Options(run=False, extensions=()) for name in ("primary", "partner")})
