/* SPDX-License-Identifier: Apache-2.0 */
/* What partners may draw a minute, and the audit trail of what they drew. Design 7. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/metrics.h"
#include "site.h"

static struct mcx_sqn_want alice, bob;

static struct mcx_sqn_want want_of(const char *partner, const char *name)
{
    struct mcx_provision made = fixture_grant(site.admin, partner, name, false);
    struct mcx_mar_ask ask =
        fixture_partner_ask(partner, made.given_impi.octets, made.given_impu[0].octets);
    struct mcx_mar_facts facts = fixture_facts(site.daemon, &ask);

    return (struct mcx_sqn_want){.subscriber_id = facts.subscriber_id,
                                 .items = 1,
                                 .grant_id = facts.grant_id,
                                 .partner_id = facts.partner_id};
}

static void setup(void)
{
    site_open();
    site.conf.hss_partner_rate_per_grant = 3;
    site.conf.hss_partner_rate_total = 5;
    site.conf.hss_resync_rate_per_grant = 2;
    site_add_people();
    site_open_daemon();
    alice = want_of("partner", "alice");
    bob = want_of("partner", "bob");
}

/* As if the minute had begun anew: tests move the row, not the clock. */
static void next_minute(void)
{
    fixture_sql(site.sql, "UPDATE grant_usage SET minute = minute - interval '1 minute'");
    fixture_sql(site.sql, "UPDATE partner_usage SET minute = minute - interval '1 minute'");
}

static enum mcx_err draw(struct mcx_sqn_want want)
{
    ck_ok(mcx_store_sqn_advance(site.daemon, &want, 1));
    return want.err;
}

/* A full minute ahead, or nearly: else the test could cross the border of one. */
static void wait_for_room(void)
{
    while (fixture_number(site.sql,
                          "SELECT CASE WHEN extract(second FROM now()) < 50 THEN 1 ELSE 0 END"
                          " FROM pg_sleep(CASE WHEN extract(second FROM clock_timestamp()) < 50"
                          " THEN 0 ELSE 1 END)") == 0)
        continue;
}

START_TEST(test_grant_rate_is_kept_and_renewed)
{
    wait_for_room();
    for (int i = 0; i < 3; i++)
        ck_ok(draw(alice));
    ck_assert_int_eq(draw(alice), MCX_LIMIT);
    ck_ok(draw(bob));
    next_minute();
    ck_ok(draw(alice));
}
END_TEST

START_TEST(test_batch_is_served_up_to_the_rate)
{
    struct mcx_sqn_want want[5] = {alice, alice, alice, alice, bob};

    wait_for_room();
    ck_ok(mcx_store_sqn_advance(site.daemon, want, 5));
    for (int i = 0; i < 3; i++) {
        ck_ok(want[i].err);
        ck_assert_int_eq(want[i].first_seq, i + 1);
    }
    ck_assert_int_eq(want[3].err, MCX_LIMIT);
    ck_ok(want[4].err);
    ck_assert_int_eq(fixture_number(site.sql, "SELECT seq FROM sqn WHERE subscriber_id = %lld",
                                    (long long)alice.subscriber_id),
                     3);
}
END_TEST

/* What is left is given, not burnt: an MAA may carry fewer vectors than were asked for. */
START_TEST(test_last_want_gets_what_is_left)
{
    struct mcx_sqn_want want[3] = {alice, alice, alice};

    wait_for_room();
    for (int i = 0; i < 3; i++)
        want[i].items = 2;
    ck_ok(mcx_store_sqn_advance(site.daemon, want, 3));
    ck_ok(want[0].err);
    ck_ok(want[1].err);
    ck_assert_uint_eq(want[0].items, 2);
    ck_assert_uint_eq(want[1].items, 1);
    ck_assert_int_eq(want[1].first_seq, 3);
    ck_assert_int_eq(want[2].err, MCX_LIMIT);
    ck_assert_int_eq(fixture_number(site.sql, "SELECT seq FROM sqn WHERE subscriber_id = %lld",
                                    (long long)alice.subscriber_id),
                     3);
}
END_TEST

START_TEST(test_partner_rate_is_over_all_its_grants)
{
    struct mcx_sqn_want other = want_of("other", "alice");
    struct mcx_sqn_want want[6] = {alice, bob, alice, bob, alice, bob};
    int served = 0;

    wait_for_room();
    ck_ok(mcx_store_sqn_advance(site.daemon, want, 6));
    for (int i = 0; i < 6; i++)
        served += want[i].err == MCX_OK;
    ck_assert_int_eq(served, 5);
    ck_ok(draw(other));
    next_minute();
    ck_ok(draw(bob));
}
END_TEST

