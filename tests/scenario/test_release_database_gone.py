# SPDX-License-Identifier: Apache-2.0
"""A release for another SIP database of the own system that never answers is given up once the grant there has expired, or
after a week of trying if no device has its subscription there any more; else it is repeated."""

from support.processes import wait_until
from support.releases import DONE, OPEN, ended, outcome, release
from support.scenario import equal, main

GONE, USED = "old-hss.primary.example", "hss2.primary.example"
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
        binding = ended(lab, "partner", past)
        ids.append((release(lab, "mrr_database", binding, attempts, realm="primary.example", host=host), binding))
    wait_until(lambda: not lab.cluster.sql("primary", UNTRIED), 60, "every task to be tried")
    for (task, binding), (host, attempts, past, wanted) in zip(ids, cases):
        equal(outcome(lab, task), wanted, f"{host}, {attempts} tries, {past} late")
        told = [event["database"] for event in cms.events("release_given_up") if event["binding"] == binding]
        equal(told, [host] if wanted == DONE else [], "what the log says")


main(__file__, [test_release], cms=True)
