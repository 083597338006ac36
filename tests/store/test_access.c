/* SPDX-License-Identifier: Apache-2.0 */
/* CR 10.1.X.1 step 8 on real rows: who may come, and what ends with an agreement. */
#include <string.h>

#include "asks.h"
#include "policy_rows.h"
#include "store/choice.h"
#include "suites.h"

static struct mcx_par par;
static struct mcx_access_ask access_ask;
static struct mcx_access_choice access_choice;

/* A user of "partner", whose primary it is, comes to us. */
static void make_par(void)
{
    memset(&par, 0, sizeof par);
    par.system = fixture_str("partner");
    par.mc_user_id = fixture_str("sip:carol@mc.partner.example");
    par.service_ids.count = 1;
    par.service_ids.id[0] = fixture_str("sip:carol@mcptt.partner.example");
    par.database_realm = fixture_str("partner.example");
    par.source.impi = fixture_str("carol@partner.example");
    par.source.impu_count = 1;
    par.source.impu[0] = fixture_str("sip:carol@partner.example");
    access_ask.system = fixture_str("partner");
    access_ask.par = &par;
}

static void expect_access(enum mcx_access_verdict verdict, const char *reason)
{
    ck_ok(mcx_store_access_choose(site.daemon, &access_ask, &access_choice));
    ck_assert_str_eq(access_choice.reason, reason);
    ck_assert_int_eq(access_choice.verdict, verdict);
}

START_TEST(test_access_of_the_system)
{
    make_par();
    expect_access(MCX_ACCESS_NO_AGREEMENT, "no_agreement");
    policy_agree((struct mcx_new_agreement){.partner = "partner"}); /* outbound is none */
    expect_access(MCX_ACCESS_NO_AGREEMENT, "no_agreement");
    policy_agree((struct mcx_new_agreement){.partner = "partner", .is_inbound = true});
    expect_access(MCX_ACCESS, "agreement");
    par.database_host = fixture_str("HSS.partner.example");
    expect_access(MCX_ACCESS, "agreement");
    par.database_host = fixture_str("hss.other.example");
    expect_access(MCX_ACCESS_NO_AGREEMENT, "foreign_host");
    par.database_host.len = 0;
    par.database_realm = fixture_str("primary.example"); /* our own */
    expect_access(MCX_ACCESS_NO_AGREEMENT, "foreign_realm");
    par.database_realm = fixture_str("other.example");
    expect_access(MCX_ACCESS_NO_AGREEMENT, "foreign_realm");
    make_par();
    par.source.impi = fixture_str("carol@other.example");
    expect_access(MCX_ACCESS_NO_AGREEMENT, "foreign_domain");
    make_par();
    par.source.impu_count = 2;
    par.source.impu[1] = fixture_str("sip:x@migration.primary.example");
    expect_access(MCX_ACCESS_NO_AGREEMENT, "foreign_domain");
    par.source.impu[1] = fixture_str("tel:+49891");
    expect_access(MCX_ACCESS, "agreement");
    par.source.impu[1] = fixture_str("nonsense");
    expect_access(MCX_ACCESS_NO_AGREEMENT, "foreign_domain");
    make_par();
    access_ask.system = fixture_str("other"); /* octet for octet what partner said */
    policy_agree((struct mcx_new_agreement){.partner = "other", .is_inbound = true});
    expect_access(MCX_ACCESS_NO_AGREEMENT, "other_system");
    par.system = fixture_str("other");
    expect_access(MCX_ACCESS_NO_AGREEMENT, "foreign_realm");
}
END_TEST