START_TEST(test_partner_rate_counts_what_other_sessions_drew)
{
    struct mcx_session *second = fixture_daemon(&site.conf);
    struct mcx_sqn_want want = alice;

    wait_for_room();
    for (int i = 0; i < 3; i++)
        ck_ok(draw(bob));
    for (int i = 0; i < 2; i++) {
        ck_ok(mcx_store_sqn_advance(second, &want, 1));
        ck_ok(want.err);
    }
    ck_ok(mcx_store_sqn_advance(second, &want, 1));
    ck_assert_int_eq(want.err, MCX_LIMIT);
    ck_assert_int_eq(draw(alice), MCX_LIMIT);
    mcx_session_close(&second);
}
END_TEST

START_TEST(test_resynchronisations_have_a_rate_of_their_own)
{
    struct mcx_sqn_want resync = alice;

    wait_for_room();
    resync.is_resync = true;
    resync.seq_ms = 100;
    ck_ok(draw(resync));
    ck_ok(draw(resync));
    ck_assert_int_eq(draw(resync), MCX_LIMIT);
    ck_ok(draw(alice));
    ck_assert_int_eq(fixture_number(site.sql, "SELECT seq FROM sqn WHERE subscriber_id = %lld",
                                    (long long)alice.subscriber_id),
                     103);
}
END_TEST

START_TEST(test_refused_resynchronisation_moves_nothing)
{
    struct mcx_sqn_want want[4] = {alice, alice, alice, alice};

    wait_for_room();
    site.conf.hss_resync_rate_per_grant = 1;
    for (int i = 0; i < 3; i++) {
        want[i].is_resync = true;
        want[i].seq_ms = 1000 * (i + 1);
    }
    ck_ok(mcx_store_sqn_advance(site.daemon, want, 4));
    ck_assert_int_eq((want[0].err == MCX_OK) + (want[1].err == MCX_OK) + (want[2].err == MCX_OK),
                     1);
    ck_ok(want[3].err);
    ck_assert_int_le(fixture_number(site.sql, "SELECT max(seq) FROM sqn"), 3002);
}
END_TEST

/* Vectors leave in the order of wants, and one after a resynchronisation is behind it. */
START_TEST(test_resynchronisation_and_what_follows_are_in_order)
{
    struct mcx_sqn_want want[3] = {alice, alice, alice};

    wait_for_room();
    want[1].is_resync = true;
    want[1].seq_ms = 500;
    ck_ok(mcx_store_sqn_advance(site.daemon, want, 3));
    ck_ok(want[0].err);
    ck_ok(want[1].err);
    ck_ok(want[2].err);
    ck_assert_int_lt(want[0].first_seq, want[1].first_seq);
    ck_assert_int_eq(want[1].first_seq, 501);
    ck_assert_int_eq(want[2].first_seq, 502);
}
END_TEST

/* However often a partner repeats it, and whatever else it asks in between. */
START_TEST(test_repeated_resynchronisation_costs_few_transactions)
{
    struct mcx_sqn_want want[200];
    int64_t before = mcx_metric_get(MCX_M_DB_BATCHES);

    wait_for_room();
    for (size_t i = 0; i < 200; i++) {
        want[i] = alice;
        want[i].is_resync = i < 199;
        want[i].seq_ms = 100;
    }
    ck_ok(mcx_store_sqn_advance(site.daemon, want, 200));
    ck_ok(want[0].err);
    ck_ok(want[1].err);
    for (size_t i = 2; i < 199; i++)
        ck_assert_int_eq(want[i].err, MCX_LIMIT);
    ck_ok(want[199].err);
    ck_assert_int_eq(mcx_metric_get(MCX_M_DB_BATCHES) - before, 4);
}
END_TEST

/* Ten groups of one subscriber; the batch of everybody waits for the row only once. */
START_TEST(test_locked_row_is_waited_for_once)
{
    struct mcx_sqn_want want[11] = {bob};
    int64_t began;

    wait_for_room();
    for (int i = 1; i < 11; i++) {
        want[i] = alice;
        want[i].is_resync = i % 2;
    }
    fixture_sql(site.sql, "BEGIN");
    fixture_sql(site.sql, "SELECT 1 FROM sqn WHERE subscriber_id = %lld FOR UPDATE",
                (long long)alice.subscriber_id);
    began = mcx_clock_mono_ms();
    ck_ok(mcx_store_sqn_advance(site.daemon, want, 11));
    ck_assert_int_lt(mcx_clock_mono_ms() - began, 4 * (int64_t)site.conf.database_lock_timeout_ms);
    ck_ok(want[0].err);
    for (int i = 1; i < 11; i++)
        ck_assert_int_eq(want[i].err, MCX_DB_ERROR);
    fixture_sql(site.sql, "ROLLBACK");
}
END_TEST

