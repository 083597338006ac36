# SPDX-License-Identifier: Apache-2.0
"""A primary's SLF redirects (CR 10.1.X.1 NOTE 2): followed inside the agreed realm, twice at most. And what a primary
over Zh says becomes what Cx knows, and the other way round (design 6)."""

from support.hss import Options
from support.played import Played
from support.scenario import equal, main

INSIDE, LISTED = "redirect:aaa://hss2.primary.example:3868;transport=tcp", "redirect:aaas://HSS.primary.example"
ROWS = [([INSIDE, "vectors"], "2001"), ([INSIDE, LISTED, "vectors"], "2001"), ([INSIDE, INSIDE, INSIDE], "5012"),
        ([INSIDE, "experimental:5001"], "exp:5001"), (["redirect:aaa://hss.zhprimary.example"], "5012"),
        (["redirect:aaa://xprimary.example"], "5012"), (["redirect:aaa://primary.example.org"], "5012"),
        (["redirect:tel:1"], "5012"), (["vectors"], "2001")]


def test_redirections(lab):
    lab.connect("primary", "partner")
    alice = lab.add_user("primary", "alice")
    inbound = alice.named(*lab.bind(alice, "primary", "partner").inbound)
    with Played(lab, "primary", alice, [b for behaviours, _ in ROWS for b in behaviours]) as played:
        played.wait_open()
        for behaviours, result in ROWS:
            before = len(played.requests)
            answer = lab.core("partner").mar(inbound)
            equal(answer.result, result, f"{behaviours}")
            equal([v["check"] for v in answer.vectors], ["ok"] * (result == "2001"), f"{behaviours}: vectors")
            asked = [request["destination_host"] for request in played.requests[before:]]
            told = ["hss2.primary.example" if b == INSIDE else "hss.primary.example" for b in behaviours[:-1]]
            equal(asked, ["hss.primary.example", *told], f"{behaviours}: hosts asked")
            equal(len({r["session_id"] for r in played.requests[before:]}), len(behaviours), "Session-Ids")


def test_refusals_over_zh(lab):
    lab.connect("zhprimary", "partner", "--relay", "zh")
    alice = lab.add_user("zhprimary", "alice")
    inbound = alice.named(*lab.bind(alice, "zhprimary", "partner").inbound)
    said = [("experimental:5401", "5001", "5401"), ("experimental:5001", "5001", "5401"),
            ("experimental:5006", "5006", "5006")]
    with Played(lab, "zhprimary", alice, [b for b, _, _ in said for _ in (1, 2)]) as played:
        played.wait_open()
        for behaviour, on_cx, on_zh in said:
            equal(lab.core("partner").mar(inbound).result, "exp:" + on_cx, f"{behaviour} over Cx")
            equal(lab.core("partner").mar(inbound, "--zh").result, "exp:" + on_zh, f"{behaviour} over Zh")


main(__file__, [test_redirections, test_refusals_over_zh], names=("primary", "zhprimary", "partner"),
     options={"primary": Options(run=False), "zhprimary": Options(run=False)})
