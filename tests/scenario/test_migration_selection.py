# SPDX-License-Identifier: Apache-2.0
# labels: slow
"""Steps 2 and 3: the partner that was asked for, if there is an agreement for this user; else the one that serves the
UE's place; refusals say what to do and nothing of others. explain-migration says the same and changes nothing."""

from support import migration
from support.scenario import equal, expect, main

NOWHERE, THERE = {"plmn": "99970"}, {"plmn": "26201"}


def test_chosen_partner(lab):
    for name in ("partner", "third"):
        lab.connect("primary", name)
    migration.agree(lab, "primary", "partner")                      # serves 00101
    lab.alice = migration.add_ue(lab, "primary", "alice")
    lab.bob = migration.add_ue(lab, "primary", "bob")
    alices, bobs = lab.alice.mc_id, lab.bob.mc_id
    migration.agree(lab, "primary", "third", place=("--plmn", "26201"), here=("--mc-user", alices))
    for ue, asked, place, partner, is_requested in [
            (lab.alice, None, None, "partner", False), (lab.alice, None, THERE, "third", False),
            (lab.alice, "partner", None, "partner", True), (lab.alice, "third", None, "third", True),
            (lab.alice, "nobody", THERE, "third", False), (lab.bob, "third", None, "partner", False)]:
        reply = ue.connect(asked, place)
        equal(reply.exit, 0, f"{ue.mc_id} asks for {asked}: {reply.json}")
        equal(reply.json["partner"], {"id": partner, "isRequested": is_requested}, f"{ue.mc_id} asks for {asked}")
        told = lab.mcxctl("primary", "explain-migration", ue.mc_id, *(["--partner", asked] if asked else []), "--plmn",
                          (place or {}).get("plmn", "00101"))
        expect(partner in told, f"explain-migration says otherwise:\n{told}")
    equal(len(migration.live(lab, "primary", "grant_")), 3, "one binding for each user and partner")
    equal(sorted(one["partner"]["id"] for one in lab.alice.migrations()), ["partner", "third"], "live at once")
    equal(bobs in lab.mcxctl("primary", "explain-migration", alices, "--plmn", "00101"), False, "others are not told")


def test_refusals(lab):
    grants = migration.live(lab, "primary", "grant_")
    carol = migration.add_ue(lab, "primary", "carol", may_migrate=False)
    for ue, asked, place, status, problem in [
            (lab.bob, None, THERE, 404, "no-partner"), (lab.bob, "third", THERE, 404, "no-partner"),
            (lab.alice, None, NOWHERE, 404, "no-partner"), (carol, None, None, 403, "not-authorized")]:
        reply = ue.connect(asked, place)
        equal((reply.exit, reply.http_status, reply.problem), (1, status, problem), f"{ue.mc_id} asks for {asked}")
        expect("alice" not in reply.json["error"].replace(ue.mc_id, ""), "tells of others")
    equal(migration.live(lab, "primary", "grant_"), grants, "grants")


def test_several_devices(lab):
    lab.mcxctl("primary", "device", "add", lab.bob.mc_id, "tablet", "--impi", lab.add_user("primary", "bob-2").impi)
    reply = lab.bob.connect()
    equal((reply.http_status, sorted(reply.json["problem"]["devices"])), (409, ["handset", "tablet"]), "several devices")
    equal(lab.bob.connect(device="tablet").json.get("device"), "tablet", "device")


main(__file__, [test_chosen_partner, test_refusals, test_several_devices], cms=True, names=("primary", "partner", "third"))
