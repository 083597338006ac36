/* SPDX-License-Identifier: Apache-2.0 */
/* Table migration as the configuration management server uses it: one live row per own IMPI and
 * partner, a task that goes on with it, and ends that leave nothing behind. CR 10.1.X.1. */
#include <stdio.h>
#include <string.h>

#include "site.h"
#include "store/migration.h"

static long long partner_id;

static void setup(void)
{
    site_open();
    fixture_sql(site.sql, "INSERT INTO mc_user (mc_user_id, may_migrate) VALUES ('alice', true)");
    fixture_sql(site.sql, "INSERT INTO mc_service_id VALUES ('mcptt', 'sip:alice@mc', 'alice')");
    partner_id = fixture_number(site.sql, "SELECT id FROM partner WHERE system_id = 'partner'");
    site_open_daemon();
}

static struct mcx_service_ids services(const char *id)
{
    struct mcx_service_ids ids = {.has = {[MCX_SERVICE_MCPTT] = true}};

    ids.id[MCX_SERVICE_MCPTT] = fixture_str(id);
    return ids;
}

static struct mcx_migration begin(bool mask)
{
    struct mcx_migration_choice choice = {
        .verdict = MCX_MIGRATE, .partner_id = partner_id, .mask = mask, .own.impu_count = 2};
    struct mcx_migration migration;

    choice.services = services("sip:alice@mc");
    choice.mc_user_id = fixture_str("alice");
    choice.device = fixture_str("handset");
    choice.own.impi = fixture_str("alice@primary.example");
    choice.own.impu[0] = fixture_str("sip:alice@primary.example");
    choice.own.impu[1] = fixture_str("tel:+4912345");
    choice.partner = fixture_str("partner");
    choice.partner_realm = fixture_str("partner.example");
    ck_ok(mcx_store_migration_begin(site.daemon, &choice, 15, &migration));
    return migration;
}

static struct mcx_identities given(void)
{
    struct mcx_identities out = {.impu_count = 2};

    out.impi = fixture_str("in@migration.partner.example");
    out.impu[0] = fixture_str("sip:one@migration.partner.example");
    out.impu[1] = fixture_str("sip:two@migration.partner.example");
    return out;
}

static struct mcx_migration active(void)
{
    struct mcx_migration migration = begin(false);
    struct mcx_identities inbound = given();
    int64_t expires_s = MCX_NEVER;

    migration.asked = migration.own;
    ck_ok(mcx_store_migration_given(site.daemon, &migration, &inbound, mcx_span(NULL, 0),
                                    &expires_s));
    ck_assert_int_eq(expires_s, MCX_NEVER);
    return migration;
}

static long long tasks(const char *kind)
{
    return fixture_number(site.sql,
                          "SELECT count(*) FROM task WHERE kind = '%s' AND done_at IS NULL", kind);
}

/* A grant of alice's for that migration, as a MIR makes it. */
static void grant_for(const struct mcx_migration *migration)
{
    struct mcx_provision grant;

    fixture_subscriber(site.admin, &site.conf, "alice");
    grant = fixture_grant(site.admin, "partner", "alice", false);
    fixture_sql(site.sql, "UPDATE grant_ SET binding_uuid = '%s' WHERE binding_uuid = '%s'",
                migration->binding_id, grant.binding_id);
}

/* A deadlock, or a lock that was not had in time: nothing was done, so it is tried again. */
/* The first attempt to write a row meets what passes: a lock that was not had in time. */
static void fault_once(void)
{
    fixture_sql(site.sql, "DROP SEQUENCE IF EXISTS tries");
    fixture_sql(site.sql, "CREATE SEQUENCE tries");
    fixture_sql(
        site.sql,
        "CREATE OR REPLACE FUNCTION fault() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$"
        " BEGIN IF nextval('tries') = 1 THEN RAISE EXCEPTION USING errcode = '55P03';"
        " END IF; RETURN NEW; END $$");
    fixture_sql(site.sql,
                "CREATE OR REPLACE TRIGGER fault BEFORE INSERT OR UPDATE ON migration FOR EACH ROW"
                " EXECUTE FUNCTION fault()");
}

