/* SPDX-License-Identifier: Apache-2.0 */
/* Identities from pools: taken at once or not at all, never twice, never inside the quarantine, and
 * a MAR finds whose they are now. Design 4. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "asks.h"
#include "site.h"
#include "store/identity_pool.h"
#include "store/system.h"
#include "suites.h"

#define ID_A "11111111-1111-4111-8111-111111111111"
#define ID_B "22222222-2222-4222-8222-222222222222"

static enum mcx_err load(const char *text, struct mcx_pool_load *load)
{
    FILE *from = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
    enum mcx_err err = mcx_store_pool_load(site.admin, from, load, &site.problem);

    fclose(from);
    return err;
}

static void load_ok(const char *text)
{
    struct mcx_pool_load counts = {0};

    ck_assert_msg(load(text, &counts) == MCX_OK, "%s", site.problem.text);
}

static void setup(void)
{
    site_open();
    site.conf.hss_pool_quarantine_s = 100;
    site_add_people();
    ck_ok(mcx_store_domain_add(site.admin, "migration.primary.example", "inbound", false, "pool",
                               &site.problem));
    ck_ok(mcx_store_domain_add(site.admin, "masked.primary.example", "outbound", false, "pool",
                               &site.problem));
    site_open_daemon();
}

static struct mcx_binding_outcome in(const char *id, const char *name)
{
    struct mcx_binding_ask ask = migration_in(id, name);

    return migration_make(site.daemon, &ask);
}

static struct mcx_binding_outcome out(const char *id, const char *name)
{
    struct mcx_binding_ask ask = migration_out(id, name, true);

    return migration_make(site.daemon, &ask);
}

static void sweep(void)
{
    size_t ended;

    ck_ok(mcx_store_sweep(site.daemon, site.conf.hss_pool_quarantine_s, &ended));
}

static long long taken(void)
{
    return fixture_number(site.sql,
                          "SELECT count(*) FROM pool_identity WHERE free_at = 'infinity'");
}

static const char one_pair[] = "# a pair\nv1@migration.primary.example\n\n"
                               "sip:v1@migration.primary.example\r\n";

START_TEST(test_binding_takes_from_the_pool)
{
    struct mcx_binding_outcome made;

    load_ok(one_pair);
    made = in(ID_A, "carol");
    ck_assert_int_eq(made.verdict, MCX_BINDING_NEW);
    ck_assert_str_eq(made.given.impi.octets, "v1@migration.primary.example");
    ck_assert_str_eq(made.given.impu[0].octets, "sip:v1@migration.primary.example");
    ck_assert_int_eq(in(ID_A, "carol").verdict, MCX_BINDING_REPEAT);
    ck_assert_int_eq(in(ID_B, "dave").verdict, MCX_BINDING_EXHAUSTED);
    ck_assert_int_eq(fixture_number(site.sql, "SELECT count(*) FROM binding"), 1);
}
END_TEST

START_TEST(test_refused_takes_nothing)
{
    struct mcx_binding_ask ask = migration_in(ID_A, "carol");

    load_ok("v1@migration.primary.example\nsip:v1@migration.primary.example\n");
    migration_add_impu(&ask, "sip:second@partner.example");
    ck_assert_int_eq(migration_make(site.daemon, &ask).verdict, MCX_BINDING_EXHAUSTED);
    ck_assert_int_eq(taken(), 0);
    ck_assert_int_eq(in(ID_A, "carol").verdict, MCX_BINDING_NEW);
    ck_assert_int_eq(migration_make(site.daemon, &ask).verdict,
                     MCX_BINDING_EXHAUSTED); /* one more */
    ck_assert_int_eq(taken(), 2);
    load_ok("sip:v2@migration.primary.example\n");
    ck_assert_int_eq(migration_make(site.daemon, &ask).verdict, MCX_BINDING_REPEAT);
    ck_assert_int_eq(taken(), 3);
}
END_TEST

START_TEST(test_never_inside_the_quarantine_then_again)
{
    struct mcx_binding_outcome first, second;
    struct mcx_mar_ask mar =
        fixture_own_ask("v1@migration.primary.example", "sip:v1@migration.primary.example");

    load_ok(one_pair);
    first = in(ID_A, "carol");
    ck_ok(mcx_store_binding_release(site.daemon, ID_A, "partner", NULL, MCX_ENDED_BY_USER, "cms",
                                    "test"));
    ck_assert_int_eq(in(ID_B, "dave").verdict, MCX_BINDING_EXHAUSTED);
    sweep();
    ck_assert_int_eq(taken(), 0);
    ck_assert_int_eq(in(ID_B, "dave").verdict, MCX_BINDING_EXHAUSTED);
    ck_assert(!fixture_facts(site.daemon, &mar).binding_live);
    /* From the end of the binding, not of the sweep. */
    ck_assert_int_eq(fixture_number(site.sql, "SELECT count(*) FROM pool_identity, binding WHERE"
                                              " free_at = ended_at + interval '100 s'"),
                     2);
    fixture_sql(site.sql, "UPDATE pool_identity SET free_at = now()");
    second = in(ID_B, "dave");
    ck_assert_int_eq(second.verdict, MCX_BINDING_NEW);
    ck_assert_str_eq(second.given.impi.octets, first.given.impi.octets);
    ck_assert(fixture_facts(site.daemon, &mar).binding_live);
    ck_assert(fixture_facts(site.daemon, &mar).belongs);
    ck_assert_str_eq(fixture_facts(site.daemon, &mar).primary_impi.octets, "Dave@Partner.Example");
    ck_assert_int_eq(fixture_number(site.sql,
                                    "SELECT count(*) FROM public_identity p JOIN binding b"
                                    " ON b.set_id = p.set_id WHERE b.state = 'active'"),
                     1);
    /* The old one's sweep is over: it frees nothing of the new one. */
    sweep();
    ck_assert_int_eq(taken(), 2);
}
END_TEST

