# SPDX-License-Identifier: Apache-2.0
"""How a binding ends: by the primary's operator, the partner's operator, the end of an agreement or of a subscriber, a
partner's configuration server, or its time; both sides always agree, and the UE may ask again."""

from support import migration
from support.processes import wait_until
from support.scenario import equal, expect, main


def test_release(lab):
    lab.connect("primary", "partner")
    migration.agree(lab, "primary", "partner")
    ue = lab.alice = migration.add_ue(lab, "primary", "alice")
    for what, end, cause in [
            ("UE", lambda reply: ue.end("partner"), "released"),
            ("operator of the primary", lambda reply: lab.mcxctl("primary", "binding", "end", reply.binding, "--reason",
                                                                 "test"), "revoked"),
            ("operator of the partner", lambda reply: lab.mcxctl("partner", "binding", "end", reply.binding, "--reason",
                                                                 "test"), "revoked"),
            ("bar", lambda reply: lab.mcxctl("primary", "subscriber", "bar", ue.card.impi, "--reason", "test"), "revoked")]:
        equal(migration.ends_everywhere(lab, ue, what, end), cause, f"{what}: cause at the partner")
        lab.mcxctl("primary", "subscriber", "unbar", ue.card.impi)


def test_end_of_the_agreement(lab):
    for here, there, direction in (("primary", "partner", "outbound"), ("partner", "primary", "inbound")):
        (number,), = lab.cluster.sql(here, f"SELECT id FROM agreement WHERE direction = '{direction}' AND ended_at IS NULL")
        equal((migration.ends_everywhere(lab, lab.alice, direction, lambda _: lab.mcxctl(
            here, "agreement", "end", number, "--reason", "test")), lab.alice.connect().exit), ("revoked", 1), direction)
        lab.mcxctl(here, "agreement", "add", there, "--direction", direction)


def test_change_of_masking_replaces(lab):
    first = lab.alice.connect()
    lab.mcxctl("primary", "user", "set", lab.alice.mc_id, "--mask", "yes")
    second = lab.alice.connect()
    expect(second.binding != first.binding and second.inbound != first.inbound, "the old binding lives on")
    wait_until(lambda: len(migration.live(lab, "partner", "binding")) == 1, 30, "the old binding to end at the partner")
    migration.agreed(lab, second)
    equal(lab.cluster.sql("partner", f"SELECT cause FROM binding WHERE binding_uuid = '{first.binding}'"),
          [("replaced",)], "cause")
    lab.alice.end("partner")
    migration.wait_nothing_left(lab)


def test_expiry_at_the_second(lab):
    """By the database's clock: the row is moved, never the clock."""
    reply = lab.alice.connect()
    at = lab.cluster.sql("partner", "SELECT date_trunc('second', now()) + interval '4 s'")[0][0]
    for name, table in (("partner", "binding"), ("primary", "grant_"), ("primary", "migration")):
        lab.cluster.sql(name, f"UPDATE {table} SET expires_at = '{at}' WHERE binding_uuid = '{reply.binding}'")
    equal(lab.alice.register("partner").exit, 0, "in the second before")
    lab.cluster.sql("partner", f"SELECT pg_sleep_until('{at}')")
    equal(lab.alice.register("partner").exit, 1, "in the second after")
    equal(lab.alice.migrations(), [], "what the user sees")
    migration.wait_nothing_left(lab)


main(__file__, [test_release, test_end_of_the_agreement, test_change_of_masking_replaces, test_expiry_at_the_second], cms=True)