START_TEST(test_begin_tries_again_what_passes)
{
    fault_once();
    begin(false);
    ck_assert_int_eq(fixture_number(site.sql, "SELECT last_value FROM tries"), 2);
    ck_assert_int_eq(
        fixture_number(site.sql, "SELECT count(*) FROM migration WHERE state = 'asking'"), 1);
}
END_TEST

START_TEST(test_what_passes_ends_no_live_migration)
{
    struct mcx_migration first = active(), again;

    fault_once();
    again = begin(false);
    ck_assert_str_eq(first.binding_id, again.binding_id);
    ck_assert_int_eq(fixture_number(site.sql, "SELECT count(*) FROM migration"), 1);
    ck_assert_int_eq(tasks("mrr_partner"), 0);
}
END_TEST

START_TEST(test_same_key_is_the_same_binding)
{
    struct mcx_migration first = begin(false), again = begin(false), resumed;

    ck_assert_str_eq(first.binding_id, again.binding_id);
    ck_assert_str_eq(first.own_system.octets, "primary");
    ck_assert_str_eq(first.database_realm.octets, "primary.example");
    ck_assert_int_eq(tasks("par"), 1);
    ck_ok(mcx_store_migration_resume(site.daemon, first.binding_id, &resumed));
    ck_assert_str_eq(resumed.own.impi.octets, "alice@primary.example");
    ck_assert_uint_eq(resumed.own.impu_count, 2);
    ck_assert_str_eq(resumed.own.impu[1].octets, "tel:+4912345");
    ck_assert(resumed.services.has[MCX_SERVICE_MCPTT]);
    ck_assert_str_eq(resumed.services.id[MCX_SERVICE_MCPTT].octets, "sip:alice@mc");
    ck_assert_str_eq(resumed.partner_realm.octets, "partner.example");
}
END_TEST

START_TEST(test_other_masking_replaces)
{
    struct mcx_migration first = active(), other = begin(true);

    ck_assert_str_ne(first.binding_id, other.binding_id);
    ck_assert_int_eq(fixture_number(site.sql,
                                    "SELECT count(*) FROM migration WHERE binding_uuid = '%s' AND "
                                    "state = 'ended' AND cause = 'replaced'",
                                    first.binding_id),
                     1);
    ck_assert_int_eq(tasks("mrr_partner"), 1);
}
END_TEST

START_TEST(test_given_ends_the_task_and_is_listed)
{
    struct mcx_migration migration = active(), found[4];
    struct mcx_service_ids own = services("sip:alice@mc"), other = services("sip:bob@mc");
    size_t count = 0;

    ck_assert_int_eq(tasks("par"), 0);
    ck_ok(mcx_store_migration_list(site.daemon, &own, NULL, found, 4, &count));
    ck_assert_uint_eq(count, 1);
    ck_assert_str_eq(found[0].binding_id, migration.binding_id);
    ck_assert_str_eq(found[0].inbound.impu[1].octets, "sip:two@migration.partner.example");
    ck_ok(mcx_store_migration_list(site.daemon, &other, NULL, found, 4, &count));
    ck_assert_uint_eq(count, 0);
    ck_ok(mcx_store_migration_list(site.daemon, &other, migration.binding_id, found, 4, &count));
    ck_assert_uint_eq(count, 0);
}
END_TEST

