/* SPDX-License-Identifier: Apache-2.0 */
/* Every row of the decision on a MAR: TS 29.228 6.3.1 for the own core, design 7 for partners,
 * design 4 for chains. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/mar.h"

enum { EXP = 1, RC = 0 };

static struct mcx_str str(const char *text)
{
    struct mcx_str out = {0};

    ck_assert_int_eq(mcx_str_set(&out, mcx_span_of(text)), MCX_OK);
    return out;
}

static struct mcx_mar_policy policy(void)
{
    return (struct mcx_mar_policy){
        .vectors_max = 1, .partner_vectors_max = 1, .own_realm = str("partner.example")};
}

static struct mcx_mar_ask ask_core(void)
{
    return (struct mcx_mar_ask){.iface = MCX_CX,
                                .origin_host = str("scscf.ims.partner.example"),
                                .origin_realm = str("partner.example"),
                                .impi = str("a@partner.example"),
                                .impu = str("sip:a@partner.example"),
                                .items = 1};
}

static struct mcx_mar_ask ask_partner(void)
{
    struct mcx_mar_ask ask = ask_core();

    ask.from_partner = true;
    ask.partner = str("other");
    ask.origin_realm = str("other.example");
    return ask;
}

static struct mcx_mar_facts facts_own(void)
{
    return (struct mcx_mar_facts){.impi_kind = MCX_KIND_OWN,
                                  .impu_kind = MCX_KIND_OWN,
                                  .belongs = true,
                                  .has_credential = true};
}

static struct mcx_mar_facts facts_inbound(void)
{
    return (struct mcx_mar_facts){.impi_kind = MCX_KIND_INBOUND,
                                  .impu_kind = MCX_KIND_INBOUND,
                                  .belongs = true,
                                  .binding_live = true,
                                  .primary_realm = str("primary.example")};
}

static struct mcx_mar_facts facts_grant(void)
{
    struct mcx_mar_facts facts = facts_own();

    facts.partner_known = facts.grant_live = true;
    facts.ind = 7;
    return facts;
}

static struct mcx_mar_plan plan(struct mcx_mar_ask ask, struct mcx_mar_facts facts)
{
    struct mcx_mar_policy with = policy();

    return mcx_mar_plan(&with, &ask, &facts);
}

static void expect_refusal(struct mcx_mar_plan got, int is_experimental, uint32_t code)
{
    ck_assert_msg(got.what == MCX_MAR_REFUSE, "not refused: %s", got.reason);
    ck_assert_msg(got.refusal.is_experimental == is_experimental && got.refusal.code == code,
                  "%s: got %s%u", got.reason, got.refusal.is_experimental ? "exp:" : "",
                  got.refusal.code);
}

START_TEST(test_own_user_is_served_with_ind_of_asking_domain)
{
    struct mcx_mar_ask ask = ask_core();
    struct mcx_mar_plan got = plan(ask, facts_own());

    ck_assert_int_eq(got.what, MCX_MAR_SERVE);
    ck_assert_uint_eq(got.ind, 0);
    ck_assert_uint_eq(got.items, 1);
    ask.iface = MCX_ZH;
    ask.impu.len = 0;
    got = plan(ask, facts_own());
    ck_assert_int_eq(got.what, MCX_MAR_SERVE);
    ck_assert_uint_eq(got.ind, 1);
    got = plan(ask_partner(), facts_grant());
    ck_assert_int_eq(got.what, MCX_MAR_SERVE);
    ck_assert_uint_eq(got.ind, 7);
}
END_TEST

START_TEST(test_unknown_identities_are_5001_and_5401_on_zh)
{
    struct mcx_mar_ask ask = ask_core();
    struct mcx_mar_facts facts = facts_own();

    facts.impu_kind = MCX_KIND_NONE;
    facts.belongs = false;
    expect_refusal(plan(ask, facts), EXP, 5001);
    facts.impi_kind = MCX_KIND_NONE;
    expect_refusal(plan(ask, facts), EXP, 5001);
    ask.iface = MCX_ZH;
    expect_refusal(plan(ask, facts), EXP, 5401);
}
END_TEST

START_TEST(test_identities_that_do_not_belong_are_5002_in_the_own_realm)
{
    struct mcx_mar_facts facts = facts_own();

    facts.belongs = false;
    expect_refusal(plan(ask_core(), facts), EXP, 5002);
    facts = facts_inbound();
    facts.belongs = false;
    expect_refusal(plan(ask_core(), facts), EXP, 5002);
}
END_TEST

START_TEST(test_schemes_other_than_aka_are_5006)
{
    struct mcx_mar_ask ask = ask_core();
    struct mcx_mar_policy with = policy();
    struct mcx_mar_facts facts = facts_own();

    ask.scheme = MCX_SCHEME_OTHER;
    expect_refusal(plan(ask, facts), EXP, 5006);
    expect_refusal(plan(ask, facts_inbound()), EXP, 5006);
    ask.scheme = MCX_SCHEME_UNKNOWN;
    expect_refusal(plan(ask, facts), EXP, 5006);
    with.unknown_scheme_is_aka = true;
    ck_assert_int_eq(mcx_mar_plan(&with, &ask, &facts).what, MCX_MAR_SERVE);
    facts.has_credential = false;
    expect_refusal(plan(ask_core(), facts), EXP, 5006);
}
END_TEST

START_TEST(test_inbound_identity_is_relayed_while_its_binding_lives)
{
    struct mcx_mar_facts facts = facts_inbound();

    ck_assert_int_eq(plan(ask_core(), facts).what, MCX_MAR_RELAY);
    facts.binding_live = false;
    expect_refusal(plan(ask_core(), facts), EXP, 5001);
}
END_TEST

START_TEST(test_a_relay_never_goes_back_to_the_realm_that_asked)
{
    struct mcx_mar_facts facts = facts_inbound();

    facts.primary_realm = str("partner.example");
    expect_refusal(plan(ask_core(), facts), RC, 5012);
}
END_TEST

/* Whatever the true reason, a partner hears 5001 (Zh 5401), and never 5002. */
START_TEST(test_partner_hears_unknown_for_all_but_the_granted_pair)
{
    for (int i = 0; i < 8; i++) {
        struct mcx_mar_ask ask = ask_partner();
        struct mcx_mar_facts facts = facts_grant();

        ask.iface = i % 2 ? MCX_ZH : MCX_CX;
        ask.scheme = MCX_SCHEME_OTHER; /* the grant check comes first */
        if (i / 2 == 0)
            facts.partner_known = false;
        else if (i / 2 == 1)
            facts.grant_live = false;
        else if (i / 2 == 2)
            facts.belongs = false;
        else
            ask.impu.len = 0;
        expect_refusal(plan(ask, facts), EXP, ask.iface == MCX_ZH ? 5401 : 5001);
    }
}
END_TEST

