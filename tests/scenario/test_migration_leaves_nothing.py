# SPDX-License-Identifier: Apache-2.0
# labels: slow
"""What the partner refuses after it has allocated, or once it is live, stays on neither side; a grant lives as long as
what the partner gave and 60 s, and the partner is asked for no more than the grant has (design 3 and 4)."""

from support import migration
from support.processes import wait_until
from support.scenario import equal, expect, main

LEFT = "SELECT ceil(extract(epoch FROM expires_at - now())) FROM {} WHERE state IN ('active', 'asking')"


def seconds(lab, name, table):
    return int(lab.cluster.sql(name, LEFT.format(table))[0][0])


def test_grant_ends_with_what_the_partner_gave(lab):
    lab.connect("primary", "partner")
    migration.agree(lab, "primary", "partner", there=("--max-duration", "1h"))
    lab.alice = migration.add_ue(lab, "primary", "alice")
    migration.agreed(lab, lab.alice.connect())
    given = seconds(lab, "partner", "binding")
    expect(3500 < given <= 3600, f"the partner gave {given} s")
    expect(abs(seconds(lab, "primary", "migration") - given) <= 1, "the migration's time")
    expect(abs(seconds(lab, "primary", "grant_") - given - 60) <= 1, "the grant's time")


def test_refusal_of_a_live_one_ends_it_everywhere(lab):
    """Its document has got a place for a credential since, and there is none."""
    migration.load_document(lab, "partner", migration.with_credentials(migration.document("partner.example"), "mcptt"))
    reply = lab.alice.connect()
    equal((reply.http_status, reply.problem), (503, "partner-exhausted"), "a repeat")
    migration.wait_nothing_left(lab)


def test_refusal_of_a_new_one_takes_back_what_was_allocated(lab):
    reply = lab.alice.connect()
    equal((reply.http_status, reply.problem), (503, "partner-exhausted"), "no credential")
    equal(migration.live(lab, "partner", "binding"), [], "bindings at the partner")
    migration.wait_nothing_left(lab)


def test_other_refusal_of_a_live_one(lab):
    """The partner no longer owns the user's domain there: an operator's correction."""
    migration.load_document(lab, "partner", migration.document("partner.example"))
    migration.agreed(lab, lab.alice.connect())
    lab.cluster.sql("partner", "UPDATE partner_domain SET domain = 'moved.example' WHERE domain = 'primary.example'")
    equal(lab.alice.connect().problem, "refused-by-partner", "a repeat")
    wait_until(lambda: not migration.live(lab, "partner", "binding"), 30, "the partner to be told")
    migration.wait_nothing_left(lab)


main(__file__, [test_grant_ends_with_what_the_partner_gave, test_refusal_of_a_live_one_ends_it_everywhere,
                test_refusal_of_a_new_one_takes_back_what_was_allocated, test_other_refusal_of_a_live_one], cms=True)
