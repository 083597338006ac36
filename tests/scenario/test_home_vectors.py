# SPDX-License-Identifier: Apache-2.0
"""Vectors for a user at home, checked by the card: their number, scheme names, Zh; and other commands (CR 10.6.1;
TS 29.228 6.3.1, TS 29.109 4.2)."""

from support.scenario import equal, main

CARDS = {}
ZH = 16777221


def seq(lab):
    """SEQ of alice, as the database has it."""
    return int(lab.cluster.sql("primary", "SELECT seq FROM sqn JOIN credential USING (subscriber_id) "
                               "WHERE impi = 'alice@primary.example'")[0][0])


def sound(answer, count, ind=0):
    equal(answer.result, "2001", "result")
    equal([v["check"] for v in answer.vectors], ["ok"] * count, "the card's verdict")
    equal({v["ind"] for v in answer.vectors}, {ind}, "IND")
    numbers = [v["seq"] for v in answer.vectors]
    equal(numbers, list(range(numbers[0], numbers[0] + count)), "SEQs one after the other")


def test_one_vector_by_default(lab):
    alice = CARDS["alice"] = lab.add_user("primary", "alice")
    core = lab.core("primary")
    for scheme in ("Digest-AKAv1-MD5", "digest-akav1-md5", "DIGEST-AKAV1-MD5"):
        sound(core.mar(alice, "--scheme", scheme, "--items", "4294967295"), 1)
    equal(core.mar(alice, "--scheme", "Unknown").result, "exp:5006", "Unknown, by default")
    over_zh = core.mar(alice, "--zh")
    sound(over_zh, 1, ind=1)
    equal((over_zh.answer["items"], over_zh.answer["application"]), (None, ZH), "MAA over Zh")
    sound(core.mar(alice, "--zh", impu=""), 1, ind=1)
    equal(seq(lab), 5, "SEQ after five vectors")


def test_other_commands(lab):
    for command in ("uar", "sar", "lir"):
        answer = lab.core("primary").run(command, "--impi", CARDS["alice"].impi)
        equal((answer.result, answer.answer["e_bit"], answer.answer["fault"]), ("3001", True, None), command)


def test_several_vectors_and_unknown_by_setting(lab):
    hss, alice = lab.hss["primary"], CARDS["alice"]
    hss.stop()
    hss.options.settings["hss"] = {"vectors_max": 3, "unknown_scheme_is_aka": True}
    hss.start()
    before = seq(lab)
    for items, wanted in ((2, 2), (3, 3), (9, 3)):
        sound(lab.core("primary").mar(alice, "--items", items, "--scheme", "uNKNOWN"), wanted)
    sound(lab.core("primary").mar(alice, "--zh"), 1, ind=1)
    equal(seq(lab), before + 9, "SEQ after nine vectors")
    first = lab.core("primary").mar(alice, "--items", "3").vectors[0]["seq"]
    equal(first, before + 10, "the next SEQ: nothing is fetched ahead")


main(__file__, [test_one_vector_by_default, test_other_commands, test_several_vectors_and_unknown_by_setting],
     names=("primary",))
