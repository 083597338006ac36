#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What one primary may say at a partner (design 3): another's realm, host or identities, or the partner's own, are
refused; another system that repeats a PAR octet for octet gets neither the identities nor a hint that they exist."""

from support import mcx, migration
from support.hss import Options
from support.mcx import PAR, ask, given, par_avps
from support.raw import S_DB
from support.scenario import equal, expect, main

NO_AGREEMENT, UNKNOWN_BINDING, UNKNOWN_USER = -5002, -5003, -5004
HOME = "partner"  # the system under attack


def provision(lab):
    for name in ("primary", "third"):
        lab.connect(HOME, name)
        lab.mcxctl(HOME, "agreement", "add", name, "--direction", "inbound")
    migration.load_document(lab, HOME, migration.document("partner.example"))


def test_each_primary_speaks_for_itself_only(lab):
    provision(lab)
    p, q, home = (lab.systems[name] for name in ("primary", "third", HOME))
    inbound = lab.bind(lab.add_user(HOME, "own"), HOME, "primary").asked
    with mcx.connect(lab, HOME, "primary") as peer:
        for what, options, result in [
                ("sound", {}, 2001), ("only the realm", {"user": "bob", "host": ""}, 2001),
                ("Q's realm", {"realm": q.realm}, NO_AGREEMENT), ("Q's host", {"host": q.host}, NO_AGREEMENT),
                ("our realm", {"realm": home.realm}, NO_AGREEMENT), ("our host", {"host": home.host}, NO_AGREEMENT),
                ("Q's IMPI", {"impi": f"x@{q.realm}"}, NO_AGREEMENT), ("Q's id", {"system_id": q.id}, NO_AGREEMENT),
                ("Q's IMPU", {"impus": [f"sip:x@{p.realm}", f"sip:x@{q.realm}"]}, NO_AGREEMENT),
                ("our IMPI", {"impi": f"own@{home.realm}"}, NO_AGREEMENT), ("our id", {"system_id": HOME}, NO_AGREEMENT),
                ("a chain", {"impi": inbound[0], "impus": [inbound[1]]}, NO_AGREEMENT)]:
            got = ask(peer, lab, HOME, PAR, par_avps(p, **options))
            equal(got.result, result, what)
            equal(given(got)[0] is not None, result == 2001, f"{what}: identities in the answer")
        equal(ask(peer, lab, HOME, mcx.MIR, [], S_DB).result, 3007, "MIR between systems")
    equal(len(migration.live(lab, HOME, "binding")), 2, "live bindings")


def test_repeat_by_another_system_tells_nothing(lab):
    p, binding = lab.systems["primary"], "4c1c2b8a-0d0f-4f3e-9a53-6a7f1d0e2b11"
    sound = par_avps(p, "carol", binding)
    with mcx.connect(lab, HOME, "primary") as peer:
        first = ask(peer, lab, HOME, PAR, sound)
        equal(given(ask(peer, lab, HOME, PAR, sound)), given(first), "a repeat by the same system")
    with mcx.connect(lab, HOME, "third") as other:
        stolen = ask(other, lab, HOME, PAR, sound)
        never = ask(other, lab, HOME, PAR, par_avps(p, "nobody"))
        equal((stolen.result, given(stolen)), (NO_AGREEMENT, (None, [])), "the repeat by another system")
        skeleton = [[code for code, _v, _f, _value in got.avps] for got in (stolen, never)]
        equal((never.result, skeleton[1]), (NO_AGREEMENT, skeleton[0]), "a binding that never was")
        for system in ("primary", "third"):
            got = ask(other, lab, HOME, mcx.MRR, mcx.mrr_avps(system, binding))
            expect(got.result in (NO_AGREEMENT, UNKNOWN_BINDING), f"MRR by another system: {got.result}")
        own = ask(other, lab, HOME, PAR, par_avps(lab.systems["third"], "carol", binding))
        equal(own.result, 2001, "the same id for a user of its own")
        expect(not set(given(own)[1]) & set(given(first)[1]), "it got the first one's identities")
    expect(given(first)[0] in [row["inbound_impi"] for row in migration.live(lab, HOME, "binding")], "the binding ended")


main(__file__, [test_each_primary_speaks_for_itself_only, test_repeat_by_another_system_tells_nothing], cms=True,
     names=("primary", "partner", "third"), options={name: Options(run=False) for name in ("primary", "third")},
     cms_options={name: Options(run=False) for name in ("primary", "third")})
