# SPDX-License-Identifier: Apache-2.0
"""What crosses the border on the second hop (CR 10.6.2 steps 5 to 7, design 6). The primaries are played by mcx-probe:
one is asked over Cx, the other over Zh."""

import json

from support.hss import Options
from support.played import Played
from support.scenario import equal, expect, main

CX, ZH = 16777216, 16777221


def check_request(got, asked, primary, items):
    """got: a request, as the primary saw it."""
    equal((got["user_name"], got["public_identity"]), asked, "identities")
    equal((got["origin_host"], got["origin_realm"], got["destination_host"], got["destination_realm"]),
          ("hss.partner.example", "partner.example", f"hss.{primary}.example", f"{primary}.example"), "from, to")
    expect(got["session_id"].startswith("hss.partner.example;"), f"Session-Id {got['session_id']}")
    equal((got["application"], got["items_wanted"], got["server_name"]),
          (CX, items, "sip:migration.partner.example") if primary == "primary" else (ZH, None, None), "Cx or Zh")
    names = {avp["name"] for avp in got["avps"]}
    expect(not names & {"Proxy-Info", "Route-Record"}, f"the core's own AVPs went on: {names}")


def check_user(lab, primary, name, mask):
    user = lab.add_user(primary, name)
    binding = lab.bind(user, primary, "partner", mask=mask)
    inbound = user.named(*binding.inbound)
    with Played(lab, primary, user, ["vectors"]) as played:
        played.wait_open()
        core = lab.core("partner", "--proxy-info")
        answer = core.mar(inbound, "--items", "3", "--sqn-ms", "100", "--resync")
        over_zh = core.mar(inbound, "--zh")
        first, second, third = played.requests
    for result in (answer, over_zh):
        equal((result.result, [v["check"] for v in result.vectors]), ("2001", ["ok"]), name)
    equal(len(answer.exchanges[0]["answer"]["vectors"]), 3 if primary == "primary" else 1, "vectors, of 3 asked")
    equal((over_zh.answer["items"], over_zh.answer["application"]), (None, ZH), "MAA over Zh")
    equal(second["sip_authorization"], answer.exchanges[1]["request"]["sip_authorization"], "RAND and AUTS")
    for got, items in ((first, 3), (second, 1), (third, 1)):
        check_request(got, binding.asked, primary, items)
        hidden = [part.partition("@")[0].removeprefix("sip:") for part in binding.inbound]
        hidden += ["ims.partner"] + [name] * mask
        expect(not any(word in json.dumps(got) for word in hidden), f"one of {hidden} went to the primary")
    expect(len({got["session_id"] for got in (first, second, third)}) == 3, "each relay has its own Session-Id")


def test_second_hop(lab):
    for primary, iface in (("primary", "cx"), ("zhprimary", "zh")):
        lab.connect(primary, "partner", "--relay", iface)
        for name, mask in (("alice", False), ("bob", True)):
            check_user(lab, primary, name, mask)


main(__file__, [test_second_hop], names=("primary", "zhprimary", "partner"), options={
    "primary": Options(run=False), "zhprimary": Options(run=False),
    "partner": Options(settings={"hss": {"vectors_max": 3}})})
