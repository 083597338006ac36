#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A release for another SIP database of the own system that never answers is given up once the grant there has expired, or
after a week of trying if no device has its subscription there any more; else it is repeated."""

import uuid

from support.processes import wait_until
from support.scenario import equal, main

GONE, USED = "old-hss.primary.example", "hss2.primary.example"
TASK = ("INSERT INTO task (id, kind, payload, attempts) VALUES ('{0}', 'mrr_database', json_build_object('binding_uuid',"
        " '{1}', 'realm', 'primary.example', 'host', '{2}', 'primary', 'primary', 'cause', 'revoked'), {3})")
ENDED = ("INSERT INTO migration (binding_uuid, mc_user_id, device, own_impi, partner_id, is_requested, is_masked, state,"
         " database_realm, own_impus, service_ids, asked_expires_at, created_by, ended_at, ended_by, cause, reason,"
         " expires_at) SELECT '{}', 'u', 'd', 'i@x', id, true, false, 'ended', 'r', '{{}}', '{{}}', now() - interval '{}',"
         " 't', now(), 't', 'revoked', 'test', now() - interval '1 day' FROM partner WHERE system_id = 'partner'")
OPEN, DONE = ("f", ""), ("t", "given-up")
OUTCOME = "SELECT done_at IS NOT NULL, outcome::json ->> 'problem' FROM task WHERE id = '{}'"
UNTRIED = "SELECT 1 FROM task WHERE done_at IS NULL AND attempts < CASE WHEN attempts < 20000 THEN 3 ELSE 20001 END"


def test_release(lab):
    lab.connect("primary", "partner")
    cms = lab.cms["primary"]
    lab.mcxctl("primary", "user", "add", "sip:u@mc")
    lab.mcxctl("primary", "device", "add", "sip:u@mc", "d", "--impi", "u@primary.example", "--impu",
               "sip:u@primary.example", "--realm", "primary.example", "--host", USED)
    cases = [(GONE, 0, "59 min", OPEN), (GONE, 0, "61 min", DONE), (USED, 0, "61 min", DONE),
             (GONE, 20000, "-1 day", DONE), (USED, 20000, "-1 day", OPEN)]
    ids = []
    for host, attempts, past, _ in cases:
        task, binding = uuid.uuid4(), uuid.uuid4()
        lab.cluster.sql("primary", ENDED.format(binding, past))
        lab.cluster.sql("primary", TASK.format(task, binding, host, attempts))
        ids.append((task, binding))
    wait_until(lambda: not lab.cluster.sql("primary", UNTRIED), 60, "every task to be tried")
    for (task, binding), (host, attempts, past, outcome) in zip(ids, cases):
        equal(lab.cluster.sql("primary", OUTCOME.format(task))[0], outcome, f"{host}, {attempts} tries, {past} late")
        told = [event["database"] for event in cms.events("release_given_up") if event["binding"] == str(binding)]
        equal(told, [host] if outcome == DONE else [], "what the log says")


main(__file__, [test_release], cms=True)
