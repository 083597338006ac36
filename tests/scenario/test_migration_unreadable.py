# SPDX-License-Identifier: Apache-2.0
"""What a UE is told, and an operator's log says, when the database refuses a statement or a kept document does not
open: 500, with the step and SQLSTATE or the binding and the reason; and what can be mended goes on afterwards."""

from support import migration
from support.processes import wait_until
from support.scenario import equal, main

FAULT = """
CREATE FUNCTION fault() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not today'; END $$;
CREATE TRIGGER fault BEFORE INSERT ON migration FOR EACH ROW EXECUTE FUNCTION fault();
"""
NOT_GIVEN = FAULT.replace("INSERT", "UPDATE").replace("EACH ROW", "EACH ROW WHEN (NEW.state = 'active')", 1)
WEEK_OLD = "UPDATE task SET attempts = 10080, not_before = now() WHERE kind = 'par' AND done_at IS NULL"
ACTIVE = "SELECT 1 FROM migration WHERE state = 'active'"
UNDO = "DROP FUNCTION fault() CASCADE"
ONE_BIT = "UPDATE migration SET document = set_bit(document, 400, 1 - get_bit(document, 400))"


def test_request_that_the_database_refuses(lab):
    lab.connect("primary", "partner")
    lab.alice = migration.add_ue(lab, "primary", "alice")
    migration.agree(lab, "primary", "partner")
    lab.cluster.sql("primary", FAULT)
    reply = lab.alice.connect()
    equal((reply.http_status, reply.problem), (500, "internal"), "what the UE is told")
    lab.cms["primary"].wait_event("ue_request_failed", step="decide", sqlstate="P0001")
    lab.cluster.sql("primary", UNDO)


def test_what_was_refused_for_a_week_goes_on_once_mended(lab):
    lab.cluster.sql("primary", NOT_GIVEN)
    equal(lab.alice.connect().http_status, 500, "what the UE is told")
    lab.cms["primary"].wait_event("ue_request_failed", step="given", sqlstate="P0001")
    lab.cluster.sql("primary", UNDO + ";" + WEEK_OLD)
    wait_until(lambda: lab.cluster.sql("primary", ACTIVE), 30, "the migration")
    equal(lab.alice.connect().exit, 0, "asked again")


def test_document_that_does_not_open(lab):
    given = lab.alice.connect()
    lab.cluster.sql("primary", ONE_BIT)
    path = "/mcx/v1/partner-connections/" + given.binding
    reply = lab.alice.ask("GET", path)
    equal((reply.status, reply.problem), (500, "internal"), "what the UE is told")
    lab.cms["primary"].wait_event("document_failed", binding=given.binding, reason="auth")
    equal(lab.alice.connect().document, given.document, "asked for again")
    equal(lab.alice.ask("GET", path).document, given.document, "it opens again")


def test_list_that_the_database_refuses(lab):
    lab.cluster.sql("primary", "ALTER TABLE migration RENAME COLUMN device TO appliance")
    equal(lab.alice.ask("GET").status, 500, "what the UE is told")
    lab.cluster.sql("primary", "ALTER TABLE migration RENAME COLUMN appliance TO device")
    lab.cms["primary"].wait_event("ue_request_failed", step="list", sqlstate="42703")
    equal(lab.alice.ask("GET").status, 200, "the list")


main(__file__, [test_request_that_the_database_refuses, test_what_was_refused_for_a_week_goes_on_once_mended,
                test_document_that_does_not_open, test_list_that_the_database_refuses], cms=True)
