# SPDX-License-Identifier: Apache-2.0
"""A repeated request gets what the first one got; GET shows it, DELETE ends it on both sides; all for its user only."""

from support import migration
from support.scenario import equal, expect, main
from support.ue import CONNECTIONS


def test_repeat_is_the_same(lab):
    lab.connect("primary", "partner")
    migration.agree(lab, "primary", "partner")
    lab.alice, lab.bob = (migration.add_ue(lab, "primary", name) for name in ("alice", "bob"))
    lab.first = lab.alice.connect()
    for _ in range(3):
        again = lab.alice.connect()
        equal(again.json, lab.first.json, "a repeat")
    migration.agreed(lab, again)


def test_get_shows_own_ones_only(lab):
    path = f"{CONNECTIONS}/{lab.first.binding}"
    shown = lab.alice.ask("GET", path)
    told = {name: value for name, value in lab.first.json.items() if name != "stored"}
    told["partner"] = {**told["partner"], "isRequested": shown.json["partner"]["isRequested"]}
    equal((shown.status, shown.json), (200, told), "GET of one")
    equal([one["bindingId"] for one in lab.alice.migrations()], [lab.first.binding], "GET of all")
    expect("ueInitialConfiguration" not in lab.alice.migrations()[0], "the list holds documents")
    other = lab.bob.ask("GET", path)
    unknown = lab.bob.ask("GET", f"{CONNECTIONS}/00000000-0000-4000-8000-000000000000")
    equal((other.status, other.json), (404, unknown.json), "another user's and one that never was")
    equal(lab.bob.ask("DELETE", path).status, 404, "DELETE of another user's")
    equal(lab.bob.migrations(), [], "bob's own")
    migration.agreed(lab, lab.alice.show("partner"))


def test_delete_ends_both_sides(lab):
    path = f"{CONNECTIONS}/{lab.first.binding}"
    for method, status in (("DELETE", 204), ("GET", 404), ("DELETE", 204)):
        equal(lab.alice.ask(method, path).status, status, f"{method} of what ends")
    equal(lab.bob.ask("DELETE", path).status, 404, "DELETE of another user's that has ended")
    migration.wait_nothing_left(lab)
    equal(migration.is_served(lab, lab.alice, lab.first), False, "registration at the partner after the end")
    equal(lab.cluster.sql("partner", f"SELECT state, cause FROM binding WHERE binding_uuid = '{lab.first.binding}'"),
          [("ended", "released")], "why it ended at the partner")
    later = lab.alice.connect()
    expect(later.inbound[0] != lab.first.inbound[0], "identities were used again")
    migration.agreed(lab, later)


main(__file__, [test_repeat_is_the_same, test_get_shows_own_ones_only,
                test_delete_ends_both_sides], cms=True)
