/* SPDX-License-Identifier: Apache-2.0 */
/* Provisioning by hand, both sides: who may say what, idempotence, ending; subscribers and keys.
 * Design 3 and 4. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "site.h"
#include "store/partner.h"
#include "store/subscriber.h"
#include "suites.h"

static bool grant_is_live(const char *partner, const struct mcx_provision *made)
{
    return site_grant_is_live(partner, made->given_impi.octets, made->given_impu[0].octets);
}

/* ---- who may say what ---- */

START_TEST(test_grants_that_are_refused)
{
    static const struct {
        const char *partner, *impi, *impu, *text;
        enum mcx_err err;
    } rows[] = {
        {"nobody", "alice@primary.example", "sip:alice@primary.example", "is no partner",
         MCX_NOT_FOUND},
        {"partner", "eve@primary.example", "sip:alice@primary.example", "is no subscriber",
         MCX_NOT_FOUND},
        {"partner", "alice@primary.example", "sip:bob@primary.example", "is no public identity of",
         MCX_NOT_FOUND},
        {"partner", "alice", "sip:alice@primary.example", "not a private identity", MCX_INVALID},
        {"partner", "al!ce@primary.example", "sip:alice@primary.example", "not a private identity",
         MCX_INVALID},
        {"partner", "alice@primary.example", "alice@primary.example", "not a public identity",
         MCX_INVALID},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct mcx_provision want = {.partner = fixture_str(rows[i].partner),
                                     .impi = fixture_str(rows[i].impi),
                                     .impu_count = 1,
                                     .impu = {fixture_str(rows[i].impu)}};

        ck_assert_int_eq(mcx_store_grant_provision(site.admin, &want, &site.problem), rows[i].err);
        ck_assert_msg(strstr(site.problem.text, rows[i].text) != NULL, "%zu: %s", i,
                      site.problem.text);
    }
    ck_assert_int_eq(fixture_number(site.sql, "SELECT count(*) FROM grant_"), 0);
}
END_TEST

