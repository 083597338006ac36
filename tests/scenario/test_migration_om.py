# SPDX-License-Identifier: Apache-2.0
"""Migrations by O&M: "steps 1 to 3 are omitted and step 4 is triggered by O&M"; identities by hand with the document
on-line; a binding carried to the other operator as a file."""

import json

from support import migration
from support.scenario import equal, expect, main


def test_operator_migrates_a_user(lab):
    lab.connect("primary", "partner")
    migration.agree(lab, "primary", "partner")
    ue = migration.add_ue(lab, "primary", "alice", mask=True)
    path = lab.folder.join("given.xml")
    made = json.loads(lab.mcxctl("primary", "migrate", ue.mc_id, "partner", "--document", path, "--json"))
    with open(path, encoding="utf-8") as text:
        equal(text.read(), migration.document("partner.example"), "the document of step 13")
    shown = ue.show(made["id"])
    migration.agreed(lab, shown)
    equal((made["private_identity"], made["partner"]), (shown.inbound[0], "partner"), "what the operator was told")
    reply = ue.connect()
    equal(reply.binding, made["id"], "what the UE gets when it asks later")
    again = json.loads(lab.mcxctl("primary", "migrate", ue.mc_id, "partner", "--json"))
    equal(again["private_identity"], made["private_identity"], "a repeat")
    ue.end("partner")
    migration.wait_nothing_left(lab)


def test_identities_by_hand_and_the_document_on_line(lab):
    ue = migration.add_ue(lab, "primary", "bob")
    binding = lab.bind(ue.card, "primary", "partner")
    reply = ue.connect()
    equal((reply.exit, reply.inbound), (0, binding.inbound), "identities that operators made before")
    equal(reply.document, migration.document("partner.example"), "the document")
    equal(ue.register("partner").exit, 0, "registration")
    ue.end("partner")
    migration.wait_nothing_left(lab)


def test_binding_is_carried_over_as_a_file(lab):
    ue = migration.add_ue(lab, "primary", "carol", mask=True)
    grant = json.loads(lab.mcxctl("primary", "binding", "provision", "--side", "primary", "--partner", "partner", "--impi",
                                  ue.card.impi, "--impu", ue.card.impu, "--masked", "--json"))
    exported = lab.mcxctl("primary", "binding", "export", grant["id"])
    expect(ue.card.impi not in exported, "the export of a masked grant holds the real IMPI")
    lab.mcxctl("partner", "binding", "import", "-", input=exported)
    back = lab.mcxctl("partner", "binding", "export", grant["id"])
    lab.mcxctl("primary", "binding", "import", "-", input=back)
    reply = ue.connect()
    equal(reply.exit, 0, f"connect: {reply.json}")
    migration.agreed(lab, reply)


main(__file__, [test_operator_migrates_a_user, test_identities_by_hand_and_the_document_on_line,
                test_binding_is_carried_over_as_a_file], cms=True)
