# SPDX-License-Identifier: Apache-2.0
"""No octet of K, OPc, CK, IK or XRES in any log (trap S1), at the daemon's highest level: after SIGTERM under load, late
answers, lost peers, unparsable answers; searched at the end of every scenario. test_secrets_control.py shows that the
search would find them."""

from support.hss import Options
from support.raw import avp
from support.scenario import equal, expect, main
from support.stuck import core_peer, door, mar_of, relayed
from support.vectors import collect, invent

SECRETS = set()
BROKEN = [[avp(9999, b"unknown, with M")], [avp(277, b"too long", length=4000)]]


def test_what_may_go_wrong(lab):
    lab.connect("primary", "partner")
    hss, theirs = lab.hss["partner"], lab.systems["primary"]
    alice, bob = lab.add_user("primary", "alice"), lab.add_user("partner", "bob")
    away, core = alice.named(*lab.bind(alice, "primary", "partner").inbound), core_peer(lab, "partner")
    for _ in range(20):
        core.send(mar_of(core, bob))
        equal(collect(core.receive(), SECRETS), 1, "vectors at home")
    with door(lab, "primary") as there:
        primary = there.accept(theirs.host, theirs.realm)
        hss.wait_open(theirs.host)
        for broken in [[], *BROKEN]:
            primary.answer(relayed(core, away, primary), 2001, invent(SECRETS) + broken)
            equal(core.receive().result, 5012 if broken else 2001, f"with {broken}")
        primary.drop()  # freeDiameter has ended it at the last one
        primary = there.accept(theirs.host, theirs.realm, watchdogs=3)
        hss.wait_open(theirs.host, count=2)
        late = relayed(core, away, primary)
        equal(core.receive().result, 5012, "a primary that is late")
        primary.answer(late, 2001, invent(SECRETS))
        hss.wait_log("ev=relay_late")
        primary.answer(relayed(core, away, primary), 2001, invent(SECRETS), cut=40)
        primary.drop()
        equal(core.receive().result, 5012, "a primary that is lost")
    core.close()


def test_end_under_load(lab):
    hss, bob, core = lab.hss["partner"], lab.add_user("partner", "carol"), core_peer(lab, "partner", small=True)
    for _ in range(600):  # more than its socket takes: many are queued, and dropped
        core.send(mar_of(core, bob))
    hss.wait_log("ev=peer_stuck")
    hss.child.send_signal(15)
    hss.wait_log("ev=closing")
    core.drop()  # or freeDiameter waits 15 s for its DPA
    equal(hss.await_end(), 0, "exit status")
    expect(len(SECRETS) > 60, f"only {len(SECRETS)} secrets to look for")
    lab.watch_for(SECRETS)


main(__file__, [test_what_may_go_wrong, test_end_under_load], broken="answers that do not parse",
     options={"primary": Options(run=False),
              "partner": Options(arguments=["-dd"], settings={"hss": {"answer_time_ms": 700}})})
