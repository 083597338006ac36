/* SPDX-License-Identifier: Apache-2.0 */
/* SEQ is never issued twice and never out of order, whoever asks, however many at once, whatever
 * breaks. Design 5. */
#include <stdlib.h>

#include "aka/aka.h"
#include "base/metrics.h"
#include "site.h"
#include "suites.h"

static void setup(void)
{
    site_open();
    site.conf.database_lock_timeout_ms = 200;
    site_add_people();
    site_open_daemon();
}

static long long stored(long long subscriber_id)
{
    return fixture_number(site.sql, "SELECT seq FROM sqn WHERE subscriber_id = %lld",
                          subscriber_id);
}

START_TEST(test_advance_is_stored)
{
    struct mcx_sqn_want want = {.subscriber_id = site.alice, .items = 3};

    ck_ok(mcx_store_sqn_advance(site.daemon, &want, 1));
    ck_ok(want.err);
    ck_assert_int_eq(want.first_seq, 1);
    ck_assert_int_eq(stored(site.alice), 3);
    ck_ok(mcx_store_sqn_advance(site.daemon, &want, 1));
    ck_assert_int_eq(want.first_seq, 4);
}
END_TEST

START_TEST(test_repeated_subscriber_gets_values_in_order)
{
    struct mcx_sqn_want want[4] = {{.subscriber_id = site.bob, .items = 1},
                                   {.subscriber_id = site.alice, .items = 2},
                                   {.subscriber_id = site.bob, .items = 1},
                                   {.subscriber_id = site.alice, .items = 1}};

    ck_ok(mcx_store_sqn_advance(site.daemon, want, 4));
    ck_assert_int_eq(want[0].first_seq, 1);
    ck_assert_int_eq(want[2].first_seq, 2);
    ck_assert_int_eq(want[1].first_seq, 1);
    ck_assert_int_eq(want[3].first_seq, 3);
    ck_assert_int_eq(stored(site.alice), 3);
    ck_assert_int_eq(stored(site.bob), 2);
}
END_TEST

START_TEST(test_resynchronisation_raises_and_never_lowers)
{
    struct mcx_sqn_want want = {.subscriber_id = site.alice, .items = 1, .seq_ms = 1000};

    ck_ok(mcx_store_sqn_advance(site.daemon, &want, 1));
    ck_assert_int_eq(want.first_seq, 1001);
    want.seq_ms = 5;
    ck_ok(mcx_store_sqn_advance(site.daemon, &want, 1));
    ck_assert_int_eq(want.first_seq, 1002);
}
END_TEST

START_TEST(test_unknown_and_exhausted_are_told_apart)
{
    struct mcx_sqn_want want[3] = {{.subscriber_id = 999999, .items = 1},
                                   {.subscriber_id = site.alice, .items = 2},
                                   {.subscriber_id = site.bob, .items = 2}};

    fixture_sql(site.sql, "UPDATE sqn SET seq = %lld WHERE subscriber_id = %lld",
                (long long)MCX_SEQ_MAX - 1, site.alice);
    fixture_sql(site.sql, "UPDATE sqn SET seq = %lld WHERE subscriber_id = %lld",
                (long long)MCX_SEQ_MAX - 2, site.bob);
    ck_ok(mcx_store_sqn_advance(site.daemon, want, 3));
    ck_assert_int_eq(want[0].err, MCX_NOT_FOUND);
    ck_assert_int_eq(want[1].err, MCX_LIMIT);
    ck_ok(want[2].err);
    ck_assert_int_eq(want[2].first_seq, MCX_SEQ_MAX - 1);
    ck_assert_int_eq(stored(site.alice), MCX_SEQ_MAX - 1);
    ck_assert_int_eq(stored(site.bob), MCX_SEQ_MAX);
}
END_TEST

/* ---- what breaks ---- */

/* The first `times` writes of this row are refused with that SQLSTATE. nextval is not undone with
 * them. */
