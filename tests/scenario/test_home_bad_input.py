# SPDX-License-Identifier: Apache-2.0
"""A MAR of bad shape gets the right 5xxx with what is wrong in Failed-AVP, the identities octet for octet as asked, and
no vector, whoever finds the fault, freeDiameter or we (TS 29.228 6.3.1, RFC 6733 7.1.5, 7.5)."""

from support import raw, refusals
from support.raw import GPP, avp
from support.scenario import equal, main

IMPI, IMPU = "alice@PRIMARY.example", "sip:alice@Primary.Example;user=phone"
VENDOR = {1: 0, 601: GPP, 612: GPP, 607: GPP, 602: GPP}  # of the mandatory AVPs
SCHEME, DIGEST, UNKNOWN = (avp(608, text, GPP) for text in ("Digest-AKAv1-MD5", "SIP Digest", "Unknown"))
AUTS, U32 = avp(610, bytes(30), GPP), bytes(4)


def rows():
    """(what is wrong, result, what Failed-AVP holds, how the MAR is bent)"""
    for code, vendor in VENDOR.items():
        yield f"no {code}", 5005, avp(code, U32 if code == 607 else b"", vendor), {"drop": {code}}
        again = avp(code, [SCHEME] if code == 612 else 7 if code == 607 else "sip:x@primary.example", vendor)
        yield f"two {code}", 5009, again, {"more": [again]}
    for code in (1, 601, 602):
        for octets in (b"", b"x" * 3000, b"sip:a\0@primary.example", *[b"sip:x!y@primary.example"] * (code != 602)):
            bad = avp(code, octets, VENDOR[code])
            yield f"{code} {octets[:25]}", 5004, bad, {"replace": {code: bad}}
    nested = [("no scheme", 5005, avp(608, b"", GPP), []), ("two schemes", 5009, SCHEME, [SCHEME, SCHEME]),
              ("AUTS with SIP Digest", 5004, AUTS, [DIGEST, AUTS]), ("AUTS with Unknown", 5004, AUTS, [UNKNOWN, AUTS]),
              ("two AUTS", 5009, AUTS, [SCHEME, AUTS, AUTS])]
    for octets in (b"", b"Digest\0"):
        nested.append((f"scheme {octets}", 5004, avp(608, octets, GPP), [avp(608, octets, GPP)]))
    for size in (0, 16, 29, 31, 60):
        nested.append((f"AUTS {size}", 5004, avp(610, bytes(size), GPP), [SCHEME, avp(610, bytes(size), GPP)]))
    for what, result, failed, parts in nested:
        yield what, result, avp(612, failed, GPP), {"replace": {612: avp(612, parts, GPP)}}
    yield "0 vectors", 5004, avp(607, 0, GPP), {"replace": {607: avp(607, 0, GPP)}}
    for octets in (b"", b"abc", b"12345678"):  # an example: as it came, the answer would not parse either
        yield f"607 {octets}", 5014, avp(607, 0, GPP), {"replace": {607: avp(607, octets, GPP)}}
    yield "empty in a group", 5014, avp(613, 0, GPP), {"replace": {612: avp(612, [SCHEME, avp(613, b"", GPP)], GPP)}}


def test_bad_shapes(lab):
    lab.add_user("primary", "alice")
    system = lab.systems["primary"]
    with raw.Peer(system.scscf, system.realm, system.address, system.port) as core:
        core.capabilities()
        refusals.check(core, system.realm, rows(), impi=IMPI, impu=IMPU)
    equal(lab.cluster.sql("primary", "SELECT seq FROM sqn"), [("1",)], "SEQ after one sound MAR")


main(__file__, [test_bad_shapes], names=("primary",), broken="requests of bad shape")