START_TEST(test_access_of_the_user)
{
    make_par();
    policy_agree((struct mcx_new_agreement){
        .partner = "partner", .is_inbound = true, .mc_user_id = "sip:dave@mc.partner.example"});
    expect_access(MCX_ACCESS_NOT_AUTHORIZED, "no_rule_for_user");
    policy_agree((struct mcx_new_agreement){
        .partner = "partner", .is_inbound = true, .user_domain = "fire.partner.example"});
    expect_access(MCX_ACCESS_NOT_AUTHORIZED, "no_rule_for_user");
    policy_agree(
        (struct mcx_new_agreement){.partner = "partner",
                                   .is_inbound = true,
                                   .service_ids = {1, {mcx_span_of("@mcvideo.partner.example")}},
                                   .services = {1, {mcx_span_of("mcvideo")}}});
    expect_access(MCX_ACCESS_NOT_AUTHORIZED, "no_rule_for_user");
    par.mc_user_id = fixture_str("sip:carol@Fire.Partner.example;x=y");
    expect_access(MCX_ACCESS, "agreement");
    ck_assert_uint_eq(access_choice.services, MCX_ALL_SERVICES);
    make_par();
    par.service_ids.id[0] = fixture_str("sip:carol@MCVIDEO.partner.example");
    expect_access(MCX_ACCESS, "agreement");
    ck_assert_uint_eq(access_choice.services, 1U << MCX_SERVICE_MCVIDEO);
    par.service_ids.count = 2;
    par.service_ids.id[1] = fixture_str("sip:carol@mcptt.partner.example");
    expect_access(MCX_ACCESS_NOT_AUTHORIZED, "no_rule_for_user");
    par.service_ids.count = 0;
    expect_access(MCX_ACCESS_NOT_AUTHORIZED, "no_rule_for_user");
    par.mc_user_id = fixture_str("sip:dave@mc.partner.example");
    expect_access(MCX_ACCESS, "agreement");
}
END_TEST

START_TEST(test_access_until_the_cap)
{
    make_par();
    policy_agree((struct mcx_new_agreement){.partner = "partner",
                                            .is_inbound = true,
                                            .expires = "2090-01-01T00:00:00Z",
                                            .max_bindings = 2});
    fixture_binding(site.admin, "dave");
    expect_access(MCX_ACCESS, "agreement");
    ck_assert_int_eq(access_choice.expires_s, 3786912000);
    par.expires_s = 2000000000;
    fixture_binding(site.admin, "erin");
    expect_access(MCX_ACCESS_EXHAUSTED, "too_many_bindings");
    par.source.impi = fixture_str("erin@PARTNER.example"); /* a repeat */
    expect_access(MCX_ACCESS, "agreement");
    ck_assert_int_eq(access_choice.expires_s, 2000000000);
    par.source.impi = fixture_str("carol@partner.example");
    fixture_sql(
        site.sql,
        "UPDATE binding SET expires_at = now() WHERE primary_impi = 'dave@partner.example'");
    expect_access(MCX_ACCESS, "agreement");
}
END_TEST

/* ---- the binding of who came ---- */

static struct mcx_binding_outcome come(const char *name, const char *service_id)
{
    struct mcx_binding_ask mir = migration_in(NULL, name);
    struct mcx_mc_ids ids = {.count = 1};

    ids.id[0] = fixture_str(service_id);
    mir.must_agree = true;
    mir.service_ids = &ids;
    mir.mc_user_id = "sip:carol@mc.partner.example";
    return migration_make(site.daemon, &mir);
}

static long long profile_of(const char *name)
{
    return fixture_number(site.sql,
                          "SELECT s.service_profile_id FROM implicit_set s JOIN binding b ON"
                          " b.set_id = s.id AND b.service_profile_id = s.service_profile_id"
                          " WHERE b.primary_impi_key = '%s@partner.example'",
                          name);
}

