/* SPDX-License-Identifier: Apache-2.0 */
/* What an RTR of the primary ends at the partner (design 7): the binding, and what it held of PDN
 * access credentials, in one transaction. Policy and message stand in unit and scenario tests. */
#include "site.h"
#include "store/recall.h"
#include "suites.h"

static void setup(void)
{
    site_open();
    site_open_daemon();
}

/* A credential of that binding; which system's it is, is part of the key. */
static void credential(int id, const char *binding_id, const char *partner)
{
    fixture_sql(site.sql,
                "INSERT INTO pdn_credential (id, pdn, key_id, wrapped, fingerprint, binding_uuid,"
                " holder_partner_id, allocated_at) SELECT %d, 'x', 1, decode(repeat('00', 40),"
                " 'hex'), sha256('%d'), '%s', id, now() FROM partner WHERE system_id = '%s'",
                id, id, binding_id, partner);
}

static enum mcx_err recall(struct mcx_session *session, void *arg, struct mcx_conf_problem *problem)
{
    struct mcx_recall_ask ask = {.command = MCX_RTR};
    struct mcx_recall_facts facts;
    struct mcx_recalled binding;

    ck_ok(mcx_str_set(&ask.partner, mcx_span_of("partner")));
    ck_ok(mcx_str_set(&ask.impi, mcx_span_of("carol@partner.example")));
    ck_ok(mcx_store_recall_facts(session, &ask, &facts, &binding, problem));
    ck_assert(facts.is_live);
    ck_ok(mcx_store_recall_end(session, &ask, &binding, problem));
    return MCX_OK;
}

START_TEST(test_credentials_are_free_at_once)
{
    struct mcx_provision carol = fixture_binding(site.admin, "carol"),
                         dave = fixture_binding(site.admin, "dave");
    struct mcx_conf_problem problem;

    credential(1, carol.binding_id, "partner");
    credential(2, dave.binding_id, "partner");
    credential(3, carol.binding_id, "other"); /* the same id of another primary: another binding */
    ck_ok(mcx_admin_change(site.daemon, recall, NULL, &problem));
    ck_assert_int_eq(fixture_number(site.sql, "SELECT count(*) FROM binding WHERE state = 'ended'"),
                     1);
    ck_assert_int_eq(fixture_number(site.sql, "SELECT count(*) FROM pdn_credential WHERE"
                                              " num_nonnulls(binding_uuid, holder_partner_id,"
                                              " allocated_at) = 0 AND id = 1"),
                     1);
    ck_assert_int_eq(fixture_number(site.sql, "SELECT count(binding_uuid) FROM pdn_credential"), 2);
}
END_TEST

Suite *recall_suite(void)
{
    Suite *suite = suite_create("recall");
    TCase *tcase = tcase_create("recall");

    tcase_add_checked_fixture(tcase, setup, site_teardown);
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, test_credentials_are_free_at_once);
    suite_add_tcase(suite, tcase);
    return suite;
}
