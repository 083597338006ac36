/* SPDX-License-Identifier: Apache-2.0 */
/* A MIR under way and somebody who ends what it builds on: whoever comes second sees the first.
 * Nothing live is left either way. Design 4, "Ending". */
#include <pthread.h>
#include <time.h>

#include "asks.h"
#include "base/clock.h"
#include "policy_rows.h"
#include "store/choice.h"
#include "store/migration.h"
#include "store/partner.h"
#include "suites.h"

#define ID_A "11111111-1111-4111-8111-111111111111"

static PGconn *watcher;
static int64_t out_agreement, in_agreement;

static void setup(void)
{
    watcher = fixture_connect(site.database);
    site.conf.database_lock_timeout_ms = 20000;
    site.conf.database_statement_timeout_ms = 30000;
    out_agreement = policy_agree((struct mcx_new_agreement){.partner = "partner"});
    in_agreement =
        policy_agree((struct mcx_new_agreement){.partner = "partner", .is_inbound = true});
}

static void teardown(void)
{
    PQfinish(watcher);
}

/* Until somebody waits for a lock that another session holds. */
static void wait_for_waiter(void)
{
    static const struct timespec pause = {.tv_nsec = 2000000};
    int64_t until_ms = mcx_clock_mono_ms() + 10000;

    while (fixture_number(watcher, "SELECT count(*) FROM pg_locks WHERE NOT granted") == 0) {
        ck_assert_int_lt(mcx_clock_mono_ms(), until_ms);
        (void)nanosleep(&pause, NULL);
    }
}

static struct mcx_binding_ask ask_out(void)
{
    struct mcx_binding_ask ask = migration_out(ID_A, "alice", true);

    ask.mc_user_id = POLICY_ALICE;
    return ask;
}

static struct mcx_binding_ask ask_in(void)
{
    struct mcx_binding_ask ask = migration_in(ID_A, "carol");

    ask.must_agree = true;
    return ask;
}

/* ---- the MIR comes first ---- */

static void remove_partner(void)
{
    struct mcx_str partner;

    partner = fixture_str("partner");
    ck_ok(mcx_store_partner_remove(site.admin, &partner, "test", &site.problem));
}

static void end_agreements(void)
{
    size_t ended = 0;

    ck_ok(mcx_store_agreement_end(site.admin, in_agreement, "test", &ended, &site.problem));
    ck_assert_uint_eq(ended, 1);
    ck_ok(mcx_store_agreement_end(site.admin, out_agreement, "test", &ended, &site.problem));
    ck_assert_uint_eq(ended, 1);
}

static void delete_user(void)
{
    size_t ended = 0;

    ck_ok(mcx_store_user_delete(site.admin, POLICY_ALICE, "test", &ended, &site.problem));
    ck_assert_uint_eq(ended, 1);
}

static void *end(void *arg)
{
    (*(void (**)(void))arg)();
    return NULL;
}

/* Both MIRs are made and not committed when the end begins. */
static void end_during_mirs(void (*what)(void), int left)
{
    struct mcx_session *slow = fixture_daemon(&site.conf);
    struct mcx_binding_ask out = ask_out(), in = ask_in();
    pthread_t thread;

    ck_ok(mcx_session_script(slow, "BEGIN"));
    ck_assert_int_eq(migration_make(slow, &out).verdict, MCX_BINDING_NEW);
    ck_assert_int_eq(migration_make(slow, &in).verdict, MCX_BINDING_NEW);
    pthread_create(&thread, NULL, end, (void *)&what);
    wait_for_waiter();
    ck_ok(mcx_session_script(slow, "COMMIT"));
    pthread_join(thread, NULL);
    ck_assert_int_eq(fixture_number(site.sql, "SELECT count(*) FROM grant_ WHERE state = 'active'"),
                     0);
    ck_assert_int_eq(
        fixture_number(site.sql, "SELECT count(*) FROM binding WHERE state = 'active'"), left);
    mcx_session_close(&slow);
}

START_TEST(test_removal_of_the_partner_waits_for_a_mir)
{
    end_during_mirs(remove_partner, 0);
}
END_TEST

START_TEST(test_end_of_the_agreement_waits_for_a_mir)
{
    end_during_mirs(end_agreements, 0);
}
END_TEST

START_TEST(test_end_of_the_user_waits_for_a_mir)
{
    end_during_mirs(delete_user, 1); /* the partner's user is none of ours */
}
END_TEST

/* ---- the end comes first ---- */

struct mir {
    struct mcx_binding_ask ask;
    struct mcx_session *session;
    struct mcx_binding_outcome out;
};

