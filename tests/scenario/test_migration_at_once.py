# SPDX-License-Identifier: Apache-2.0
"""Two requests of one user at once are one migration, wherever the first is when the second overtakes it."""

from support import migration
from support.scenario import equal, expect, main
from support.ue import CONNECTIONS


def test_two_at_once_are_one(lab):
    lab.connect("primary", "partner")
    migration.agree(lab, "primary", "partner")
    ue = migration.add_ue(lab, "primary", "bob")
    for where in ("MIR", "MIA", "PAR", "PAA"):
        with lab.gate.hold(where) as hold, lab.in_background(lambda: ue.post().json["bindingId"]) as first:
            hold.wait()
            second = ue.post().json["bindingId"]
            expect(not first.done(), f"{where}: they were not at once")
            hold.release()
            equal(first.result(30), second, f"{where}: bindings of two requests at once")
        equal(len(migration.live(lab, "partner", "binding")), 1, f"{where}: live at the partner")
        ue.ask("DELETE", f"{CONNECTIONS}/{second}")
        migration.wait_nothing_left(lab)


main(__file__, [test_two_at_once_are_one], cms=True, gate=True)
