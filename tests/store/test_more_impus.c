/* SPDX-License-Identifier: Apache-2.0 */
/* A MIR that names more IMPUs than the one before: each gets one that the other side knows, once,
 * and it is given back in the end. CR 10.1.X.1 steps 5, 6, 10 and 11. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "asks.h"
#include "site.h"
#include "store/identity_pool.h"
#include "store/system.h"
#include "suites.h"

static void setup(void)
{
    site_open();
    site_add_people();
    site.conf.database_lock_timeout_ms = 20000;
    site.conf.database_statement_timeout_ms = 30000;
    site.conf.hss_pool_quarantine_s = 100;
    site_open_daemon();
    fixture_sql(site.sql, "INSERT INTO public_identity (impu, kind, set_id)"
                          " VALUES ('tel:+49891', 'own', 1)");
    fixture_sql(site.sql, "INSERT INTO impi_impu VALUES ('alice@primary.example', 'tel:+49891')");
}

/* For alice outwards, masked; for carol inwards. */
static struct mcx_binding_ask ask_for(bool is_inbound, bool has_more)
{
    struct mcx_binding_ask ask =
        is_inbound ? migration_in(NULL, "carol") : migration_out(NULL, "alice", true);

    if (has_more)
        migration_add_impu(&ask, is_inbound ? "sip:more@partner.example" : "tel:+49891");
    return ask;
}

/* ---- two at once ---- */

struct asker {
    pthread_t thread;
    struct mcx_session *session;
    struct mcx_binding_ask ask;
    enum mcx_err err;
    struct mcx_binding_outcome out;
};

static void *ask_once(void *arg)
{
    struct asker *asker = arg;

    asker->err = mcx_store_binding_make(asker->session, &asker->ask, &asker->out);
    return NULL;
}

static void two_at_once(bool is_inbound)
{
    struct mcx_binding_ask first = ask_for(is_inbound, false);
    struct asker asker[2];

    ck_assert_int_eq(migration_make(site.daemon, &first).verdict, MCX_BINDING_NEW);
    fixture_sql(site.sql, "BEGIN");
    fixture_sql(site.sql, "SELECT FROM %s FOR UPDATE", is_inbound ? "binding" : "grant_");
    for (int i = 0; i < 2; i++) {
        asker[i] =
            (struct asker){.session = fixture_daemon(&site.conf), .ask = ask_for(is_inbound, true)};
        ck_assert_int_eq(pthread_create(&asker[i].thread, NULL, ask_once, &asker[i]), 0);
    }
    site_await_waiters(2);
    fixture_sql(site.sql, "COMMIT");
    for (int i = 0; i < 2; i++) {
        pthread_join(asker[i].thread, NULL);
        ck_ok(asker[i].err);
        ck_assert_int_eq(asker[i].out.verdict, MCX_BINDING_REPEAT);
        mcx_session_close(&asker[i].session);
    }
    ck_assert_str_eq(asker[0].out.given.impu[1].octets, asker[1].out.given.impu[1].octets);
}

START_TEST(test_two_at_once_get_the_same_from_the_primary)
{
    two_at_once(false);
}
END_TEST

START_TEST(test_two_at_once_get_the_same_at_the_partner)
{
    two_at_once(true);
}
END_TEST

#define WAITS_SINCE                                                                                \
    "(SELECT coalesce(max(extract(epoch FROM waitstart) * 1000000), 0)::bigint FROM pg_locks"      \
    " WHERE NOT granted)"

/* It comes back for a row that somebody held longer than database.lock_timeout_ms. */
START_TEST(test_held_row_is_asked_for_again)
{
    bool is_inbound = _i;
    struct mcx_binding_ask first = ask_for(is_inbound, false);
    struct asker asker = {.ask = ask_for(is_inbound, true)};
    long long since = 0;

    ck_assert_int_eq(migration_make(site.daemon, &first).verdict, MCX_BINDING_NEW);
    site.conf.database_lock_timeout_ms = 300;
    asker.session = fixture_daemon(&site.conf);
    fixture_sql(site.sql, "BEGIN");
    fixture_sql(site.sql, "SELECT FROM %s FOR UPDATE", is_inbound ? "binding" : "grant_");
    ck_assert_int_eq(pthread_create(&asker.thread, NULL, ask_once, &asker), 0);
    site_await_waiters(1);
    while (since == 0)
        since = fixture_number(site.sql, "SELECT " WAITS_SINCE);
    while (fixture_number(site.sql, "SELECT " WAITS_SINCE " FROM pg_sleep(0.01)") == since)
        continue;
    fixture_sql(site.sql, "COMMIT");
    pthread_join(asker.thread, NULL);
    ck_ok(asker.err);
    ck_assert_int_eq(asker.out.verdict, MCX_BINDING_REPEAT);
    mcx_session_close(&asker.session);
}
END_TEST

/* ---- from a pool that was not there before ---- */

static void use_pool(const char *domain, const char *purpose)
{
    struct mcx_pool_load counts = {0};
    char text[64];
    FILE *from;

    snprintf(text, sizeof text, "sip:p@%s\n", domain);
    from = fmemopen(text, strlen(text), "r");
    ck_assert_ptr_nonnull(from);
    ck_ok(mcx_store_domain_add(site.admin, domain, purpose, true, "pool", &site.problem));
    ck_ok(mcx_store_pool_load(site.admin, from, &counts, &site.problem));
    fclose(from);
}

/* Made at random, one more from the pool: it rests when the end has been swept. */
static void more_from_a_pool(bool is_inbound)
{
    struct mcx_binding_ask first = ask_for(is_inbound, false), more = ask_for(is_inbound, true);
    struct mcx_binding_outcome made = migration_make(site.daemon, &first);
    const char *primary = is_inbound ? "partner" : "primary";
    size_t ended;

    use_pool(is_inbound ? "migration.primary.example" : "masked.primary.example",
             is_inbound ? "inbound" : "outbound");
    ck_assert_int_eq(migration_make(site.daemon, &more).verdict, MCX_BINDING_REPEAT);
    ck_assert_int_eq(fixture_number(site.sql, "SELECT count(*) FROM pool_identity"
                                              " WHERE free_at = 'infinity'"),
                     1);
    ck_ok(mcx_store_binding_release(site.daemon, made.binding_id, primary, NULL, MCX_REVOKED, "x",
                                    "x"));
    ck_ok(mcx_store_sweep(site.daemon, site.conf.hss_pool_quarantine_s, &ended));
    ck_assert_int_eq(fixture_number(site.sql, "SELECT count(*) FROM pool_identity"
                                              " WHERE free_at = 'infinity'"),
                     0);
}

START_TEST(test_mask_from_a_later_pool_is_given_back)
{
    more_from_a_pool(false);
}
END_TEST

START_TEST(test_inbound_identity_from_a_later_pool_is_given_back)
{
    more_from_a_pool(true);
}
END_TEST

Suite *more_impus_suite(void)
{
    Suite *made = suite_create("more_impus");
    TCase *tcase = tcase_create("more_impus");

    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, setup, site_teardown);
    tcase_add_test(tcase, test_two_at_once_get_the_same_from_the_primary);
    tcase_add_test(tcase, test_two_at_once_get_the_same_at_the_partner);
    tcase_add_loop_test(tcase, test_held_row_is_asked_for_again, 0, 2);
    tcase_add_test(tcase, test_mask_from_a_later_pool_is_given_back);
    tcase_add_test(tcase, test_inbound_identity_from_a_later_pool_is_given_back);
    suite_add_tcase(made, tcase);
    return made;
}
