# SPDX-License-Identifier: Apache-2.0
"""What the own SIP core is refused, in the order of TS 29.228 6.3.1, with E bit and identities as they must be, and
without moving SEQ; names that mean the same; features (TS 29.229 7.2.1)."""

from support import raw
from support.raw import GPP, MANDATORY, avp
from support.scenario import equal, main

AKA, DIGEST = "Digest-AKAv1-MD5", "SIP Digest"
ALICE, BOB, CAROL, NOBODY = (name + "@primary.example" for name in ("alice", "bob", "carol", "nobody"))
UNKNOWN, APART, SCHEME = (-5001, -5401), (-5002, -5002), (-5006, -5006)  # Cx, Zh
ROWS = [(NOBODY, "sip:" + ALICE, AKA, UNKNOWN), (ALICE, "sip:" + NOBODY, AKA, UNKNOWN),
        (NOBODY, "sip:" + BOB, DIGEST, UNKNOWN), ("Alice@primary.example", "sip:" + ALICE, AKA, UNKNOWN),
        (ALICE, "sips:" + ALICE, AKA, UNKNOWN), (ALICE, "sip:" + BOB, AKA, APART), (ALICE, "sip:" + BOB, DIGEST, APART),
        (ALICE, "sip:" + ALICE, DIGEST, SCHEME), (ALICE, "sip:" + ALICE, "Unknown", SCHEME),
        (ALICE, "sip:" + ALICE, "NASS-Bundled", SCHEME), (CAROL, "sip:" + CAROL, AKA, SCHEME)]  # she is barred
SAME = [(ALICE, "tel:+1-555-0100"), ("alice@PRIMARY.Example", "SIP:%61lice@Primary.EXAMPLE:5060;user=phone")]


def ask(core, impi, impu, scheme=AKA, application=raw.CX, more=()):
    got = core.ask(core.mar(core.realm, impi=impi, impu=impu, application=application, more=more,
                            replace={612: avp(612, [avp(608, scheme, GPP)], GPP)}))
    equal((got.get(1), got.get(601, GPP)), (impi.encode(), impu.encode()), "identities as asked")
    equal(got.flags, raw.PROXIABLE, f"{impi} {impu} {scheme}: flags, E bit clear")
    equal(len(got.all(612, GPP)), got.result == 2001, f"{impi} {impu} {scheme}: items")
    return got


def test_refusals(lab):
    for name, impus in (("alice", ["sip:" + ALICE, "tel:+15550100"]), ("bob", None), ("carol", None)):
        lab.add_user("primary", name, impus)
    lab.mcxctl("primary", "subscriber", "bar", CAROL, "--reason", "test")
    system = lab.systems["primary"]
    with raw.Peer(system.scscf, system.realm, system.address, system.port) as core:
        core.capabilities()
        for impi, impu, scheme, wanted in ROWS:
            for application, result in zip((raw.CX, raw.ZH), wanted):
                equal(ask(core, impi, impu, scheme, application).result, result, f"{impi} {impu} {scheme}")
        check_features(core)
        equal(lab.cluster.sql("primary", "SELECT max(seq) FROM sqn"), [("0",)], "SEQ after refusals only")
        for impi, impu in SAME:
            equal(ask(core, impi, impu).result, 2001, f"{impi} {impu}")
        equal(ask(core, *SAME[0], more=[features(3, raw.VENDOR)]).result, 2001, "optional features")


def features(bits, flags):
    return avp(628, [avp(266, GPP), avp(629, 1, GPP, raw.VENDOR), avp(630, bits, GPP, raw.VENDOR)], GPP, flags)


def check_features(core):
    """Required ones are refused with the complete set that is supported, without M."""
    got = ask(core, ALICE, "sip:" + ALICE, more=[features(3, raw.VENDOR | MANDATORY)])
    equal((got.result, [(flags & MANDATORY, value) for code, _, flags, value in got.avps if code == 628]),
          (-5011, [(0, features(0, raw.VENDOR)[12:])]), "required features")


main(__file__, [test_refusals], names=("primary",))