/* Step 8 and step 10 judge alike: time and profile are those of the agreement that admits. */
START_TEST(test_binding_is_under_the_agreement_that_admits)
{
    int64_t police;

    fixture_sql(site.sql, "INSERT INTO service_profile (id, name) VALUES (7, 'gold'), (8, 'tin')");
    police = policy_agree(
        (struct mcx_new_agreement){.partner = "partner",
                                   .is_inbound = true,
                                   .service_ids = {1, {mcx_span_of("@police.partner.example")}},
                                   .profile = "gold",
                                   .expires = "2090-01-01T00:00:00Z",
                                   .priority = 1});
    ck_assert_int_eq(come("Fire", "sip:f@mcptt.partner.example").verdict, MCX_BINDING_NO_AGREEMENT);
    policy_agree((struct mcx_new_agreement){
        .partner = "partner", .is_inbound = true, .profile = "tin", .priority = 100});
    ck_assert_int_eq(come("Fire", "sip:f@mcptt.partner.example").expires_s, MCX_NEVER);
    ck_assert_int_eq(profile_of("Fire"), 8);
    ck_assert_int_eq(come("Cop", "sip:c@Police.Partner.Example;x=y").expires_s, 3786912000);
    ck_assert_int_eq(profile_of("Cop"), 7);
    ck_assert_int_eq(fixture_number(site.sql,
                                    "SELECT count(*) FROM binding WHERE agreement_id ="
                                    " %lld AND primary_impi_key = 'Cop@partner.example'",
                                    (long long)police),
                     1);
}
END_TEST

/* An MC id without a domain: that of the private identity, as in step 8. */
START_TEST(test_binding_by_the_domain_of_the_private_identity)
{
    struct mcx_binding_ask mir = migration_in(NULL, "carol");

    policy_agree((struct mcx_new_agreement){
        .partner = "partner", .is_inbound = true, .user_domain = "partner.example"});
    mir.must_agree = true;
    ck_assert_int_eq(migration_make(site.daemon, &mir).verdict, MCX_BINDING_NO_AGREEMENT);
    mir.mc_user_id = "tel:+49891";
    ck_assert_int_eq(migration_make(site.daemon, &mir).verdict, MCX_BINDING_NEW);
}
END_TEST

/* ---- the end of an agreement ---- */

START_TEST(test_end_of_agreement_ends_what_lives_under_it_alone)
{
    struct mcx_provision carol = fixture_binding(site.admin, "carol");
    struct mcx_provision grant = {.partner = fixture_str("partner"),
                                  .impi = fixture_str("alice@primary.example"),
                                  .impu_count = 1,
                                  .impu = {fixture_str("sip:alice@primary.example")},
                                  .mc_user_id = POLICY_ALICE};
    int64_t all, mine, inbound;
    size_t ended;

    fixture_sql(site.sql,
                "INSERT INTO partner_host SELECT id, 'cms.partner.example', 'cms' FROM partner"
                " WHERE system_id = 'partner'");
    ck_assert_msg(mcx_store_grant_provision(site.admin, &grant, &site.problem) == MCX_OK, "%s",
                  site.problem.text);
    all = policy_agree((struct mcx_new_agreement){.partner = "partner"});
    mine =
        policy_agree((struct mcx_new_agreement){.partner = "partner", .mc_user_id = POLICY_ALICE});
    inbound = policy_agree((struct mcx_new_agreement){.partner = "partner", .is_inbound = true});
    ck_ok(mcx_store_agreement_end(site.admin, all, "over", &ended, &site.problem));
    ck_assert_uint_eq(ended, 0);
    ck_ok(mcx_store_agreement_end(site.admin, mine, "over", &ended, &site.problem));
    ck_assert_uint_eq(ended, 1);
    ck_assert_int_eq(fixture_number(site.sql,
                                    "SELECT count(*) FROM grant_ WHERE state = 'ended' AND"
                                    " cause = 'revoked' AND reason = 'over'"),
                     1);
    ck_assert_int_eq(
        fixture_number(site.sql, "SELECT count(*) FROM binding WHERE state = 'active'"), 1);
    ck_ok(mcx_store_agreement_end(site.admin, inbound, "over", &ended, &site.problem));
    ck_assert_uint_eq(ended, 1);
    ck_assert_int_eq(
        fixture_number(site.sql, "SELECT count(*) FROM binding WHERE state = 'active'"), 0);
    ck_assert_int_eq(fixture_number(site.sql,
                                    "SELECT count(*) FROM task WHERE kind = 'mrr_partner' AND"
                                    " payload ->> 'primary' IN ('primary', 'partner') AND"
                                    " payload ->> 'binding_uuid' IN ('%s', '%s')",
                                    carol.binding_id, grant.binding_id),
                     2);
}
END_TEST

