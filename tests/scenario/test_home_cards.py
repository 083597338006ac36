# SPDX-License-Identifier: Apache-2.0
"""What an operator enters of a card: its AMF stands in AUTN, at home and at the partner, at first and after an AUTS; OP
serves in place of OPc (TS 33.102 6.3.2, 6.3.5; TS 35.206 4.1)."""

from support.scenario import equal, main

AMF = "b9b9"
# TS 35.208 4.4, test set 2.
K, OP, OPC, AMF_2 = ("0396eb317b6d1c36f19c1c84cd6ffd16", "ff53bade17df5d4e793073ce9d7579fa",
                     "53c15671c60a4b731c55b4a441c0bde2", "af17")
SECRETS = f"k = {K}\nop = {OP}\namf = {AMF_2}\n"
ADD = [("subscriber", "add", f"{name}@primary.example", "--impu", f"sip:{name}@primary.example")
       for name in ("bob", "carol")]
LOAD = ("subscriber", "load", "--count", "1", "--first", "7", "--realm", "primary.example")
# Each: whose card, command line, standard input.
WAYS = [("bob", (*ADD[0], "--secrets", "-"), SECRETS),
        ("carol", (*ADD[1], "--k", K, "--op", OP, "--amf", AMF_2), ""),
        ("000000000000007", (*LOAD, "--secrets", "-"), SECRETS)]


def verdicts(answer):
    """Of the card, and the AMF in AUTN, for every vector of every exchange."""
    return [(v["check"], v.get("amf")) for exchange in answer.exchanges for v in exchange["answer"]["vectors"]]


def test_amf_at_home_and_through_the_relay(lab):
    lab.connect("primary", "partner")
    alice = lab.add_user("primary", "alice", amf=AMF)
    away = alice.named(*lab.bind(alice, "primary", "partner").inbound)
    for system, user, ahead in (("primary", alice, 1000), ("partner", away, 2000)):
        core = lab.core(system)
        equal(verdicts(core.mar(user, "--amf", AMF)), [("ok", AMF)], f"{system}: at first")
        answer = core.mar(user, "--amf", AMF, "--sqn-ms", ahead, "--resync")
        equal(verdicts(answer), [("sync_failure", AMF), ("ok", AMF)], f"{system}: after an AUTS")
        equal([(v["seq"], v["amf_ok"]) for v in answer.vectors], [(ahead + 1, True)], f"{system}: SEQ, AMF")


def test_op_in_place_of_opc(lab):
    """As lines of a file and as options, for one subscriber and for many. The card knows OPc only."""
    lab.watch_for({bytes.fromhex(OP)})
    for name, command, secrets in WAYS:
        impi = f"{name}@primary.example"
        card = lab.card(name, impi, f"sip:{impi}", K, OPC)
        lab.mcxctl("primary", *command, input=secrets)
        equal(verdicts(lab.core("primary").mar(card, "--amf", AMF_2)), [("ok", AMF_2)], name)


main(__file__, [test_amf_at_home_and_through_the_relay, test_op_in_place_of_opc])
