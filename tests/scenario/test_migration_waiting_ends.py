# SPDX-License-Identifier: Apache-2.0
# labels: slow
"""While a migration waits for the partner's server, what the operator ends or forbids ends it, too: nothing is asked for
it, and nothing lives anywhere when the partner is back."""

from support import migration
from support.processes import wait_until
from support.scenario import equal, main

DUE = "UPDATE task SET not_before = now() WHERE kind = 'par' AND done_at IS NULL"


def waits(lab, user):
    ue = migration.add_ue(lab, "primary", user)
    migration.is_to_wait(ue.connect(), f"{user}: the partner's server is away", "partner-unavailable")
    return ue


def causes(lab):
    return lab.cluster.sql("primary", "SELECT state, cause FROM migration ORDER BY created_at")


def test_nothing_is_left_of_what_may_not_be(lab):
    lab.connect("primary", "partner")
    migration.agree(lab, "primary", "partner")
    lab.cms["partner"].stop()
    cms = lab.cms["primary"]
    cms.wait_log(r"-> 'STATE_(CLOSED|SUSPECT|CLOSING\w*)'\s+'" + lab.cms["partner"].host)
    waits(lab, "deleted"), waits(lab, "forbidden")
    lab.mcxctl("primary", "user", "delete", migration.mc_id(lab, "primary", "deleted"), "--reason", "test")
    equal(causes(lab), [("ended", "revoked"), ("asking", "")], "after the end of the first user")
    lab.mcxctl("primary", "user", "set", migration.mc_id(lab, "primary", "forbidden"), "--may-migrate", "no")
    lab.cluster.sql("primary", DUE)
    cms.wait_event("migration_decided", reason="not_authorized")
    wait_until(lambda: causes(lab) == [("ended", "revoked")] * 2, 20, "the end of the second user's")
    lab.carol = waits(lab, "carol")
    (agreement,), = lab.cluster.sql("primary", "SELECT id FROM agreement WHERE direction = 'outbound'")
    lab.mcxctl("primary", "agreement", "end", agreement, "--reason", "test")
    equal(causes(lab), [("ended", "revoked")] * 3, "after the end of the agreement")


def test_an_order_outlives_what_the_user_may_not(lab):
    lab.mcxctl("primary", "agreement", "add", "partner", "--direction", "outbound")
    migration.add_ue(lab, "primary", "dave", may_migrate=False)
    cms = lab.cms["primary"]
    lab.cluster.sql("primary", "INSERT INTO task (id, kind, payload) VALUES (gen_random_uuid(), 'migrate', json_build_object("
                    f"'mc_user_id', '{migration.mc_id(lab, 'primary', 'dave')}', 'partner', 'partner'))")
    cms.wait_event("migration_decided", reason="requested")
    since = len(cms.text())
    lab.cluster.sql("primary", DUE)
    cms.wait_event("ue_reply", since, problem="partner-unavailable")
    equal(causes(lab)[3:], [("asking", "")], "after it was taken up again")
    lab.cms["partner"].start()
    cms.wait_event("par_answered", timeout=90, result="2001")
    wait_until(lambda: causes(lab)[3:] == [("active", "")], 20, "the order to be done")
    equal(len(migration.live(lab, "partner", "binding")), 1, "bindings at the partner")
    equal(migration.is_served(lab, lab.carol, lab.carol.connect()), True, "who may asks again")


main(__file__, [test_nothing_is_left_of_what_may_not_be, test_an_order_outlives_what_the_user_may_not], cms=True)
