# SPDX-License-Identifier: Apache-2.0
"""An inbound identity while the partner's own database stands still or is away: 5012 in time and never 5001, the primary
is not asked, and service returns by itself (the table of design 6)."""

import signal
import time

from support import raw
from support.lab import DAEMON_ROLE
from support.processes import wait_until
from support.scenario import equal, expect, main
from support.stuck import core_peer

LIMIT = 2.5 + 1.5  # seconds: hss.answer_time_ms, and what a busy machine adds
VISITOR = {}


def ask(lab):
    impi, impu = VISITOR["inbound"]
    with core_peer(lab, "partner") as core:
        began = time.monotonic()
        got = core.ask(core.mar(core.realm, impi=impi, impu=impu))
        expect(time.monotonic() - began < LIMIT, f"answered after {time.monotonic() - began:.1f} s")
        equal((got.get(1), got.get(601, raw.GPP)), (impi.encode(), impu.encode()), "identities")
        return got.result


def is_back(lab):
    expect((result := ask(lab)) in (2001, 5012), f"result {result}")
    return result == 2001


def test_stands_still(lab):
    lab.connect("primary", "partner")
    VISITOR["inbound"] = lab.bind(lab.add_user("primary", "alice"), "primary", "partner").inbound
    equal(ask(lab), 2001, "before")
    with lab.cluster.frozen("partner", DAEMON_ROLE):
        equal(ask(lab), 5012, "while the database stands still")
        lab.hss["partner"].wait_event("mar_expired", at="database")


def test_away_and_back(lab):
    hss = lab.hss["partner"]
    for _ in range(2):
        since = len(hss.text())
        lab.cluster.sql("postgres", "ALTER DATABASE partner ALLOW_CONNECTIONS false")
        lab.cluster.kill_backends("partner", number=signal.SIGTERM)
        hss.wait_event("db_connect_failed", since)
        equal([ask(lab) for _ in range(5)], [5012] * 5, "while the database is away")
        lab.cluster.sql("postgres", "ALTER DATABASE partner ALLOW_CONNECTIONS true")
        wait_until(lambda: is_back(lab), 60, "service to return")


def test_primary_was_not_asked(lab):
    asked = [event for event in lab.hss["primary"].events("mar") if event["from"] == "partner"]
    equal([event["result"] for event in asked], ["2001"] * 3, "MARs at the primary")


main(__file__, [test_stands_still, test_away_and_back, test_primary_was_not_asked])
