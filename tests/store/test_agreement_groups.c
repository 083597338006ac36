/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a group's agreement, or of another one, when the user has left the group since: what
 * was made under it is known by its row. Design 4, "Ending". */
#include "agreed.h"
#include "suites.h"

/* To its end, with its grant here. */
static void alice_migrates(int64_t expires_s)
{
    struct mcx_migration migration = alice_asks_with_grant();

    (void)alice_is_given(&migration, expires_s);
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
    return agreed_new((struct mcx_new_agreement){.group = group});
}

START_TEST(test_end_reaches_a_grant_whose_user_left_the_group)
{
    int64_t own = agree_for_group("g1"), other = agree_for_group("g2");

    alice_goes();
    alice_in("g1", false);
    alice_in("g2", false);
    agreed_end(other, 0); /* not made under it */
    agreed_end(own, 1);
    ck_assert_int_eq(agreed_live("grant_"), 0);
}
END_TEST

/* Covered by the other while she was in its group, it is from then on under that one. */
START_TEST(test_end_reaches_a_grant_that_changed_its_agreement)
{
    int64_t first = agree_for_group("g1"), second = agree_for_group("g2");

    alice_goes();
    agreed_end(first, 0);
    alice_in("g2", false);
    agreed_end(second, 1);
}
END_TEST

START_TEST(test_end_reaches_a_migration_whose_user_left_the_group)
{
    int64_t own = agree_for_group("g1");

    (void)alice_asks();
    alice_in("g1", false);
    agreed_end(own, 1);
    ck_assert_int_eq(agreed_live("migration"), 0);
}
END_TEST

/* She has left the group of the one that admitted her: so has her grant, which it still covers. */
START_TEST(test_migration_is_covered_by_what_it_was_made_under)
{
    int64_t all = agreed_new((struct mcx_new_agreement){.priority = 100}),
            own = agree_for_group("g1");

    if (_i == 0)
        (void)alice_asks();
    else
        alice_migrates(AGREED_LATE_S);
    alice_in("g1", false);
    agreed_end(all, 0);
    ck_assert_int_eq(agreed_live("migration"), 1);
    ck_assert_int_eq(agreed_live("grant_"), _i);
    agreed_end(own, 1);
    ck_assert_int_eq(agreed_live("migration"), 0);
}
END_TEST

/* Carried by hand: its grant is for one service, its row has all that she has. */
START_TEST(test_migration_carried_by_hand_is_covered_as_its_grant)
{
    int64_t all = agreed_new(
        (struct mcx_new_agreement){.services = {1, {mcx_span_of("mcdata")}}, .priority = 1});
    int64_t own = agreed_new((struct mcx_new_agreement){.mc_user_id = POLICY_ALICE,
                                                        .services = {1, {mcx_span_of("mcptt")}}});

    fixture_sql(site.sql,
                "INSERT INTO mc_service_id VALUES ('mcdata', 'sip:data@mc.example', '%s')",
                POLICY_ALICE);
    alice_goes();
    alice_is_imported();
    agreed_end(all, 0);
    ck_assert_int_eq(agreed_live("migration"), 1);
    agreed_end(own, 1);
    ck_assert_int_eq(agreed_live("migration"), 0);
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
    agreed_end(other, 0);
    ck_assert_int_eq(agreed_live("migration"), 1);
    agreed_end(own, 1);
}
END_TEST

/* Begun by a daemon of version 8, which did not say under what: its grant does. */
START_TEST(test_migration_of_version_8_is_as_its_grant)
{
    int64_t other = agree_for_group("g1"), own;

    alice_in("g1", false);
    own = agree_for_group("g2");
    alice_migrates(AGREED_LATE_S);
    fixture_sql(site.sql, "UPDATE migration SET agreement_id = NULL");
    alice_in("g2", false);
    agreed_end(other, 0);
    ck_assert_int_eq(agreed_live("migration"), 1);
    agreed_end(own, 1);
    ck_assert_int_eq(agreed_live("migration"), 0);
}
END_TEST

/* Covered by the other while she was in its group, it is from then on under that one. */
START_TEST(test_end_reaches_a_migration_that_changed_its_agreement)
{
    int64_t first = agree_for_group("g1"), second = agree_for_group("g2");

    (void)alice_asks();
    agreed_end(first, 0);
    alice_in("g2", false);
    agreed_end(second, 1);
}
END_TEST

/* Begun by a daemon of version 8, with its grant in another SIP database of this system: nobody
 * says under what. So it is under any group's that ends, and of others that it was never about. */
