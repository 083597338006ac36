# SPDX-License-Identifier: Apache-2.0
"""The lab's message gate holds what it is told to, and passes on the rest as it came."""

from support.hss import Options
from support.scenario import equal, expect, main


def test_nothing_changes_by_a_gate(lab):
    lab.connect("primary", "partner")
    user = lab.add_user("primary", "alice")
    lab.migrant = user.named(*lab.bind(user, "primary", "partner").inbound)
    equal(lab.core("partner").mar(lab.migrant).result, "2001", "result")
    equal([m.name for m in lab.gate.seen()], ["MAR", "MAA"], "messages at the gate")
    expect(user.impi.encode() in lab.gate.seen("MAR")[0].octets, "the gate reads what was sent")


def test_answer_is_held_and_passed_on(lab):
    with lab.gate.hold("MAA") as hold:
        with lab.in_background(lambda: lab.core("partner").mar(lab.migrant)) as asked:
            equal(hold.wait().sender, "hss.primary.example", "who sent it")
            expect(not asked.done(), "an answer came although it is held")
            hold.release()
            equal(asked.result(20).result, "2001", "result after release")


def test_answer_that_is_dropped_costs_this_request_only(lab):
    with lab.in_background(lambda: lab.core("partner").mar(lab.migrant)) as asked:
        hold = lab.gate.hold("MAA")
        hold.wait()
        hold.drop()
        equal(asked.result(20).result, "5012", "result without the primary's answer")
    equal(lab.core("partner").mar(lab.migrant).result, "2001", "the next one")


def test_second_of_a_kind(lab):
    with lab.gate.hold("MAR", sender="hss.partner.example", nth=2) as hold:
        equal(lab.core("partner").mar(lab.migrant).result, "2001", "the first")
        with lab.in_background(lambda: lab.core("partner").mar(lab.migrant)) as asked:
            hold.wait()
            hold.release()
            equal(asked.result(20).result, "2001", "the second")


main(__file__, [test_nothing_changes_by_a_gate, test_answer_is_held_and_passed_on,
                test_answer_that_is_dropped_costs_this_request_only, test_second_of_a_kind], gate=True,
     options={"partner": Options(settings={"hss": {"answer_time_ms": 3000}})})
