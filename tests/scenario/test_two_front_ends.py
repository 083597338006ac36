# SPDX-License-Identifier: Apache-2.0
"""Two daemons of one system on one database: whichever is asked, no SQN of a subscriber is issued twice, and over each
connection they rise (design 5: any number of front-ends)."""

import os
import shutil

from support.bench import Bench
from support.disturb import RUNS, check_sqns
from support.hss import Hss, Options, System
from support.scenario import equal, main

EACH = 3200 if os.environ.get("MCX_LONG") else 320


class SecondSystem(System):
    host = "hss-2.primary.example"


class SecondHss(Hss):
    def others(self):
        return []


def second_front_end(lab):
    """Beside hss.primary.example, with its key and its database."""
    first = lab.hss["primary"]
    made = first.system.authority.issue(SecondSystem.host)
    system = SecondSystem(**{**vars(first.system), "id": "primary-2", "cert": made.cert, "key": made.key,
                             "address": first.system.address.rpartition(".")[0] + ".9"})
    second = lab.hss["primary-2"] = SecondHss(lab, system)
    shutil.copy(first.key, second.key)
    second.start()
    return system


def test_64_at_once_for_one_subscriber(lab):
    user, second = lab.add_user("primary", "alice"), second_front_end(lab)
    benches = [Bench(lab, "primary", [user], "--count", EACH, "--window", 16, hss=hss)
               for hss in (None, second, None, second)]
    for bench in benches:
        equal(bench.result()["results"], {"2001": EACH}, "results")
        RUNS.append(bench.sqns())
    check_sqns(4 * EACH)
    stored = lab.cluster.sql("primary", "SELECT max(seq) FROM sqn")
    equal(max(sqn.seq for run in RUNS for sqn in run), int(stored[0][0]), "the last SEQ issued and the one stored")


main(__file__, [test_64_at_once_for_one_subscriber], options={"partner": Options(run=False)})
