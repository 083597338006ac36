/* SPDX-License-Identifier: Apache-2.0 */
/* CR 10.1.X.1 steps 2 and 3 on real rows: who may go where. */
#include <stdlib.h>
#include <string.h>

#include "policy_rows.h"
#include "store/choice.h"
#include "suites.h"

static struct mcx_migration_ask ask;
static struct mcx_migration_choice choice;

/* Alice, with MCPTT, in a cell of PLMN 00101. */
static void setup(void)
{
    memset(&ask, 0, sizeof ask);
    ask.services.has[MCX_SERVICE_MCPTT] = true;
    ask.services.id[MCX_SERVICE_MCPTT] = fixture_str(POLICY_ALICE);
    ask.has_location = true;
    ask.location = (struct mcx_location){.has_plmn = true, .plmn = "00101"};
}

static enum mcx_migration_verdict choose(void)
{
    ck_ok(mcx_store_migration_choose(site.daemon, &ask, &choice));
    return choice.verdict;
}

static void expect_partner(const char *name)
{
    ck_assert_msg(choose() == MCX_MIGRATE, "%s", choice.reason);
    ck_assert_str_eq(choice.partner.octets, name);
}

static void expect_none(enum mcx_migration_verdict verdict, const char *reason)
{
    ck_assert_int_eq(choose(), verdict);
    ck_assert_str_eq(choice.reason, reason);
}

START_TEST(test_whole_choice)
{
    int64_t id = policy_agree((struct mcx_new_agreement){
        .partner = "partner", .expires = "2099-01-01T00:00:00Z", .mask = true, .priority = 100});

    policy_cover((struct mcx_new_area){.partner = "partner", .plmn = "00101", .priority = 5});
    expect_partner("partner");
    ck_assert_str_eq(choice.partner_realm.octets, "partner.example");
    ck_assert_str_eq(choice.mc_user_id.octets, POLICY_ALICE);
    ck_assert_str_eq(choice.device.octets, "handset");
    ck_assert_str_eq(choice.own.impi.octets, "alice@primary.example");
    ck_assert_uint_eq(choice.own.impu_count, 1);
    ck_assert_str_eq(choice.own.impu[0].octets, "sip:alice@primary.example");
    ck_assert_uint_eq(choice.database_realm.len, 0);
    ck_assert(choice.mask && !choice.is_requested && choice.services.has[MCX_SERVICE_MCPTT]);
    ck_assert_int_eq(choice.expires_s, 4070908800);
    ck_assert_int_gt(id, 0);
    ck_assert_int_eq(
        choice.partner_id,
        fixture_number(site.sql, "SELECT id FROM partner WHERE system_id = 'partner'"));
}
END_TEST

START_TEST(test_user_must_be_known_and_one)
{
    policy_agree((struct mcx_new_agreement){.partner = "partner"});
    policy_user("sip:bob@mc.primary.example", "mcvideo");
    ask.services.id[MCX_SERVICE_MCPTT] = fixture_str("sip:nobody@mc.primary.example");
    expect_none(MCX_MIGRATE_NO_USER, "unknown_user");
    ask.services.id[MCX_SERVICE_MCPTT] = fixture_str(POLICY_ALICE);
    ask.services.has[MCX_SERVICE_MCVIDEO] = true;
    ask.services.id[MCX_SERVICE_MCVIDEO] =
        fixture_str(POLICY_ALICE); /* an MCPTT ID is no MCVideo ID */
    expect_none(MCX_MIGRATE_NO_USER, "unknown_user");
    ask.services.id[MCX_SERVICE_MCVIDEO] = fixture_str("sip:bob@mc.primary.example");
    expect_none(MCX_MIGRATE_NO_USER, "unknown_user"); /* of two users */
    ask.services.has[MCX_SERVICE_MCVIDEO] = false;
    ask.mc_user_id = fixture_str("sip:bob@mc.primary.example");
    expect_none(MCX_MIGRATE_NO_USER, "unknown_user"); /* not the one named */
    ask.mc_user_id = fixture_str(POLICY_ALICE);
    expect_none(MCX_MIGRATE_NO_PARTNER, "outside_service_areas");
}
END_TEST

