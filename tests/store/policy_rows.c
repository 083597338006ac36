/* SPDX-License-Identifier: Apache-2.0 */
/* Systems, users, devices, agreements and areas, entered through the operator's own functions. */
#include "policy_rows.h"

void policy_user(const char *id, const char *service)
{
    struct mcx_user_change change = {.id = id, .is_new = true, .may_migrate = {true, MCX_YES}};
    enum mcx_service which = mcx_service_named(mcx_span_of(service));

    change.service_ids[which] = (struct mcx_names){1, {mcx_span_of(id)}};
    ck_assert_msg(mcx_store_user_change(site.admin, &change, &site.problem) == MCX_OK, "%s",
                  site.problem.text);
}

static void add_device(const char *user, const char *label, const char *impi)
{
    struct mcx_new_device device = {.mc_user_id = user, .label = label, .impi = impi};

    ck_assert_msg(mcx_store_device_add(site.admin, &device, &site.problem) == MCX_OK, "%s",
                  site.problem.text);
}

int64_t policy_agree(struct mcx_new_agreement agreement)
{
    if (agreement.max_bindings == 0)
        agreement.max_bindings = -1;
    ck_assert_msg(mcx_store_agreement_add(site.admin, &agreement, &site.problem) == MCX_OK, "%s",
                  site.problem.text);
    return agreement.id;
}

void policy_cover(struct mcx_new_area area)
{
    ck_assert_msg(mcx_store_area_add(site.admin, &area, &site.problem) == MCX_OK, "%s",
                  site.problem.text);
}

static void setup(void)
{
    site_setup();
    policy_user(POLICY_ALICE, "mcptt");
    add_device(POLICY_ALICE, "handset", "alice@primary.example");
}

TCase *policy_case(const char *name)
{
    TCase *tcase = tcase_create(name);

    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, setup, site_teardown);
    return tcase;
}