/* Nobody swept: who finds the pool empty looks itself. */
START_TEST(test_exhausted_looks_for_what_has_ended)
{
    site.conf.hss_pool_quarantine_s = 0;
    load_ok(one_pair);
    (void)in(ID_A, "carol");
    fixture_sql(site.sql, "UPDATE binding SET state = 'ended', ended_at = now(), ended_by = 'x',"
                          " cause = 'revoked', reason = 'x'");
    ck_assert_int_eq(in(ID_B, "dave").verdict, MCX_BINDING_NEW);
}
END_TEST

START_TEST(test_masks_from_a_pool)
{
    struct mcx_binding_outcome made;
    struct mcx_mar_ask mar;

    load_ok("m1@masked.primary.example\nsip:m1@masked.primary.example\n");
    made = out(ID_A, "alice");
    ck_assert_str_eq(made.given.impi.octets, "m1@masked.primary.example");
    ck_assert_int_eq(out(ID_B, "bob").verdict, MCX_BINDING_EXHAUSTED);
    ck_ok(
        mcx_store_binding_release(site.daemon, ID_A, "primary", NULL, MCX_REVOKED, "cms", "test"));
    sweep();
    fixture_sql(site.sql, "UPDATE pool_identity SET free_at = now()");
    made = out(ID_B, "bob");
    ck_assert_str_eq(made.given.impi.octets, "m1@masked.primary.example");
    mar = fixture_partner_ask("partner", made.given.impi.octets, made.given.impu[0].octets);
    ck_assert(fixture_facts(site.daemon, &mar).grant_live);
    ck_assert_str_eq(fixture_facts(site.daemon, &mar).credential_impi.octets,
                     "bob@primary.example");
}
END_TEST

START_TEST(test_files_that_are_refused)
{
    static const struct {
        const char *text, *says;
    } rows[] = {
        {"v1@migration.primary.example\nnonsense\n", "line 2: nonsense"},
        {"v1@elsewhere.example\n", "elsewhere.example is no inbound or outbound domain"},
        {"v1@primary.example\n", "primary.example is no inbound or outbound domain"},
        {"tel:+4930123\n", "line 1: tel:+4930123: of which domain"},
    };
    struct mcx_pool_load counts = {0};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ck_assert_int_ne(load(rows[i].text, &counts), MCX_OK);
        ck_assert_msg(strstr(site.problem.text, rows[i].says) != NULL, "%s", site.problem.text);
    }
    ck_assert_int_eq(fixture_number(site.sql, "SELECT count(*) FROM pool_identity"), 0);
    counts.domain = "migration.primary.example";
    ck_ok(load("tel:+49-30-123\ntel:+4930123\n", &counts));
    ck_assert_uint_eq(counts.added, 1);
    ck_ok(load("tel:+4930123\n", &counts));
    ck_assert_uint_eq(counts.were_there, 1);
}
END_TEST

enum { THREADS = 8, EACH = 20 };

struct taker {
    pthread_t thread;
    int which, made;
};

static void *take(void *arg)
{
    struct taker *taker = arg;
    struct mcx_session *own = fixture_daemon(&site.conf);

    for (int i = 0; i < EACH; i++) {
        char name[32];
        struct mcx_binding_ask ask;

        snprintf(name, sizeof name, "u%dx%d", taker->which, i);
        ask = migration_in(NULL, name);
        taker->made += migration_make(own, &ask).verdict == MCX_BINDING_NEW;
    }
    mcx_session_close(&own);
    return NULL;
}

START_TEST(test_nobody_gets_what_another_has)
{
    static struct taker takers[THREADS];
    char text[THREADS * EACH * 80], *at = text;
    int made = 0;

    for (int i = 0; i < THREADS * EACH / 2; i++)
        at +=
            sprintf(at, "v%d@migration.primary.example\nsip:v%d@migration.primary.example\n", i, i);
    load_ok(text);
    for (int i = 0; i < THREADS; i++) {
        takers[i].which = i;
        pthread_create(&takers[i].thread, NULL, take, &takers[i]);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(takers[i].thread, NULL);
        made += takers[i].made;
    }
    ck_assert_int_eq(made, THREADS * EACH / 2);
    ck_assert_int_eq(fixture_number(site.sql, "SELECT count(DISTINCT inbound_impi) FROM binding"),
                     made);
    ck_assert_int_eq(
        fixture_number(site.sql, "SELECT count(DISTINCT inbound_impu) FROM binding_impu"), made);
    ck_assert_int_eq(taken(), 2LL * made);
}
END_TEST

Suite *pool_of_ids_suite(void)
{
    Suite *made = suite_create("identity_pool");
    TCase *tcase = tcase_create("identity_pool");

    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, setup, site_teardown);
    tcase_add_test(tcase, test_binding_takes_from_the_pool);
    tcase_add_test(tcase, test_refused_takes_nothing);
    tcase_add_test(tcase, test_never_inside_the_quarantine_then_again);
    tcase_add_test(tcase, test_exhausted_looks_for_what_has_ended);
    tcase_add_test(tcase, test_masks_from_a_pool);
    tcase_add_test(tcase, test_files_that_are_refused);
    tcase_add_test(tcase, test_nobody_gets_what_another_has);
    suite_add_tcase(made, tcase);
    return made;
}
