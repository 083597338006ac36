/* SPDX-License-Identifier: Apache-2.0 */
/* The end of an agreement reaches what was made under it, however its user was admitted, and what
 * another agreement covers lives as long as that one lets it. Design 4, "Ending". */
#include "asks.h"
#include "policy_rows.h"
#include "store/choice.h"
#include "store/migration.h"
#include "suites.h"

#define LATE    "2090-01-01T00:00:00Z"
#define EARLY   "2089-01-01T00:00:00Z"
#define LATE_S  3786912000
#define EARLY_S 3755376000

static int64_t agree(struct mcx_new_agreement agreement)
{
    agreement.partner = "partner";
    return policy_agree(agreement);
}

static void expect_ended(int64_t agreement, size_t count)
{
    size_t ended = 0;

    ck_ok(mcx_store_agreement_end(site.admin, agreement, "over", &ended, &site.problem));
    ck_assert_uint_eq(ended, count);
}

static long long live(const char *table)
{
    return fixture_number(site.sql, "SELECT count(*) FROM %s WHERE state <> 'ended'", table);
}

static void alice_goes(void)
{
    struct mcx_binding_ask ask = migration_out(NULL, "alice", false);

    ask.mc_user_id = POLICY_ALICE;
    ck_assert_int_eq(migration_make(site.daemon, &ask).verdict, MCX_BINDING_NEW);
}

/* user: an MC user id; his private identity is of partner.example. */
static void carol_comes(const char *user)
{
    struct mcx_binding_ask ask = migration_in(NULL, "carol");

    ask.must_agree = true;
    ask.mc_user_id = user;
    ck_assert_int_eq(migration_make(site.daemon, &ask).verdict, MCX_BINDING_NEW);
}

/* Alice asks: it waits for its MIR. */
static struct mcx_migration alice_asks(void)
{
    struct mcx_migration_ask ask = {.partner = fixture_str("partner")};
    struct mcx_migration_choice choice;
    struct mcx_migration migration;

    ask.services.has[MCX_SERVICE_MCPTT] = true;
    ask.services.id[MCX_SERVICE_MCPTT] = fixture_str(POLICY_ALICE);
    ck_ok(mcx_store_migration_choose(site.daemon, &ask, &choice));
    ck_assert_int_eq(choice.verdict, MCX_MIGRATE);
    ck_ok(mcx_store_migration_begin(site.daemon, &choice, 15, &migration));
    return migration;
}

static struct mcx_migration alice_asks_with_grant(void)
{
    struct mcx_binding_ask mir = migration_out(NULL, "alice", false);
    struct mcx_migration migration = alice_asks();

    mir.mc_user_id = POLICY_ALICE;
    mir.binding_id = migration.binding_id;
    ck_assert_int_eq(migration_make(site.daemon, &mir).verdict, MCX_BINDING_NEW);
    return migration;
}

/* Step 12; what is kept. */
static int64_t given(struct mcx_migration *migration, int64_t expires_s)
{
    struct mcx_identities inbound = {.impu_count = 1};

    inbound.impi = fixture_str("in@migration.partner.example");
    inbound.impu[0] = fixture_str("sip:in@migration.partner.example");
    migration->asked = migration->own;
    ck_ok(
        mcx_store_migration_given(site.daemon, migration, &inbound, mcx_span(NULL, 0), &expires_s));
    return expires_s;
}

/* To its end, with its grant here. */
static void alice_migrates(int64_t expires_s)
{
    struct mcx_migration migration = alice_asks_with_grant();

    (void)given(&migration, expires_s);
}

/* The partner's answer to a grant that was carried by hand. */
static void alice_is_imported(void)
{
    struct mcx_span impu = mcx_span_of("sip:in@migration.partner.example");
    MCX_PARAMS params = {0};
    MCX_ROWS rows = {0};
    PGresult *id = PQexec(site.sql, "SELECT binding_uuid FROM grant_ WHERE state = 'active'");

    mcx_params_text(&params, PQgetvalue(id, 0, 0));
    mcx_params_text(&params, "partner");
    mcx_params_text(&params, "in@migration.partner.example");
    mcx_params_texts(&params, &impu, 1);
    mcx_params_text(&params, NULL);
    mcx_params_span(&params, mcx_span("x", 1));
    mcx_params_text(&params, "test");
    ck_ok(mcx_session_run(site.admin, MCX_STMT_MIGRATION_IMPORT, &params, &rows));
    ck_assert_uint_eq(mcx_rows_count(&rows), 1);
    PQclear(id);
}