static int64_t agree_for(bool is_inbound, const char *service, const char *service_id)
{
    struct mcx_new_agreement agreement = {.partner = "partner", .is_inbound = is_inbound};

    if (service)
        agreement.services = (struct mcx_names){1, {mcx_span_of(service)}};
    if (service_id)
        agreement.service_ids = (struct mcx_names){1, {mcx_span_of(service_id)}};
    return policy_agree(agreement);
}

static void expect_ended(int64_t agreement, size_t count)
{
    size_t ended = 0;

    ck_ok(mcx_store_agreement_end(site.admin, agreement, "over", &ended, &site.problem));
    ck_assert_uint_eq(ended, count);
}

/* Alice has MCPTT at the partner: a grant, and the migration that it is of. */
START_TEST(test_agreement_for_other_services_covers_nothing)
{
    int64_t mcptt = agree_for(false, "mcptt", NULL), mcdata = agree_for(false, "mcdata", NULL);
    struct mcx_provision grant = {.partner = fixture_str("partner"),
                                  .impi = fixture_str("alice@primary.example"),
                                  .impu_count = 1,
                                  .impu = {fixture_str("sip:alice@primary.example")},
                                  .mc_user_id = POLICY_ALICE};

    ck_ok(mcx_store_grant_provision(site.admin, &grant, &site.problem));
    fixture_sql(site.sql,
                "INSERT INTO migration (binding_uuid, mc_user_id, device, own_impi, partner_id,"
                " is_requested, is_masked, state, database_realm, own_impus, services, service_ids,"
                " created_by) SELECT binding_uuid, mc_user_id, 'handset', own_impi, partner_id,"
                " true, false, 'asking', 'primary.example', '{}', '{mcptt}', '{x}', 'test'"
                " FROM grant_");
    expect_ended(mcdata, 0);
    agree_for(false, "mcdata", NULL);
    expect_ended(mcptt, 1);
    ck_assert_int_eq(fixture_number(site.sql, "SELECT count(*) FROM migration WHERE state = 'ended'"
                                              " AND cause = 'revoked'"),
                     1);
}
END_TEST

/* Who was not admitted by his service ids is not covered by an agreement for such. */
START_TEST(test_agreement_by_service_ids_covers_its_own_alone)
{
    int64_t all = agree_for(true, NULL, NULL), police;

    fixture_binding(site.admin, "carol");
    police = agree_for(true, NULL, "@police.partner.example");
    fixture_binding(site.admin, "dave");
    fixture_sql(site.sql,
                "UPDATE binding SET agreement_id = %lld WHERE primary_impi ="
                " 'dave@partner.example'",
                (long long)police);
    expect_ended(all, 1);
    ck_assert_int_eq(fixture_number(site.sql, "SELECT count(*) FROM binding WHERE state = 'active'"
                                              " AND primary_impi = 'dave@partner.example'"),
                     1);
    expect_ended(police, 1);
}
END_TEST

Suite *access_suite(void)
{
    Suite *made = suite_create("access");
    TCase *tcase = policy_case("access");

    tcase_add_test(tcase, test_access_of_the_system);
    tcase_add_test(tcase, test_access_of_the_user);
    tcase_add_test(tcase, test_access_until_the_cap);
    tcase_add_test(tcase, test_end_of_agreement_ends_what_lives_under_it_alone);
    tcase_add_test(tcase, test_binding_is_under_the_agreement_that_admits);
    tcase_add_test(tcase, test_binding_by_the_domain_of_the_private_identity);
    tcase_add_test(tcase, test_agreement_for_other_services_covers_nothing);
    tcase_add_test(tcase, test_agreement_by_service_ids_covers_its_own_alone);
    suite_add_tcase(made, tcase);
    return made;
}