static void poison(long long subscriber_id, const char *sqlstate, int times)
{
    fixture_sql(
        site.sql,
        "CREATE SEQUENCE poison_tries;"
        "CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$BEGIN"
        " IF nextval('public.poison_tries') <= %d THEN"
        "  RAISE EXCEPTION 'poisoned' USING ERRCODE = '%s';"
        " END IF; RETURN NEW; END$$;"
        "CREATE TRIGGER poison BEFORE UPDATE ON sqn FOR EACH ROW WHEN (OLD.subscriber_id = %lld)"
        " EXECUTE FUNCTION poison()",
        times, sqlstate, subscriber_id);
}

/* How often that row was written, or refused. */
static long long tries(void)
{
    return fixture_number(site.sql, "SELECT last_value FROM poison_tries");
}

enum { ALWAYS = 1000000 };

START_TEST(test_poisoned_row_costs_one_user)
{
    struct mcx_provision grant_a = fixture_grant(site.admin, "partner", "alice", false);
    struct mcx_mar_ask ask = fixture_partner_ask("partner", grant_a.given_impi.octets, "");
    struct mcx_mar_facts facts = fixture_facts(site.daemon, &ask);
    struct mcx_sqn_want want[3] = {{.subscriber_id = site.alice, .items = 1},
                                   {.subscriber_id = site.bob, .items = 1},
                                   {.subscriber_id = site.alice,
                                    .items = 1,
                                    .grant_id = facts.grant_id,
                                    .partner_id = facts.partner_id}};

    poison(site.bob, "P0001", ALWAYS);
    ck_ok(mcx_store_sqn_advance(site.daemon, want, 3));
    ck_ok(want[0].err);
    ck_assert_int_eq(want[1].err, MCX_DB_ERROR);
    ck_ok(want[2].err);
    ck_assert_int_eq(want[2].first_seq, 2);
    ck_assert_int_eq(stored(site.bob), 0);
    ck_assert_int_eq(mcx_metric_get(MCX_M_DB_RETRIES), 0); /* it would be refused again */
    ck_assert_int_eq(tries(), 2);                          /* in the batch and alone */
}
END_TEST

/* Deadlocks and serialization failures, design 6, "Batches". */
static const char *const passing[] = {"40P01", "40001"};

enum { PASSING = sizeof passing / sizeof *passing };

/* The whole batch is run again, and nobody is given a value of what was undone. */
START_TEST(test_passing_refusal_costs_nobody)
{
    struct mcx_sqn_want want[2] = {{.subscriber_id = site.alice, .items = 2},
                                   {.subscriber_id = site.bob, .items = 1}};

    poison(site.bob, passing[_i], 1);
    ck_ok(mcx_store_sqn_advance(site.daemon, want, 2));
    for (int i = 0; i < 2; i++) {
        ck_ok(want[i].err);
        ck_assert_int_eq(want[i].first_seq, 1);
    }
    ck_assert_int_eq(stored(site.alice), 2);
    ck_assert_int_eq(stored(site.bob), 1);
    ck_assert_int_eq(mcx_metric_get(MCX_M_DB_RETRIES), 1);
    ck_assert_int_eq(mcx_metric_get(MCX_M_DB_BATCHES), 1);
    ck_assert_int_eq(tries(), 2);
}
END_TEST

START_TEST(test_passing_refusal_costs_no_partner)
{
    struct mcx_provision grant = fixture_grant(site.admin, "partner", "bob", false);
    struct mcx_mar_ask ask = fixture_partner_ask("partner", grant.given_impi.octets, "");
    struct mcx_mar_facts facts = fixture_facts(site.daemon, &ask);
    struct mcx_sqn_want want = {.subscriber_id = site.bob,
                                .items = 1,
                                .grant_id = facts.grant_id,
                                .partner_id = facts.partner_id};

    poison(site.bob, passing[_i], 1);
    ck_ok(mcx_store_sqn_advance(site.daemon, &want, 1));
    ck_ok(want.err);
    ck_assert_int_eq(want.first_seq, 1);
    ck_assert_int_eq(stored(site.bob), 1);
    ck_assert_int_eq(mcx_metric_get(MCX_M_DB_RETRIES), 1);
    ck_assert_int_eq(fixture_number(site.sql, "SELECT vectors FROM grant_usage"), 1);
    ck_assert_int_eq(fixture_number(site.sql, "SELECT count(*) FROM audit WHERE kind = 'vectors'"),
                     1);
}
END_TEST

