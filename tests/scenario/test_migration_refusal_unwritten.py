# SPDX-License-Identifier: Apache-2.0
# labels: slow
"""The partner refuses, but the database cannot take the end of the migration: the UE is not told a refusal that is not
written, and the server goes on until it is; then nothing is left on either side."""

from support import migration
from support.processes import wait_until
from support.scenario import equal, main

FAULT = """
CREATE FUNCTION fault() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no end today'; END $$;
CREATE TRIGGER fault BEFORE UPDATE ON migration FOR EACH ROW WHEN (NEW.state = 'ended') EXECUTE FUNCTION fault();
"""
AT_ONCE = "UPDATE task SET not_before = now() WHERE kind = 'par' AND done_at IS NULL AND owner IS NULL"
TRIED = "SELECT attempts FROM task WHERE kind = 'par' AND done_at IS NULL AND owner IS NULL AND attempts > 0"


def test_refusal(lab):
    lab.connect("primary", "partner")
    alice = migration.add_ue(lab, "primary", "alice")
    lab.mcxctl("primary", "agreement", "add", "partner", "--direction", "outbound")
    lab.mcxctl("primary", "area", "add", "partner", "--plmn", "00101")  # the partner has no agreement
    lab.cluster.sql("primary", FAULT)
    reply = alice.connect()
    equal((reply.http_status, reply.problem), (500, "internal"), "what the UE is told")
    lab.cms["primary"].wait_event("ue_request_failed", step="end", sqlstate="P0001")
    lab.cluster.sql("primary", AT_ONCE)
    wait_until(lambda: lab.cluster.sql("primary", TRIED), 30, "a try of the outbox that is to be repeated")
    equal([row["state"] for row in migration.live(lab, "primary", "migration")], ["asking"], "what is not written")
    lab.cluster.sql("primary", "DROP TRIGGER fault ON migration")
    lab.cluster.sql("primary", AT_ONCE)
    migration.wait_nothing_left(lab)


main(__file__, [test_refusal], cms=True)
