# SPDX-License-Identifier: Apache-2.0
"""At the partner: which of a binding's identities leads where, and what its own SIP core hears when a binding does not
serve (CR 10.6.2 steps 4 and 5, design 4). The primary is played, and must not be asked what the partner can refuse."""

from support import raw
from support.hss import Options
from support.played import Played
from support.raw import GPP, avp
from support.scenario import equal, main

AKA, DIGEST = "Digest-AKAv1-MD5", "SIP Digest"
UNKNOWN, APART, SCHEME = (-5001, -5401), (-5002, -5002), (-5006, -5006)  # Cx, Zh
USERS = ("alice", "bob", "ended", "expired")


def bind(lab, name):
    """The user, its two public identities, and a binding of both."""
    impus = [f"sip:{name}@primary.example", f"sip:{name}-2@primary.example"]
    user = lab.add_user("primary", name, impus)
    return user, impus, lab.bind(user, "primary", "partner", impus=impus)


def ask(core, impi, impu, scheme=AKA, application=raw.CX):
    got = core.ask(core.mar("partner.example", impi=impi, impu=impu, application=application,
                            replace={612: avp(612, [avp(608, scheme, GPP)], GPP)}))
    equal((got.get(1), got.get(601, GPP)), (impi.encode(), impu.encode()), "identities as asked")
    return got.result


def test_bindings(lab):
    lab.connect("primary", "partner")
    made = {name: bind(lab, name) for name in USERS}
    (alice, impus, binding), inbound = made["alice"], {name: made[name][2].inbound for name in USERS}
    lab.mcxctl("partner", "binding", "end", made["ended"][2].id, "--reason", "test")
    lab.cluster.sql("partner", "UPDATE binding SET expires_at = now() WHERE primary_impi ~ '^expired@'")
    (impi, impu), bobs, own = inbound["alice"], inbound["bob"][1], lab.add_user("partner", "own")
    rows = [(*inbound["ended"], AKA, UNKNOWN), (*inbound["expired"], AKA, UNKNOWN),
            (*inbound["expired"], DIGEST, UNKNOWN), (impi, "sip:nobody@migration.partner.example", AKA, UNKNOWN),
            (impi, impus[0], AKA, UNKNOWN), (alice.impi, impus[0], AKA, UNKNOWN), (impi, bobs, AKA, APART),
            (impi, bobs, DIGEST, APART), (impi, own.impu, AKA, APART), (own.impi, impu, AKA, APART),
            (impi, impu, DIGEST, SCHEME), (impi, impu, "Unknown", SCHEME)]
    with Played(lab, "primary", alice, ["vectors"]) as primary, lab.raw_peer("partner") as core:
        primary.wait_open()
        for asked_impi, asked_impu, scheme, wanted in rows:
            got = [ask(core, asked_impi, asked_impu, scheme, application) for application in (raw.CX, raw.ZH)]
            equal(tuple(got), wanted, f"{asked_impi} {asked_impu} {scheme}")
        equal(primary.requests, [], "what the primary was asked")
        for inbound_impu, primary_impu in zip(binding.inbound_impus, impus):
            equal(ask(core, impi, inbound_impu), 2001, inbound_impu)
            equal(primary.requests[-1]["public_identity"], primary_impu, f"{inbound_impu} leads to")
        local, _, domain = impi.partition("@")
        equal(ask(core, f"{local}@{domain.upper()}", impu), 2001, "domain in capitals")


main(__file__, [test_bindings], options={"primary": Options(run=False)})