START_TEST(test_refusal_that_never_passes_costs_one_user)
{
    struct mcx_sqn_want want[2] = {{.subscriber_id = site.alice, .items = 1},
                                   {.subscriber_id = site.bob, .items = 1}};

    poison(site.bob, passing[_i], ALWAYS);
    ck_ok(mcx_store_sqn_advance(site.daemon, want, 2));
    ck_ok(want[0].err);
    ck_assert_int_eq(want[0].first_seq, 1);
    ck_assert_int_eq(stored(site.alice), 1);
    ck_assert_int_eq(want[1].err, MCX_DB_ERROR);
    ck_assert_int_eq(stored(site.bob), 0);
    ck_assert_int_gt(mcx_metric_get(MCX_M_DB_RETRIES), 0);
    ck_assert_int_eq(mcx_metric_get(MCX_M_DB_RETRIES), tries() - 2); /* in the batch and alone */
}
END_TEST

START_TEST(test_locked_row_costs_one_user)
{
    struct mcx_sqn_want want[2] = {{.subscriber_id = site.alice, .items = 1},
                                   {.subscriber_id = site.bob, .items = 1}};

    fixture_sql(site.sql, "BEGIN");
    fixture_sql(site.sql, "SELECT 1 FROM sqn WHERE subscriber_id = %lld FOR UPDATE", site.bob);
    ck_ok(mcx_store_sqn_advance(site.daemon, want, 2));
    ck_ok(want[0].err);
    ck_assert_int_eq(want[1].err, MCX_DB_ERROR);
    fixture_sql(site.sql, "ROLLBACK");
    ck_ok(mcx_store_sqn_advance(site.daemon, want, 2));
    ck_ok(want[1].err);
}
END_TEST

START_TEST(test_read_only_server_is_away)
{
    struct mcx_sqn_want want = {.subscriber_id = site.alice, .items = 1};

    fixture_sql(site.sql,
                "ALTER ROLE mcx_hss IN DATABASE %s SET default_transaction_read_only = on",
                site.database);
    mcx_session_close(&site.daemon);
    site.daemon = fixture_daemon(&site.conf);
    ck_assert_int_eq(mcx_store_sqn_advance(site.daemon, &want, 1), MCX_DB_AWAY);
    ck_assert(mcx_session_is_broken(site.daemon));
}
END_TEST

Suite *sqn_suite(void)
{
    Suite *made = suite_create("sqn");
    TCase *tcase = tcase_create("sqn");

    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, setup, site_teardown);
    tcase_add_test(tcase, test_advance_is_stored);
    tcase_add_test(tcase, test_repeated_subscriber_gets_values_in_order);
    tcase_add_test(tcase, test_resynchronisation_raises_and_never_lowers);
    tcase_add_test(tcase, test_unknown_and_exhausted_are_told_apart);
    tcase_add_test(tcase, test_poisoned_row_costs_one_user);
    tcase_add_loop_test(tcase, test_passing_refusal_costs_nobody, 0, PASSING);
    tcase_add_loop_test(tcase, test_passing_refusal_costs_no_partner, 0, PASSING);
    tcase_add_loop_test(tcase, test_refusal_that_never_passes_costs_one_user, 0, PASSING);
    tcase_add_test(tcase, test_locked_row_costs_one_user);
    tcase_add_test(tcase, test_read_only_server_is_away);
    suite_add_tcase(made, tcase);
    return made;
}

int main(void)
{
    return fixture_main(true, (Suite * (*const[])(void)){sqn_suite, crowd_suite}, 2);
}
