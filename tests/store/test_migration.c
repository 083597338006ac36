/* SPDX-License-Identifier: Apache-2.0 */
/* Grants and bindings as MIRs make them: every verdict, repeats, races, ends. Design 3 and 4. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "asks.h"
#include "base/clock.h"
#include "site.h"
#include "store/allocation.h"
#include "store/subscriber.h"
#include "suites.h"

#define ID_A "11111111-1111-4111-8111-111111111111"
#define ID_B "22222222-2222-4222-8222-222222222222"

static struct mcx_binding_outcome make(struct mcx_binding_ask ask)
{
    return migration_make(site.daemon, &ask);
}

static bool same_given(const struct mcx_binding_outcome *a, const struct mcx_binding_outcome *b)
{
    bool is_same =
        mcx_str_equal(&a->given.impi, &b->given.impi) && a->given.impu_count == b->given.impu_count;

    for (size_t i = 0; is_same && i < a->given.impu_count; i++)
        is_same = mcx_str_equal(&a->given.impu[i], &b->given.impu[i]);
    return is_same;
}

static bool grant_is_live(const struct mcx_binding_outcome *made)
{
    return site_grant_is_live("partner", made->given.impi.octets, made->given.impu[0].octets);
}

static bool binding_is_live(const struct mcx_binding_outcome *made)
{
    struct mcx_mar_ask ask = fixture_own_ask(made->given.impi.octets, made->given.impu[0].octets);
    struct mcx_mar_facts facts = fixture_facts(site.daemon, &ask);

    return facts.binding_live && facts.belongs;
}

/* ---- new and repeat ---- */

START_TEST(test_unmasked_grant_answers_the_own_identities)
{
    struct mcx_binding_outcome made = make(migration_out(ID_A, "alice", false));

    ck_assert_int_eq(made.verdict, MCX_BINDING_NEW);
    ck_assert_str_eq(made.given.impi.octets, "alice@primary.example");
    ck_assert_str_eq(made.given.impu[0].octets, "sip:alice@primary.example");
    ck_assert_str_eq(made.binding_id, ID_A);
    ck_assert_int_eq(made.expires_s, MCX_NEVER);
    ck_assert(grant_is_live(&made));
}
END_TEST

START_TEST(test_masked_grant_answers_outbound_identities)
{
    struct mcx_binding_outcome made = make(migration_out(ID_A, "alice", true));

    ck_assert_int_eq(made.verdict, MCX_BINDING_NEW);
    ck_assert_uint_eq(made.given.impi.len, 26 + 1 + strlen("masked.primary.example"));
    ck_assert_str_eq(made.given.impi.octets + 26, "@masked.primary.example");
    ck_assert_int_eq(strncmp(made.given.impu[0].octets, "sip:", 4), 0);
    ck_assert_int_ne(memcmp(made.given.impu[0].octets + 4, made.given.impi.octets, 26), 0);
    ck_assert(grant_is_live(&made));
}
END_TEST

START_TEST(test_inbound_binding_is_served)
{
    struct mcx_binding_outcome made = make(migration_in(ID_A, "carol"));
    struct mcx_mar_ask ask = fixture_own_ask(made.given.impi.octets, made.given.impu[0].octets);
    struct mcx_mar_facts facts = fixture_facts(site.daemon, &ask);

    ck_assert_int_eq(made.verdict, MCX_BINDING_NEW);
    ck_assert_str_eq(made.given.impi.octets + 26, "@migration.primary.example");
    ck_assert(facts.binding_live && facts.belongs);
    ck_assert_str_eq(facts.primary_impi.octets, "Carol@Partner.Example"); /* as received */
    ck_assert_str_eq(facts.primary_realm.octets, "partner.example");
    ck_assert_int_eq(fixture_number(site.sql, "SELECT count(*) FROM implicit_set s JOIN binding b"
                                              " ON b.set_id = s.id JOIN public_identity p"
                                              " ON p.set_id = s.id AND p.is_default"),
                     1);
}
END_TEST

START_TEST(test_repeat_is_the_same_with_the_same_or_a_new_id)
{
    struct mcx_binding_outcome out = make(migration_out(ID_A, "alice", true)), in, again;

    again = make(migration_out(ID_A, "alice", true));
    ck_assert_int_eq(again.verdict, MCX_BINDING_REPEAT);
    ck_assert(same_given(&out, &again));
    again = make(migration_out(ID_B, "alice", true));
    ck_assert_int_eq(again.verdict, MCX_BINDING_REPEAT);
    ck_assert(same_given(&out, &again));
    in = make(migration_in(ID_A, "carol"));
    again = make(migration_in(ID_B, "carol"));
    ck_assert_int_eq(again.verdict, MCX_BINDING_REPEAT);
    ck_assert(same_given(&in, &again));
    ck_assert_int_eq(fixture_number(site.sql, "SELECT count(*) FROM binding"), 1);
    ck_assert_int_eq(
        fixture_number(site.sql, "SELECT count(*) FROM grant_ WHERE binding_uuid = '%s'", ID_B), 1);
}
END_TEST