START_TEST(test_bindings_that_are_refused)
{
    static const struct {
        const char *partner, *impi, *impu, *realm, *host, *text;
    } rows[] = {
        {"partner", "carol@other.example", "sip:carol@partner.example", "", "",
         "domain other.example"},
        {"partner", "carol@partner.example", "sip:carol@other.example", "", "",
         "domain other.example"},
        {"partner", "alice@primary.example", "sip:carol@partner.example", "", "",
         "domain primary.example"},
        {"partner", "carol@partner.example", "sip:carol@partner.example", "other.example", "",
         "realm other.example"},
        {"partner", "carol@partner.example", "sip:carol@partner.example", "primary.example", "",
         "realm primary.example"},
        {"partner", "carol@partner.example", "sip:carol@partner.example", "", "hss.other.example",
         "host hss.other"},
        {"nobody", "carol@partner.example", "sip:carol@partner.example", "", "", "is no partner"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct mcx_provision want = {.partner = fixture_str(rows[i].partner),
                                     .impi = fixture_str(rows[i].impi),
                                     .impu_count = 1,
                                     .impu = {fixture_str(rows[i].impu)},
                                     .database_realm = fixture_str(rows[i].realm),
                                     .database_host = fixture_str(rows[i].host)};

        ck_assert_int_ne(mcx_store_binding_provision(site.admin, &want, &site.problem), MCX_OK);
        ck_assert_msg(strstr(site.problem.text, rows[i].text) != NULL, "%zu: %s", i,
                      site.problem.text);
    }
    ck_assert_int_eq(fixture_number(site.sql, "SELECT count(*) FROM binding"), 0);
    ck_assert_int_eq(
        fixture_number(site.sql, "SELECT count(*) FROM identity WHERE kind = 'inbound'"), 0);
}
END_TEST

START_TEST(test_no_chains)
{
    struct mcx_provision in = fixture_binding(site.admin, "carol");
    struct mcx_provision want = {.partner = fixture_str("other"),
                                 .impi = in.given_impi,
                                 .impu_count = 1,
                                 .impu = {in.given_impu[0]}};

    ck_assert_int_eq(mcx_store_grant_provision(site.admin, &want, &site.problem), MCX_NOT_FOUND);
    fixture_sql(site.sql,
                "INSERT INTO partner_domain SELECT 'migration.primary.example', id FROM partner"
                " WHERE system_id = 'partner'");
    want.partner = fixture_str("partner");
    ck_assert_int_eq(mcx_store_binding_provision(site.admin, &want, &site.problem), MCX_MISMATCH);
    ck_assert_ptr_nonnull(strstr(site.problem.text, "is an identity of this system (inbound)"));
}
END_TEST

/* ---- idempotence ---- */

START_TEST(test_repeat_gives_the_same_and_never_shortens)
{
    struct mcx_provision first = fixture_grant(site.admin, "partner", "alice", true);
    struct mcx_provision again = first;

    again.for_s = 60;
    ck_ok(mcx_store_grant_provision(site.admin, &again, &site.problem));
    ck_assert(again.was_there);
    ck_assert_str_eq(again.binding_id, first.binding_id);
    ck_assert_str_eq(again.given_impi.octets, first.given_impi.octets);
    ck_assert_str_eq(again.given_impu[0].octets, first.given_impu[0].octets);
    ck_assert_str_eq(again.expires_at, "infinity");
    ck_assert_int_eq(fixture_number(site.sql, "SELECT count(*) FROM grant_"), 1);
}
END_TEST

START_TEST(test_repeat_may_lengthen)
{
    struct mcx_provision want = {.partner = fixture_str("partner"),
                                 .impi = fixture_str("Carol@Partner.Example"),
                                 .impu_count = 1,
                                 .impu = {fixture_str("sip:Carol@Partner.Example;user=phone")},
                                 .for_s = 60};
    struct mcx_provision again = want;

    ck_ok(mcx_store_binding_provision(site.admin, &want, &site.problem));
    again.for_s = 3600;
    again.impi = fixture_str("Carol@partner.example");
    again.impu[0] = fixture_str("sip:Carol@partner.example");
    ck_ok(mcx_store_binding_provision(site.admin, &again, &site.problem));
    ck_assert(again.was_there);
    ck_assert_str_eq(again.given_impi.octets, want.given_impi.octets);
    ck_assert_str_eq(again.given_impu[0].octets, want.given_impu[0].octets);
    ck_assert_int_gt(strcmp(again.expires_at, want.expires_at), 0);
}
END_TEST

START_TEST(test_other_masking_replaces)
{
    struct mcx_provision masked = fixture_grant(site.admin, "partner", "alice", true);
    struct mcx_provision plain = fixture_grant(site.admin, "partner", "alice", false);

    ck_assert(plain.replaced);
    ck_assert_str_ne(plain.binding_id, masked.binding_id);
    ck_assert(!grant_is_live("partner", &masked));
    ck_assert(grant_is_live("partner", &plain));
    ck_assert_int_eq(fixture_number(site.sql, "SELECT count(*) FROM grant_ WHERE state = 'ended'"
                                              " AND cause = 'replaced' AND is_masked"),
                     1);
}
END_TEST

START_TEST(test_other_mc_user_is_refused)
{
    struct mcx_provision made = fixture_binding(site.admin, "carol");
    struct mcx_provision again = made;

    again.mc_user_id = "sip:carol@mc.example";
    ck_ok(mcx_store_binding_provision(site.admin, &again, &site.problem));
    again.mc_user_id = "sip:eve@mc.example";
    ck_assert_int_eq(mcx_store_binding_provision(site.admin, &again, &site.problem), MCX_MISMATCH);
}
END_TEST

START_TEST(test_expired_is_ended_and_made_anew)
{
    struct mcx_provision first = fixture_binding(site.admin, "carol"), again;

    fixture_sql(site.sql, "UPDATE binding SET expires_at = now() - interval '1 s'");
    again = fixture_binding(site.admin, "carol");
    ck_assert(!again.was_there);
    ck_assert_str_ne(again.given_impi.octets, first.given_impi.octets);
    ck_assert_int_eq(
        fixture_number(site.sql, "SELECT count(*) FROM binding WHERE cause = 'expired'"), 1);
}
END_TEST

START_TEST(test_more_impus_join_a_live_binding)
{
    struct mcx_provision first = fixture_binding(site.admin, "carol"), more = first;

    more.impu_count = 2;
    more.impu[0] = fixture_str("sip:second@partner.example");
    more.impu[1] = first.impu[0];
    ck_ok(mcx_store_binding_provision(site.admin, &more, &site.problem));
    ck_assert_str_eq(more.given_impu[1].octets, first.given_impu[0].octets);
    ck_assert_str_ne(more.given_impu[0].octets, first.given_impu[0].octets);
    ck_assert_int_eq(fixture_number(site.sql,
                                    "SELECT count(DISTINCT set_id) FROM public_identity WHERE"
                                    " kind = 'inbound'"),
                     1);
}
END_TEST

/* ---- ending ---- */

START_TEST(test_barring_ends_grants_and_stops_service)
{
    struct mcx_provision made = fixture_grant(site.admin, "partner", "alice", false);
    struct mcx_str impi = fixture_str("alice@primary.example");

    ck_assert(grant_is_live("partner", &made));
    ck_ok(mcx_store_subscriber_bar(site.admin, &impi, true, "stolen", &site.problem));
    ck_assert(!grant_is_live("partner", &made));
    ck_assert_int_eq(mcx_store_grant_provision(site.admin, &made, &site.problem), MCX_NOT_LIVE);
    ck_ok(mcx_store_subscriber_bar(site.admin, &impi, false, "found", &site.problem));
    ck_assert(!grant_is_live("partner", &made));
    ck_assert_int_eq(fixture_number(site.sql, "SELECT count(*) FROM grant_ WHERE cause = 'revoked'"
                                              " AND reason = 'stolen' AND ended_by LIKE 'test@%%'"),
                     1);
}
END_TEST

START_TEST(test_removed_partner_is_unknown_and_keeps_its_ind)
{
    struct mcx_provision made = fixture_grant(site.admin, "partner", "alice", false);
    struct mcx_provision in = fixture_binding(site.admin, "carol");
    struct mcx_str id = fixture_str("partner");
    long long ind = fixture_number(site.sql, "SELECT ind FROM partner WHERE system_id = 'partner'");
    struct mcx_mar_ask ask = fixture_own_ask(in.given_impi.octets, in.given_impu[0].octets);
    struct mcx_new_partner again = {.system_id = id,
                                    .realms = {1, {fixture_str("partner.example")}},
                                    .sip_databases = {1, {fixture_str("hss.partner.example")}},
                                    .domains = {1, {fixture_str("partner.example")}}};

    ck_ok(mcx_store_partner_remove(site.admin, &id, "contract ended", &site.problem));
    ck_assert(!grant_is_live("partner", &made));
    ck_assert(!fixture_facts(site.daemon, &ask).binding_live);
    ck_assert_int_eq(mcx_store_partner_remove(site.admin, &id, "again", &site.problem),
                     MCX_NOT_FOUND);
    ck_ok(mcx_store_partner_add(site.admin, &again, &site.problem));
    ck_assert_int_eq(again.ind, ind);
    ck_assert(!grant_is_live("partner", &made));
}
END_TEST

START_TEST(test_partner_names_are_nobody_elses)
{
    static const struct {
        const char *realm, *host, *domain, *text;
    } rows[] = {{"partner.example", "hss.new.example", "new.example", "realm partner.example"},
                {"primary.example", "hss.new.example", "new.example", "realm primary.example"},
                {"new.example", "hss.partner.example", "new.example", "host hss.partner.example"},
                {"new.example", "hss.new.example", "other.example", "domain other.example"},
                {"new.example", "hss.new.example", "masked.primary.example", "domain masked"}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct mcx_new_partner want = {.system_id = fixture_str("new"),
                                       .realms = {1, {fixture_str(rows[i].realm)}},
                                       .sip_databases = {1, {fixture_str(rows[i].host)}},
                                       .domains = {1, {fixture_str(rows[i].domain)}}};

        ck_assert_int_eq(mcx_store_partner_add(site.admin, &want, &site.problem), MCX_EXISTS);
        ck_assert_msg(strstr(site.problem.text, rows[i].text) != NULL, "%s", site.problem.text);
    }
}
END_TEST

/* Design 5: the least used of 2 to 31; beyond 30 partners they are shared. */
START_TEST(test_inds_are_spread)
{
    for (int i = 0; i < 31; i++) {
        char name[32];
        struct mcx_new_partner want = {.realms = {1}, .sip_databases = {1}, .domains = {1}};

        snprintf(name, sizeof name, "p%d", i);
        want.system_id = fixture_str(name);
        snprintf(name, sizeof name, "p%d.example", i);
        want.realms.host[0] = want.domains.host[0] = fixture_str(name);
        snprintf(name, sizeof name, "hss.p%d.example", i);
        want.sip_databases.host[0] = fixture_str(name);
        ck_ok(mcx_store_partner_add(site.admin, &want, &site.problem));
    }
    ck_assert_int_eq(fixture_number(site.sql, "SELECT count(DISTINCT ind) FROM partner"), 30);
    ck_assert_int_eq(fixture_number(site.sql,
                                    "SELECT max(n) FROM (SELECT count(*) AS n FROM partner"
                                    " GROUP BY ind) x"),
                     2);
}
END_TEST

Suite *provision_suite(void)
{
    Suite *made = suite_create("provision");
    TCase *tcase = tcase_create("provision");

    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, site_setup, site_teardown);
    tcase_add_test(tcase, test_grants_that_are_refused);
    tcase_add_test(tcase, test_bindings_that_are_refused);
    tcase_add_test(tcase, test_no_chains);
    tcase_add_test(tcase, test_repeat_gives_the_same_and_never_shortens);
    tcase_add_test(tcase, test_repeat_may_lengthen);
    tcase_add_test(tcase, test_other_masking_replaces);
    tcase_add_test(tcase, test_other_mc_user_is_refused);
    tcase_add_test(tcase, test_expired_is_ended_and_made_anew);
    tcase_add_test(tcase, test_more_impus_join_a_live_binding);
    tcase_add_test(tcase, test_barring_ends_grants_and_stops_service);
    tcase_add_test(tcase, test_removed_partner_is_unknown_and_keeps_its_ind);
    tcase_add_test(tcase, test_partner_names_are_nobody_elses);
    tcase_add_test(tcase, test_inds_are_spread);
    suite_add_tcase(made, tcase);
    return made;
}

int main(void)
{
    return fixture_main(false, (Suite * (*const[])(void)){provision_suite, subscriber_suite}, 2);
}