static void *make(void *arg)
{
    struct mir *mir = arg;

    mir->out = migration_make(mir->session, &mir->ask);
    return NULL;
}

/* hold: the rows that the end holds before its change. */
static void mir_during_end(struct mcx_binding_ask ask, enum mcx_binding_verdict verdict,
                           const char *hold, const char *change)
{
    struct mir mir = {.ask = ask, .session = fixture_daemon(&site.conf)};
    pthread_t thread;

    fixture_sql(site.sql, "BEGIN");
    fixture_number(site.sql, "%s", hold);
    fixture_sql(site.sql, "%s", change);
    pthread_create(&thread, NULL, make, &mir);
    wait_for_waiter();
    fixture_sql(site.sql, "COMMIT");
    pthread_join(thread, NULL);
    ck_assert_int_eq(mir.out.verdict, verdict);
    ck_assert_int_eq(fixture_number(site.sql, "SELECT (SELECT count(*) FROM grant_) +"
                                              " (SELECT count(*) FROM binding)"),
                     0);
    mcx_session_close(&mir.session);
}

#define HOLD_PARTNER "SELECT id FROM partner WHERE system_id = 'partner' FOR UPDATE"
#define HOLD_ALICE   "SELECT ref FROM identity WHERE impi = 'alice@primary.example' FOR UPDATE"
#define END_AGREEMENTS                                                                             \
    "UPDATE agreement SET ended_at = now(), ended_by = 'test', reason = 'test', expires_at = "     \
    "now()"

START_TEST(test_a_mir_sees_the_bar_that_it_has_waited_for)
{
    mir_during_end(ask_out(), MCX_BINDING_BARRED, HOLD_ALICE,
                   "UPDATE credential SET is_barred = true WHERE impi = 'alice@primary.example'");
}
END_TEST

/* What our configuration management server has asked for. */
static struct mcx_binding_ask wanted(struct mcx_migration *migration)
{
    struct mcx_migration_ask ask = {.mc_user_id = fixture_str(POLICY_ALICE),
                                    .partner = fixture_str("partner")};
    struct mcx_migration_choice choice;
    struct mcx_binding_ask mir = ask_out();

    ck_ok(mcx_store_migration_choose(site.daemon, &ask, &choice));
    ck_ok(mcx_store_migration_begin(site.daemon, &choice, 15, migration));
    mir.binding_id = migration->binding_id;
    mir.mask = false;
    return mir;
}

START_TEST(test_a_mir_sees_the_end_of_the_agreement_that_it_has_waited_for)
{
    struct mcx_migration migration;

    mir_during_end(ask_in(), MCX_BINDING_NO_AGREEMENT, HOLD_PARTNER, END_AGREEMENTS);
    fixture_sql(site.sql, "UPDATE agreement SET ended_at = NULL, ended_by = NULL, reason = NULL,"
                          " expires_at = 'infinity'");
    mir_during_end(wanted(&migration), MCX_BINDING_NO_AGREEMENT, HOLD_PARTNER, END_AGREEMENTS);
}
END_TEST

/* What is begun while its agreement ends waits for that end, and is then judged without it: also a
 * repeat, whose row the end does not touch, since another agreement had admitted it. */
struct begin {
    struct mcx_migration_choice choice;
    struct mcx_session *session;
    struct mcx_migration migration;
};

static void *begin_it(void *arg)
{
    struct begin *begin = arg;

    ck_ok(mcx_store_migration_begin(begin->session, &begin->choice, 15, &begin->migration));
    return NULL;
}

START_TEST(test_a_migration_is_judged_without_what_ended_meanwhile)
{
    static struct begin begin;
    const struct mcx_migration_ask ask = {.mc_user_id = fixture_str(POLICY_ALICE),
                                          .partner = fixture_str("partner")};
    pthread_t thread;
    bool is_allowed = true;

    begin.session = fixture_daemon(&site.conf);
    ck_ok(mcx_store_migration_choose(site.daemon, &ask, &begin.choice));
    if (_i == 1)
        begin_it(&begin);
    fixture_sql(site.sql, "BEGIN");
    fixture_number(site.sql, HOLD_PARTNER);
    fixture_sql(site.sql, END_AGREEMENTS);
    pthread_create(&thread, NULL, begin_it, &begin);
    wait_for_waiter();
    fixture_sql(site.sql, "COMMIT");
    pthread_join(thread, NULL);
    ck_ok(mcx_store_migration_allowed(begin.session, &begin.migration, &begin.choice, &is_allowed));
    ck_assert(!is_allowed);
    mcx_session_close(&begin.session);
}
END_TEST

