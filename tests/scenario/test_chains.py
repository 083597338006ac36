# SPDX-License-Identifier: Apache-2.0
"""Three real systems: a migration identity leads to its primary and no further, whatever one operator enters (design 4,
"No chains"); and what mcxctl refuses, with the reason."""

from support.processes import LabError
from support.scenario import equal, expect, main

USERS = {}
BINDING = ("--id", "4c4eaf9c-0000-4000-8000-000000000001")


def refused(lab, because, system, *arguments):
    said = "not refused"
    try:
        lab.mcxctl(system, *arguments)
    except LabError as error:
        said = str(error)
    expect(because in said, f"mcxctl {arguments} at {system}: {said}")


def provision(side, partner, impi, impu, *more):
    return "binding", "provision", "--side", side, "--partner", partner, "--impi", impi, "--impu", impu, *more


def test_provisioning_refuses(lab):
    for one, other in (("primary", "partner"), ("primary", "third"), ("partner", "third")):
        lab.connect(one, other)
    alice, bob = (lab.add_user("primary", name) for name in ("alice", "bob"))
    guest = USERS["guest"] = alice.named(*lab.bind(alice, "primary", "partner").inbound)
    masked = USERS["masked"] = bob.named(*lab.bind(bob, "primary", "partner", mask=True).asked)
    for system, user in (("partner", guest), ("primary", masked), ("primary", alice.named("x@a.b", "sip:x@a.b"))):
        refused(lab, "no subscriber of this system", system, *provision("primary", "third", user.impi, user.impu))
    refused(lab, "no public identity of", "primary", *provision("primary", "third", alice.impi, bob.impu))
    refused(lab, "no partner of this system", "primary", *provision("primary", "nobody", alice.impi, alice.impu))
    for impi in (alice.impi, "x@third.example", guest.impi):
        refused(lab, "not one of partner", "third", *provision("partner", "partner", impi, "sip:" + impi, *BINDING))
    for option, value in (("--realm", "primary.example"), ("--host", "hss.primary.example")):
        words = provision("partner", "partner", "x@partner.example", "sip:x@partner.example", *BINDING, option, value)
        refused(lab, value, "third", *words)
    refused(lab, "is a partner's", "third", "domain", "add", "partner.example", "--purpose", "inbound")
    for names in ("third", "d", "d"), ("d", "partner", "d"), ("d", "d", "migration.third"), ("d", "d", "partner"):
        realm, host, domain = (name + ".example" for name in names)
        refused(lab, " belongs to ", "third", "partner", "add", "d", "--realm", realm, "--sip-database", "hss." + host,
                "--domain", domain)


def test_one_sided_bindings_get_nothing(lab):
    lab.cluster.sql("third", "INSERT INTO partner_domain SELECT 'migration.partner.example', id FROM partner "
                    "WHERE system_id = 'partner'")
    for user, there, reason in ((USERS["guest"], "partner", "chain"), (USERS["masked"], "primary", "no_grant")):
        inbound = user.named(*lab.bind(user, there, "third", grant=False).inbound)
        for zh in ((), ("--zh",)):
            equal(lab.core("third").mar(inbound, *zh).result, "exp:5401" if zh else "exp:5001", f"{there} {zh}")
        lab.hss[there].wait_event("mar", impi=user.impi, reason=reason, **{"from": "third"})
    equal(lab.hss["partner"].events("relay_sent"), [], "what the partner asked of the primary")
    equal(lab.core("primary").mar(USERS["masked"]).result, "exp:5001", "asked by the own SIP core")


main(__file__, [test_provisioning_refuses, test_one_sided_bindings_get_nothing], names=("primary", "partner", "third"))
