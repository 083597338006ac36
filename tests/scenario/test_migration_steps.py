# SPDX-License-Identifier: Apache-2.0
"""The thirteen steps of CR 10.1.X.1 and then 10.6.2, across two systems: with and without outbound identities, with one
public identity and with several; the UE keeps its primary's configuration and returns to it (NOTE 4)."""

from support import migration
from support.raw import GPP
from support.scenario import equal, expect, main


def migrate(lab, ue, masked):
    before = ue.primary_digest()
    reply = ue.connect()
    migration.agreed(lab, reply)
    equal(reply.json["partner"], {"id": "partner", "isRequested": False}, "partner")
    equal(reply.json["device"], migration.LABEL, "device")
    expect(reply.document == migration.document("partner.example"), "not the partner's document")
    for name in (reply.inbound[0], *reply.json["sip"]["publicIdentities"]):
        expect(name.endswith("@migration.partner.example"), f"{name} is not of the partner's domain")
    source = lab.gate.seen("PAR")[-1].parsed
    expect((source.get(1).decode() == ue.card.impi) != masked, f"IMPI of the PAR: {source.get(1)}")
    equal(len(source.all(601, GPP)), len(reply.json["sip"]["publicIdentities"]), "IMPUs of the PAR")
    equal(ue.register("partner").exit, 0, "registration at the partner")
    equal((ue.primary_digest(), ue.run("status").json["active"]), (before, "partner"), "the UE's store")
    equal(ue.go_home().exit, 0, "registration at home again")
    ue.end("partner")
    migration.wait_nothing_left(lab)
    equal(ue.primary_digest(), before, "the primary's configuration")


def test_without_masking(lab):
    lab.connect("primary", "partner")
    migration.agree(lab, "primary", "partner")
    migrate(lab, migration.add_ue(lab, "primary", "alice"), masked=False)


def test_with_outbound_identities(lab):
    bob = migration.add_ue(lab, "primary", "bob", mask=True)
    since = len(lab.hss["partner"].text()), len(lab.cms["partner"].text())
    migrate(lab, bob, masked=True)
    told = lab.hss["partner"].text()[since[0]:] + lab.cms["partner"].text()[since[1]:] + lab.cluster.dump("partner")
    expect(bob.card.impi not in told, "the partner knows the real IMPI")


def test_with_several_public_identities(lab):
    impus = [f"sip:carol-{number}@primary.example" for number in range(3)] + ["tel:+15550100"]
    for mask, name in ((False, "carol"), (True, "carola")):
        own = [impu.replace("carol", name).replace("100", "200" if mask else "100") for impu in impus]
        ue = migration.add_ue(lab, "primary", name, mask=mask, impus=own)
        migrate(lab, ue, masked=mask)
        used = lab.cluster.sql("partner", "SELECT count(*) FROM binding_impu")
    equal(used, [("10",)], "IMPUs that were bound, all in all")


main(__file__, [test_without_masking, test_with_outbound_identities, test_with_several_public_identities], cms=True,
     gate=True)
