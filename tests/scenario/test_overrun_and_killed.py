# SPDX-License-Identifier: Apache-2.0
"""Queues that are full give 3004 at once; a daemon that is killed in the middle of load and started again goes on where
it was; no SQN is issued twice (issue 2, design 5 and 6)."""

from support.disturb import RUNS, check_sqns, judge, load, until
from support.hss import Options
from support.lab import DAEMON_ROLE
from support.scenario import equal, main


def test_full_queues(lab):
    hss = lab.hss["primary"]
    lab.add_subscribers("primary", 40)
    for setting in ({"database": {"queue_max": 8}}, {"hss": {"in_flight_max": 8}}):
        hss.stop()
        hss.options.settings = setting
        hss.start()
        bench = load(lab)
        with lab.cluster.frozen("primary", DAEMON_ROLE):
            hss.wait_log(f"ev=received peer={bench.host} app=16777216", count=200)
        until(lab, result="2001")
        judge(bench, "3004")
    hss.options.settings = {}


def test_daemon_is_killed(lab):
    hss = lab.hss["primary"]
    hss.stop()
    for _ in range(3):
        hss.start()
        bench = load(lab)
        hss.wait_log("reason=served", 30, count=100)
        hss.kill()
        equal(bench.result()["connections_lost"], 1, "connections that went with the daemon")
        RUNS.append(bench.sqns())


def test_no_sqn_was_issued_twice(_lab):
    check_sqns(300)


main(__file__, [test_full_queues, test_daemon_is_killed, test_no_sqn_was_issued_twice],
     options={"partner": Options(run=False)})