/* A PAA that waits for the end of what shortens it knows the new time. */
struct given {
    struct mcx_migration migration;
    struct mcx_session *session;
    int64_t expires_s;
};

static void *give(void *arg)
{
    struct given *given = arg;
    struct mcx_identities inbound = {.impu_count = 1};

    inbound.impi = fixture_str("in@migration.partner.example");
    inbound.impu[0] = fixture_str("sip:in@migration.partner.example");
    given->migration.asked = given->migration.own;
    ck_ok(mcx_store_migration_given(given->session, &given->migration, &inbound, mcx_span(NULL, 0),
                                    &given->expires_s));
    return NULL;
}

START_TEST(test_an_answer_knows_the_time_that_it_has_waited_for)
{
    static struct given given;
    pthread_t thread;

    given.session = fixture_daemon(&site.conf);
    given.expires_s = MCX_NEVER;
    (void)wanted(&given.migration);
    fixture_sql(site.sql, "BEGIN");
    fixture_sql(site.sql, "UPDATE agreement SET expires_at = '2089-01-01T00:00:00Z'");
    fixture_sql(site.sql, "UPDATE migration SET expires_at = '2089-01-01T00:00:00Z'");
    pthread_create(&thread, NULL, give, &given);
    wait_for_waiter();
    fixture_sql(site.sql, "COMMIT");
    pthread_join(thread, NULL);
    ck_assert_int_eq(given.expires_s, 3755376000);
    mcx_session_close(&given.session);
}
END_TEST

START_TEST(test_a_mir_sees_the_end_of_the_migration_that_it_has_waited_for)
{
    struct mcx_migration migration;

    mir_during_end(wanted(&migration), MCX_BINDING_USED_ID, HOLD_ALICE,
                   "UPDATE migration SET state = 'ended', ended_at = now(), ended_by = 'test',"
                   " cause = 'revoked', reason = 'test'");
}
END_TEST

/* ---- two MIRs ---- */

static enum mcx_binding_verdict second_of(const char *name)
{
    struct mcx_session *slow = fixture_daemon(&site.conf);
    struct mir second = {.ask = ask_in(), .session = fixture_daemon(&site.conf)};
    struct mcx_binding_ask first = migration_in(NULL, name);
    pthread_t thread;

    first.must_agree = true;
    ck_ok(mcx_session_script(slow, "BEGIN"));
    ck_assert_int_eq(migration_make(slow, &first).verdict, MCX_BINDING_NEW);
    pthread_create(&thread, NULL, make, &second);
    wait_for_waiter();
    ck_ok(mcx_session_script(slow, "COMMIT"));
    pthread_join(thread, NULL);
    mcx_session_close(&second.session);
    mcx_session_close(&slow);
    return second.out.verdict;
}

START_TEST(test_a_cap_is_not_passed_by_two_at_once)
{
    fixture_sql(site.sql, "UPDATE agreement SET max_bindings = 1 WHERE direction = 'inbound'");
    ck_assert_int_eq(second_of("dave"), MCX_BINDING_EXHAUSTED);
    fixture_sql(site.sql, "UPDATE agreement SET max_bindings = 2 WHERE direction = 'inbound'");
    ck_assert_int_eq(second_of("carol"), MCX_BINDING_REPEAT); /* of dave and her: not over it */
    ck_assert_int_eq(fixture_number(site.sql, "SELECT count(*) FROM binding"), 2);
}
END_TEST

Suite *migration_races_suite(void)
{
    Suite *made = suite_create("migration_races");
    TCase *tcase = policy_case("migration_races");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, test_removal_of_the_partner_waits_for_a_mir);
    tcase_add_test(tcase, test_end_of_the_agreement_waits_for_a_mir);
    tcase_add_test(tcase, test_end_of_the_user_waits_for_a_mir);
    tcase_add_test(tcase, test_a_mir_sees_the_bar_that_it_has_waited_for);
    tcase_add_test(tcase, test_a_mir_sees_the_end_of_the_agreement_that_it_has_waited_for);
    tcase_add_loop_test(tcase, test_a_migration_is_judged_without_what_ended_meanwhile, 0, 2);
    tcase_add_test(tcase, test_an_answer_knows_the_time_that_it_has_waited_for);
    tcase_add_test(tcase, test_a_mir_sees_the_end_of_the_migration_that_it_has_waited_for);
    tcase_add_test(tcase, test_a_cap_is_not_passed_by_two_at_once);
    suite_add_tcase(made, tcase);
    return made;
}
