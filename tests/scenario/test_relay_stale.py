# SPDX-License-Identifier: Apache-2.0
"""A primary that did not read for a while is not asked what nobody waits for any more: each such MAR would cost an SQN
and a vector of the grant (design 6)."""

from support import raw
from support.hss import Options
from support.raw import GPP, avp
from support.scenario import equal, expect, main
from support.stuck import flood, mar_of, unread

ASKED = 1200
HELD = 4         # MCX_LANE_WINDOW: what freeDiameter may hold besides what it has begun to send
UNKNOWN = -5001  # what the primary says in the end


def test_only_what_had_left(lab):
    hss, theirs = lab.hss["primary"], lab.systems["partner"]
    lab.connect("primary", "partner")
    bob, carol = (user.named(*lab.bind(user, "partner", "primary").inbound)
                  for user in (lab.add_user("partner", "bob"), lab.add_user("partner", "carol")))

    def until_it_reads(core, stuck):
        since = len(hss.text())
        flood(core, bob, ASKED)
        equal({core.receive().result for _ in range(ASKED)}, {5012}, "what the SIP core got")
        left = sum((event["peer"], event["cmd"]) == (theirs.host, "303") for event in hss.events("sending", since))
        expect(0 < left < ASKED, f"{left} had left before it read: the test is of no use")
        came = [stuck.receive() for _ in range(left)]
        core.send(mar_of(core, carol))
        while came[-1] and came[-1].get(1) != b"carol@partner.example":
            came.append(stuck.receive())
        last = came.pop()
        if last:
            stuck.send(raw.answer_to(last, [
                avp(263, last.get(263)), avp(277, 1), avp(264, stuck.host), avp(296, stuck.realm),
                avp(297, [avp(266, GPP), avp(298, -UNKNOWN)])]))
        return len(came), left, core.receive().result

    came, left, result = unread(lab, "partner", "primary", until_it_reads)
    expect(came <= left + HELD, f"the primary was asked {came} times; {left} had left before it read")
    equal(result, UNKNOWN, "asked as before")
    hss.wait_event("request_stale", partner="partner")


main(__file__, [test_only_what_had_left], options={
    "partner": Options(run=False),
    "primary": Options(settings={"hss": {"answer_time_ms": 600}}, daemon_lines=["TwTimer = 60;"])})