/* What its user may end, or has ended; of nobody else's anything. */
START_TEST(test_user_may_end_what_waits_and_ask_again)
{
    struct mcx_migration migration = begin(false);
    struct mcx_service_ids own = services("sip:alice@mc"), other = services("sip:bob@mc");
    struct mcx_migration_end end = {
        .binding_id = migration.binding_id, .cause = "released", .reason = "test"};
    const char *id = migration.binding_id;
    bool is_released = true;
    struct mcx_str user;

    ck_ok(mcx_store_migration_of(site.daemon, &own, id, &user, &is_released));
    ck_assert(!is_released);
    ck_assert_str_eq(user.octets, "alice");
    ck_assert_int_eq(mcx_store_migration_of(site.daemon, &other, id, &user, &is_released),
                     MCX_NOT_FOUND);
    ck_ok(mcx_store_migration_end(site.daemon, &end));
    ck_ok(mcx_store_migration_of(site.daemon, &own, id, &user, &is_released));
    ck_assert(is_released);
    ck_assert_int_eq(mcx_store_migration_of(site.daemon, &other, id, &user, &is_released),
                     MCX_NOT_FOUND);
    migration = active(); /* what somebody else has ended, or time, is gone */
    fixture_sql(site.sql, "UPDATE migration SET expires_at = now() WHERE state = 'active'");
    ck_assert_int_eq(mcx_store_migration_of(site.daemon, &own, id, &user, &is_released),
                     MCX_NOT_FOUND);
    end.cause = "revoked";
    ck_ok(mcx_store_migration_end(site.daemon, &end));
    ck_assert_int_eq(mcx_store_migration_of(site.daemon, &own, id, &user, &is_released),
                     MCX_NOT_FOUND);
}
END_TEST

static void expect_release(const char *id, const char *partner, bool removed, bool over)
{
    bool is_removed = !removed, is_over = !over;

    ck_ok(mcx_store_release_state(site.daemon, id, partner, &is_removed, &is_over));
    ck_assert_int_eq(is_removed, removed);
    ck_assert_int_eq(is_over, over);
}

START_TEST(test_release_matters_until_an_hour_after_the_time)
{
    struct mcx_migration migration = active();
    const char *id = migration.binding_id;

    expect_release(id, "partner", false, false);
    fixture_sql(site.sql, "UPDATE migration SET expires_at = now() - interval '59 min'");
    expect_release(id, "partner", false, false);
    fixture_sql(site.sql, "UPDATE migration SET expires_at = now() - interval '61 min'");
    expect_release(id, "partner", false, true);
    expect_release(id, "other", false, false); /* never had anything under that id */
    expect_release(id, "nobody", true, false);
    grant_for(&migration);
    expect_release(id, "partner", false, false); /* it lives as a grant */
    fixture_sql(site.sql, "UPDATE partner SET state = 'removed' WHERE system_id = 'partner'");
    expect_release(id, "partner", true, false);
}
END_TEST

START_TEST(test_end_takes_the_grant_and_tells_the_partner)
{
    struct mcx_provision grant;
    struct mcx_migration migration = active();
    const struct mcx_migration_end end = {.binding_id = migration.binding_id,
                                          .cause = "released",
                                          .reason = "the user ended it",
                                          .tells_partner = true};

    fixture_subscriber(site.admin, &site.conf, "alice");
    grant = fixture_grant(site.admin, "partner", "alice", false);
    fixture_sql(site.sql, "UPDATE grant_ SET binding_uuid = '%s' WHERE binding_uuid = '%s'",
                migration.binding_id, grant.binding_id);
    ck_ok(mcx_store_migration_end(site.daemon, &end));
    ck_assert_int_eq(fixture_number(site.sql,
                                    "SELECT count(*) FROM grant_ WHERE state = 'ended' AND "
                                    "cause = 'released'"),
                     1);
    ck_assert_int_eq(tasks("mrr_partner"), 1);
    ck_assert_int_eq(tasks("mrr_database"), 0); /* the grant was here */
    ck_assert_int_eq(mcx_store_migration_end(site.daemon, &end), MCX_NOT_FOUND);
}
END_TEST

static struct mcx_migration with_document(void)
{
    struct mcx_migration migration = active();

    fixture_sql(site.sql, "UPDATE migration SET document = 'x' WHERE binding_uuid = '%s'",
                migration.binding_id);
    return migration;
}

