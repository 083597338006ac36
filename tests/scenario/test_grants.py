# SPDX-License-Identifier: Apache-2.0
"""A partner gets vectors for exactly the pair that it was granted, while the grant lives. Whatever else is the matter,
it hears "unknown" (design 4, 7). Both partners are played with their own certificates; the primary is real."""

from support import raw
from support.hss import Options
from support.raw import GPP, avp
from support.scenario import equal, main

AKA, UNKNOWN = "Digest-AKAv1-MD5", {raw.CX: -5001, raw.ZH: -5401}
GRANTS = {"alice": ("partner", False), "bob": ("partner", True), "dave": ("third", True), "ended": ("partner", False),
          "expired": ("partner", True), "barred": ("partner", False), "carol": None}  # user: to whom, masked?


def provision(lab):
    """The served (partner, impi, impu), and all identities of every kind that the primary knows, and more."""
    for partner in ("partner", "third"):
        lab.connect("primary", partner)
    served, impis, impus = set(), ["nobody@primary.example"], ["sip:nobody@primary.example"]
    for name, grant in GRANTS.items():
        user = lab.add_user("primary", name, [f"sip:{name}@primary.example", f"sip:{name}2@primary.example"])
        impis, impus = [*impis, user.impi], [*impus, user.impu, f"sip:{name}2@primary.example"]
        if grant:
            binding = lab.bind(user, "primary", grant[0], mask=grant[1])
            impis, impus = [*impis, binding.asked[0]], [*impus, binding.asked[1]]
            if name in ("alice", "bob", "dave"):
                served.add((grant[0], *binding.asked))
            if name == "ended":
                lab.mcxctl("primary", "binding", "end", binding.id, "--reason", "test")
    inbound = lab.bind(lab.add_user("partner", "eve"), "partner", "primary").inbound  # no chains
    lab.mcxctl("primary", "subscriber", "bar", "barred@primary.example", "--reason", "test")
    lab.cluster.sql("primary", "UPDATE grant_ SET expires_at = now() - interval '1 s' WHERE own_impi ~ '^expired@'")
    return served, {*impis, inbound[0]}, {*impus, inbound[1]}


def ask(who, impi, impu, application, scheme=AKA):
    item = avp(612, [avp(608, scheme, GPP)], GPP)
    got = who.ask(who.mar("primary.example", impi=impi, impu=impu, application=application,
                          replace={607: avp(607, 4, GPP), 612: item}))
    equal((got.get(1), got.get(601, GPP)), (impi.encode(), impu.encode()), "identities as asked")
    equal(len(got.all(612, GPP)), got.result == 2001, f"{impi} {impu}: vectors, of 4 asked")
    return got.result


def test_only_the_granted_pair_exists(lab):
    served, impis, impus = provision(lab)
    for name in ("partner", "third"):
        with lab.raw_peer("primary", name) as who:
            for impi, impu, application in ((i, u, a) for i in impis for u in impus for a in UNKNOWN):
                is_granted = (name, impi, impu) in served
                wanted = (2001, -5006) if is_granted else (UNKNOWN[application],) * 2
                got = tuple(ask(who, impi, impu, application, scheme) for scheme in (AKA, "SIP Digest"))
                equal(got, wanted, f"{name} asks {impi} {impu}")
    seqs = lab.cluster.sql("primary", "SELECT seq FROM sqn ORDER BY seq DESC")
    equal(seqs, [("2",)] * 3 + [("0",)] * 4, "SEQ: nothing for what was refused")


main(__file__, [test_only_the_granted_pair_exists], names=("primary", "partner", "third"), options={
    "primary": Options(connect=False), "partner": Options(run=False), "third": Options(run=False)})