START_TEST(test_expiry_is_the_least_and_a_repeat_never_shortens)
{
    struct mcx_binding_ask ask = migration_in(ID_A, "carol");
    int64_t now_s = fixture_number(site.sql, "SELECT extract(epoch FROM now())::bigint");
    struct mcx_binding_outcome made;

    ask.expires_s = now_s + 5000;
    ask.max_s = 100000;
    ck_assert_int_eq(make(ask).expires_s, now_s + 5000);
    ask.expires_s = now_s + 50;
    ck_assert_int_eq(make(ask).expires_s, now_s + 5000);
    ask.expires_s = MCX_NEVER;
    made = make(ask);
    ck_assert_int_ge(made.expires_s, now_s + 99999);
    ck_assert_int_le(made.expires_s, now_s + 100060);
    fixture_sql(site.sql, "INSERT INTO agreement (partner_id, direction, max_duration, expires_at)"
                          " SELECT id, 'outbound', '1 hour', now() + interval '1 day' FROM partner"
                          " WHERE system_id = 'partner'");
    ask = migration_out(ID_B, "alice", false);
    made = make(ask);
    ck_assert_int_ge(made.expires_s, now_s + 3590);
    ck_assert_int_le(made.expires_s, now_s + 3660);
    ck_assert_int_eq(
        fixture_number(site.sql, "SELECT extract(epoch FROM expires_at)::bigint FROM grant_"),
        made.expires_s + 60);
}
END_TEST

START_TEST(test_profile_comes_from_the_agreement)
{
    fixture_sql(site.sql, "INSERT INTO service_profile (id, name) VALUES (7, 'guests')");
    fixture_sql(site.sql, "INSERT INTO agreement (partner_id, direction, service_profile_id)"
                          " SELECT id, 'inbound', 7 FROM partner WHERE system_id = 'partner'");
    ck_assert_int_eq(make(migration_in(ID_A, "carol")).verdict, MCX_BINDING_NEW);
    ck_assert_int_eq(fixture_number(site.sql, "SELECT service_profile_id FROM binding"), 7);
    ck_assert_int_eq(fixture_number(site.sql, "SELECT s.service_profile_id FROM implicit_set s"
                                              " JOIN binding b ON b.set_id = s.id"),
                     7);
}
END_TEST

START_TEST(test_another_database_of_the_primary_on_a_repeat)
{
    struct mcx_binding_ask ask = migration_in(ID_A, "carol");
    struct mcx_binding_outcome made = make(ask);
    struct mcx_mar_ask mar = fixture_own_ask(made.given.impi.octets, made.given.impu[0].octets);

    ask.database_host = "hss.partner.example";
    ck_assert_int_eq(make(ask).verdict, MCX_BINDING_REPEAT);
    ck_assert_str_eq(fixture_facts(site.daemon, &mar).primary_host.octets, "hss.partner.example");
    ask.database_host = "hss.other.example";
    ck_assert_int_eq(make(ask).verdict, MCX_BINDING_NO_AGREEMENT);
    ck_assert_str_eq(fixture_facts(site.daemon, &mar).primary_host.octets, "hss.partner.example");
}
END_TEST

START_TEST(test_other_masking_replaces)
{
    struct mcx_binding_outcome masked = make(migration_out(ID_A, "alice", true));
    struct mcx_binding_outcome plain;

    fixture_sql(site.sql, "INSERT INTO partner_host SELECT id, 'cms.partner.example', 'cms'"
                          " FROM partner WHERE system_id = 'partner'");
    plain = make(migration_out(ID_B, "alice", false));
    ck_assert_int_eq(plain.verdict, MCX_BINDING_NEW);
    ck_assert(plain.replaced);
    ck_assert(!grant_is_live(&masked));
    ck_assert(grant_is_live(&plain));
    ck_assert_int_eq(
        fixture_number(site.sql, "SELECT count(*) FROM grant_ WHERE cause = 'replaced'"), 1);
    ck_assert_int_eq(fixture_number(site.sql,
                                    "SELECT count(*) FROM task WHERE kind = 'mrr_partner' AND"
                                    " payload->>'binding_uuid' = '%s' AND payload->>'primary' ="
                                    " 'primary' AND payload->>'partner' = 'partner' AND"
                                    " payload->>'cause' = 'replaced'",
                                    ID_A),
                     1);
}
END_TEST

