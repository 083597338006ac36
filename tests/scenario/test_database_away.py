# SPDX-License-Identifier: Apache-2.0
"""A database that is away, slow or killed: 5012 in time and never 5001, service returns by itself, no SQN is issued twice
(issue 2, design 5)."""

from support.disturb import back, check_sqns, judge, load, served, until
from support.hss import Options
from support.lab import DAEMON_ROLE
from support.scenario import expect, main


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
    judge(bench, "5012")


def test_slow_for_some(lab):
    bench = load(lab)
    until(lab, result="2001")
    with lab.cluster.holding("primary", "SELECT seq FROM sqn WHERE subscriber_id % 4 = 0 FOR UPDATE"):
        until(lab, result="5012", reason="db_error")
        until(lab, result="2001")  # the others are served meanwhile
    judge(bench, "5012")


def test_backend_is_killed(lab):
    bench, since = load(lab), len(lab.hss["primary"].text())
    until(lab, result="2001")
    expect(lab.cluster.kill_backends("primary", DAEMON_ROLE) > 0, "backends of the daemon")
    back(lab, since)
    served(lab, 500)
    judge(bench, "5012")


def test_no_sqn_was_issued_twice(_lab):
    check_sqns(500)


main(__file__, [test_away_at_start_and_again_under_load, test_slow_for_some, test_backend_is_killed,
                test_no_sqn_was_issued_twice], options={"partner": Options(run=False)})