/* Counters that somebody holds: of one grant, or all of one partner's. */
START_TEST(test_locked_counters_cost_only_whom_they_count)
{
    static const char *const held[] = {"grant_usage WHERE grant_id",
                                       "partner_usage WHERE partner_id"};
    struct mcx_sqn_want want[4] = {alice, alice, bob};
    struct mcx_session *patient;
    int64_t began;

    fixture_subscriber(site.admin, &site.conf, "carol");
    want[3] = want_of("other", "carol");
    site.conf.database_lock_timeout_ms = 1000;
    patient = fixture_daemon(&site.conf);
    wait_for_room();
    want[1].is_resync = true;
    fixture_sql(site.sql, "BEGIN");
    fixture_sql(site.sql, "SELECT 1 FROM %s = %lld FOR UPDATE", held[_i],
                (long long)(_i == 0 ? alice.grant_id : alice.partner_id));
    began = mcx_clock_mono_ms();
    ck_ok(mcx_store_sqn_advance(patient, want, 4));
    ck_assert_int_lt(mcx_clock_mono_ms() - began, 1900);
    ck_assert_int_eq(want[0].err, MCX_DB_ERROR);
    ck_assert_int_eq(want[1].err, MCX_DB_ERROR);
    ck_assert_int_eq(want[2].err, _i == 0 ? MCX_OK : MCX_DB_ERROR);
    ck_ok(want[3].err);
    fixture_sql(site.sql, "ROLLBACK");
    mcx_session_close(&patient);
}
END_TEST

/* A hole in the database is not the end of a grant. */
START_TEST(test_missing_counters_are_an_error_of_ours)
{
    static const char *const gone[] = {"grant_usage WHERE grant_id", "sqn WHERE subscriber_id"};
    struct mcx_sqn_want want[2] = {alice, bob};

    wait_for_room();
    fixture_sql(site.sql, "DELETE FROM %s = %lld", gone[_i],
                (long long)(_i == 0 ? alice.grant_id : alice.subscriber_id));
    ck_ok(mcx_store_sqn_advance(site.daemon, want, 2));
    ck_assert_int_eq(want[0].err, MCX_DB_ERROR);
    ck_ok(want[1].err);
}
END_TEST

/* A card that has seen nothing says SEQ 0. */
START_TEST(test_resynchronisation_from_nothing_is_one)
{
    struct mcx_sqn_want resync = alice;

    wait_for_room();
    site.conf.hss_resync_rate_per_grant = 1;
    resync.is_resync = true;
    ck_ok(draw(resync));
    ck_assert_int_eq(draw(resync), MCX_LIMIT);
}
END_TEST

START_TEST(test_grant_that_ended_meanwhile_gets_nothing)
{
    static const char *const end[] = {
        "state = 'ended', ended_at = now(), ended_by = 't', cause = 'revoked', reason = 't'",
        "expires_at = now()"};

    wait_for_room();
    fixture_sql(site.sql, "UPDATE grant_ SET %s WHERE id = %lld", end[_i],
                (long long)alice.grant_id);
    ck_assert_int_eq(draw(alice), MCX_NOT_FOUND);
    ck_ok(draw(bob));
    ck_assert_int_eq(fixture_number(site.sql, "SELECT seq FROM sqn WHERE subscriber_id = %lld",
                                    (long long)alice.subscriber_id),
                     0);
}
END_TEST

START_TEST(test_own_core_has_no_rate)
{
    struct mcx_sqn_want own = {.subscriber_id = alice.subscriber_id, .items = 1};

    for (int i = 0; i < 10; i++)
        ck_ok(draw(own));
}
END_TEST

/* ---- audit ---- */

static size_t broken_rows(void)
{
    MCX_ROWS rows = {0};

    ck_ok(mcx_session_run(site.admin, MCX_STMT_AUDIT_BROKEN, NULL, &rows));
    return mcx_rows_count(&rows);
}

