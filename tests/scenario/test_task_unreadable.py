# SPDX-License-Identifier: Apache-2.0
# labels: slow
"""A task that no attempt can carry out, since a name in it is too long, is given up with a line in the log, and the tasks
after it are done."""

import json
import uuid

from support.processes import wait_until
from support.scenario import equal, main

LONG = "x" * 300
TASK = "INSERT INTO task (id, kind, payload) VALUES ('{}', '{}', '{}')"
OUTCOME = "SELECT outcome::json ->> 'problem' FROM task WHERE id = '{}' AND done_at IS NOT NULL"


def test_unreadable(lab):
    lab.connect("primary", "partner")
    cms, ids = lab.cms["primary"], {}
    release = {"binding_uuid": str(uuid.uuid4()), "primary": "primary", "cause": "revoked"}
    for kind, payload in (("mrr_partner", {**release, "partner": LONG}),
                          ("mrr_database", {**release, "realm": "primary.example", "host": LONG}),
                          ("mrr_database", {**release, "realm": LONG, "host": "hss.primary.example"}),
                          ("mrr_partner", {**release, "partner": "partner", "primary": LONG}),
                          ("mrr_database", {**release, "realm": "primary.example", "host": "", "primary": LONG}),
                          ("migrate", {"mc_user_id": LONG, "partner": "partner", "device": "d"})):
        task = str(uuid.uuid4())
        lab.cluster.sql("primary", TASK.format(task, kind, json.dumps(payload)))
        ids[task] = kind
    # The partner does not know this binding: the release has nothing to end there, and is done.
    good = str(uuid.uuid4())
    lab.cluster.sql("primary", TASK.format(good, "mrr_partner", json.dumps({**release, "partner": "partner"})))
    wait_until(lambda: not lab.cluster.sql("primary", "SELECT 1 FROM task WHERE done_at IS NULL"), 30, "all tasks done")
    for task, kind in ids.items():
        equal(lab.cluster.sql("primary", OUTCOME.format(task)), [("bad-request",)], f"outcome of {kind}")
        equal([event["kind"] for event in cms.events("task_unreadable") if event["task"] == task], [kind], "the log")
    equal(lab.cluster.sql("primary", OUTCOME.format(good)), [("",)], "outcome of the good one")


main(__file__, [test_unreadable], cms=True)
