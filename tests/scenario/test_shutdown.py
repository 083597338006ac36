# SPDX-License-Identifier: Apache-2.0
"""The daemon ends with status 0 within 20 s whatever goes on: load, a database that is slow or hangs, relays that nobody
answers (trap S2, design 6). MCX_LONG=1: twenty times."""

import itertools
import os
import signal

from support.bench import Bench
from support.hss import Options
from support.lab import DAEMON_ROLE
from support.played import Played
from support.scenario import equal, expect, main

SIGNALS = (signal.SIGTERM, signal.SIGINT)
TURNS = 20 if os.environ.get("MCX_LONG") else 4  # each signal meets each kind of slow database
LOCK = "SELECT seq FROM sqn WHERE subscriber_id % 2 = 0 FOR UPDATE"


def slow_databases(lab):
    """Rows that somebody holds; backends that stand still."""
    return (lambda: lab.cluster.holding("partner", LOCK), lambda: lab.cluster.frozen("partner", DAEMON_ROLE))


def test_ends_under_load(lab):
    lab.connect("primary", "partner")
    alice = lab.add_user("primary", "alice")
    roaming = alice.named(*lab.bind(alice, "primary", "partner").inbound)
    lab.add_subscribers("partner", 200)
    hss, turns = lab.hss["partner"], itertools.cycle(itertools.product(slow_databases(lab), SIGNALS))
    for turn, (slow, number) in enumerate(itertools.islice(turns, TURNS)):
        with Played(lab, "primary", alice, ["silence"]) as silent:
            if not hss.is_running():
                hss.start()
            silent.wait_open()
            since = len(hss.text())
            away = Bench(lab, "partner", [roaming], "--rate", 200, "--duration", 60)
            hss.wait_event("relay_sent", since)
            with slow():
                home = Bench(lab, "partner", (0, 200), "--window", 100, "--duration", 60)
                hss.wait_log(f"ev=received peer={home.host} app=16777216", count=100)
                equal(hss.stop(number), 0, f"exit status, turn {turn}")
            for bench in (away, home):
                equal(bench.result()["connections_lost"], 1, "connections that the daemon closed")
            expect("ev=closing" in hss.text()[since:], "the gate closed with the first DPR")


main(__file__, [test_ends_under_load],
     options={"primary": Options(run=False), "partner": Options(settings={"database": {"workers": 2}})})