START_TEST(test_every_vector_for_a_partner_is_in_the_trail)
{
    struct mcx_sqn_want want[3] = {alice, bob, alice};

    wait_for_room();
    ck_ok(mcx_store_sqn_advance(site.daemon, want, 3));
    ck_assert_int_eq(fixture_number(site.sql, "SELECT count(*) FROM audit WHERE kind = 'vectors'"),
                     1);
    ck_assert_int_eq(
        fixture_number(
            site.sql,
            "SELECT sum((v->>'vectors')::int) FROM audit, json_array_elements("
            "payload::json->'served') v WHERE kind = 'vectors' AND (v->>'grant')::bigint = %lld"
            " AND (v->>'first_seq')::bigint = 1",
            (long long)alice.grant_id),
        2);
    ck_ok(draw(bob));
    ck_assert_int_eq(fixture_number(site.sql, "SELECT count(*) FROM audit WHERE kind = 'vectors'"),
                     2);
    ck_assert_uint_eq(broken_rows(), 0);
}
END_TEST

START_TEST(test_what_is_refused_leaves_no_row)
{
    site.conf.hss_partner_rate_per_grant = 0;
    ck_assert_int_eq(draw(alice), MCX_LIMIT);
    ck_assert_int_eq(fixture_number(site.sql, "SELECT count(*) FROM audit WHERE kind = 'vectors'"),
                     0);
}
END_TEST

START_TEST(test_changed_trail_is_found)
{
    static const char *const crimes[] = {
        "UPDATE audit SET payload = '{}' WHERE seq = 2 AND kind = 'vectors'",
        "UPDATE audit SET at = at + interval '1 hour' WHERE seq = 2 AND kind = 'vectors'",
        "DELETE FROM audit WHERE seq = 2 AND kind = 'vectors'",
        "DELETE FROM audit WHERE kind = 'system_set'",
        "UPDATE audit SET payload = '{}', hash = audit_hash(prev, writer, seq, at, kind, actor, "
        "'{}')"
        " WHERE seq = 2 AND kind = 'vectors'"};

    wait_for_room();
    for (int i = 0; i < 3; i++)
        ck_ok(draw(alice));
    ck_assert_uint_eq(broken_rows(), 0);
    for (size_t i = 0; i < sizeof crimes / sizeof crimes[0]; i++) {
        fixture_sql(site.sql, "CREATE TABLE kept AS SELECT * FROM audit");
        fixture_sql(site.sql, "%s", crimes[i]);
        ck_assert_msg(broken_rows() > 0, "%s", crimes[i]);
        fixture_sql(site.sql, "DELETE FROM audit");
        fixture_sql(site.sql, "INSERT INTO audit SELECT * FROM kept");
        fixture_sql(site.sql, "DROP TABLE kept");
        ck_assert_uint_eq(broken_rows(), 0);
    }
}
END_TEST

static Suite *suite(void)
{
    Suite *made = suite_create("rates");
    TCase *tcase = tcase_create("rates");

    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, setup, site_teardown);
    tcase_add_test(tcase, test_grant_rate_is_kept_and_renewed);
    tcase_add_test(tcase, test_batch_is_served_up_to_the_rate);
    tcase_add_test(tcase, test_last_want_gets_what_is_left);
    tcase_add_test(tcase, test_partner_rate_is_over_all_its_grants);
    tcase_add_test(tcase, test_partner_rate_counts_what_other_sessions_drew);
    tcase_add_test(tcase, test_resynchronisations_have_a_rate_of_their_own);
    tcase_add_test(tcase, test_refused_resynchronisation_moves_nothing);
    tcase_add_test(tcase, test_resynchronisation_and_what_follows_are_in_order);
    tcase_add_test(tcase, test_repeated_resynchronisation_costs_few_transactions);
    tcase_add_test(tcase, test_locked_row_is_waited_for_once);
    tcase_add_loop_test(tcase, test_locked_counters_cost_only_whom_they_count, 0, 2);
    tcase_add_loop_test(tcase, test_missing_counters_are_an_error_of_ours, 0, 2);
    tcase_add_test(tcase, test_resynchronisation_from_nothing_is_one);
    tcase_add_loop_test(tcase, test_grant_that_ended_meanwhile_gets_nothing, 0, 2);
    tcase_add_test(tcase, test_own_core_has_no_rate);
    tcase_add_test(tcase, test_every_vector_for_a_partner_is_in_the_trail);
    tcase_add_test(tcase, test_what_is_refused_leaves_no_row);
    tcase_add_test(tcase, test_changed_trail_is_found);
    suite_add_tcase(made, tcase);
    return made;
}

int main(void)
{
    return fixture_main(false, (Suite * (*const[])(void)){suite}, 1);
}