/* ---- by which name the agreement knows its user ---- */

#define OF_PARTNER                                                                                 \
    {                                                                                              \
        .is_inbound = true, .user_domain = "partner.example"                                       \
    }

START_TEST(test_end_reaches_a_user_by_the_domain_of_his_private_identity)
{
    int64_t first = agree((struct mcx_new_agreement)OF_PARTNER), second;

    carol_comes("tel:+49891");
    second = agree((struct mcx_new_agreement)OF_PARTNER);
    expect_ended(first, 0);
    expect_ended(second, 1);
    ck_assert_int_eq(live("binding"), 0);
}
END_TEST

START_TEST(test_own_agreement_covers_a_user_by_the_domain_of_his_private_identity)
{
    int64_t own = agree((struct mcx_new_agreement)OF_PARTNER);
    int64_t all = agree((struct mcx_new_agreement){.is_inbound = true});

    carol_comes("tel:+49891");
    expect_ended(all, 0);
    ck_assert_int_eq(live("binding"), 1);
    expect_ended(own, 1);
}
END_TEST

/* What a binding was made under is meant even if the agreement would not name the user now. */
START_TEST(test_end_reaches_what_was_made_under_it)
{
    int64_t own =
        agree((struct mcx_new_agreement){.is_inbound = true, .user_domain = "mc.example"});

    carol_comes("sip:carol@mc.example");
    fixture_sql(site.sql, "UPDATE binding SET mc_user_id = NULL");
    expect_ended(own, 1);
}
END_TEST

/* ---- a user who has left the group since ---- */

static void alice_in(const char *group, bool is_in)
{
    struct mcx_user_change change = {.id = POLICY_ALICE};
    struct mcx_names names = {1, {mcx_span_of(group)}};

    if (is_in)
        change.groups = names;
    else
        change.not_groups = names;
    ck_ok(mcx_store_user_change(site.admin, &change, &site.problem));
}

/* An agreement for the group, made for this, with alice in it. */
static int64_t agree_for_group(const char *group)
{
    struct mcx_group_change change = {.name = group, .is_new = true};

    ck_ok(mcx_store_group_change(site.admin, &change, &site.problem));
    alice_in(group, true);
    return agree((struct mcx_new_agreement){.group = group});
}

START_TEST(test_end_reaches_a_grant_whose_user_left_the_group)
{
    int64_t own = agree_for_group("g1"), other = agree_for_group("g2");

    alice_goes();
    alice_in("g1", false);
    alice_in("g2", false);
    expect_ended(other, 0); /* not made under it */
    expect_ended(own, 1);
    ck_assert_int_eq(live("grant_"), 0);
}
END_TEST

/* Covered by the other while she was in its group, it is from then on under that one. */
START_TEST(test_end_reaches_a_grant_that_changed_its_agreement)
{
    int64_t first = agree_for_group("g1"), second = agree_for_group("g2");

    alice_goes();
    expect_ended(first, 0);
    alice_in("g2", false);
    expect_ended(second, 1);
}
END_TEST

START_TEST(test_end_reaches_a_migration_whose_user_left_the_group)
{
    int64_t own = agree_for_group("g1");

    (void)alice_asks();
    alice_in("g1", false);
    expect_ended(own, 1);
    ck_assert_int_eq(live("migration"), 0);
}
END_TEST

/* She has left the group of the one that admitted her: so has her grant, which it still covers. */
START_TEST(test_migration_is_covered_by_what_it_was_made_under)
{
    int64_t all = agree((struct mcx_new_agreement){.priority = 100}), own = agree_for_group("g1");

    if (_i == 0)
        (void)alice_asks();
    else
        alice_migrates(LATE_S);
    alice_in("g1", false);
    expect_ended(all, 0);
    ck_assert_int_eq(live("migration"), 1);
    ck_assert_int_eq(live("grant_"), _i);
    expect_ended(own, 1);
    ck_assert_int_eq(live("migration"), 0);
}
END_TEST

