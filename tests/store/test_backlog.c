/* SPDX-License-Identifier: Apache-2.0 */
/* A backlog of the outbox makes nothing slow: statements of tasks and migrations that were planned
 * while there were none still find their rows by key. Design 4, "Outbox", and 6, "Sessions". */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "site.h"
#include "store/migration.h"
#include "store/outbox.h"
#include "suites.h"

enum { LOADED = 100000, BATCH = 64, ROUNDS = 25, SLOW_MS = 2000 };

static long long partner_id;

static void setup(void)
{
    site_open();
    partner_id = fixture_number(site.sql, "SELECT id FROM partner WHERE system_id = 'partner'");
    site_open_daemon();
}

/* ---- one of everything ---- */

static struct mcx_migration begin(const char *name)
{
    struct mcx_migration_choice choice = {
        .verdict = MCX_MIGRATE, .partner_id = partner_id, .own.impu_count = 1};
    struct mcx_migration migration;
    char text[64];

    choice.services.has[MCX_SERVICE_MCPTT] = true;
    choice.services.id[MCX_SERVICE_MCPTT] = fixture_str("sip:x@mc");
    choice.mc_user_id = fixture_str(name);
    choice.device = fixture_str("handset");
    snprintf(text, sizeof text, "%s@primary.example", name);
    choice.own.impi = fixture_str(text);
    snprintf(text, sizeof text, "sip:%s@primary.example", name);
    choice.own.impu[0] = fixture_str(text);
    choice.partner = fixture_str("partner");
    ck_ok(mcx_store_migration_begin(site.daemon, &choice, 15, &migration));
    return migration;
}

/* From step 3 to the end; what ended while somebody was asked; and one whose time is up. */
static void one_migration(void)
{
    struct mcx_migration migration = begin("alice"), resumed;
    struct mcx_identities inbound = {.impu_count = 1};
    struct mcx_migration_end end = {.cause = "released",
                                    .reason = "x",
                                    .binding_id = migration.binding_id,
                                    .tells_partner = true};
    int64_t expires_s = MCX_NEVER;
    bool is_removed, is_over;
    size_t ended;

    inbound.impi = fixture_str("in@migration.partner.example");
    inbound.impu[0] = fixture_str("sip:in@migration.partner.example");
    ck_ok(mcx_store_migration_resume(site.daemon, migration.binding_id, &resumed));
    migration.asked = migration.own;
    ck_ok(mcx_store_migration_given(site.daemon, &migration, &inbound, mcx_span(NULL, 0),
                                    &expires_s));
    ck_ok(mcx_store_migration_end(site.daemon, &end));
    ck_ok(mcx_store_migration_unsure(site.daemon, migration.binding_id, 60));
    ck_ok(mcx_store_release_state(site.daemon, migration.binding_id, "partner", &is_removed,
                                  &is_over));
    migration = begin("bob");
    fixture_sql(site.sql, "UPDATE migration SET expires_at = now() WHERE binding_uuid = '%s'",
                migration.binding_id);
    ck_ok(mcx_store_migration_expire(site.daemon, &ended));
    ck_assert_uint_eq(ended, 1);
}

