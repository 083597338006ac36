# SPDX-License-Identifier: Apache-2.0
# labels: slow
"""A primary that does not read: beyond the queue for it the SIP core gets 3004 at once (the table of design 6)."""

from support import raw
from support.hss import Options
from support.scenario import equal, expect, main
from support.stuck import flood, unread

ASKED = 4096 + 1200  # MCX_LANE_MAX; what freeDiameter and the sockets hold, and what must be refused
SETTINGS = {"hss": {"in_flight_max": 50000, "answer_time_ms": 30000}, "database": {"queue_max": 50000},
            "log": {"level": "info"}}


def test_beyond_the_queue(lab):
    lab.connect("primary", "partner")
    bob = lab.add_user("partner", "bob")
    roaming = bob.named(*lab.bind(bob, "partner", "primary").inbound)

    def first_answer(core, _stuck):
        flood(core, roaming, ASKED)
        return core.receive()  # for those in the queue it is too early

    got = unread(lab, "partner", "primary", first_answer)
    equal(got.result, 3004, "beyond the queue")
    expect(got.flags & raw.ERROR, "3004 is a protocol error: E bit")
    equal((got.get(1), got.get(601, raw.GPP)), (roaming.impi.encode(), roaming.impu.encode()), "identities")
    lab.hss["primary"].wait_event("relay_busy", system="partner", result="3004")


main(__file__, [test_beyond_the_queue], options={
    "partner": Options(run=False), "primary": Options(settings=SETTINGS, daemon_lines=["TwTimer = 60;"])})