static void alice_went_elsewhere(void)
{
    struct mcx_migration migration;

    fixture_sql(site.sql, "UPDATE mc_device SET sip_database_realm = 'db2.primary.example'");
    migration = alice_asks();
    (void)alice_is_given(&migration, AGREED_LATE_S);
    fixture_sql(site.sql, "UPDATE migration SET agreement_id = NULL");
}

START_TEST(test_end_reaches_a_migration_of_version_8_with_its_grant_elsewhere)
{
    int64_t own = agree_for_group("g1");

    alice_went_elsewhere();
    alice_in("g1", false);
    agreed_end(own, 1);
    ck_assert_int_eq(agreed_live("migration"), 0);
}
END_TEST

START_TEST(test_migration_of_version_8_is_covered_by_who_it_is_of)
{
    int64_t own = agree_for_group("g1"), all, data;

    all = agreed_new((struct mcx_new_agreement){.expires = "2089-01-01T00:00:00Z"});
    data = agreed_new((struct mcx_new_agreement){.services = {1, {mcx_span_of("mcdata")}}});
    alice_went_elsewhere();
    alice_in("g1", false);
    agreed_end(own, 0);
    ck_assert_int_eq(fixture_number(site.sql, "SELECT count(*) FROM migration WHERE state ="
                                              " 'active' AND expires_at = timestamptz"
                                              " '2089-01-01T00:00:00Z'"),
                     1);
    agreed_end(all, 1); /* the last one does not fit */
    agreed_end(data, 0);
}
END_TEST

/* A group's of another partner, or one that is no group's. */
START_TEST(test_end_of_no_group_leaves_a_migration_of_version_8_alone)
{
    int64_t own = agree_for_group("g1"), bob, other;

    policy_user("sip:bob@mc.primary.example", "mcptt");
    bob = agreed_new((struct mcx_new_agreement){.mc_user_id = "sip:bob@mc.primary.example"});
    other = policy_agree((struct mcx_new_agreement){.partner = "other", .group = "g1"});
    alice_went_elsewhere();
    alice_in("g1", false);
    agreed_end(bob, 0);
    agreed_end(other, 0);
    ck_assert_int_eq(agreed_live("migration"), 1);
    agreed_end(own, 1);
}
END_TEST

/* The grant was made by hand, under nothing; then she asked, which found the group's. What the row
 * says since does not count: it would end without its grant. */
START_TEST(test_grant_under_nothing_keeps_its_migration)
{
    int64_t own = agree_for_group("g1");

    alice_goes();
    fixture_sql(site.sql, "UPDATE grant_ SET agreement_id = NULL");
    alice_is_imported();
    if (_i == 1)
        (void)alice_asks();
    ck_assert_int_eq(fixture_number(site.sql,
                                    "SELECT count(*) FROM migration WHERE agreement_id = %lld",
                                    (long long)own),
                     _i);
    alice_in("g1", false);
    agreed_end(own, 0);
    ck_assert_int_eq(agreed_live("migration"), 1);
    ck_assert_int_eq(agreed_live("grant_"), 1);
}
END_TEST

Suite *agreement_groups_suite(void)
{
    Suite *made = suite_create("agreement_groups");
    TCase *tcase = policy_case("agreement_groups");

    tcase_add_test(tcase, test_end_reaches_a_grant_whose_user_left_the_group);
    tcase_add_test(tcase, test_end_reaches_a_grant_that_changed_its_agreement);
    tcase_add_test(tcase, test_end_reaches_a_migration_whose_user_left_the_group);
    tcase_add_loop_test(tcase, test_migration_is_covered_by_what_it_was_made_under, 0, 2);
    tcase_add_test(tcase, test_migration_carried_by_hand_is_covered_as_its_grant);
    tcase_add_test(tcase, test_end_of_another_group_leaves_a_migration_alone);
    tcase_add_test(tcase, test_migration_of_version_8_is_as_its_grant);
    tcase_add_test(tcase, test_end_reaches_a_migration_that_changed_its_agreement);
    tcase_add_test(tcase, test_end_reaches_a_migration_of_version_8_with_its_grant_elsewhere);
    tcase_add_test(tcase, test_migration_of_version_8_is_covered_by_who_it_is_of);
    tcase_add_test(tcase, test_end_of_no_group_leaves_a_migration_of_version_8_alone);
    tcase_add_loop_test(tcase, test_grant_under_nothing_keeps_its_migration, 0, 2);
    suite_add_tcase(made, tcase);
    return made;
}
