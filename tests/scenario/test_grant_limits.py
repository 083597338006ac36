# SPDX-License-Identifier: Apache-2.0
"""What a partner may draw: so many vectors a request, and so many a minute from one grant and from all; beyond, 5012
(design 7). The own SIP core is not counted."""

from support.hss import Options
from support.raw import GPP, avp
from support.scenario import equal, expect, main

ITEM = avp(612, [avp(608, "Digest-AKAv1-MD5", GPP)], GPP)
LIMITS = {"partner_vectors_max": 2, "partner_rate_per_grant": 5, "partner_rate_total": 8, "resync_rate_per_grant": 1}


def ask(who, user, items=1):
    bent = {607: avp(607, items, GPP), 612: ITEM}
    got = who.ask(who.mar("primary.example", impi=user.impi, impu=user.impu, replace=bent))
    return got.result, len(got.all(612, GPP))


def begin_minute(lab):
    """Of counters that do not run out while the test runs."""
    new = "vectors = 0, minute = date_trunc('minute', now()) + interval '1 h'"
    lab.cluster.sql("primary", f"UPDATE grant_usage SET resyncs = 0, {new}; UPDATE partner_usage SET {new}")


def seq(lab, user):
    sql = f"SELECT seq FROM sqn JOIN credential USING (subscriber_id) WHERE impi = '{user.impi}'"
    return int(lab.cluster.sql("primary", sql)[0][0])


def test_rates(lab):
    lab.connect("primary", "partner")
    alice, bob = users = [lab.add_user("primary", name) for name in ("alice", "bob")]
    for user in users:
        lab.bind(user, "primary", "partner")
    begin_minute(lab)
    with lab.raw_peer("primary", "partner") as partner, lab.raw_peer("primary") as core:
        got = [ask(partner, alice, items) for items in (1, 2, 9)]
        equal(got, [(2001, 1), (2001, 2), (2001, 2)], "vectors, at most 2 a request")
        equal((ask(partner, alice), seq(lab, alice)), ((5012, 0), 5), "the sixth of this grant")
        equal([ask(partner, bob, 2), ask(partner, bob)], [(2001, 2), (2001, 1)], "up to the eighth of this partner")
        equal((ask(partner, bob), seq(lab, bob)), ((5012, 0), 3), "the ninth of this partner")
        equal([ask(core, user)[0] for user in users], [2001, 2001], "the own SIP core is not counted")
        equal([ask(partner, user)[0] for user in users], [5012, 5012], "still")
        begin_minute(lab)
        equal([ask(partner, user)[0] for user in users], [2001, 2001], "the next minute")


def test_resynchronisations(lab):
    begin_minute(lab)
    alice = lab.card("ahead", "alice@primary.example", "sip:alice@primary.example")
    mine, where = lab.systems["partner"], ("--destination-realm", "primary.example")
    partner = lab.stranger("primary", mine.host, mine.realm, mine, options=where)
    got = [partner.mar(alice, "--sqn-ms", ahead, "--resync").result for ahead in (1000, 2000)]
    equal(got, ["2001", "5012"], "two resynchronisations")
    expect(seq(lab, alice) < 2000, "the second AUTS moved SEQ")


main(__file__, [test_rates, test_resynchronisations], options={
    "primary": Options(connect=False, settings={"hss": LIMITS}), "partner": Options(run=False)})
