/* SPDX-License-Identifier: Apache-2.0 */
/* The end of an agreement reaches what was made under it, by whichever name it knows its user, and
 * what another agreement covers lives as long as that one lets it. Design 4, "Ending". */
#include "agreed.h"
#include "asks.h"
#include "suites.h"

#define LATE    "2090-01-01T00:00:00Z"
#define EARLY   "2089-01-01T00:00:00Z"
#define LATE_S  AGREED_LATE_S
#define EARLY_S 3755376000

/* user: an MC user id; his private identity is of partner.example. */
static void carol_comes(const char *user)
{
    struct mcx_binding_ask ask = migration_in(NULL, "carol");

    ask.must_agree = true;
    ask.mc_user_id = user;
    ck_assert_int_eq(migration_make(site.daemon, &ask).verdict, MCX_BINDING_NEW);
}

/* ---- by which name the agreement knows its user ---- */

#define OF_PARTNER                                                                                 \
    {                                                                                              \
        .is_inbound = true, .user_domain = "partner.example"                                       \
    }

START_TEST(test_end_reaches_a_user_by_the_domain_of_his_private_identity)
{
    int64_t first = agreed_new((struct mcx_new_agreement)OF_PARTNER), second;

    carol_comes("tel:+49891");
    second = agreed_new((struct mcx_new_agreement)OF_PARTNER);
    agreed_end(first, 0);
    agreed_end(second, 1);
    ck_assert_int_eq(agreed_live("binding"), 0);
}
END_TEST

START_TEST(test_own_agreement_covers_a_user_by_the_domain_of_his_private_identity)
{
    int64_t own = agreed_new((struct mcx_new_agreement)OF_PARTNER);
    int64_t all = agreed_new((struct mcx_new_agreement){.is_inbound = true});

    carol_comes("tel:+49891");
    agreed_end(all, 0);
    ck_assert_int_eq(agreed_live("binding"), 1);
    agreed_end(own, 1);
}
END_TEST

/* What a binding was made under is meant even if the agreement would not name the user now. */
START_TEST(test_end_reaches_what_was_made_under_it)
{
    int64_t own =
        agreed_new((struct mcx_new_agreement){.is_inbound = true, .user_domain = "mc.example"});

    carol_comes("sip:carol@mc.example");
    fixture_sql(site.sql, "UPDATE binding SET mc_user_id = NULL");
    agreed_end(own, 1);
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
    int64_t out = agreed_new((struct mcx_new_agreement){.expires = LATE});
    int64_t in = agreed_new((struct mcx_new_agreement){.is_inbound = true, .expires = LATE});

    (void)alice_asks();
    alice_goes();
    carol_comes("sip:carol@mc.example");
    agreed_new((struct mcx_new_agreement){.expires = "2088-01-01T00:00:00Z"});
    agreed_new((struct mcx_new_agreement){.expires = EARLY}); /* the latest of them counts */
    agreed_new((struct mcx_new_agreement){.is_inbound = true, .expires = EARLY});
    agreed_end(out, 0);
    agreed_end(in, 0);
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
    int64_t out = agreed_new((struct mcx_new_agreement){.expires = LATE});
    struct mcx_migration migration = _i & 1 ? alice_asks_with_grant() : alice_asks();

    if (_i & 2)
        ck_assert_int_eq(alice_is_given(&migration, LATE_S), LATE_S);
    agreed_new((struct mcx_new_agreement){.expires = EARLY});
    agreed_end(out, 0);
    ck_assert_int_eq(alice_is_given(&migration, LATE_S), EARLY_S);
    expect_expiry("migration", 0);
    if (_i & 1)
        expect_expiry("grant_", -60);
}
END_TEST

START_TEST(test_repeat_after_the_end_asks_for_what_is_left)
{
    int64_t out = agreed_new((struct mcx_new_agreement){.expires = LATE});
    struct mcx_migration migration = alice_asks();

    if (_i == 1)
        ck_assert_int_eq(alice_is_given(&migration, LATE_S), LATE_S);
    agreed_new((struct mcx_new_agreement){.expires = EARLY});
    agreed_end(out, 0);
    migration = alice_asks();
    ck_assert_int_eq(migration.asked_expires_s, EARLY_S);
    expect_expiry("migration", 0);
    ck_assert_int_eq(alice_is_given(&migration, EARLY_S), EARLY_S);
    expect_expiry("migration", 0);
}
END_TEST

/* What a longer agreement allows now is given to a repeat, wherever the grant is. */
START_TEST(test_repeat_under_a_longer_agreement_is_longer)
{
    struct mcx_migration migration;

    agreed_new((struct mcx_new_agreement){.expires = EARLY, .priority = 2});
    migration = alice_asks();
    ck_assert_int_eq(alice_is_given(&migration, EARLY_S), EARLY_S);
    agreed_new((struct mcx_new_agreement){.expires = LATE, .priority = 1});
    migration = alice_asks();
    ck_assert_int_eq(migration.asked_expires_s, LATE_S);
    ck_assert_int_eq(alice_is_given(&migration, LATE_S), LATE_S);
}
END_TEST

START_TEST(test_longer_agreement_makes_nothing_longer)
{
    int64_t out = agreed_new((struct mcx_new_agreement){.expires = EARLY});
    int64_t in = agreed_new((struct mcx_new_agreement){.is_inbound = true, .expires = EARLY});

    (void)alice_asks();
    alice_goes();
    carol_comes("sip:carol@mc.example");
    agreed_new((struct mcx_new_agreement){.expires = LATE});
    agreed_new((struct mcx_new_agreement){.is_inbound = true});
    agreed_end(out, 0);
    agreed_end(in, 0);
    expect_expiry("grant_", -60);
    expect_expiry("migration", 0);
    expect_expiry("binding", 0);
}
END_TEST

/* Step 10 takes its time from the agreement that step 3 found: one for what was asked for. */
START_TEST(test_time_of_a_grant_is_by_an_agreement_for_its_services)
{
    agreed_new((struct mcx_new_agreement){.mc_user_id = POLICY_ALICE,
                                          .services = {1, {mcx_span_of("mcdata")}},
                                          .expires = "2088-01-01T00:00:00Z"});
    agreed_new(
        (struct mcx_new_agreement){.services = {1, {mcx_span_of("mcptt")}}, .expires = EARLY});
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
    tcase_add_test(tcase, test_what_another_agreement_covers_ends_with_it);
    tcase_add_loop_test(tcase, test_answer_after_the_end_is_as_the_covering_one_lets_it, 0, 4);
    tcase_add_loop_test(tcase, test_repeat_after_the_end_asks_for_what_is_left, 0, 2);
    tcase_add_test(tcase, test_repeat_under_a_longer_agreement_is_longer);
    tcase_add_test(tcase, test_longer_agreement_makes_nothing_longer);
    tcase_add_test(tcase, test_time_of_a_grant_is_by_an_agreement_for_its_services);
    suite_add_tcase(made, tcase);
    return made;
}