START_TEST(test_partner_hears_5006_only_after_the_grant)
{
    struct mcx_mar_ask ask = ask_partner();

    ask.scheme = MCX_SCHEME_OTHER;
    expect_refusal(plan(ask, facts_grant()), EXP, 5006);
}
END_TEST

START_TEST(test_no_chains)
{
    struct mcx_mar_facts facts = facts_inbound();

    facts.partner_known = true;
    expect_refusal(plan(ask_partner(), facts), EXP, 5001); /* inbound asked by another realm */
    facts = facts_own();
    facts.impi_kind = facts.impu_kind = MCX_KIND_OUTBOUND;
    expect_refusal(plan(ask_core(), facts), EXP, 5001); /* outbound asked by the own core */
}
END_TEST

START_TEST(test_number_of_vectors_is_capped)
{
    struct mcx_mar_policy with = policy();
    struct mcx_mar_ask ask = ask_core();
    struct mcx_mar_facts facts = facts_own();

    ask.items = 4294967295u;
    ck_assert_uint_eq(mcx_mar_plan(&with, &ask, &facts).items, 1);
    with.vectors_max = 3;
    ck_assert_uint_eq(mcx_mar_plan(&with, &ask, &facts).items, 3);
    with.vectors_max = 1000;
    ck_assert_uint_eq(mcx_mar_plan(&with, &ask, &facts).items, MCX_ITEMS_MAX);
    ask.has_auts = true;
    ck_assert_uint_eq(mcx_mar_plan(&with, &ask, &facts).items, 1);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("plan");
    Suite *suite = suite_create("policy/mar");
    SRunner *runner = srunner_create(suite);
    int failed = 0;

    tcase_add_test(tcase, test_own_user_is_served_with_ind_of_asking_domain);
    tcase_add_test(tcase, test_unknown_identities_are_5001_and_5401_on_zh);
    tcase_add_test(tcase, test_identities_that_do_not_belong_are_5002_in_the_own_realm);
    tcase_add_test(tcase, test_schemes_other_than_aka_are_5006);
    tcase_add_test(tcase, test_inbound_identity_is_relayed_while_its_binding_lives);
    tcase_add_test(tcase, test_a_relay_never_goes_back_to_the_realm_that_asked);
    tcase_add_test(tcase, test_partner_hears_unknown_for_all_but_the_granted_pair);
    tcase_add_test(tcase, test_partner_hears_5006_only_after_the_grant);
    tcase_add_test(tcase, test_no_chains);
    tcase_add_test(tcase, test_number_of_vectors_is_capped);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