START_TEST(test_rules_of_groups)
{
    struct mcx_group_change allow = {"allow", true, {true, MCX_YES}, {false, MCX_UNSAID}};
    struct mcx_group_change deny = {"deny", true, {true, MCX_NO}, {true, MCX_YES}};
    struct mcx_user_change change = {.id = POLICY_ALICE, .may_migrate = {true, MCX_UNSAID}};

    policy_agree((struct mcx_new_agreement){.partner = "partner"});
    policy_cover((struct mcx_new_area){.partner = "partner", .plmn = "00101"});
    ck_ok(mcx_store_group_change(site.admin, &allow, &site.problem));
    ck_ok(mcx_store_group_change(site.admin, &deny, &site.problem));
    ck_ok(mcx_store_user_change(site.admin, &change, &site.problem));
    expect_none(MCX_MIGRATE_NOT_AUTHORIZED, "not_authorized");
    change.groups = (struct mcx_names){1, {mcx_span_of("allow")}};
    ck_ok(mcx_store_user_change(site.admin, &change, &site.problem));
    expect_partner("partner");
    ck_assert(!choice.mask);
    change.groups = (struct mcx_names){1, {mcx_span_of("deny")}};
    ck_ok(mcx_store_user_change(site.admin, &change, &site.problem));
    expect_none(MCX_MIGRATE_NOT_AUTHORIZED, "group_denies");
    change.may_migrate.rule = MCX_YES;
    change.groups.count = 0;
    ck_ok(mcx_store_user_change(site.admin, &change, &site.problem));
    expect_partner("partner");
    ck_assert(choice.mask); /* the group's word; the user's is unsaid */
    change.mask = (struct mcx_new_rule){true, MCX_NO};
    ck_ok(mcx_store_user_change(site.admin, &change, &site.problem));
    expect_partner("partner");
    ck_assert(!choice.mask);
}
END_TEST

START_TEST(test_masking_by_service)
{
    policy_agree((struct mcx_new_agreement){.partner = "partner"});
    ask.partner = fixture_str("partner");
    ck_ok(mcx_store_service_mask(site.admin, MCX_SERVICE_MCVIDEO, true, &site.problem));
    expect_partner("partner");
    ck_assert(!choice.mask);
    ck_ok(mcx_store_service_mask(site.admin, MCX_SERVICE_MCPTT, true, &site.problem));
    expect_partner("partner");
    ck_assert(choice.mask);
}
END_TEST

START_TEST(test_devices_and_their_identities)
{
    struct mcx_new_device other = {
        .mc_user_id = POLICY_ALICE,
        .label = "tablet",
        .impi = "alice.t@east.primary.example",
        .impu_count = 2,
        .impu = {mcx_span_of("sip:t@EAST.primary.example;x=1"), mcx_span_of("tel:+49-89-1")},
        .services = {1, {mcx_span_of("mcvideo")}},
        .realm = "east.primary.example",
        .host = "slf.east.primary.example"};

    policy_agree((struct mcx_new_agreement){.partner = "partner"});
    ask.partner = fixture_str("partner");
    ck_assert_msg(mcx_store_device_add(site.admin, &other, &site.problem) == MCX_OK, "%s",
                  site.problem.text);
    expect_partner("partner"); /* the tablet is for MCVideo only */
    ck_assert_str_eq(choice.device.octets, "handset");
    fixture_sql(site.sql, "UPDATE mc_device SET services = '{}'");
    expect_none(MCX_MIGRATE_SEVERAL_DEVICES, "several_devices");
    ck_assert_uint_eq(choice.label_count, 2);
    ask.device = fixture_str("tablet");
    expect_partner("partner");
    ck_assert_str_eq(choice.database_realm.octets, "east.primary.example");
    ck_assert_str_eq(choice.database_host.octets, "slf.east.primary.example");
    ck_assert_uint_eq(choice.own.impu_count, 2);
    ck_assert_str_eq(choice.own.impu[0].octets, "sip:t@east.primary.example");
    ck_assert_str_eq(choice.own.impu[1].octets, "tel:+49891");
    ask.device = fixture_str("radio");
    expect_none(MCX_MIGRATE_NO_DEVICE, "unknown_device");
    ck_assert_int_eq(mcx_store_device_add(site.admin, &other, &site.problem), MCX_EXISTS);
    other.label = "x";
    other.realm = other.host = NULL;
    ck_assert_int_eq(mcx_store_device_add(site.admin, &other, &site.problem), MCX_NOT_FOUND);
    ck_ok(mcx_store_device_delete(site.admin, POLICY_ALICE, "tablet", &site.problem));
    ck_assert_int_eq(mcx_store_device_delete(site.admin, POLICY_ALICE, "tablet", &site.problem),
                     MCX_NOT_FOUND);
}
END_TEST

