# SPDX-License-Identifier: Apache-2.0
"""A few of the crashes of test_migration_crash_all.py: a process is killed between two steps, the request is repeated,
and exactly one binding is live on each side."""

from support import crash
from support.hss import Options
from support.scenario import main

CASES = [("7, PAR on its way", ("cms", "primary")), ("11, MIA on its way", ("hss", "partner")),
         ("12-13, before the result is written", ("postgres", "")), ("12, PAA on its way", ("cms", "partner"))]


def test_crash_between_two_steps(lab):
    ue = crash.provision(lab)
    for stop, victim in CASES:
        crash.crash(lab, ue, stop, victim)


main(__file__, [test_crash_between_two_steps], cms=True, gate=True,
     options={name: Options(settings=crash.PATIENT) for name in ("primary", "partner")},
     cms_options={name: Options(settings=crash.PATIENT) for name in ("primary", "partner")})
