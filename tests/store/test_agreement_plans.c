/* SPDX-License-Identifier: Apache-2.0 */
/* The end of an agreement touches what it may have allowed, however much else its partner has. The
 * partner's row is held meanwhile. Design 4, "Ending". */
#include "policy_rows.h"
#include "suites.h"

enum { LOADED = 100000 };

/* Of that agreement, which is for everybody: one of each a user. */
static void load(int64_t agreement)
{
    fixture_sql(site.sql,
                "INSERT INTO grant_ (binding_uuid, partner_id, subscriber_id, own_impi, is_masked,"
                " asked_impi, mc_user_id, state, created_by, agreement_id)"
                " SELECT gen_random_uuid(), a.partner_id, i, 'z' || i, false, 'z' || i, 'u' || i,"
                " 'active', 'x', a.id FROM agreement a, generate_series(1, %d) i WHERE a.id = %lld",
                LOADED, (long long)agreement);
    fixture_sql(site.sql,
                "INSERT INTO migration (binding_uuid, mc_user_id, device, own_impi,"
                " partner_id, is_requested, is_masked, state, database_realm, own_impus,"
                " service_ids, created_by, agreement_id)"
                " SELECT binding_uuid, mc_user_id, 'd', own_impi, partner_id, true, false,"
                " 'asking', 'r', '{}', '{}', 'x', agreement_id FROM grant_");
    fixture_sql(site.sql,
                "INSERT INTO binding (binding_uuid, partner_id, database_realm, primary_impi,"
                " primary_impi_key, inbound_impi, set_id, state, mc_user_id, created_by)"
                " SELECT gen_random_uuid(), partner_id, 'r', own_impi, own_impi, own_impi, -id,"
                " 'active', mc_user_id, 'x' FROM grant_");
}

/* By this session, of the big tables, since it told last. */
static long long rows_so_far(void)
{
    return fixture_number(site.sql,
                          "SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::bigint FROM"
                          " pg_stat_xact_user_tables WHERE relname IN ('grant_', 'migration',"
                          " 'binding')");
}

/* Rows that the statements of its end read; they are not done in the end. */
static long long rows_read(int64_t agreement)
{
    static const struct {
        enum mcx_stmt stmt;
        const char *more;
    } steps[] = {{MCX_STMT_AGREEMENT_END_BINDINGS, ", 'x', 'x'"},
                 {MCX_STMT_AGREEMENT_END_MIGRATIONS, ", 'x', 'x'"},
                 {MCX_STMT_AGREEMENT_END_SHORTENS, ""}};
    long long rows;

    fixture_sql(site.sql, "BEGIN");
    rows = rows_so_far();
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
        fixture_sql(site.sql, "EXECUTE \"%s\" (%lld%s)", mcx_stmt_rows[steps[i].stmt].name,
                    (long long)agreement, steps[i].more);
    rows = rows_so_far() - rows;
    fixture_sql(site.sql, "ROLLBACK");
    return rows;
}

/* As mcxctl has them, which does each once. */
static void prepare(void)
{
    fixture_sql(site.sql, "SET plan_cache_mode = force_custom_plan");
    fixture_prepare(site.sql, &mcx_stmt_rows[MCX_STMT_AGREEMENT_END_BINDINGS]);
    fixture_prepare(site.sql, &mcx_stmt_rows[MCX_STMT_AGREEMENT_END_MIGRATIONS]);
    fixture_prepare(site.sql, &mcx_stmt_rows[MCX_STMT_AGREEMENT_END_SHORTENS]);
}

START_TEST(test_end_of_one_users_agreement_reads_what_is_his)
{
    struct mcx_group_change group = {.name = "g", .is_new = true};
    int64_t all = policy_agree((struct mcx_new_agreement){.partner = "partner"});
    int64_t own[3];

    ck_ok(mcx_store_group_change(site.admin, &group, &site.problem));
    fixture_sql(site.sql, "INSERT INTO mc_user (mc_user_id) VALUES ('u7'), ('u8')");
    fixture_sql(site.sql, "INSERT INTO mc_group_member (mc_user_id, group_name) VALUES ('u7', 'g'),"
                          " ('u8', 'g')");
    own[0] = policy_agree((struct mcx_new_agreement){.partner = "partner", .mc_user_id = "u7"});
    own[1] = policy_agree((struct mcx_new_agreement){.partner = "partner", .group = "g"});
    own[2] = policy_agree(
        (struct mcx_new_agreement){.partner = "partner", .mc_user_id = "u7", .is_inbound = true});
    prepare();
    load(all);
    fixture_sql(site.sql, "ANALYZE"); /* as autovacuum does when so many have come */
    for (int i = 0; i < 3; i++)
        ck_assert_int_lt(rows_read(own[i]), 100);
    /* As of version 8: 112 of them, which a group's end looks at, and for their grants. */
    fixture_sql(site.sql,
                "UPDATE migration SET agreement_id = NULL WHERE mc_user_id LIKE 'u100%%'");
    ck_assert_int_lt(rows_read(own[0]), 100);
    ck_assert_int_lt(rows_read(own[1]), 1000);
    if (_i == 1) /* covers them all */
        policy_agree(
            (struct mcx_new_agreement){.partner = "partner", .expires = "2089-01-01T00:00:00Z"});
    ck_assert_int_ge(rows_read(all), LOADED);
}
END_TEST

Suite *agreement_plans_suite(void)
{
    Suite *made = suite_create("agreement_plans");
    TCase *tcase = policy_case("agreement_plans");

    tcase_add_loop_test(tcase, test_end_of_one_users_agreement_reads_what_is_his, 0, 2);
    suite_add_tcase(made, tcase);
    return made;
}
