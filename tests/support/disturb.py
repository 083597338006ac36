# SPDX-License-Identifier: Apache-2.0
"""Load on the system "primary" while something breaks, and what must hold all the same."""

from .bench import Bench
from .processes import wait_until
from .scenario import equal, expect

WORKERS = 4            # database.workers
LIMIT_MS = 2500 + 1500  # hss.answer_time_ms, and what a busy machine adds
RUNS = []              # the SQNs of each load of this program, in the order of arrival


def load(lab):
    """Of the first 40 numbered subscribers, until it is stopped."""
    return Bench(lab, "primary", (0, 40), "--rate", 200, "--window", 4000, "--duration", 600)


def until(lab, **wanted):
    """Until the daemon has decided so on a MAR, from now on."""
    hss = lab.hss["primary"]
    hss.wait_event("mar", len(hss.text()), timeout=60, **wanted)


def served(lab, count):
    """Until that many vectors more have left."""
    hss, since = lab.hss["primary"], len(lab.hss["primary"].text())
    wait_until(lambda: sum(e.get("result") == "2001" for e in hss.events("mar", since)) >= count, 60,
               f"{count} vectors")


def back(lab, since):
    """Until every worker has found the database again since then, and serves."""
    hss = lab.hss["primary"]
    wait_until(lambda: len(hss.events("db_connected", since)) >= WORKERS, 60, "all workers to be back")
    until(lab, result="2001")


def judge(bench, *errors):
    """Ends the load. Besides 2001 these results came at most; every request had its answer in time."""
    report = bench.stop()
    RUNS.append(bench.sqns())
    expect({"2001"} <= set(report["results"]) <= {"2001", *errors}, f"results {report['results']}")
    equal((report["lost"], report["bad_vectors"]), (0, 0), "requests without answer, wrong vectors")
    expect(report["latency_ms"]["max"] < LIMIT_MS, f"an answer took {report['latency_ms']['max']} ms")


def check_sqns(at_least):
    """None was issued twice, and over each connection they rose for each subscriber and IND."""
    issued = [sqn for run in RUNS for sqn in run]
    expect(len(issued) >= at_least, f"only {len(issued)} vectors")
    equal(len(set(issued)), len(issued), "different SQNs among all that were issued")
    for run in RUNS:
        last = {}
        for impi, seq, ind in run:
            expect(seq > last.get((impi, ind), 0), f"{impi}: SEQ {seq} after {last.get((impi, ind))}")
            last[impi, ind] = seq
