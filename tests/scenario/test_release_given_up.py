# SPDX-License-Identifier: Apache-2.0
"""A release for a partner that is no longer configured is given up once it cannot matter any more, and the log says whom
the operator must tell; one for a partner that is merely away is never given up."""

import uuid

from support.processes import wait_until
from support.releases import DONE, OPEN, ended, outcome, release
from support.scenario import equal, main


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
        binding = ended(lab, "gone", past) if past else str(uuid.uuid4())
        ids.append((release(lab, "mrr_partner", binding, attempts, partner=partner), binding))
    wait_until(lambda: not lab.cluster.sql("primary", "SELECT 1 FROM task WHERE done_at IS NULL"
                                           " AND (owner IS NOT NULL OR not_before <= now())"), 30,
               "every task to be tried")
    for (task, binding), (partner, attempts, past, wanted) in zip(ids, cases):
        equal(outcome(lab, task), wanted, f"{partner}, {attempts} tries, {past} late")
        told = [event["partner"] for event in cms.events("release_given_up") if event["binding"] == binding]
        equal(told, [partner] if wanted == DONE else [], "what the log says")


main(__file__, [test_release], cms=True)
