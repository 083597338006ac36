#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A release for a partner that is no longer configured is given up once it cannot matter any more, and the log says whom
the operator must tell; one for a partner that is merely away is never given up."""

import uuid

from support.processes import wait_until
from support.scenario import equal, main

TASK = ("INSERT INTO task (id, kind, payload, attempts) VALUES ('{0}', 'mrr_partner', json_build_object('binding_uuid',"
        " '{1}', 'partner', '{2}', 'primary', 'primary', 'cause', 'revoked'), {3})")
ENDED = ("INSERT INTO migration (binding_uuid, mc_user_id, device, own_impi, partner_id, is_requested, is_masked, state,"
         " database_realm, own_impus, service_ids, expires_at, created_by, ended_at, ended_by, cause, reason) SELECT"
         " '{}', 'u', 'd', 'i@x', id, true, false, 'ended', 'r', '{{}}', '{{}}', now() - interval '{}', 't', now(), 't',"
         " 'revoked', 'test' FROM partner WHERE system_id = 'gone'")
OPEN, DONE = ("f", ""), ("t", "given-up")
OUTCOME = "SELECT done_at IS NOT NULL, outcome::json ->> 'problem' FROM task WHERE id = '{}'"


def test_release(lab):
    lab.connect("primary", "partner")
    lab.mcxctl("primary", "partner", "add", "gone", "--realm", "gone.example", "--sip-database", "hss.gone.example",
               "--domain", "gone.example", "--cms", "cms.gone.example")
    cms = lab.cms["primary"]
    lab.cms["partner"].stop()
    cases = [("gone", 0, "59 min", OPEN), ("gone", 0, "61 min", DONE), ("never-there", 3, None, OPEN),
             ("gone", 20000, None, DONE), ("partner", 20000, None, OPEN), ("partner", 0, "2 days", OPEN)]
    ids = []
    for partner, attempts, past, _ in cases:
        task, binding = uuid.uuid4(), uuid.uuid4()
        if past:
            lab.cluster.sql("primary", ENDED.format(binding, past))
        lab.cluster.sql("primary", TASK.format(task, binding, partner, attempts))
        ids.append((task, binding))
    wait_until(lambda: not lab.cluster.sql("primary", "SELECT 1 FROM task WHERE done_at IS NULL"
                                           " AND (owner IS NOT NULL OR not_before <= now())"), 30,
               "every task to be tried")
    for (task, binding), (partner, attempts, past, outcome) in zip(ids, cases):
        equal(lab.cluster.sql("primary", OUTCOME.format(task))[0], outcome, f"{partner}, {attempts} tries, {past} late")
        told = [event["partner"] for event in cms.events("release_given_up") if event["binding"] == str(binding)]
        equal(told, [partner] if outcome == DONE else [], "what the log says")


main(__file__, [test_release], cms=True)