START_TEST(test_more_impus_join)
{
    struct mcx_binding_ask ask = migration_in(ID_A, "carol");
    struct mcx_binding_outcome first = make(ask), more;

    migration_add_impu(&ask, "sip:second@partner.example");
    more = make(ask);
    ck_assert_int_eq(more.verdict, MCX_BINDING_REPEAT);
    ck_assert_uint_eq(more.given.impu_count, 2);
    ck_assert_str_eq(more.given.impu[0].octets, first.given.impu[0].octets);
    ck_assert_str_ne(more.given.impu[1].octets, first.given.impu[0].octets);
    ck_assert_int_eq(fixture_number(site.sql, "SELECT count(DISTINCT set_id) FROM public_identity"
                                              " WHERE kind = 'inbound'"),
                     1);
    ask = migration_in(ID_A, "carol");
    for (int i = 0; i < 7; i++) {
        char impu[64];

        snprintf(impu, sizeof impu, "sip:number%d@partner.example", i);
        migration_add_impu(&ask, impu);
    }
    ck_assert_int_eq(make(ask).verdict, MCX_BINDING_TOO_MANY);
    ck_assert_int_eq(fixture_number(site.sql, "SELECT count(*) FROM binding_impu"), 2);
}
END_TEST

/* ---- refusals ---- */

START_TEST(test_verdicts_that_refuse)
{
    struct mcx_binding_ask ask = migration_out(ID_A, "alice", false);
    struct mcx_str alice = ask.source.impi;
    struct mcx_conf_problem problem;

    ask.system = "nobody";
    ck_assert_int_eq(make(ask).verdict, MCX_BINDING_NO_AGREEMENT);
    ck_assert_int_eq(make(migration_out(ID_A, "eve", false)).verdict, MCX_BINDING_UNKNOWN_USER);
    ask = migration_out(ID_A, "alice", false);
    migration_add_impu(&ask, "sip:bob@primary.example");
    ck_assert_int_eq(make(ask).verdict, MCX_BINDING_UNKNOWN_USER);
    ask = migration_out(ID_A, "alice", false);
    ask.expires_s = 1000000000;
    ck_assert_int_eq(make(ask).verdict, MCX_BINDING_PAST);
    ck_ok(mcx_store_subscriber_bar(site.admin, &alice, true, "stolen", &problem));
    ck_assert_int_eq(make(migration_out(ID_A, "alice", false)).verdict, MCX_BINDING_BARRED);
    ask = migration_in(ID_A, "carol");
    ask.system = "other";
    ck_assert_int_eq(make(ask).verdict, MCX_BINDING_NO_AGREEMENT); /* domain */
    ask = migration_in(ID_A, "carol");
    ask.database_realm = "primary.example";
    ck_assert_int_eq(make(ask).verdict, MCX_BINDING_NO_AGREEMENT); /* our realm */
    fixture_sql(site.sql, "UPDATE own_domain SET is_default = false");
    ck_assert_int_eq(make(migration_in(ID_A, "carol")).verdict, MCX_BINDING_EXHAUSTED);
    ck_assert_int_eq(make(migration_out(ID_A, "bob", true)).verdict, MCX_BINDING_EXHAUSTED);
    ck_assert_int_eq(fixture_number(site.sql, "SELECT count(*) FROM grant_"), 0);
    ck_assert_int_eq(fixture_number(site.sql, "SELECT count(*) FROM binding"), 0);
}
END_TEST

START_TEST(test_no_chains)
{
    struct mcx_binding_outcome in = make(migration_in(ID_A, "carol"));
    struct mcx_binding_outcome masked = make(migration_out(ID_B, "alice", true));
    struct mcx_binding_ask ask = migration_out(NULL, "alice", false);

    ask.source = in.given;
    ck_assert_int_eq(make(ask).verdict, MCX_BINDING_UNKNOWN_USER);
    ask.source = masked.given;
    ck_assert_int_eq(make(ask).verdict, MCX_BINDING_UNKNOWN_USER);
    fixture_sql(site.sql, "INSERT INTO partner_domain SELECT d, id FROM partner, unnest(ARRAY["
                          "'migration.primary.example', 'masked.primary.example']) d"
                          " WHERE system_id = 'partner'");
    ask = migration_in(NULL, "dave");
    ask.source = in.given;
    ask.received = &ask.source;
    ck_assert_int_eq(make(ask).verdict, MCX_BINDING_UNKNOWN_USER);
    ask = migration_in(NULL, "dave");
    ask.source.impu[0] = masked.given.impu[0];
    ck_assert_int_eq(make(ask).verdict, MCX_BINDING_UNKNOWN_USER);
}
END_TEST

