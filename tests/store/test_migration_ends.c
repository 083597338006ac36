/* SPDX-License-Identifier: Apache-2.0 */
/* What people end here reaches migrations that have no grant in this database: those that wait, and
 * those whose grant another SIP database of the system keeps. Design 4, "Ending". */
#include <string.h>

#include "policy_rows.h"
#include "store/allocation.h"
#include "store/choice.h"
#include "store/migration.h"
#include "store/partner.h"
#include "store/subscriber.h"
#include "suites.h"

static int64_t agreement;

static struct mcx_migration_ask ask_for(const char *partner)
{
    struct mcx_migration_ask ask = {.has_location = true};

    ask.services.has[MCX_SERVICE_MCPTT] = true;
    ask.services.id[MCX_SERVICE_MCPTT] = fixture_str(POLICY_ALICE);
    ask.partner = fixture_str(partner);
    return ask;
}

/* Alice asks: it waits for its MIR. */
static struct mcx_migration waiting(const char *partner)
{
    struct mcx_migration_ask ask = ask_for(partner);
    struct mcx_migration_choice choice;
    struct mcx_migration migration;

    agreement = policy_agree((struct mcx_new_agreement){.partner = partner});
    ck_ok(mcx_store_migration_choose(site.daemon, &ask, &choice));
    ck_assert_int_eq(choice.verdict, MCX_MIGRATE);
    ck_ok(mcx_store_migration_begin(site.daemon, &choice, 15, &migration));
    return migration;
}

/* Its grant is elsewhere: in realm and host of another SIP database. */
static struct mcx_migration active(const char *partner)
{
    struct mcx_migration migration = waiting(partner);
    struct mcx_identities inbound = {.impu_count = 1};
    int64_t expires_s = MCX_NEVER;

    inbound.impi = fixture_str("in@migration.partner.example");
    inbound.impu[0] = fixture_str("sip:in@migration.partner.example");
    migration.asked = migration.own;
    ck_ok(mcx_store_migration_given(site.daemon, &migration, &inbound, mcx_span("document", 8),
                                    &expires_s));
    return migration;
}

static long long tasks(const char *kind, const char *id)
{
    return fixture_number(site.sql,
                          "SELECT count(*) FROM task WHERE kind = '%s' AND done_at IS NULL"
                          " AND payload ->> 'binding_uuid' = '%s'",
                          kind, id);
}

/* told: how often each side is, now and later. */
static void expect_ended(const struct mcx_migration *migration, const char *reason, int told)
{
    ck_assert_int_eq(fixture_number(site.sql,
                                    "SELECT count(*) FROM migration WHERE binding_uuid = '%s' AND"
                                    " state = 'ended' AND cause = 'revoked' AND reason = '%s' AND"
                                    " document IS NULL",
                                    migration->binding_id, reason),
                     1);
    ck_assert_int_eq(tasks("par", migration->binding_id), 0);
    ck_assert_int_eq(tasks("mrr_partner", migration->binding_id), told);
    ck_assert_int_eq(tasks("mrr_database", migration->binding_id), told);
}

static bool is_live(const struct mcx_migration *migration)
{
    return fixture_number(site.sql,
                          "SELECT count(*) FROM migration WHERE binding_uuid = '%s' AND"
                          " state <> 'ended'",
                          migration->binding_id) == 1;
}

START_TEST(test_end_of_the_agreement)
{
    struct mcx_migration wait = waiting("partner");
    int64_t mine = agreement, cover;
    struct mcx_migration other = active("other");
    int64_t others = agreement;
    size_t ended = 0;

    cover = policy_agree((struct mcx_new_agreement){.partner = "partner"});
    ck_ok(mcx_store_agreement_end(site.admin, cover, "over", &ended, &site.problem));
    ck_assert_uint_eq(ended, 0); /* the first one covers it */
    ck_assert(is_live(&wait));
    ck_ok(mcx_store_agreement_end(site.admin, mine, "over", &ended, &site.problem));
    ck_assert_uint_eq(ended, 1);
    expect_ended(&wait, "over", 2);
    ck_assert(is_live(&other));
    ck_ok(mcx_store_agreement_end(site.admin, others, "over", &ended, &site.problem));
    ck_assert_uint_eq(ended, 1);
    expect_ended(&other, "over", 1);
}
END_TEST

START_TEST(test_end_of_the_user)
{
    struct mcx_migration wait = waiting("partner"), other = active("other");
    size_t ended = 0;

    ck_ok(mcx_store_user_delete(site.admin, POLICY_ALICE, "left", &ended, &site.problem));
    ck_assert_uint_eq(ended, 2);
    expect_ended(&wait, "left", 2);
    expect_ended(&other, "left", 1);
}
END_TEST

START_TEST(test_end_of_the_partner)
{
    struct mcx_migration wait = waiting("partner"), other = active("other");
    struct mcx_str partner;

    partner = fixture_str("partner");
    ck_ok(mcx_store_partner_remove(site.admin, &partner, "gone", &site.problem));
    expect_ended(&wait, "gone", 2);
    ck_assert(is_live(&other));
    partner = fixture_str("other");
    ck_ok(mcx_store_partner_remove(site.admin, &partner, "gone", &site.problem));
    expect_ended(&other, "gone", 1);
}
END_TEST

