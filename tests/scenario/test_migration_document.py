# SPDX-License-Identifier: Apache-2.0
"""Step 12's initial UE configuration: the partner's document with this binding's PDN access credentials filled in, the
primary's copy when the partner sends none (NOTE 3), none when nobody has one; credentials are in no log and no dump."""

from support import migration
from support.scenario import equal, expect, main


def test_none_and_the_primarys_copy(lab):
    lab.connect("primary", "partner")
    lab.mcxctl("primary", "agreement", "add", "partner", "--direction", "outbound")
    lab.mcxctl("primary", "area", "add", "partner", "--plmn", "00101")
    lab.mcxctl("partner", "agreement", "add", "primary", "--direction", "inbound")
    lab.alice = migration.add_ue(lab, "primary", "alice")
    reply = lab.alice.connect()
    equal((reply.exit, reply.document), (0, None), "without any document")
    copy = migration.document("copy.example")
    migration.load_document(lab, "primary", copy, "--partner", "partner", "--direction", "outbound")
    equal(lab.alice.connect().document, copy, "the primary's copy")
    theirs = migration.document("partner.example")
    migration.load_document(lab, "partner", theirs)
    lab.alice.end("partner")
    migration.wait_nothing_left(lab)
    equal(lab.alice.connect().document, theirs, "the partner's own comes before the copy")


def test_bad_documents_are_refused(lab):
    good = migration.document("partner.example")
    for what, text in [("not well-formed", good.replace("</on-network>", "")), ("root", good.replace("mcptt-UE-in", "x")),
                       ("namespace", good.replace("mcpttUEinitConfig:1.0", "other")), ("size", good + " " * 49152),
                       ("DTD", good.replace("<mcptt-UE", "<!DOCTYPE a [<!ENTITY b 'c'>]><mcptt-UE", 1))]:
        expect(not migration.is_accepted(lab, "partner", text), f"a document was loaded: {what}")


def test_credentials_are_each_bindings_own(lab):
    passwords = {f"user-{number}": f"Zq8-pap-{number}-wR" for number in range(3)}
    migration.load_credentials(lab, "partner", "mcptt", passwords)
    migration.load_document(lab, "partner", migration.with_credentials(migration.document("partner.example"), "mcptt"))
    lab.watch_for({password.encode() for password in passwords.values()})
    lab.alice.end("partner")
    migration.wait_nothing_left(lab)
    users = [lab.alice] + [migration.add_ue(lab, "primary", name) for name in ("bob", "carol", "dave")]
    found = {}
    for ue in users[:3]:
        document = ue.connect().document
        found[ue] = [name for name, password in passwords.items() if name in document and password in document]
        equal(ue.connect().document, document, "a repeat")
    equal(sorted(name for names in found.values() for name in names), sorted(passwords), "one for each binding")
    equal(users[3].connect().http_status, 503, "none left")
    lab.alice.end("partner")
    migration.wait_until_free(lab, "partner", 1)
    equal(users[3].connect().exit, 0, "one was given back")
    for name in ("primary", "partner"):
        kept = lab.cluster.dump(name)
        expect(not any(password in kept for password in passwords.values()), f"{name}'s database holds a password")


main(__file__, [test_none_and_the_primarys_copy, test_bad_documents_are_refused, test_credentials_are_each_bindings_own],
     cms=True)