START_TEST(test_live_with_another_mc_user)
{
    struct mcx_binding_ask out = migration_out(ID_A, "alice", false);
    struct mcx_binding_ask in = migration_in(ID_A, "carol");

    ck_assert_int_eq(make(out).verdict, MCX_BINDING_NEW);
    ck_assert_int_eq(make(in).verdict, MCX_BINDING_NEW);
    out.mc_user_id = in.mc_user_id = "sip:eve@mc.example";
    ck_assert_int_eq(make(out).verdict, MCX_BINDING_OTHER_USER);
    ck_assert_int_eq(make(in).verdict, MCX_BINDING_OTHER_USER);
}
END_TEST

/* An id that was released is over: a MIR that was under way for long brings nothing back. */
START_TEST(test_used_id)
{
    ck_assert_int_eq(make(migration_in(ID_A, "carol")).verdict, MCX_BINDING_NEW);
    ck_assert_int_eq(make(migration_in(ID_A, "dave")).verdict, MCX_BINDING_USED_ID);
    ck_ok(mcx_store_binding_release(site.daemon, ID_A, "partner", NULL, MCX_ENDED_BY_USER, "cms",
                                    "test"));
    ck_assert_int_eq(make(migration_in(ID_A, "carol")).verdict, MCX_BINDING_USED_ID);
    ck_assert_int_eq(make(migration_in(ID_B, "carol")).verdict, MCX_BINDING_NEW);
    ck_assert_int_eq(make(migration_out(ID_A, "alice", false)).verdict, MCX_BINDING_NEW);
}
END_TEST

/* ---- ends ---- */

START_TEST(test_release_by_primary_and_id)
{
    struct mcx_binding_outcome out = make(migration_out(ID_A, "alice", true));
    struct mcx_binding_outcome in = make(migration_in(ID_A, "carol"));

    ck_assert_int_eq(
        mcx_store_binding_release(site.daemon, ID_B, "primary", NULL, MCX_REVOKED, "cms", "test"),
        MCX_NOT_FOUND);
    ck_assert_int_eq(
        mcx_store_binding_release(site.daemon, ID_A, "other", NULL, MCX_REVOKED, "cms", "test"),
        MCX_NOT_FOUND);
    ck_assert(grant_is_live(&out) && binding_is_live(&in));
    ck_ok(
        mcx_store_binding_release(site.daemon, ID_A, "primary", NULL, MCX_REVOKED, "cms", "test"));
    ck_assert(!grant_is_live(&out) && binding_is_live(&in));
    ck_ok(mcx_store_binding_release(site.daemon, ID_A, "partner", NULL, MCX_ENDED_BY_USER, "cms",
                                    "test"));
    ck_assert(!binding_is_live(&in));
    ck_ok(mcx_store_binding_release(site.daemon, ID_A, "partner", NULL, MCX_ENDED_BY_USER, "cms",
                                    "test"));
    ck_assert_int_eq(fixture_number(site.sql,
                                    "SELECT count(*) FROM binding WHERE cause = 'released'"
                                    " AND ended_by = 'cms' AND reason = 'test'"),
                     1);
    ck_assert_int_eq(fixture_number(site.sql, "SELECT count(*) FROM task"), 0);
}
END_TEST

START_TEST(test_expired_is_ended_and_made_anew)
{
    struct mcx_binding_outcome first = make(migration_in(ID_A, "carol")), again;

    fixture_sql(site.sql, "UPDATE binding SET expires_at = now() - interval '1 s'");
    ck_assert(!binding_is_live(&first));
    again = make(migration_in(ID_A, "carol"));
    ck_assert_int_eq(again.verdict, MCX_BINDING_NEW);
    ck_assert(!same_given(&first, &again));
    ck_assert_int_eq(
        fixture_number(site.sql, "SELECT count(*) FROM binding WHERE cause = 'expired'"), 1);
}
END_TEST

