# SPDX-License-Identifier: Apache-2.0
"""Step 8: who is refused at the partner gets 403 and nothing stays allocated on either side; a cap gives 503; a partner
that is away gives 503, and what was begun goes on by itself once it is back."""

from support import migration
from support.scenario import equal, expect, main


def test_no_agreement_at_the_partner(lab):
    lab.connect("primary", "partner")
    lab.alice = migration.add_ue(lab, "primary", "alice")
    lab.bob = migration.add_ue(lab, "primary", "bob", mask=True)
    lab.mcxctl("primary", "agreement", "add", "partner", "--direction", "outbound")
    lab.mcxctl("primary", "area", "add", "partner", "--plmn", "00101")
    for ue in (lab.alice, lab.bob):
        reply = ue.connect()
        equal((reply.exit, reply.http_status, reply.problem), (1, 403, "refused-by-partner"), "no agreement there")
        migration.wait_nothing_left(lab)


def test_user_is_not_admitted(lab):
    lab.mcxctl("partner", "agreement", "add", "primary", "--direction", "inbound", "--mc-user", lab.bob.mc_id,
               "--max-bindings", "1")
    reply = lab.alice.connect()
    equal((reply.http_status, reply.problem), (403, "refused-by-partner"), "another than the admitted user")
    expect("bob" not in reply.json["error"], "tells who is admitted")
    migration.wait_nothing_left(lab)
    migration.agreed(lab, lab.bob.connect())
    equal(lab.bob.end("partner").exit, 0, "DELETE")
    migration.wait_nothing_left(lab)


def test_cap_on_live_bindings(lab):
    lab.mcxctl("partner", "agreement", "add", "primary", "--direction", "inbound", "--max-bindings", "0")
    migration.is_to_wait(lab.alice.connect(), "beyond the cap", "partner-exhausted")
    migration.wait_nothing_left(lab)


def test_partner_is_away_and_returns(lab):
    lab.cms["partner"].stop()
    migration.is_to_wait(lab.bob.connect(), "the partner's server is away")
    equal(migration.live(lab, "partner", "binding"), [], "bindings at the partner")
    lab.cms["partner"].start()
    lab.cms["primary"].wait_event("par_answered", timeout=60, result="2001")  # by the outbox: nobody asks again
    migration.agreed(lab, lab.bob.connect())


def test_ended_while_the_partner_is_away(lab):
    lab.cms["partner"].stop()
    equal(lab.bob.end("partner").exit, 0, "DELETE")
    equal(migration.live(lab, "primary", "grant_"), [], "grants at home, at once")
    lab.cms["partner"].start()
    migration.wait_nothing_left(lab, timeout=90)


main(__file__, [test_no_agreement_at_the_partner, test_user_is_not_admitted, test_cap_on_live_bindings,
                test_partner_is_away_and_returns, test_ended_while_the_partner_is_away], cms=True)