/* Carried by hand: its grant is for one service, its row has all that she has. */
START_TEST(test_migration_carried_by_hand_is_covered_as_its_grant)
{
    int64_t all =
        agree((struct mcx_new_agreement){.services = {1, {mcx_span_of("mcdata")}}, .priority = 1});
    int64_t own = agree((struct mcx_new_agreement){.mc_user_id = POLICY_ALICE,
                                                   .services = {1, {mcx_span_of("mcptt")}}});

    fixture_sql(site.sql,
                "INSERT INTO mc_service_id VALUES ('mcdata', 'sip:data@mc.example', '%s')",
                POLICY_ALICE);
    alice_goes();
    alice_is_imported();
    expect_ended(all, 0);
    ck_assert_int_eq(live("migration"), 1);
    expect_ended(own, 1);
    ck_assert_int_eq(live("migration"), 0);
}
END_TEST

/* She never was in the group of the other: its end is no matter of hers. The grant is elsewhere. */
START_TEST(test_end_of_another_group_leaves_a_migration_alone)
{
    int64_t other = agree_for_group("g1"), own;

    alice_in("g1", false);
    own = agree_for_group("g2");
    (void)alice_asks();
    alice_in("g2", false);
    expect_ended(other, 0);
    ck_assert_int_eq(live("migration"), 1);
    expect_ended(own, 1);
}
END_TEST

/* Begun by a daemon of version 8, which did not say under what: its grant does. */
START_TEST(test_migration_of_version_8_is_as_its_grant)
{
    int64_t other = agree_for_group("g1"), own;

    alice_in("g1", false);
    own = agree_for_group("g2");
    alice_migrates(LATE_S);
    fixture_sql(site.sql, "UPDATE migration SET agreement_id = NULL");
    alice_in("g2", false);
    expect_ended(other, 0);
    ck_assert_int_eq(live("migration"), 1);
    expect_ended(own, 1);
    ck_assert_int_eq(live("migration"), 0);
}
END_TEST

/* Covered by the other while she was in its group, it is from then on under that one. */
START_TEST(test_end_reaches_a_migration_that_changed_its_agreement)
{
    int64_t first = agree_for_group("g1"), second = agree_for_group("g2");

    (void)alice_asks();
    expect_ended(first, 0);
    alice_in("g2", false);
    expect_ended(second, 1);
}
END_TEST

/* ---- covered, and for how long ---- */

/* Both directions: when what is live ends, in seconds before EARLY. */
static void expect_expiry(const char *table, int before_s)
{
    ck_assert_int_eq(fixture_number(site.sql,
                                    "SELECT count(*) FROM %s WHERE state <> 'ended' AND"
                                    " expires_at = timestamptz '" EARLY "' - interval '%d s'",
                                    table, before_s),
                     1);
}

START_TEST(test_what_another_agreement_covers_ends_with_it)
{
    int64_t out = agree((struct mcx_new_agreement){.expires = LATE});
    int64_t in = agree((struct mcx_new_agreement){.is_inbound = true, .expires = LATE});

    (void)alice_asks();
    alice_goes();
    carol_comes("sip:carol@mc.example");
    agree((struct mcx_new_agreement){.expires = "2088-01-01T00:00:00Z"});
    agree((struct mcx_new_agreement){.expires = EARLY}); /* the latest of them counts */
    agree((struct mcx_new_agreement){.is_inbound = true, .expires = EARLY});
    expect_ended(out, 0);
    expect_ended(in, 0);
    expect_expiry("grant_", -60);
    expect_expiry("migration", 0);
    expect_expiry("binding", 0);
    ck_assert_int_eq(fixture_number(site.sql, "SELECT count(*) FROM migration WHERE"
                                              " asked_expires_at = timestamptz '" LATE "'"),
                     1); /* as a grant in another database may have it */
}
END_TEST

/* With the grant here or elsewhere: the partner's answer to what was asked before, and what is
 * asked afterwards, know the time that is left. */
START_TEST(test_answer_after_the_end_is_as_the_covering_one_lets_it)
{
    int64_t out = agree((struct mcx_new_agreement){.expires = LATE});
    struct mcx_migration migration = _i & 1 ? alice_asks_with_grant() : alice_asks();

    if (_i & 2)
        ck_assert_int_eq(given(&migration, LATE_S), LATE_S);
    agree((struct mcx_new_agreement){.expires = EARLY});
    expect_ended(out, 0);
    ck_assert_int_eq(given(&migration, LATE_S), EARLY_S);
    expect_expiry("migration", 0);
    if (_i & 1)
        expect_expiry("grant_", -60);
}
END_TEST

