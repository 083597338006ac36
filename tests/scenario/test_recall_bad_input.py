# SPDX-License-Identifier: Apache-2.0
"""What an ill-shaped RTR or PPR gets, and one while the database is away (RFC 6733 7.1.5, TS 29.229 6.1.9)."""

from support.hss import Options
from support.raw import GPP, avp
from support.scenario import equal, main

RTR, PPR, IMPI = 304, 305, "alice@primary.example"
HOST, REASON = avp(293, "hss.partner.example"), avp(615, [avp(616, 0, GPP)], GPP)


def ask(primary, command=RTR, parts=(HOST, REASON), drop=(), **options):
    return primary.ask(primary.mar("partner.example", drop={601, 602, 607, 612, *drop}, more=parts, command=command,
                                   **{"impi": IMPI, **options}))


def rows():
    """(what, result, what Failed-AVP holds, how the request is bent)"""
    code = avp(616, 0, GPP)
    yield "no User-Name", 5005, (1, b""), {"drop": [1]}
    yield "no Destination-Host", 5005, (293, b""), {"parts": [REASON]}
    yield "no Destination-Host, PPR", 5005, (293, b""), {"parts": [], "command": PPR}
    yield "no User-Name, PPR", 5005, (1, b""), {"parts": [HOST], "drop": [1], "command": PPR}
    yield "no reason", 5005, (615, b""), {"parts": [HOST]}
    yield "no Reason-Code", 5005, (615, avp(616, 0, GPP)), {"parts": [HOST, avp(615, [avp(617, "x", GPP)], GPP)]}
    yield "Reason-Code 4", 5004, (615, avp(616, 4, GPP)), {"parts": [HOST, avp(615, [avp(616, 4, GPP)], GPP)]}
    yield "two reasons", 5009, (615, avp(616, 0, GPP)), {"parts": [HOST, REASON, REASON]}
    yield "two codes", 5009, (615, avp(616, 0, GPP)), {"parts": [HOST, avp(615, [code, code], GPP)]}
    yield "code of 3 octets", 5014, (616, bytes(4)), {"parts": [HOST, avp(615, [avp(616, b"abc", GPP)], GPP)]}
    yield "IMPI without realm", 5004, (1, b"alice"), {"impi": "alice"}
    yield "two of User-Name", 5009, (1, IMPI.encode()), {"parts": [HOST, REASON, avp(1, IMPI)]}
    for impu in (b"", b"alice", b"sip:a\0b@c.example"):
        yield f"IMPU {impu}", 5004, (601, impu), {"parts": [HOST, REASON, avp(601, impu, GPP)]}
    many = [avp(601, f"sip:{i}@primary.example", GPP) for i in range(33)]
    yield "33 of Public-Identity", 5009, (601, b"sip:32@primary.example"), {"parts": [HOST, REASON, *many]}


def test_bad_shapes(lab):
    lab.connect("primary", "partner")
    binding = lab.bind(lab.add_user("primary", "alice"), "primary", "partner")
    with lab.raw_peer("partner", other="primary") as primary:
        for what, result, failed, bent in rows():
            got = ask(primary, **bent)
            equal((got.result, got.failed), (result, failed), what)
        equal(lab.cluster.sql("partner", "SELECT state FROM binding"), [("active",)], "untouched")
        lab.cluster.stop()
        equal(ask(primary).result, 5012, "without a database")
        lab.cluster.start()
        while ask(primary, PPR, [HOST]).result == 5012:
            pass
        equal(ask(primary).result, 2001, f"binding {binding.id} with the database again")


main(__file__, [test_bad_shapes], broken="requests of bad shape",
     options={"primary": Options(run=False), "partner": Options(settings={"hss": {"answer_time_ms": 1500}})})