START_TEST(test_agreement_in_time_and_for_services)
{
    int64_t id;

    ask.partner = fixture_str("partner");
    expect_none(MCX_MIGRATE_NO_PARTNER, "no_agreement");
    id = policy_agree(
        (struct mcx_new_agreement){.partner = "partner", .services = {1, {mcx_span_of("mcdata")}}});
    expect_none(MCX_MIGRATE_NO_PARTNER, "no_agreement");
    fixture_sql(site.sql, "UPDATE agreement SET services = '{mcptt,mcdata}' WHERE id = %lld",
                (long long)id);
    expect_partner("partner");
    ck_assert_int_eq(choice.expires_s, MCX_NEVER);
    fixture_sql(site.sql, "UPDATE agreement SET valid_from = now() + interval '1 minute'");
    expect_none(MCX_MIGRATE_NO_PARTNER, "no_agreement");
    fixture_sql(site.sql, "UPDATE agreement SET valid_from = now() - interval '2 days',"
                          " expires_at = now() - interval '1 s'");
    expect_none(MCX_MIGRATE_NO_PARTNER, "no_agreement");
    fixture_sql(site.sql, "UPDATE agreement SET expires_at = now() + interval '1 day',"
                          " max_duration = '1 hour'");
    expect_partner("partner");
    ck_assert_int_le(llabs(choice.expires_s - 3600 -
                           fixture_number(site.sql, "SELECT extract(epoch FROM now())::bigint")),
                     2);
    fixture_sql(site.sql, "UPDATE partner SET state = 'removed' WHERE system_id = 'partner'");
    expect_none(MCX_MIGRATE_NO_PARTNER, "no_agreement");
}
END_TEST

START_TEST(test_the_nearest_agreement_counts)
{
    struct mcx_group_change group = {"crew", true, {false, MCX_UNSAID}, {false, MCX_UNSAID}};
    struct mcx_user_change change = {.id = POLICY_ALICE, .groups = {1, {mcx_span_of("crew")}}};
    int64_t id;

    ask.partner = fixture_str("partner");
    ck_ok(mcx_store_group_change(site.admin, &group, &site.problem));
    policy_agree(
        (struct mcx_new_agreement){.partner = "partner", .expires = "2091-01-01T00:00:00Z"});
    policy_agree((struct mcx_new_agreement){
        .partner = "partner", .group = "crew", .expires = "2092-01-01T00:00:00Z", .priority = 9});
    expect_partner("partner");
    ck_assert_int_eq(choice.expires_s, 3818448000); /* 2091: not of the crew */
    ck_ok(mcx_store_user_change(site.admin, &change, &site.problem));
    expect_partner("partner");
    ck_assert_int_eq(choice.expires_s, 3849984000); /* 2092 */
    id = policy_agree((struct mcx_new_agreement){.partner = "partner",
                                                 .mc_user_id = POLICY_ALICE,
                                                 .expires = "2093-01-01T00:00:00Z",
                                                 .priority = 99});
    expect_partner("partner");
    ck_assert_int_eq(choice.expires_s, 3881606400); /* 2093 */
    ck_ok(mcx_store_agreement_end(site.admin, id, "over", &(size_t){0}, &site.problem));
    expect_partner("partner");
    ck_assert_int_eq(choice.expires_s, 3849984000);
    ck_assert_int_eq(mcx_store_agreement_end(site.admin, id, "over", &(size_t){0}, &site.problem),
                     MCX_NOT_FOUND);
}
END_TEST