START_TEST(test_repeat_after_the_end_asks_for_what_is_left)
{
    int64_t out = agree((struct mcx_new_agreement){.expires = LATE});
    struct mcx_migration migration = alice_asks();

    if (_i == 1)
        ck_assert_int_eq(given(&migration, LATE_S), LATE_S);
    agree((struct mcx_new_agreement){.expires = EARLY});
    expect_ended(out, 0);
    migration = alice_asks();
    ck_assert_int_eq(migration.asked_expires_s, EARLY_S);
    expect_expiry("migration", 0);
    ck_assert_int_eq(given(&migration, EARLY_S), EARLY_S);
    expect_expiry("migration", 0);
}
END_TEST

/* What a longer agreement allows now is given to a repeat, wherever the grant is. */
START_TEST(test_repeat_under_a_longer_agreement_is_longer)
{
    struct mcx_migration migration;

    agree((struct mcx_new_agreement){.expires = EARLY, .priority = 2});
    migration = alice_asks();
    ck_assert_int_eq(given(&migration, EARLY_S), EARLY_S);
    agree((struct mcx_new_agreement){.expires = LATE, .priority = 1});
    migration = alice_asks();
    ck_assert_int_eq(migration.asked_expires_s, LATE_S);
    ck_assert_int_eq(given(&migration, LATE_S), LATE_S);
}
END_TEST

START_TEST(test_longer_agreement_makes_nothing_longer)
{
    int64_t out = agree((struct mcx_new_agreement){.expires = EARLY});
    int64_t in = agree((struct mcx_new_agreement){.is_inbound = true, .expires = EARLY});

    (void)alice_asks();
    alice_goes();
    carol_comes("sip:carol@mc.example");
    agree((struct mcx_new_agreement){.expires = LATE});
    agree((struct mcx_new_agreement){.is_inbound = true});
    expect_ended(out, 0);
    expect_ended(in, 0);
    expect_expiry("grant_", -60);
    expect_expiry("migration", 0);
    expect_expiry("binding", 0);
}
END_TEST

/* Step 10 takes its time from the agreement that step 3 found: one for what was asked for. */
START_TEST(test_time_of_a_grant_is_by_an_agreement_for_its_services)
{
    agree((struct mcx_new_agreement){.mc_user_id = POLICY_ALICE,
                                     .services = {1, {mcx_span_of("mcdata")}},
                                     .expires = "2088-01-01T00:00:00Z"});
    agree((struct mcx_new_agreement){.services = {1, {mcx_span_of("mcptt")}}, .expires = EARLY});
    (void)alice_asks_with_grant();
    expect_expiry("grant_", -60);
}
END_TEST

Suite *agreement_ends_suite(void)
{
    Suite *made = suite_create("agreement_ends");
    TCase *tcase = policy_case("agreement_ends");

    tcase_add_test(tcase, test_end_reaches_a_user_by_the_domain_of_his_private_identity);
    tcase_add_test(tcase, test_own_agreement_covers_a_user_by_the_domain_of_his_private_identity);
    tcase_add_test(tcase, test_end_reaches_what_was_made_under_it);
    tcase_add_test(tcase, test_end_reaches_a_grant_whose_user_left_the_group);
    tcase_add_test(tcase, test_end_reaches_a_grant_that_changed_its_agreement);
    tcase_add_test(tcase, test_end_reaches_a_migration_whose_user_left_the_group);
    tcase_add_loop_test(tcase, test_migration_is_covered_by_what_it_was_made_under, 0, 2);
    tcase_add_test(tcase, test_migration_carried_by_hand_is_covered_as_its_grant);
    tcase_add_test(tcase, test_end_of_another_group_leaves_a_migration_alone);
    tcase_add_test(tcase, test_migration_of_version_8_is_as_its_grant);
    tcase_add_test(tcase, test_end_reaches_a_migration_that_changed_its_agreement);
    tcase_add_test(tcase, test_what_another_agreement_covers_ends_with_it);
    tcase_add_loop_test(tcase, test_answer_after_the_end_is_as_the_covering_one_lets_it, 0, 4);
    tcase_add_loop_test(tcase, test_repeat_after_the_end_asks_for_what_is_left, 0, 2);
    tcase_add_test(tcase, test_repeat_under_a_longer_agreement_is_longer);
    tcase_add_test(tcase, test_longer_agreement_makes_nothing_longer);
    tcase_add_test(tcase, test_time_of_a_grant_is_by_an_agreement_for_its_services);
    suite_add_tcase(made, tcase);
    return made;
}