/* It may hold credentials, which are somebody else's by then. */
START_TEST(test_no_end_keeps_the_document)
{
    struct mcx_migration migration = with_document();
    struct mcx_migration_end end = {
        .binding_id = migration.binding_id, .cause = "released", .reason = "test"};
    MCX_PARAMS params = {0};
    size_t ended;

    ck_ok(mcx_store_migration_end(site.daemon, &end));
    migration = with_document();
    fixture_sql(site.sql, "UPDATE migration SET expires_at = now() WHERE state = 'active'");
    ck_ok(mcx_store_migration_expire(site.daemon, &ended));
    migration = with_document();
    grant_for(&migration);
    mcx_params_text(&params, "alice@primary.example");
    mcx_params_text(&params, "x");
    mcx_params_text(&params, "x");
    ck_ok(mcx_session_run(site.admin, MCX_STMT_GRANTS_END_OF_SUBSCRIBER, &params, NULL));
    ck_assert_int_eq(fixture_number(site.sql, "SELECT count(*) FROM migration WHERE state = 'ended'"
                                              " AND document IS NULL"),
                     3);
}
END_TEST

START_TEST(test_refused_by_another_database_is_told_to_it)
{
    struct mcx_migration migration = begin(false);
    const struct mcx_migration_end end = {
        .binding_id = migration.binding_id, .cause = "refused", .reason = "the partner answered"};

    ck_ok(mcx_store_migration_end(site.daemon, &end));
    ck_assert_int_eq(tasks("par"), 0);
    ck_assert_int_eq(tasks("mrr_partner"), 0);
    ck_assert_int_eq(tasks("mrr_database"), 2); /* now, and when a late MIR has arrived */
}
END_TEST

START_TEST(test_end_is_for_those_whom_it_concerns)
{
    struct mcx_migration migration = active();
    struct mcx_str other, self;
    struct mcx_migration_end end = {
        .binding_id = migration.binding_id, .cause = "revoked", .reason = "test"};

    other = fixture_str("other");
    self = fixture_str("primary");
    end.mc_user_id = "bob";
    ck_assert_int_eq(mcx_store_migration_end(site.daemon, &end), MCX_NOT_FOUND);
    end.mc_user_id = NULL;
    end.from = &other; /* another partner, with the right id */
    ck_assert_int_eq(mcx_store_migration_end(site.daemon, &end), MCX_NOT_FOUND);
    end.from = NULL;
    end.primary = &other; /* a name that is not ours */
    ck_assert_int_eq(mcx_store_migration_end(site.daemon, &end), MCX_NOT_FOUND);
    end.primary = &self;
    ck_ok(mcx_store_migration_end(site.daemon, &end));
}
END_TEST

START_TEST(test_given_after_the_end_tells_the_partner_again)
{
    struct mcx_migration migration = begin(false);
    struct mcx_identities inbound = given();
    int64_t expires_s = MCX_NEVER;
    const struct mcx_migration_end end = {.binding_id = migration.binding_id,
                                          .cause = "released",
                                          .reason = "test",
                                          .tells_partner = true};

    ck_ok(mcx_store_migration_end(site.daemon, &end));
    ck_assert_int_eq(
        mcx_store_migration_given(site.daemon, &migration, &inbound, mcx_span(NULL, 0), &expires_s),
        MCX_NOT_LIVE);
    ck_assert_int_eq(tasks("mrr_partner"), 3); /* at the end, now, and later whoever dies */
    ck_assert_int_eq(tasks("mrr_database"), 3);
    ck_assert_int_eq(fixture_number(site.sql, "SELECT count(*) FROM task WHERE done_at IS NULL AND "
                                              "not_before > now() + interval '110 s'"),
                     2);
}
END_TEST