START_TEST(test_location_decides_and_priorities_break_ties)
{
    policy_agree((struct mcx_new_agreement){.partner = "partner", .priority = 10});
    policy_agree((struct mcx_new_agreement){.partner = "other", .priority = 20});
    policy_cover((struct mcx_new_area){.partner = "partner", .plmn = "00101", .priority = 100});
    policy_cover((struct mcx_new_area){.partner = "other", .plmn = "00101", .priority = 100});
    expect_partner("partner"); /* by the agreement's */
    policy_cover((struct mcx_new_area){
        .partner = "other", .plmn = "00101", .ecgi_prefix = "1a2d0", .priority = 50});
    ask.location.has_eci = true;
    ask.location.eci = 0x1a2d007;
    expect_partner("other"); /* by the cell's */
    ask.location.eci = 0x1a2e007;
    expect_partner("partner");
    ask.partner = fixture_str("other");
    expect_partner("other"); /* asked for */
    ck_assert(choice.is_requested);
    ask.partner = fixture_str("third");
    expect_partner("partner"); /* as the CR says: else by location */
    ck_assert(!choice.is_requested);
    fixture_sql(site.sql, "UPDATE agreement SET priority = 10");
    ask.partner.len = 0;
    expect_partner("other"); /* by its name */
}
END_TEST

START_TEST(test_shapes)
{
    struct mcx_new_area circle = {.partner = "partner", .priority = 1};
    struct mcx_new_area polygon = {.partner = "other", .priority = 1};
    struct mcx_new_area box = {.partner = "other", .priority = 2};

    policy_agree((struct mcx_new_agreement){.partner = "partner"});
    policy_agree((struct mcx_new_agreement){.partner = "other"});
    circle.shape.has_circle = true;
    circle.shape.center = (struct mcx_point){48.1, 11.5};
    circle.shape.radius_m = 10000;
    policy_cover(circle);
    polygon.shape.corner_count = 4;
    polygon.shape.corner[0] = (struct mcx_point){-20, 176};
    polygon.shape.corner[1] = (struct mcx_point){-20, -178};
    polygon.shape.corner[2] = (struct mcx_point){-15, -178};
    polygon.shape.corner[3] = (struct mcx_point){-15, 176};
    policy_cover(polygon);
    box.shape.has_box = true;
    box.shape.box = (struct mcx_box){60, 61, 179, -179};
    policy_cover(box);
    expect_none(MCX_MIGRATE_NO_PARTNER, "location_not_enough"); /* PLMN only */
    ask.location = (struct mcx_location){.has_point = true, .latitude = 48.15, .longitude = 11.55};
    expect_partner("partner");
    ask.location.latitude = 48.19; /* in the circle's box, not in the circle: 12.1 km */
    ask.location.longitude = 11.63;
    expect_none(MCX_MIGRATE_NO_PARTNER, "outside_service_areas");
    ask.location = (struct mcx_location){.has_point = true, .latitude = -17, .longitude = -179};
    expect_partner("other");
    ask.location.longitude = 180;
    expect_partner("other");
    ask.location.longitude = 175.9;
    expect_none(MCX_MIGRATE_NO_PARTNER, "outside_service_areas");
    ask.location = (struct mcx_location){.has_point = true, .latitude = 60.5, .longitude = -180};
    expect_partner("other");
}
END_TEST

START_TEST(test_operator_names_partner_and_user_only)
{
    struct mcx_user_change change = {.id = POLICY_ALICE, .may_migrate = {true, MCX_NO}};

    policy_agree(
        (struct mcx_new_agreement){.partner = "partner", .services = {1, {mcx_span_of("mcdata")}}});
    change.service_ids[MCX_SERVICE_MCDATA] =
        (struct mcx_names){2, {mcx_span_of("sip:z@x.example"), mcx_span_of("sip:a@x.example")}};
    ck_ok(mcx_store_user_change(site.admin, &change, &site.problem));
    memset(&ask, 0, sizeof ask);
    ask.mc_user_id = fixture_str(POLICY_ALICE);
    expect_none(MCX_MIGRATE_NO_PARTNER, "no_agreement_with_partner");
    ask.partner = fixture_str("partner");
    expect_partner("partner");
    ck_assert(choice.is_requested && !choice.services.has[MCX_SERVICE_MCPTT]);
    ck_assert_str_eq(choice.services.id[MCX_SERVICE_MCDATA].octets, "sip:a@x.example");
    ask.partner = fixture_str("other");
    expect_none(MCX_MIGRATE_NO_PARTNER, "no_agreement_with_partner");
    ask.mc_user_id = fixture_str("nobody");
    expect_none(MCX_MIGRATE_NO_USER, "unknown_user");
}
END_TEST