/* Claims a batch, gives half of it back, is done with the rest; one has an outcome. */
static void one_turn_of_the_outbox(void)
{
    static char text[BATCH][MCX_TASK_ID_MAX];
    struct mcx_span kind = mcx_span_of("load"), id[BATCH];
    int32_t room = BATCH, attempts[BATCH];
    int64_t after_ms[BATCH];
    size_t claimed;
    MCX_PARAMS claim = {0}, retry = {0}, done = {0};
    MCX_ROWS rows = {0};

    mcx_params_text(&claim, "me");
    mcx_params_texts(&claim, &kind, 1);
    mcx_params_i32s(&claim, &room, 1);
    mcx_params_i64(&claim, 30000);
    ck_ok(mcx_session_run(site.daemon, MCX_STMT_TASKS_CLAIM, &claim, &rows));
    claimed = mcx_rows_count(&rows);
    ck_assert_uint_gt(claimed, 0);
    for (size_t i = 0; i < claimed; i++) {
        snprintf(text[i], sizeof text[i], "%s", mcx_cell_text(&rows, i, 0));
        id[i] = mcx_span_of(text[i]);
        attempts[i] = (int32_t)mcx_cell_i64(&rows, i, 2);
        after_ms[i] = 60000;
    }
    mcx_params_text(&retry, "me");
    mcx_params_texts(&retry, id, claimed / 2);
    mcx_params_i32s(&retry, attempts, claimed / 2);
    mcx_params_i64s(&retry, after_ms, claimed / 2);
    ck_ok(mcx_session_run(site.daemon, MCX_STMT_TASKS_RETRY, &retry, NULL));
    ck_ok(mcx_task_finish(site.daemon, text[claimed - 1], "problem", NULL, NULL));
    mcx_params_texts(&done, id + claimed / 2, claimed - claimed / 2);
    mcx_params_i32s(&done, attempts + claimed / 2, claimed - claimed / 2);
    ck_ok(mcx_session_run(site.daemon, MCX_STMT_TASKS_DONE, &done, NULL));
}

/* ---- much of everything ---- */

static void load(void)
{
    fixture_sql(site.sql,
                "INSERT INTO task (id, kind, payload) SELECT gen_random_uuid(), k, '{\"x\": 1}'"
                " FROM generate_series(1, %d), unnest('{load,mrr_partner}'::text[]) k",
                LOADED);
    fixture_sql(
        site.sql,
        "INSERT INTO migration (binding_uuid, mc_user_id, device, own_impi, partner_id,"
        " is_requested, is_masked, state, database_realm, own_impus, service_ids, asked_impi,"
        " asked_impus, inbound_impi, inbound_impus, expires_at, created_by)"
        " SELECT gen_random_uuid(), 'u' || i, 'd', 'z' || i, %lld, false, false, 'active',"
        " 'primary.example', '{}', '{}', 'z', '{}', 'z', '{}', now() + interval '1 day', 'x'"
        " FROM generate_series(1, %d) i",
        partner_id, LOADED);
    fixture_sql(site.sql,
                "INSERT INTO grant_ (binding_uuid, partner_id, subscriber_id, own_impi, is_masked,"
                " asked_impi, state, expires_at, created_by) SELECT binding_uuid, partner_id, 1,"
                " own_impi, false, own_impi, 'active', expires_at, 'x' FROM migration"
                " WHERE device = 'd'");
}

static void add_one(void)
{
    fixture_sql(site.sql, "INSERT INTO task (id, kind, payload) VALUES (gen_random_uuid(), 'load',"
                          " '{\"x\": 1}')");
}

/* A scan of all that is open takes tens of milliseconds a row. */
START_TEST(test_old_session_works_a_backlog_off)
{
    int64_t begin_ms;

    add_one();
    one_turn_of_the_outbox();
    one_migration();
    load();
    begin_ms = mcx_clock_mono_ms();
    for (int i = 0; i < ROUNDS; i++)
        one_turn_of_the_outbox();
    ck_assert_int_lt(mcx_clock_mono_ms() - begin_ms, SLOW_MS);
    begin_ms = mcx_clock_mono_ms();
    for (int i = 0; i < ROUNDS; i++)
        one_migration();
    ck_assert_int_lt(mcx_clock_mono_ms() - begin_ms, SLOW_MS);
}
END_TEST

Suite *backlog_suite(void)
{
    Suite *made = suite_create("backlog");
    TCase *tcase = tcase_create("backlog");

    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, setup, site_teardown);
    tcase_add_test(tcase, test_old_session_works_a_backlog_off);
    suite_add_tcase(made, tcase);
    return made;
}
