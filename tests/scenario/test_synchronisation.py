# SPDX-License-Identifier: Apache-2.0
"""SEQ of card and home, at home and through the relay: who is ahead is caught up with, a forged AUTS changes nothing
(TS 33.102 6.3.5), and registrations here and there in turn need no resynchronisation (Annex C.2, design 5)."""

from support import raw
from support.raw import GPP, avp
from support.scenario import equal, expect, main

USERS = {}


def seq(lab):
    return int(lab.cluster.sql("primary", "SELECT seq FROM sqn")[0][0])


def test_card_that_is_ahead(lab):
    lab.connect("primary", "partner")
    USERS["primary"] = alice = lab.add_user("primary", "alice")
    USERS["partner"] = alice.named(*lab.bind(alice, "primary", "partner").inbound)
    ahead = 1000
    for system, user in USERS.items():
        for zh in ((), ("--zh",)):
            ahead += 1000
            answer = lab.core(system).mar(user, "--items", "3", "--sqn-ms", ahead, "--resync", *zh)
            checks = [[v["check"] for v in exchange["answer"]["vectors"]] for exchange in answer.exchanges]
            equal(checks, [["sync_failure"], ["ok"]], f"{system} {zh}: the card's verdicts")
            equal((answer.vectors[0]["seq"], seq(lab)), (ahead + 1, ahead + 1), f"{system} {zh}: SEQ")


def test_forged_auts_changes_nothing(lab):
    item = avp(612, [avp(608, "Digest-AKAv1-MD5", GPP), avp(610, bytes(range(30)), GPP)], GPP)
    for name, user in USERS.items():
        system, before = lab.systems[name], seq(lab)
        with raw.Peer(system.scscf, system.realm, system.address, system.port) as forger:
            forger.capabilities()
            for application in (raw.CX, raw.ZH):
                got = forger.ask(forger.mar(system.realm, impi=user.impi, impu=user.impu, replace={612: item},
                                            application=application))
                equal((got.result, len(got.all(612, GPP))), (5012, 0), f"{name}: result, items")
        equal(seq(lab), before, f"{name}: SEQ")
        equal([v["check"] for v in lab.core(name).mar(user).vectors], ["ok"], f"{name}: the next vector")


def test_registrations_in_turn(lab):
    """Each time, vectors that nobody uses lie between; the card takes the rest without AUTS."""
    inds = []
    for turn in range(3):
        for name, user in USERS.items():
            core = lab.core(name)
            for _ in range(turn + 1):
                equal(core.mar(lab.card(f"unused-{name}-{turn}", user.impi, user.impu)).result, "2001", "unused vector")
            answer = core.mar(user)
            equal((len(answer.exchanges), [v["check"] for v in answer.vectors]), (1, ["ok"]), f"turn {turn}, {name}")
            inds.append(answer.vectors[0]["ind"])
    expect(inds[0] == 0 and inds[1] >= 2 and inds == inds[:2] * 3, f"IND of home and partner: {inds}")


main(__file__, [test_card_that_is_ahead, test_forged_auts_changes_nothing, test_registrations_in_turn])