START_TEST(test_expiry_by_the_database_clock)
{
    struct mcx_migration migration = active(), found[1], fresh;
    struct mcx_service_ids ids = services("sip:alice@mc");
    size_t count = 0;

    fixture_sql(site.sql, "UPDATE migration SET expires_at = now()");
    ck_ok(mcx_store_migration_list(site.daemon, &ids, NULL, found, 1, &count));
    ck_assert_uint_eq(count, 0);
    ck_assert_int_eq(mcx_store_migration_resume(site.daemon, migration.binding_id, &fresh),
                     MCX_NOT_LIVE);
    ck_ok(mcx_store_migration_expire(site.daemon, &count));
    ck_assert_uint_eq(count, 1);
    ck_ok(mcx_store_migration_expire(site.daemon, &count));
    ck_assert_uint_eq(count, 0);
    fresh = begin(false);
    ck_assert_str_ne(fresh.binding_id, migration.binding_id);
}
END_TEST

START_TEST(test_expired_and_not_yet_swept_gives_way)
{
    struct mcx_migration migration = active(), fresh;

    fixture_sql(site.sql, "UPDATE migration SET expires_at = now()");
    fresh = begin(false);
    ck_assert_str_ne(fresh.binding_id, migration.binding_id);
    ck_assert_int_eq(
        fixture_number(site.sql, "SELECT count(*) FROM migration WHERE cause = 'expired'"), 1);
}
END_TEST

START_TEST(test_repeat_never_shortens)
{
    struct mcx_migration migration = active();
    struct mcx_identities inbound = given();
    int64_t expires_s = 4102444800; /* 2100 */

    ck_ok(mcx_store_migration_given(site.daemon, &migration, &inbound, mcx_span(NULL, 0),
                                    &expires_s));
    ck_assert_int_eq(expires_s, MCX_NEVER);
}
END_TEST

/* Seconds from now to the grant's end; -1: never. */
static long long grant_seconds(void)
{
    return fixture_number(site.sql,
                          "SELECT CASE WHEN isfinite(expires_at) THEN ceil(extract(epoch FROM "
                          "expires_at - now())) ELSE -1 END::bigint FROM grant_");
}

/* Design 4, "Ending": the primary keeps a grant until the partner's expiry + 60 s. */
START_TEST(test_grant_ends_a_minute_after_what_the_partner_said)
{
    struct mcx_migration migration = begin(false);
    struct mcx_identities inbound = given();
    int64_t expires_s = fixture_number(site.sql, "SELECT extract(epoch FROM now())::bigint") + 1000;

    grant_for(&migration);
    migration.asked = migration.own;
    ck_ok(mcx_store_migration_given(site.daemon, &migration, &inbound, mcx_span(NULL, 0),
                                    &expires_s));
    ck_assert_int_ge(grant_seconds(), 1050);
    ck_assert_int_le(grant_seconds(), 1061);
}
END_TEST

START_TEST(test_expiry_leaves_the_grant_a_minute)
{
    struct mcx_migration migration = active();
    size_t count = 0;

    grant_for(&migration);
    ck_assert_int_eq(grant_seconds(), -1);
    fixture_sql(site.sql, "UPDATE migration SET expires_at = now()");
    ck_ok(mcx_store_migration_expire(site.daemon, &count));
    ck_assert_int_ge(grant_seconds(), 50);
    ck_assert_int_le(grant_seconds(), 60);
    ck_assert_int_eq(tasks("mrr_database"), 0);
}
END_TEST

START_TEST(test_partner_says_expired)
{
    struct mcx_migration migration = active();
    const struct mcx_migration_end end = {
        .binding_id = migration.binding_id, .cause = "expired", .reason = "the partner said so"};

    grant_for(&migration);
    ck_ok(mcx_store_migration_end(site.daemon, &end));
    ck_assert_int_ge(grant_seconds(), 50);
    ck_assert_int_le(grant_seconds(), 61);
}
END_TEST

/* In another database of this system, the grant does not see what the partner said. */
START_TEST(test_expiry_is_told_to_another_database)
{
    size_t count = 0;

    (void)active();
    fixture_sql(site.sql, "UPDATE migration SET expires_at = now()");
    ck_ok(mcx_store_migration_expire(site.daemon, &count));
    ck_assert_int_eq(tasks("mrr_database"), 1);
    ck_assert_int_eq(fixture_number(site.sql,
                                    "SELECT count(*) FROM task WHERE kind = 'mrr_database' AND "
                                    "not_before > now() + interval '50 s'"),
                     1);
}
END_TEST

