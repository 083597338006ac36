# SPDX-License-Identifier: Apache-2.0
# labels: long
# timeout: 7200
"""Between any two of the thirteen steps each of the four daemons and PostgreSQL is killed (kill -9) and the request
repeated: exactly one binding is live on each side, both the same, the UE has it, and its end leaves nothing."""

from support import crash
from support.hss import Options
from support.scenario import main


def case(stop, victim):
    def test(lab):
        if not hasattr(lab, "ue"):
            lab.ue = crash.provision(lab)
        crash.crash(lab, lab.ue, stop, victim)
    test.__name__ = f"test_{'_'.join(filter(None, victim))}_killed_at_{stop}"
    return test


main(__file__, [case(stop, victim) for stop in crash.STOPS for victim in crash.VICTIMS], cms=True, gate=True,
     options={name: Options(settings=crash.PATIENT) for name in ("primary", "partner")},
     cms_options={name: Options(settings=crash.PATIENT) for name in ("primary", "partner")})