START_TEST(test_bar_of_the_subscriber)
{
    struct mcx_migration wait = waiting("partner"), other = active("other");
    struct mcx_str alice, bob;

    alice = fixture_str("alice@primary.example");
    bob = fixture_str("bob@primary.example");
    ck_ok(mcx_store_subscriber_bar(site.admin, &bob, true, "lost", &site.problem));
    ck_assert(is_live(&wait) && is_live(&other));
    ck_ok(mcx_store_subscriber_bar(site.admin, &alice, true, "lost", &site.problem));
    expect_ended(&wait, "lost", 2);
    expect_ended(&other, "lost", 1);
}
END_TEST

START_TEST(test_end_by_its_id)
{
    struct mcx_migration wait = waiting("partner"), other = active("other");
    size_t ended = 0;

    ck_ok(mcx_store_binding_end(site.admin, other.binding_id, "revoked", "test", &ended,
                                &site.problem));
    ck_assert_uint_eq(ended, 1);
    expect_ended(&other, "test", 1);
    ck_ok(mcx_store_binding_end(site.admin, wait.binding_id, "revoked", "test", &ended,
                                &site.problem));
    expect_ended(&wait, "test", 2);
    ck_assert_int_eq(mcx_store_binding_end(site.admin, wait.binding_id, "revoked", "test", &ended,
                                           &site.problem),
                     MCX_NOT_FOUND);
    ck_assert_int_eq(fixture_number(site.sql, "SELECT count(*) FROM audit"
                                              " WHERE kind = 'binding_ended'"
                                              " AND payload NOT LIKE '%%given_impi%%'"),
                     2);
}
END_TEST

/* A partner that comes back finds none of its agreements in force. */
START_TEST(test_end_of_the_partner_ends_its_agreements)
{
    int64_t other = policy_agree((struct mcx_new_agreement){.partner = "other"});
    struct mcx_str partner;

    partner = fixture_str("partner");
    policy_agree((struct mcx_new_agreement){.partner = "partner"});
    policy_agree((struct mcx_new_agreement){.partner = "partner", .is_inbound = true});
    ck_ok(mcx_store_partner_remove(site.admin, &partner, "gone", &site.problem));
    ck_assert_int_eq(fixture_number(site.sql, "SELECT count(*) FROM agreement WHERE ended_at IS NOT"
                                              " NULL AND reason = 'gone' AND expires_at <= now()"),
                     2);
    ck_assert_int_eq(fixture_number(site.sql, "SELECT id FROM agreement WHERE ended_at IS NULL"),
                     other);
}
END_TEST

/* Its own database keeps the grant: told once, not by both. */
START_TEST(test_what_has_a_grant_here_is_told_once)
{
    struct mcx_migration migration = active("partner");
    struct mcx_provision grant = fixture_grant(site.admin, "partner", "alice", false);
    size_t ended = 0;

    fixture_sql(site.sql, "INSERT INTO partner_host SELECT id, 'cms.partner.example', 'cms' FROM"
                          " partner WHERE system_id = 'partner'");
    fixture_sql(site.sql,
                "UPDATE grant_ SET binding_uuid = '%s', mc_user_id = '%s' WHERE"
                " binding_uuid = '%s'",
                migration.binding_id, POLICY_ALICE, grant.binding_id);
    ck_ok(mcx_store_user_delete(site.admin, POLICY_ALICE, "left", &ended, &site.problem));
    ck_assert_uint_eq(ended, 1);
    ck_assert_int_eq(tasks("mrr_partner", migration.binding_id), 1);
    ck_assert_int_eq(tasks("mrr_database", migration.binding_id), 0);
    ck_assert(!is_live(&migration));
}
END_TEST

static long long live_grants(const char *partner)
{
    return fixture_number(site.sql,
                          "SELECT count(*) FROM grant_ g JOIN partner p ON p.id = g.partner_id"
                          " WHERE g.state = 'active' AND p.system_id = '%s'",
                          partner);
}

/* An operator may use the id of one that has expired again, for another partner. */
START_TEST(test_release_by_a_partner_is_of_its_own_grant)
{
    struct mcx_provision old = fixture_grant(site.admin, "partner", "alice", false);
    struct mcx_provision mine = fixture_grant(site.admin, "other", "alice", false);
    const char *id = old.binding_id;

    fixture_sql(site.sql,
                "UPDATE grant_ SET state = 'ended', cause = 'expired', ended_at = now(),"
                " ended_by = 'test', reason = 'test' WHERE binding_uuid = '%s'",
                id);
    fixture_sql(site.sql, "UPDATE grant_ SET binding_uuid = '%s' WHERE binding_uuid = '%s'", id,
                mine.binding_id);
    ck_ok(mcx_store_binding_release(site.daemon, id, "primary", "partner", MCX_REVOKED, "x", "x"));
    ck_assert_int_eq(live_grants("other"), 1);
    ck_assert_int_eq(mcx_store_binding_release(site.daemon, mine.binding_id, "primary", "partner",
                                               MCX_REVOKED, "x", "x"),
                     MCX_NOT_FOUND);
    ck_ok(mcx_store_binding_release(site.daemon, id, "primary", "other", MCX_REVOKED, "x", "x"));
    ck_assert_int_eq(live_grants("other"), 0);
}
END_TEST