START_TEST(test_why)
{
    static struct mcx_explanation why;

    policy_agree((struct mcx_new_agreement){.partner = "partner"});
    policy_cover((struct mcx_new_area){.partner = "other", .plmn = "00101"});
    policy_cover((struct mcx_new_area){.partner = "partner", .plmn = "00102"});
    ck_ok(mcx_store_migration_explain(site.admin, &ask, &choice, &why));
    ck_assert_int_eq(choice.verdict, MCX_MIGRATE_NO_PARTNER);
    ck_assert_uint_eq(why.count, 2);
    for (size_t i = 0; i < 2; i++)
        ck_assert_str_eq(why.partner[i].why, strcmp(why.partner[i].partner.octets, "other") == 0
                                                 ? "no agreement for this user"
                                                 : "serves other places");
    policy_agree((struct mcx_new_agreement){.partner = "other", .mc_user_id = POLICY_ALICE});
    ck_ok(mcx_store_migration_explain(site.admin, &ask, &choice, &why));
    ck_assert_int_eq(choice.verdict, MCX_MIGRATE);
    ck_assert_str_eq(choice.partner.octets, "other");
    ck_assert(why.partner[0].is_chosen + why.partner[1].is_chosen == 1);
    fixture_sql(site.sql, "UPDATE mc_user SET may_migrate = false");
    ck_ok(mcx_store_migration_explain(site.admin, &ask, &choice, &why));
    ck_assert_int_eq(choice.verdict, MCX_MIGRATE_NOT_AUTHORIZED);
    ck_assert_uint_eq(why.count, 0);
}
END_TEST

START_TEST(test_deleted_user_is_gone_and_his_grants_end)
{
    struct mcx_provision grant = {.partner = fixture_str("partner"),
                                  .impi = fixture_str("alice@primary.example"),
                                  .impu_count = 1,
                                  .impu = {fixture_str("sip:alice@primary.example")},
                                  .mc_user_id = POLICY_ALICE};
    size_t ended;

    ck_assert_msg(mcx_store_grant_provision(site.admin, &grant, &site.problem) == MCX_OK, "%s",
                  site.problem.text);
    ck_ok(mcx_store_user_delete(site.admin, POLICY_ALICE, "left", &ended, &site.problem));
    ck_assert_uint_eq(ended, 1);
    expect_none(MCX_MIGRATE_NO_USER, "unknown_user");
    ck_assert_int_eq(mcx_store_user_delete(site.admin, POLICY_ALICE, "left", &ended, &site.problem),
                     MCX_NOT_FOUND);
}
END_TEST

static Suite *suite(void)
{
    Suite *made = suite_create("choice");
    TCase *tcase = policy_case("choice");

    tcase_add_checked_fixture(tcase, setup, NULL);
    tcase_add_test(tcase, test_whole_choice);
    tcase_add_test(tcase, test_user_must_be_known_and_one);
    tcase_add_test(tcase, test_rules_of_groups);
    tcase_add_test(tcase, test_masking_by_service);
    tcase_add_test(tcase, test_devices_and_their_identities);
    tcase_add_test(tcase, test_agreement_in_time_and_for_services);
    tcase_add_test(tcase, test_the_nearest_agreement_counts);
    tcase_add_test(tcase, test_location_decides_and_priorities_break_ties);
    tcase_add_test(tcase, test_shapes);
    tcase_add_test(tcase, test_operator_names_partner_and_user_only);
    tcase_add_test(tcase, test_why);
    tcase_add_test(tcase, test_deleted_user_is_gone_and_his_grants_end);
    suite_add_tcase(made, tcase);
    return made;
}

int main(void)
{
    return fixture_main(false, (Suite * (*const[])(void)){suite, access_suite, choice_plans_suite},
                        3);
}