/* What nobody answered in its time does not stay. */
START_TEST(test_asking_ends_when_its_time_is_up)
{
    struct mcx_migration migration = begin(false);
    size_t count = 0;

    ck_assert_int_eq(fixture_number(site.sql, "SELECT count(*) FROM migration WHERE expires_at = "
                                              "asked_expires_at"),
                     1);
    fixture_sql(site.sql, "UPDATE migration SET asked_expires_at = now(), expires_at = now()");
    ck_ok(mcx_store_migration_expire(site.daemon, &count));
    ck_assert_uint_eq(count, 1);
    ck_assert_int_eq(tasks("par"), 0);
    ck_assert_str_ne(begin(false).binding_id, migration.binding_id);
}
END_TEST

/* The end came while somebody was asked, who may have done it after he was told of the end. */
START_TEST(test_unanswered_after_the_end_is_told_again)
{
    struct mcx_migration migration = begin(false);
    const struct mcx_migration_end end = {.binding_id = migration.binding_id,
                                          .cause = "released",
                                          .reason = "test",
                                          .tells_partner = true};

    ck_assert_int_eq(mcx_store_migration_unsure(site.daemon, migration.binding_id, 20), MCX_OK);
    ck_assert_int_eq(tasks("mrr_partner"), 0); /* it lives: its own task goes on */
    ck_ok(mcx_store_migration_end(site.daemon, &end));
    fixture_sql(site.sql, "UPDATE task SET done_at = now()");
    ck_ok(mcx_store_migration_unsure(site.daemon, migration.binding_id, 20));
    ck_assert_int_eq(tasks("mrr_partner"), 1);
    ck_assert_int_eq(tasks("mrr_database"), 1);
    ck_assert_int_eq(fixture_number(site.sql, "SELECT count(*) FROM task WHERE done_at IS NULL AND "
                                              "not_before > now() + interval '15 s'"),
                     2);
}
END_TEST

static Suite *migration_row_suite(void)
{
    Suite *suite = suite_create("migration_row");
    TCase *tcase = tcase_create("rows");

    tcase_add_checked_fixture(tcase, setup, site_teardown);
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, test_begin_tries_again_what_passes);
    tcase_add_test(tcase, test_what_passes_ends_no_live_migration);
    tcase_add_test(tcase, test_same_key_is_the_same_binding);
    tcase_add_test(tcase, test_other_masking_replaces);
    tcase_add_test(tcase, test_given_ends_the_task_and_is_listed);
    tcase_add_test(tcase, test_user_may_end_what_waits_and_ask_again);
    tcase_add_test(tcase, test_release_matters_until_an_hour_after_the_time);
    tcase_add_test(tcase, test_end_takes_the_grant_and_tells_the_partner);
    tcase_add_test(tcase, test_no_end_keeps_the_document);
    tcase_add_test(tcase, test_refused_by_another_database_is_told_to_it);
    tcase_add_test(tcase, test_end_is_for_those_whom_it_concerns);
    tcase_add_test(tcase, test_given_after_the_end_tells_the_partner_again);
    tcase_add_test(tcase, test_expiry_by_the_database_clock);
    tcase_add_test(tcase, test_expired_and_not_yet_swept_gives_way);
    tcase_add_test(tcase, test_repeat_never_shortens);
    tcase_add_test(tcase, test_grant_ends_a_minute_after_what_the_partner_said);
    tcase_add_test(tcase, test_expiry_leaves_the_grant_a_minute);
    tcase_add_test(tcase, test_partner_says_expired);
    tcase_add_test(tcase, test_expiry_is_told_to_another_database);
    tcase_add_test(tcase, test_asking_ends_when_its_time_is_up);
    tcase_add_test(tcase, test_unanswered_after_the_end_is_told_again);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    Suite *(*const suites[])(void) = {migration_row_suite};

    return fixture_main(false, suites, 1);
}
