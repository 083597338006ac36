# SPDX-License-Identifier: Apache-2.0
"""What one primary may say at a partner (design 3): another's realm, host or identities, or the partner's own, are
refused."""

from support import mcx, migration
from support.hss import Options
from support.mcx import PAR, ask, given, par_avps
from support.raw import S_DB
from support.scenario import equal, main

NO_AGREEMENT = -5002
HOME = "partner"  # the system under attack


def test_each_primary_speaks_for_itself_only(lab):
    migration.admit(lab, HOME, ("primary", "third"))
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


main(__file__, [test_each_primary_speaks_for_itself_only], cms=True,
     names=("primary", "partner", "third"), options={name: Options(run=False) for name in ("primary", "third")},
     cms_options={name: Options(run=False) for name in ("primary", "third")})
