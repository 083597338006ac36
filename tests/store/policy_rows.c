/* SPDX-License-Identifier: Apache-2.0 */
/* Systems, users, devices, agreements and areas, entered through the operator's own functions. */
#include "policy_rows.h"

#include "cluster.h"

struct policy policy;

struct mcx_str policy_str(const char *text)
{
    struct mcx_str out = {0};

    ck_ok(mcx_str_set(&out, mcx_span_of(text)));
    return out;
}

void policy_user(const char *id, const char *service)
{
    struct mcx_user_change change = {.id = id, .is_new = true, .may_migrate = {true, MCX_YES}};
    enum mcx_service which = mcx_service_named(mcx_span_of(service));

    change.service_ids[which] = (struct mcx_names){1, {mcx_span_of(id)}};
    ck_assert_msg(mcx_store_user_change(policy.admin, &change, &policy.problem) == MCX_OK, "%s",
                  policy.problem.text);
}

void policy_device(const char *user, const char *label, const char *impi)
{
    struct mcx_new_device device = {.mc_user_id = user, .label = label, .impi = impi};

    ck_assert_msg(mcx_store_device_add(policy.admin, &device, &policy.problem) == MCX_OK, "%s",
                  policy.problem.text);
}

int64_t policy_agree(struct mcx_new_agreement agreement)
{
    if (agreement.max_bindings == 0)
        agreement.max_bindings = -1;
    ck_assert_msg(mcx_store_agreement_add(policy.admin, &agreement, &policy.problem) == MCX_OK,
                  "%s", policy.problem.text);
    return agreement.id;
}

void policy_cover(struct mcx_new_area area)
{
    ck_assert_msg(mcx_store_area_add(policy.admin, &area, &policy.problem) == MCX_OK, "%s",
                  policy.problem.text);
}

static void setup(void)
{
    const char *database = fixture_database();

    fixture_conf(&policy.conf, database);
    policy.admin = fixture_admin(database);
    fixture_system(policy.admin);
    fixture_subscriber(policy.admin, &policy.conf, "alice");
    policy.daemon = fixture_daemon(&policy.conf);
    policy.sql = fixture_connect(database);
    policy_user(POLICY_ALICE, "mcptt");
    policy_device(POLICY_ALICE, "handset", "alice@primary.example");
}

static void teardown(void)
{
    mcx_session_close(&policy.daemon);
    mcx_session_close(&policy.admin);
    PQfinish(policy.sql);
}

TCase *policy_case(const char *name)
{
    TCase *tcase = tcase_create(name);

    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, setup, teardown);
    return tcase;
}
