/* SPDX-License-Identifier: Apache-2.0 */
/* PostgreSQL finds what a choice needs by keys, however many users and agreements there are. */
#include <stdio.h>
#include <string.h>

#include "policy_rows.h"
#include "store/choice.h"
#include "suites.h"

/* As the daemon's session has them: prepared while the tables were small, on 200,000 users. */
START_TEST(test_plans_probe_by_key)
{
    static const enum mcx_stmt hot[] = {MCX_STMT_MIGRATION_USER, MCX_STMT_MIGRATION_CANDIDATES,
                                        MCX_STMT_ACCESS_FACTS, MCX_STMT_DOCUMENT_FIND,
                                        MCX_STMT_ACCESS_TAKE};
    static struct mcx_migration_ask ask;
    static struct mcx_migration_choice choice;
    const char *settings[] = {"0", "1000", "force_generic_plan", "off"};
    PGresult *result = PQexecParams(site.sql, mcx_stmt_rows[MCX_STMT_SESSION_SETTINGS].sql, 4, NULL,
                                    settings, NULL, NULL, 0);

    PQclear(result);
    for (size_t i = 0; i < sizeof hot / sizeof hot[0]; i++)
        fixture_prepare(site.sql, &mcx_stmt_rows[hot[i]]);
    fixture_sql(site.sql,
                "INSERT INTO mc_user SELECT 'sip:' || n || '@mc.primary.example', true, NULL"
                " FROM generate_series(1, 200000) n");
    fixture_sql(site.sql,
                "INSERT INTO mc_service_id SELECT 'mcptt', mc_user_id, mc_user_id FROM mc_user"
                " WHERE mc_user_id <> '" POLICY_ALICE "'");
    fixture_sql(site.sql, "INSERT INTO agreement (partner_id, direction, mc_user_id) SELECT p.id,"
                          " 'outbound', u.mc_user_id FROM mc_user u CROSS JOIN partner p");
    for (size_t i = 0; i < sizeof hot / sizeof hot[0]; i++) {
        const struct mcx_stmt_row *row = &mcx_stmt_rows[hot[i]];
        char text[256];
        size_t len = (size_t)snprintf(text, sizeof text, "EXPLAIN EXECUTE \"%s\"", row->name);

        for (size_t p = 0; row->params[p]; p++)
            len += (size_t)snprintf(text + len, sizeof text - len, "%sNULL", p ? ", " : "(");
        snprintf(text + len, sizeof text - len, ")");
        result = PQexec(site.sql, text);
        ck_assert_msg(PQresultStatus(result) == PGRES_TUPLES_OK, "%s", PQerrorMessage(site.sql));
        for (int line = 0; line < PQntuples(result); line++)
            ck_assert_msg(!strstr(PQgetvalue(result, line, 0), "Seq Scan"), "%s: %s", row->name,
                          PQgetvalue(result, line, 0));
        PQclear(result);
    }
    ask.services.has[MCX_SERVICE_MCPTT] = true;
    ask.services.id[MCX_SERVICE_MCPTT] = fixture_str("sip:777@mc.primary.example");
    ck_ok(mcx_store_migration_choose(site.daemon, &ask, &choice));
    ck_assert_int_eq(choice.verdict, MCX_MIGRATE_NO_DEVICE);
    ck_assert_str_eq(choice.reason, "no_device");
}
END_TEST

Suite *choice_plans_suite(void)
{
    Suite *made = suite_create("choice_plans");
    TCase *tcase = policy_case("choice_plans");

    tcase_add_test(tcase, test_plans_probe_by_key);
    suite_add_tcase(made, tcase);
    return made;
}