/* MC-System-Id of a MRR may name anybody: it is the sender who ends what its users have here. */
START_TEST(test_release_by_a_partner_is_of_its_own_binding)
{
    struct mcx_provision theirs = fixture_binding(site.admin, "theirs"); /* of "partner" */
    const char *live = "SELECT count(*) FROM binding WHERE state = 'active'";

    ck_assert_int_eq(mcx_store_binding_release(site.daemon, theirs.binding_id, "partner", "other",
                                               MCX_REVOKED, "x", "x"),
                     MCX_NOT_FOUND);
    ck_assert_int_eq(fixture_number(site.sql, "%s", live), 1);
    ck_ok(mcx_store_binding_release(site.daemon, theirs.binding_id, "partner", "partner",
                                    MCX_REVOKED, "x", "x"));
    ck_assert_int_eq(fixture_number(site.sql, "%s", live), 0);
}
END_TEST

/* The grant elsewhere has the time that was asked for, whatever the partner gave since. */
START_TEST(test_release_elsewhere_is_over_by_the_time_asked)
{
    struct mcx_migration migration = active("other");
    struct mcx_str realm, host = {0};
    bool is_removed = true, is_over = true;

    realm = fixture_str("primary.example");
    fixture_sql(site.sql, "UPDATE migration SET expires_at = now() - interval '2 hours'");
    ck_ok(mcx_store_release_home_state(site.daemon, migration.binding_id, &realm, &host, false,
                                       &is_removed, &is_over));
    ck_assert(!is_over);
    fixture_sql(site.sql, "UPDATE migration SET asked_expires_at = now() - interval '2 hours'");
    ck_ok(mcx_store_release_home_state(site.daemon, migration.binding_id, &realm, &host, false,
                                       &is_removed, &is_over));
    ck_assert(is_over);
}
END_TEST

/* Of however many: a bar finds those of the subscriber by their index. */
START_TEST(test_bar_probes_migrations)
{
    struct mcx_migration migration = waiting("partner");
    PGresult *plan;
    bool is_probed = false;

    fixture_sql(site.sql, "INSERT INTO migration (binding_uuid, mc_user_id, device, own_impi,"
                          " partner_id, is_requested, is_masked, state, database_realm, own_impus,"
                          " services, service_ids, created_by) SELECT gen_random_uuid(),"
                          " mc_user_id, device, i || own_impi, partner_id, is_requested, is_masked,"
                          " state, database_realm, own_impus, services, service_ids, 'test'"
                          " FROM migration, generate_series(1, 5000) i");
    fixture_sql(site.sql, "ANALYZE migration");
    fixture_sql(site.sql, "SET plan_cache_mode = force_generic_plan");
    fixture_sql(site.sql, "PREPARE bar AS %s",
                mcx_stmt_rows[MCX_STMT_MIGRATIONS_END_OF_SUBSCRIBER].sql);
    plan = PQexec(site.sql, "EXPLAIN EXECUTE bar ('', '', '')");
    ck_assert_int_eq(PQresultStatus(plan), PGRES_TUPLES_OK);
    for (int line = 0; line < PQntuples(plan); line++) {
        const char *text = PQgetvalue(plan, line, 0);

        ck_assert_msg(!strstr(text, "Seq Scan on migration"), "%s", text);
        is_probed = is_probed || strstr(text, "migration_one_live");
    }
    PQclear(plan);
    ck_assert(is_probed && is_live(&migration));
}
END_TEST

static Suite *migration_ends_suite(void)
{
    Suite *made = suite_create("migration_ends");
    TCase *tcase = policy_case("migration_ends");

    tcase_add_test(tcase, test_end_of_the_agreement);
    tcase_add_test(tcase, test_end_of_the_user);
    tcase_add_test(tcase, test_end_of_the_partner);
    tcase_add_test(tcase, test_end_of_the_partner_ends_its_agreements);
    tcase_add_test(tcase, test_bar_of_the_subscriber);
    tcase_add_test(tcase, test_end_by_its_id);
    tcase_add_test(tcase, test_what_has_a_grant_here_is_told_once);
    tcase_add_test(tcase, test_release_by_a_partner_is_of_its_own_grant);
    tcase_add_test(tcase, test_release_by_a_partner_is_of_its_own_binding);
    tcase_add_test(tcase, test_bar_probes_migrations);
    tcase_add_test(tcase, test_release_elsewhere_is_over_by_the_time_asked);
    suite_add_tcase(made, tcase);
    return made;
}

int main(void)
{
    Suite *(*const suites[])(void) = {migration_ends_suite, migration_races_suite,
                                      agreement_ends_suite, agreement_groups_suite,
                                      agreement_plans_suite};

    return fixture_main(false, suites, 5);
}