START_TEST(test_sweep_ends_what_has_expired_and_nothing_else)
{
    size_t ended;

    (void)make(migration_out(ID_A, "alice", false));
    (void)make(migration_out(ID_B, "bob", false));
    (void)make(migration_in(ID_A, "carol"));
    (void)make(migration_in(ID_B, "dave"));
    fixture_sql(site.sql, "UPDATE binding SET expires_at = now() WHERE binding_uuid = '%s'", ID_A);
    fixture_sql(site.sql, "UPDATE grant_ SET expires_at = now() WHERE binding_uuid = '%s'", ID_A);
    ck_ok(mcx_store_sweep(site.daemon, 60, &ended));
    ck_assert_uint_eq(ended, 2);
    ck_ok(mcx_store_sweep(site.daemon, 60, &ended));
    ck_assert_uint_eq(ended, 0);
    ck_assert_int_eq(
        fixture_number(site.sql, "SELECT count(*) FROM binding WHERE state = 'active'"), 1);
    ck_assert_int_eq(fixture_number(site.sql, "SELECT count(*) FROM grant_ WHERE state = 'ended'"
                                              " AND cause = 'expired'"),
                     1);
    ck_assert_int_eq(fixture_number(site.sql, "SELECT count(*) FROM audit WHERE kind = 'expired'"),
                     1);
}
END_TEST

/* Who is told, and what of ours ends with it. */
START_TEST(test_end_by_hand_is_told)
{
    struct mcx_conf_problem problem;
    size_t ended;

    fixture_sql(site.sql, "INSERT INTO partner_host SELECT id, 'cms.partner.example', 'cms'"
                          " FROM partner WHERE system_id = 'partner'");
    (void)make(migration_out(ID_A, "alice", false));
    (void)make(migration_in(ID_B, "carol"));
    fixture_sql(site.sql,
                "INSERT INTO migration (binding_uuid, mc_user_id, device, own_impi, partner_id,"
                " is_requested, is_masked, state, database_realm, own_impus, services, service_ids,"
                " created_by) SELECT binding_uuid, mc_user_id, 'x', own_impi, partner_id, false,"
                " false, 'asking', 'primary.example', '{a}', '{mcptt}', '{a}', 'x' FROM grant_");
    ck_ok(mcx_store_binding_end(site.admin, ID_A, "revoked", "test", &ended, &problem));
    ck_ok(mcx_store_binding_end(site.admin, ID_B, "released", "test", &ended, &problem));
    ck_assert_int_eq(fixture_number(site.sql,
                                    "SELECT count(*) FROM task WHERE (payload->>'binding_uuid',"
                                    " payload->>'primary', payload->>'cause') IN"
                                    " (('%s', 'primary', 'revoked'), ('%s', 'partner', 'released'))"
                                    " AND not_before <= now()",
                                    ID_A, ID_B),
                     2);
    /* and of what was being set up once more, when a late PAR has arrived */
    ck_assert_int_eq(
        fixture_number(site.sql,
                       "SELECT count(*) FROM task WHERE payload->>'binding_uuid' = '%s'"
                       " AND not_before > now()",
                       ID_A),
        1);
    ck_assert_int_eq(fixture_number(site.sql, "SELECT count(*) FROM migration WHERE state = 'ended'"
                                              " AND cause = 'revoked' AND reason = 'test'"),
                     1);
}
END_TEST

static Suite *migration_suite(void)
{
    Suite *made = suite_create("migration");
    TCase *tcase = tcase_create("migration");

    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, site_setup, site_teardown);
    tcase_add_test(tcase, test_unmasked_grant_answers_the_own_identities);
    tcase_add_test(tcase, test_masked_grant_answers_outbound_identities);
    tcase_add_test(tcase, test_inbound_binding_is_served);
    tcase_add_test(tcase, test_repeat_is_the_same_with_the_same_or_a_new_id);
    tcase_add_test(tcase, test_expiry_is_the_least_and_a_repeat_never_shortens);
    tcase_add_test(tcase, test_profile_comes_from_the_agreement);
    tcase_add_test(tcase, test_another_database_of_the_primary_on_a_repeat);
    tcase_add_test(tcase, test_other_masking_replaces);
    tcase_add_test(tcase, test_more_impus_join);
    tcase_add_test(tcase, test_verdicts_that_refuse);
    tcase_add_test(tcase, test_no_chains);
    tcase_add_test(tcase, test_live_with_another_mc_user);
    tcase_add_test(tcase, test_used_id);
    tcase_add_test(tcase, test_release_by_primary_and_id);
    tcase_add_test(tcase, test_expired_is_ended_and_made_anew);
    tcase_add_test(tcase, test_sweep_ends_what_has_expired_and_nothing_else);
    tcase_add_test(tcase, test_end_by_hand_is_told);
    suite_add_tcase(made, tcase);
    return made;
}

int main(void)
{
    return fixture_main(false,
                        (Suite * (*const[])(void)){migration_suite, migration_crowd_suite,
                                                   pool_of_ids_suite, more_impus_suite},
                        4);
}
