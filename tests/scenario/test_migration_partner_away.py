# SPDX-License-Identifier: Apache-2.0
"""While the partner's server is away nothing is asked and nothing allocated for a migration that waits for it, neither by
the UE's request nor by the outbox; its user may end it meanwhile, as often as he likes; else it goes on by itself."""

from support import migration
from support.scenario import equal, expect, main
from support.ue import CONNECTIONS

DUE = "UPDATE task SET not_before = now() WHERE kind = 'par' AND done_at IS NULL"


def asked(ue):
    """The id of what is kept."""
    reply = ue.connect()
    migration.is_to_wait(reply, "the partner's server is away", "partner-unavailable")
    return reply.json["problem"]["bindingId"]


def test_nothing_is_asked_in_vain(lab):
    lab.connect("primary", "partner")
    migration.agree(lab, "primary", "partner")
    lab.alice, lab.bob = (migration.add_ue(lab, "primary", name) for name in ("alice", "bob"))
    lab.cms["partner"].stop()
    cms = lab.cms["primary"]
    cms.wait_log(r"-> 'STATE_(CLOSED|SUSPECT|CLOSING\w*)'\s+'" + lab.cms["partner"].host)
    asked(lab.alice)
    for _ in range(2):
        since = len(cms.text())
        lab.cluster.sql("primary", DUE)
        cms.wait_event("migration_resumed", since)
        cms.wait_event("ue_reply", since, problem="partner-unavailable")
    equal(cms.events("mir_sent"), [], "MIRs for what cannot go on")
    equal(migration.live(lab, "primary", "grant_"), [], "grants")
    equal(lab.cluster.sql("primary", "SELECT DISTINCT split_part(created_by, '@', 1) FROM migration"), [("cms",)],
          "who made the row")


def test_the_user_ends_what_waits(lab):
    path = f"{CONNECTIONS}/{asked(lab.bob)}"
    never = lab.alice.ask("DELETE", f"{CONNECTIONS}/00000000-0000-4000-8000-000000000000")
    for _ in range(2):
        other = lab.alice.ask("DELETE", path)
        equal((other.status, other.json), (404, never.json), "DELETE of another user's")
        equal(lab.bob.ask("DELETE", path).status, 204, "DELETE of the own one")
    equal(len(migration.live(lab, "primary", "migration")), 1, "alice's alone is left")
    expect(asked(lab.bob) not in path, "the next one has the old one's id")


def test_it_goes_on_when_the_partner_is_back(lab):
    lab.cms["partner"].start()
    for _ in range(2):
        lab.cms["primary"].wait_event("par_answered", timeout=90, result="2001")
    equal(lab.alice.connect().exit, 0, "alice's")
    equal(lab.bob.connect().exit, 0, "bob's")
    equal([row["state"] for row in migration.live(lab, "primary", "migration")], ["active"] * 2, "states")


main(__file__, [test_nothing_is_asked_in_vain, test_the_user_ends_what_waits,
                test_it_goes_on_when_the_partner_is_back], cms=True)
