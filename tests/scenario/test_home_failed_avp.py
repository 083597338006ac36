# SPDX-License-Identifier: Apache-2.0
"""Failed-AVP holds the AVP that was refused as it came, groups and flags included; of what no answer could hold and
still parse, the part that does (RFC 6733 7.1.3, 7.1.5, 7.5). Missing AVPs come before features (TS 29.228 6.3.1)."""

from support import raw, refusals
from support.raw import GPP, MANDATORY, VENDOR, avp
from support.scenario import main

IMPI, IMPU = "alice@primary.example", "sip:alice@primary.example"
SCHEME = avp(608, "Digest-AKAv1-MD5", GPP)
ODD = avp(4711, b"odd", 99, flags=VENDOR)  # nobody knows it, nobody must
FEATURES = avp(628, [avp(266, GPP), avp(629, 1, GPP, flags=VENDOR), avp(630, 1, GPP, flags=VENDOR)], GPP)


def rows():
    """As in support/refusals.py."""
    for sound in (b"", SCHEME, SCHEME + ODD):
        bad = avp(612, sound + b"no AVP inside", GPP)
        yield f"ill-formed group {sound}", 5004, avp(612, sound, GPP), {"replace": {612: bad}}
    item = avp(612, [SCHEME, ODD, avp(610, bytes(30), GPP, flags=VENDOR)], GPP, flags=VENDOR)
    for again in (avp(277, 1), avp(260, [avp(266, GPP), avp(258, raw.CX), ODD], flags=0), item, avp(1, IMPI)):
        yield f"two: {again}", 5009, again, {"more": [again]}
    for bad in (avp(99999), avp(99999, b"what"), avp(99999, b"x" * 4000, 99)):
        yield f"unknown with M: {bad[:20]}", 5001, bad, {"more": [bad]}
    for bad in (avp(601, b"", GPP, flags=VENDOR), avp(601, b"x" * 20000, GPP, flags=VENDOR)):
        yield f"IMPU {bad[:20]}", 5004, bad, {"replace": {601: bad}}
    for code, value in ((264, "scscf.ims.primary.example"), (296, "primary.example"), (283, "primary.example")):
        for flags in (0, VENDOR, VENDOR | MANDATORY):
            bad = avp(code, value, flags=flags)
            yield f"flags {flags:x} of {code}", 3009, bad, {"replace": {code: bad}}
    yield "features that nobody has, no User-Name", 5005, avp(1), {"drop": {1}, "more": [FEATURES]}
    yield "features that nobody has", -5011, None, {"more": [FEATURES]}


def test_failed_avp_is_what_came(lab):
    lab.add_user("primary", "alice")
    system = lab.systems["primary"]
    with raw.Peer(system.scscf, system.realm, system.address, system.port) as core:
        core.capabilities()
        refusals.check(core, system.realm, rows(), impi=IMPI, impu=IMPU)


main(__file__, [test_failed_avp_is_what_came], names=("primary",), broken="requests of bad shape")
