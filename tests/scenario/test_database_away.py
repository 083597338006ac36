#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A database that is away, slow, overrun or killed, and a daemon that is killed: answers are 5012 or 3004, in time and
never 5001; service returns by itself; no SQN is issued twice (issue 2, design 5)."""

from support.bench import Bench
from support.hss import Options
from support.lab import DAEMON_ROLE
from support.processes import wait_until
from support.scenario import equal, expect, main

LIMIT_MS = 2500 + 1500  # hss.answer_time_ms, and what a busy machine adds
WORKERS = 4  # database.workers
RUNS = []  # the SQNs of each load, in the order of arrival


def load(lab):
    return Bench(lab, "primary", (0, 40), "--rate", 200, "--window", 4000, "--duration", 600)


def until(lab, **wanted):
    """Until the daemon has decided so on a MAR, from now on."""
    hss = lab.hss["primary"]
    hss.wait_event("mar", len(hss.text()), timeout=60, **wanted)


def back(lab, since):
    """Until every worker has a connection again."""
    hss = lab.hss["primary"]
    wait_until(lambda: len(hss.events("db_connected", since)) >= WORKERS, 60, "all workers to be back")
    until(lab, result="2001")


def judge(bench, report, *errors):
    """Besides 2001 these results came at most; every request had its answer in time."""
    RUNS.append(bench.sqns())
    expect({"2001"} <= set(report["results"]) <= {"2001", *errors}, f"results {report['results']}")
    equal((report["lost"], report["bad_vectors"]), (0, 0), "requests without answer, wrong vectors")
    expect(report["latency_ms"]["max"] < LIMIT_MS, f"an answer took {report['latency_ms']['max']} ms")


def test_away_at_start_and_again_under_load(lab):
    hss = lab.hss["primary"]
    lab.add_subscribers("primary", 40)
    hss.stop()
    lab.cluster.stop()
    hss.start()
    bench = load(lab)
    until(lab, result="5012")
    for _ in range(2):
        since = len(hss.text())
        lab.cluster.start()
        back(lab, since)
        lab.cluster.stop()
        until(lab, result="5012")
    since = len(hss.text())
    lab.cluster.start()
    back(lab, since)
    judge(bench, bench.stop(), "5012")


def test_slow(lab):
    bench = load(lab)
    until(lab, result="2001")
    with lab.cluster.holding("primary", "SELECT seq FROM sqn WHERE subscriber_id % 4 = 0 FOR UPDATE"):
        until(lab, result="5012", reason="db_error")
        until(lab, result="2001")  # others are served meanwhile
    judge(bench, bench.stop(), "5012")


def test_backend_is_killed(lab):
    bench, since = load(lab), len(lab.hss["primary"].text())
    until(lab, result="2001")
    expect(lab.cluster.kill_backends("primary", DAEMON_ROLE) > 0, "backends of the daemon")
    back(lab, since)
    judge(bench, bench.stop(), "5012")


def test_queues_are_full(lab):
    hss = lab.hss["primary"]
    for setting in ({"database": {"queue_max": 8}}, {"hss": {"in_flight_max": 8}}):
        hss.stop()
        hss.options.settings = setting
        hss.start()
        bench = load(lab)
        with lab.cluster.frozen("primary", DAEMON_ROLE):
            hss.wait_log(f"ev=received peer={bench.host} app=16777216", count=200)
        until(lab, result="2001")
        judge(bench, bench.stop(), "3004")
    hss.options.settings = {}


def test_daemon_is_killed(lab):
    hss = lab.hss["primary"]
    for _ in range(2):
        bench = load(lab)
        until(lab, result="2001")
        hss.kill()
        equal(bench.result()["connections_lost"], 1, "connections that went with the daemon")
        RUNS.append(bench.sqns())
        hss.start()
    hss.stop()


def test_no_sqn_was_issued_twice_or_out_of_order(lab):
    issued = [sqn for run in RUNS for sqn in run]
    expect(len(issued) > 500, f"only {len(issued)} vectors")
    equal(len(set(issued)), len(issued), "different SQNs among all that were issued")
    for run in RUNS:
        last = {}
        for impi, seq, _ in run:
            expect(seq > last.get(impi, 0), f"{impi}: SEQ {seq} after {last.get(impi)}")
            last[impi] = seq


main(__file__, [test_away_at_start_and_again_under_load, test_slow, test_backend_is_killed, test_queues_are_full,
                test_daemon_is_killed, test_no_sqn_was_issued_twice_or_out_of_order], check_capture=False,
     options={"partner": Options(run=False)})
