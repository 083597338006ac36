/* SPDX-License-Identifier: Apache-2.0 */
/* CR 10.1.X.1 steps 2, 3 and 8 on real rows: who may go where, and who may come. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cluster.h"
#include "fixture.h"
#include "store/agreement.h"
#include "store/choice.h"
#include "store/mcuser.h"

#define ALICE "sip:alice@mc.primary.example"

static struct mcx_conf conf;
static struct mcx_session *admin, *daemon_session;
static PGconn *sql;
static struct mcx_migration_ask ask;
static struct mcx_migration_choice choice;
static struct mcx_conf_problem problem;

static struct mcx_str str(const char *text)
{
    struct mcx_str out = {0};

    ck_ok(mcx_str_set(&out, mcx_span_of(text)));
    return out;
}

static void add_user(const char *id, const char *service)
{
    struct mcx_user_change change = {.id = id, .is_new = true, .may_migrate = {true, MCX_YES}};
    enum mcx_service which = mcx_service_named(mcx_span_of(service));

    change.service_ids[which] = (struct mcx_names){1, {mcx_span_of(id)}};
    ck_assert_msg(mcx_store_user_change(admin, &change, &problem) == MCX_OK, "%s", problem.text);
}

static void add_device(const char *user, const char *label, const char *impi)
{
    struct mcx_new_device device = {.mc_user_id = user, .label = label, .impi = impi};

    ck_assert_msg(mcx_store_device_add(admin, &device, &problem) == MCX_OK, "%s", problem.text);
}

static int64_t agree(struct mcx_new_agreement agreement)
{
    if (agreement.max_bindings == 0)
        agreement.max_bindings = -1;
    ck_assert_msg(mcx_store_agreement_add(admin, &agreement, &problem) == MCX_OK, "%s",
                  problem.text);
    return agreement.id;
}

static void cover(struct mcx_new_area area)
{
    ck_assert_msg(mcx_store_area_add(admin, &area, &problem) == MCX_OK, "%s", problem.text);
}

static void setup(void)
{
    const char *database = fixture_database();

    fixture_conf(&conf, database);
    admin = fixture_admin(database);
    fixture_system(admin);
    fixture_subscriber(admin, &conf, "alice");
    daemon_session = fixture_daemon(&conf);
    sql = fixture_connect(database);
    add_user(ALICE, "mcptt");
    add_device(ALICE, "handset", "alice@primary.example");
    memset(&ask, 0, sizeof ask);
    ask.services.has[MCX_SERVICE_MCPTT] = true;
    ask.services.id[MCX_SERVICE_MCPTT] = str(ALICE);
    ask.has_location = true;
    ask.location = (struct mcx_location){.has_plmn = true, .plmn = "00101"};
}

static void teardown(void)
{
    mcx_session_close(&daemon_session);
    mcx_session_close(&admin);
    PQfinish(sql);
}

static enum mcx_migration_verdict choose(void)
{
    ck_ok(mcx_store_migration_choose(daemon_session, &ask, &choice));
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
    int64_t id = agree((struct mcx_new_agreement){
        .partner = "partner", .expires = "2099-01-01T00:00:00Z", .mask = true, .priority = 100});

    cover((struct mcx_new_area){.partner = "partner", .plmn = "00101", .priority = 5});
    expect_partner("partner");
    ck_assert_str_eq(choice.partner_realm.octets, "partner.example");
    ck_assert_str_eq(choice.mc_user_id.octets, ALICE);
    ck_assert_str_eq(choice.device.octets, "handset");
    ck_assert_str_eq(choice.own.impi.octets, "alice@primary.example");
    ck_assert_uint_eq(choice.own.impu_count, 1);
    ck_assert_str_eq(choice.own.impu[0].octets, "sip:alice@primary.example");
    ck_assert_uint_eq(choice.database_realm.len, 0);
    ck_assert(choice.mask && !choice.is_requested && choice.services.has[MCX_SERVICE_MCPTT]);
    ck_assert_int_eq(choice.expires_s, 4070908800);
    ck_assert_int_gt(id, 0);
    ck_assert_int_eq(choice.partner_id,
                     fixture_number(sql, "SELECT id FROM partner WHERE system_id = 'partner'"));
}
END_TEST

START_TEST(test_user_must_be_known_and_one)
{
    agree((struct mcx_new_agreement){.partner = "partner"});
    add_user("sip:bob@mc.primary.example", "mcvideo");
    ask.services.id[MCX_SERVICE_MCPTT] = str("sip:nobody@mc.primary.example");
    expect_none(MCX_MIGRATE_NO_USER, "unknown_user");
    ask.services.id[MCX_SERVICE_MCPTT] = str(ALICE);
    ask.services.has[MCX_SERVICE_MCVIDEO] = true;
    ask.services.id[MCX_SERVICE_MCVIDEO] = str(ALICE); /* an MCPTT ID is no MCVideo ID */
    expect_none(MCX_MIGRATE_NO_USER, "unknown_user");
    ask.services.id[MCX_SERVICE_MCVIDEO] = str("sip:bob@mc.primary.example");
    expect_none(MCX_MIGRATE_NO_USER, "unknown_user"); /* of two users */
    ask.services.has[MCX_SERVICE_MCVIDEO] = false;
    ask.mc_user_id = str("sip:bob@mc.primary.example");
    expect_none(MCX_MIGRATE_NO_USER, "unknown_user"); /* not the one named */
    ask.mc_user_id = str(ALICE);
    expect_none(MCX_MIGRATE_NO_PARTNER, "outside_service_areas");
}
END_TEST

START_TEST(test_rules_of_groups)
{
    struct mcx_group_change allow = {"allow", true, {true, MCX_YES}, {false, MCX_UNSAID}};
    struct mcx_group_change deny = {"deny", true, {true, MCX_NO}, {true, MCX_YES}};
    struct mcx_user_change change = {.id = ALICE, .may_migrate = {true, MCX_UNSAID}};

    agree((struct mcx_new_agreement){.partner = "partner"});
    cover((struct mcx_new_area){.partner = "partner", .plmn = "00101"});
    ck_ok(mcx_store_group_change(admin, &allow, &problem));
    ck_ok(mcx_store_group_change(admin, &deny, &problem));
    ck_ok(mcx_store_user_change(admin, &change, &problem));
    expect_none(MCX_MIGRATE_NOT_AUTHORIZED, "not_authorized");
    change.groups = (struct mcx_names){1, {mcx_span_of("allow")}};
    ck_ok(mcx_store_user_change(admin, &change, &problem));
    expect_partner("partner");
    ck_assert(!choice.mask);
    change.groups = (struct mcx_names){1, {mcx_span_of("deny")}};
    ck_ok(mcx_store_user_change(admin, &change, &problem));
    expect_none(MCX_MIGRATE_NOT_AUTHORIZED, "group_denies");
    change.may_migrate.rule = MCX_YES;
    change.groups.count = 0;
    ck_ok(mcx_store_user_change(admin, &change, &problem));
    expect_partner("partner");
    ck_assert(choice.mask); /* the group's word; the user's is unsaid */
    change.mask = (struct mcx_new_rule){true, MCX_NO};
    ck_ok(mcx_store_user_change(admin, &change, &problem));
    expect_partner("partner");
    ck_assert(!choice.mask);
}
END_TEST

START_TEST(test_masking_by_service)
{
    agree((struct mcx_new_agreement){.partner = "partner"});
    ask.partner = str("partner");
    ck_ok(mcx_store_service_mask(admin, MCX_SERVICE_MCVIDEO, true, &problem));
    expect_partner("partner");
    ck_assert(!choice.mask);
    ck_ok(mcx_store_service_mask(admin, MCX_SERVICE_MCPTT, true, &problem));
    expect_partner("partner");
    ck_assert(choice.mask);
}
END_TEST

START_TEST(test_devices_and_their_identities)
{
    struct mcx_new_device other = {
        .mc_user_id = ALICE,
        .label = "tablet",
        .impi = "alice.t@east.primary.example",
        .impu_count = 2,
        .impu = {mcx_span_of("sip:t@EAST.primary.example;x=1"), mcx_span_of("tel:+49-89-1")},
        .services = {1, {mcx_span_of("mcvideo")}},
        .realm = "east.primary.example",
        .host = "slf.east.primary.example"};

    agree((struct mcx_new_agreement){.partner = "partner"});
    ask.partner = str("partner");
    ck_assert_msg(mcx_store_device_add(admin, &other, &problem) == MCX_OK, "%s", problem.text);
    expect_partner("partner"); /* the tablet is for MCVideo only */
    ck_assert_str_eq(choice.device.octets, "handset");
    fixture_sql(sql, "UPDATE mc_device SET services = '{}'");
    expect_none(MCX_MIGRATE_SEVERAL_DEVICES, "several_devices");
    ck_assert_uint_eq(choice.label_count, 2);
    ask.device = str("tablet");
    expect_partner("partner");
    ck_assert_str_eq(choice.database_realm.octets, "east.primary.example");
    ck_assert_str_eq(choice.database_host.octets, "slf.east.primary.example");
    ck_assert_uint_eq(choice.own.impu_count, 2);
    ck_assert_str_eq(choice.own.impu[0].octets, "sip:t@east.primary.example");
    ck_assert_str_eq(choice.own.impu[1].octets, "tel:+49891");
    ask.device = str("radio");
    expect_none(MCX_MIGRATE_NO_DEVICE, "unknown_device");
    ck_assert_int_eq(mcx_store_device_add(admin, &other, &problem), MCX_EXISTS);
    other.label = "x";
    other.realm = other.host = NULL;
    ck_assert_int_eq(mcx_store_device_add(admin, &other, &problem), MCX_NOT_FOUND);
    ck_ok(mcx_store_device_delete(admin, ALICE, "tablet", &problem));
    ck_assert_int_eq(mcx_store_device_delete(admin, ALICE, "tablet", &problem), MCX_NOT_FOUND);
}
END_TEST

START_TEST(test_agreement_in_time_and_for_services)
{
    int64_t id;

    ask.partner = str("partner");
    expect_none(MCX_MIGRATE_NO_PARTNER, "no_agreement");
    id = agree(
        (struct mcx_new_agreement){.partner = "partner", .services = {1, {mcx_span_of("mcdata")}}});
    expect_none(MCX_MIGRATE_NO_PARTNER, "no_agreement");
    fixture_sql(sql, "UPDATE agreement SET services = '{mcptt,mcdata}' WHERE id = %lld",
                (long long)id);
    expect_partner("partner");
    ck_assert_int_eq(choice.expires_s, MCX_NEVER);
    fixture_sql(sql, "UPDATE agreement SET valid_from = now() + interval '1 minute'");
    expect_none(MCX_MIGRATE_NO_PARTNER, "no_agreement");
    fixture_sql(sql, "UPDATE agreement SET valid_from = now() - interval '2 days',"
                     " expires_at = now() - interval '1 s'");
    expect_none(MCX_MIGRATE_NO_PARTNER, "no_agreement");
    fixture_sql(sql, "UPDATE agreement SET expires_at = now() + interval '1 day',"
                     " max_duration = '1 hour'");
    expect_partner("partner");
    ck_assert_int_le(llabs(choice.expires_s - 3600 -
                           fixture_number(sql, "SELECT extract(epoch FROM now())::bigint")),
                     2);
    fixture_sql(sql, "UPDATE partner SET state = 'removed' WHERE system_id = 'partner'");
    expect_none(MCX_MIGRATE_NO_PARTNER, "no_agreement");
}
END_TEST

START_TEST(test_the_nearest_agreement_counts)
{
    struct mcx_group_change group = {"crew", true, {false, MCX_UNSAID}, {false, MCX_UNSAID}};
    struct mcx_user_change change = {.id = ALICE, .groups = {1, {mcx_span_of("crew")}}};
    int64_t id;

    ask.partner = str("partner");
    ck_ok(mcx_store_group_change(admin, &group, &problem));
    agree((struct mcx_new_agreement){.partner = "partner", .expires = "2091-01-01T00:00:00Z"});
    agree((struct mcx_new_agreement){
        .partner = "partner", .group = "crew", .expires = "2092-01-01T00:00:00Z", .priority = 9});
    expect_partner("partner");
    ck_assert_int_eq(choice.expires_s, 3818448000); /* 2091: not of the crew */
    ck_ok(mcx_store_user_change(admin, &change, &problem));
    expect_partner("partner");
    ck_assert_int_eq(choice.expires_s, 3849984000); /* 2092 */
    id = agree((struct mcx_new_agreement){.partner = "partner",
                                          .mc_user_id = ALICE,
                                          .expires = "2093-01-01T00:00:00Z",
                                          .priority = 99});
    expect_partner("partner");
    ck_assert_int_eq(choice.expires_s, 3881606400); /* 2093 */
    ck_ok(mcx_store_agreement_end(admin, id, "over", &(size_t){0}, &problem));
    expect_partner("partner");
    ck_assert_int_eq(choice.expires_s, 3849984000);
    ck_assert_int_eq(mcx_store_agreement_end(admin, id, "over", &(size_t){0}, &problem),
                     MCX_NOT_FOUND);
}
END_TEST

START_TEST(test_location_decides_and_priorities_break_ties)
{
    agree((struct mcx_new_agreement){.partner = "partner", .priority = 10});
    agree((struct mcx_new_agreement){.partner = "other", .priority = 20});
    cover((struct mcx_new_area){.partner = "partner", .plmn = "00101", .priority = 100});
    cover((struct mcx_new_area){.partner = "other", .plmn = "00101", .priority = 100});
    expect_partner("partner"); /* by the agreement's */
    cover((struct mcx_new_area){
        .partner = "other", .plmn = "00101", .ecgi_prefix = "1a2d0", .priority = 50});
    ask.location.has_eci = true;
    ask.location.eci = 0x1a2d007;
    expect_partner("other"); /* by the cell's */
    ask.location.eci = 0x1a2e007;
    expect_partner("partner");
    ask.partner = str("other");
    expect_partner("other"); /* asked for */
    ck_assert(choice.is_requested);
    ask.partner = str("third");
    expect_partner("partner"); /* as the CR says: else by location */
    ck_assert(!choice.is_requested);
    fixture_sql(sql, "UPDATE agreement SET priority = 10");
    ask.partner.len = 0;
    expect_partner("other"); /* by its name */
}
END_TEST

START_TEST(test_shapes)
{
    struct mcx_new_area circle = {.partner = "partner", .priority = 1};
    struct mcx_new_area polygon = {.partner = "other", .priority = 1};
    struct mcx_new_area box = {.partner = "other", .priority = 2};

    agree((struct mcx_new_agreement){.partner = "partner"});
    agree((struct mcx_new_agreement){.partner = "other"});
    circle.shape.has_circle = true;
    circle.shape.center = (struct mcx_point){48.1, 11.5};
    circle.shape.radius_m = 10000;
    cover(circle);
    polygon.shape.corner_count = 4;
    polygon.shape.corner[0] = (struct mcx_point){-20, 176};
    polygon.shape.corner[1] = (struct mcx_point){-20, -178};
    polygon.shape.corner[2] = (struct mcx_point){-15, -178};
    polygon.shape.corner[3] = (struct mcx_point){-15, 176};
    cover(polygon);
    box.shape.has_box = true;
    box.shape.box = (struct mcx_box){60, 61, 179, -179};
    cover(box);
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
    struct mcx_user_change change = {.id = ALICE, .may_migrate = {true, MCX_NO}};

    agree(
        (struct mcx_new_agreement){.partner = "partner", .services = {1, {mcx_span_of("mcdata")}}});
    change.service_ids[MCX_SERVICE_MCDATA] =
        (struct mcx_names){2, {mcx_span_of("sip:z@x.example"), mcx_span_of("sip:a@x.example")}};
    ck_ok(mcx_store_user_change(admin, &change, &problem));
    memset(&ask, 0, sizeof ask);
    ask.mc_user_id = str(ALICE);
    expect_none(MCX_MIGRATE_NO_PARTNER, "no_agreement_with_partner");
    ask.partner = str("partner");
    expect_partner("partner");
    ck_assert(choice.is_requested && !choice.services.has[MCX_SERVICE_MCPTT]);
    ck_assert_str_eq(choice.services.id[MCX_SERVICE_MCDATA].octets, "sip:a@x.example");
    ask.partner = str("other");
    expect_none(MCX_MIGRATE_NO_PARTNER, "no_agreement_with_partner");
    ask.mc_user_id = str("nobody");
    expect_none(MCX_MIGRATE_NO_USER, "unknown_user");
}
END_TEST

START_TEST(test_why)
{
    static struct mcx_explanation why;

    agree((struct mcx_new_agreement){.partner = "partner"});
    cover((struct mcx_new_area){.partner = "other", .plmn = "00101"});
    cover((struct mcx_new_area){.partner = "partner", .plmn = "00102"});
    ck_ok(mcx_store_migration_explain(admin, &ask, &choice, &why));
    ck_assert_int_eq(choice.verdict, MCX_MIGRATE_NO_PARTNER);
    ck_assert_uint_eq(why.count, 2);
    for (size_t i = 0; i < 2; i++)
        ck_assert_str_eq(why.partner[i].why, strcmp(why.partner[i].partner.octets, "other") == 0
                                                 ? "no agreement for this user"
                                                 : "serves other places");
    agree((struct mcx_new_agreement){.partner = "other", .mc_user_id = ALICE});
    ck_ok(mcx_store_migration_explain(admin, &ask, &choice, &why));
    ck_assert_int_eq(choice.verdict, MCX_MIGRATE);
    ck_assert_str_eq(choice.partner.octets, "other");
    ck_assert(why.partner[0].is_chosen + why.partner[1].is_chosen == 1);
    fixture_sql(sql, "UPDATE mc_user SET may_migrate = false");
    ck_ok(mcx_store_migration_explain(admin, &ask, &choice, &why));
    ck_assert_int_eq(choice.verdict, MCX_MIGRATE_NOT_AUTHORIZED);
    ck_assert_uint_eq(why.count, 0);
}
END_TEST

/* ---- step 8 ---- */

static struct mcx_par par;
static struct mcx_access_ask access_ask;
static struct mcx_access_choice access_choice;

/* A user of "partner", whose primary it is, comes to us. */
static void make_par(void)
{
    memset(&par, 0, sizeof par);
    par.system = str("partner");
    par.mc_user_id = str("sip:carol@mc.partner.example");
    par.service_id_count = 1;
    par.service_id[0] = str("sip:carol@mcptt.partner.example");
    par.database_realm = str("partner.example");
    par.source.impi = str("carol@partner.example");
    par.source.impu_count = 1;
    par.source.impu[0] = str("sip:carol@partner.example");
    access_ask.system = str("partner");
    access_ask.par = &par;
}

static void expect_access(enum mcx_access_verdict verdict, const char *reason)
{
    ck_ok(mcx_store_access_choose(daemon_session, &access_ask, &access_choice));
    ck_assert_str_eq(access_choice.reason, reason);
    ck_assert_int_eq(access_choice.verdict, verdict);
}

START_TEST(test_access_of_the_system)
{
    make_par();
    expect_access(MCX_ACCESS_NO_AGREEMENT, "no_agreement");
    agree((struct mcx_new_agreement){.partner = "partner"}); /* outbound is none */
    expect_access(MCX_ACCESS_NO_AGREEMENT, "no_agreement");
    agree((struct mcx_new_agreement){.partner = "partner", .is_inbound = true});
    expect_access(MCX_ACCESS, "agreement");
    par.database_host = str("HSS.partner.example");
    expect_access(MCX_ACCESS, "agreement");
    par.database_host = str("hss.other.example");
    expect_access(MCX_ACCESS_NO_AGREEMENT, "foreign_host");
    par.database_host.len = 0;
    par.database_realm = str("primary.example"); /* our own */
    expect_access(MCX_ACCESS_NO_AGREEMENT, "foreign_realm");
    par.database_realm = str("other.example");
    expect_access(MCX_ACCESS_NO_AGREEMENT, "foreign_realm");
    make_par();
    par.source.impi = str("carol@other.example");
    expect_access(MCX_ACCESS_NO_AGREEMENT, "foreign_domain");
    make_par();
    par.source.impu_count = 2;
    par.source.impu[1] = str("sip:x@migration.primary.example");
    expect_access(MCX_ACCESS_NO_AGREEMENT, "foreign_domain");
    par.source.impu[1] = str("tel:+49891");
    expect_access(MCX_ACCESS, "agreement");
    par.source.impu[1] = str("nonsense");
    expect_access(MCX_ACCESS_NO_AGREEMENT, "foreign_domain");
    make_par();
    access_ask.system = str("other"); /* octet for octet what partner said */
    agree((struct mcx_new_agreement){.partner = "other", .is_inbound = true});
    expect_access(MCX_ACCESS_NO_AGREEMENT, "other_system");
    par.system = str("other");
    expect_access(MCX_ACCESS_NO_AGREEMENT, "foreign_realm");
}
END_TEST

START_TEST(test_access_of_the_user)
{
    make_par();
    agree((struct mcx_new_agreement){
        .partner = "partner", .is_inbound = true, .mc_user_id = "sip:dave@mc.partner.example"});
    expect_access(MCX_ACCESS_NOT_AUTHORIZED, "no_rule_for_user");
    agree((struct mcx_new_agreement){
        .partner = "partner", .is_inbound = true, .user_domain = "fire.partner.example"});
    expect_access(MCX_ACCESS_NOT_AUTHORIZED, "no_rule_for_user");
    agree((struct mcx_new_agreement){.partner = "partner",
                                     .is_inbound = true,
                                     .service_ids = {1, {mcx_span_of("@mcvideo.partner.example")}},
                                     .services = {1, {mcx_span_of("mcvideo")}}});
    expect_access(MCX_ACCESS_NOT_AUTHORIZED, "no_rule_for_user");
    par.mc_user_id = str("sip:carol@Fire.Partner.example;x=y");
    expect_access(MCX_ACCESS, "agreement");
    ck_assert_uint_eq(access_choice.services, MCX_ALL_SERVICES);
    make_par();
    par.service_id[0] = str("sip:carol@MCVIDEO.partner.example");
    expect_access(MCX_ACCESS, "agreement");
    ck_assert_uint_eq(access_choice.services, 1U << MCX_SERVICE_MCVIDEO);
    par.service_id_count = 2;
    par.service_id[1] = str("sip:carol@mcptt.partner.example");
    expect_access(MCX_ACCESS_NOT_AUTHORIZED, "no_rule_for_user");
    par.service_id_count = 0;
    expect_access(MCX_ACCESS_NOT_AUTHORIZED, "no_rule_for_user");
    par.mc_user_id = str("sip:dave@mc.partner.example");
    expect_access(MCX_ACCESS, "agreement");
}
END_TEST

START_TEST(test_access_until_the_cap)
{
    make_par();
    agree((struct mcx_new_agreement){.partner = "partner",
                                     .is_inbound = true,
                                     .expires = "2090-01-01T00:00:00Z",
                                     .max_bindings = 2});
    fixture_binding(admin, "dave");
    expect_access(MCX_ACCESS, "agreement");
    ck_assert_int_eq(access_choice.expires_s, 3786912000);
    par.expires_s = 2000000000;
    fixture_binding(admin, "erin");
    expect_access(MCX_ACCESS_EXHAUSTED, "too_many_bindings");
    par.source.impi = str("erin@PARTNER.example"); /* a repeat */
    expect_access(MCX_ACCESS, "agreement");
    ck_assert_int_eq(access_choice.expires_s, 2000000000);
    par.source.impi = str("carol@partner.example");
    fixture_sql(
        sql, "UPDATE binding SET expires_at = now() WHERE primary_impi = 'dave@partner.example'");
    expect_access(MCX_ACCESS, "agreement");
}
END_TEST

/* ---- the end of an agreement ---- */

START_TEST(test_end_of_agreement_ends_what_lives_under_it_alone)
{
    struct mcx_provision carol = fixture_binding(admin, "carol");
    struct mcx_provision grant = {.partner = str("partner"),
                                  .impi = str("alice@primary.example"),
                                  .impu_count = 1,
                                  .impu = {str("sip:alice@primary.example")},
                                  .mc_user_id = ALICE};
    int64_t all, mine, inbound;
    size_t ended;

    fixture_sql(sql, "INSERT INTO partner_host SELECT id, 'cms.partner.example', 'cms' FROM partner"
                     " WHERE system_id = 'partner'");
    ck_assert_msg(mcx_store_grant_provision(admin, &grant, &problem) == MCX_OK, "%s", problem.text);
    all = agree((struct mcx_new_agreement){.partner = "partner"});
    mine = agree((struct mcx_new_agreement){.partner = "partner", .mc_user_id = ALICE});
    inbound = agree((struct mcx_new_agreement){.partner = "partner", .is_inbound = true});
    ck_ok(mcx_store_agreement_end(admin, all, "over", &ended, &problem));
    ck_assert_uint_eq(ended, 0);
    ck_ok(mcx_store_agreement_end(admin, mine, "over", &ended, &problem));
    ck_assert_uint_eq(ended, 1);
    ck_assert_int_eq(fixture_number(sql, "SELECT count(*) FROM grant_ WHERE state = 'ended' AND"
                                         " cause = 'revoked' AND reason = 'over'"),
                     1);
    ck_assert_int_eq(fixture_number(sql, "SELECT count(*) FROM binding WHERE state = 'active'"), 1);
    ck_ok(mcx_store_agreement_end(admin, inbound, "over", &ended, &problem));
    ck_assert_uint_eq(ended, 1);
    ck_assert_int_eq(fixture_number(sql, "SELECT count(*) FROM binding WHERE state = 'active'"), 0);
    ck_assert_int_eq(fixture_number(sql,
                                    "SELECT count(*) FROM task WHERE kind = 'mrr_partner' AND"
                                    " payload ->> 'primary' IN ('primary', 'partner') AND"
                                    " payload ->> 'binding_uuid' IN ('%s', '%s')",
                                    carol.binding_id, grant.binding_id),
                     2);
}
END_TEST

START_TEST(test_deleted_user_is_gone_and_his_grants_end)
{
    struct mcx_provision grant = {.partner = str("partner"),
                                  .impi = str("alice@primary.example"),
                                  .impu_count = 1,
                                  .impu = {str("sip:alice@primary.example")},
                                  .mc_user_id = ALICE};
    size_t ended;

    ck_assert_msg(mcx_store_grant_provision(admin, &grant, &problem) == MCX_OK, "%s", problem.text);
    ck_ok(mcx_store_user_delete(admin, ALICE, "left", &ended, &problem));
    ck_assert_uint_eq(ended, 1);
    expect_none(MCX_MIGRATE_NO_USER, "unknown_user");
    ck_assert_int_eq(mcx_store_user_delete(admin, ALICE, "left", &ended, &problem), MCX_NOT_FOUND);
}
END_TEST

/* ---- plans ---- */

static void prepare(const struct mcx_stmt_row *row)
{
    Oid types[MCX_PARAMS_MAX];
    size_t count = strlen(row->params);
    PGresult *result;

    for (size_t i = 0; i < count; i++)
        types[i] = mcx_stmt_type(row->params[i]);
    result = PQprepare(sql, row->name, row->sql, (int)count, types);
    ck_assert_msg(PQresultStatus(result) == PGRES_COMMAND_OK, "%s", PQerrorMessage(sql));
    PQclear(result);
}

/* As the daemon's session has them: prepared while the tables were small, on 200,000 users. */
START_TEST(test_plans_probe_by_key)
{
    static const enum mcx_stmt hot[] = {MCX_STMT_MIGRATION_USER, MCX_STMT_MIGRATION_CANDIDATES,
                                        MCX_STMT_ACCESS_FACTS, MCX_STMT_DOCUMENT_FIND,
                                        MCX_STMT_ACCESS_TAKE};
    const char *settings[] = {"0", "1000", "force_generic_plan", "off"};
    PGresult *result = PQexecParams(sql, mcx_stmt_rows[MCX_STMT_SESSION_SETTINGS].sql, 4, NULL,
                                    settings, NULL, NULL, 0);

    PQclear(result);
    for (size_t i = 0; i < sizeof hot / sizeof hot[0]; i++)
        prepare(&mcx_stmt_rows[hot[i]]);
    fixture_sql(sql, "INSERT INTO mc_user SELECT 'sip:' || n || '@mc.primary.example', true, NULL"
                     " FROM generate_series(1, 200000) n");
    fixture_sql(sql, "INSERT INTO mc_service_id SELECT 'mcptt', mc_user_id, mc_user_id FROM mc_user"
                     " WHERE mc_user_id <> '" ALICE "'");
    fixture_sql(sql, "INSERT INTO agreement (partner_id, direction, mc_user_id) SELECT p.id,"
                     " 'outbound', u.mc_user_id FROM mc_user u CROSS JOIN partner p");
    for (size_t i = 0; i < sizeof hot / sizeof hot[0]; i++) {
        const struct mcx_stmt_row *row = &mcx_stmt_rows[hot[i]];
        char text[256];
        size_t len = (size_t)snprintf(text, sizeof text, "EXPLAIN EXECUTE \"%s\"", row->name);

        for (size_t p = 0; row->params[p]; p++)
            len += (size_t)snprintf(text + len, sizeof text - len, "%sNULL", p ? ", " : "(");
        snprintf(text + len, sizeof text - len, ")");
        result = PQexec(sql, text);
        ck_assert_msg(PQresultStatus(result) == PGRES_TUPLES_OK, "%s", PQerrorMessage(sql));
        for (int line = 0; line < PQntuples(result); line++)
            ck_assert_msg(!strstr(PQgetvalue(result, line, 0), "Seq Scan"), "%s: %s", row->name,
                          PQgetvalue(result, line, 0));
        PQclear(result);
    }
    ask.services.id[MCX_SERVICE_MCPTT] = str("sip:777@mc.primary.example");
    expect_none(MCX_MIGRATE_NO_DEVICE, "no_device");
}
END_TEST

static Suite *suite(void)
{
    Suite *made = suite_create("choice");
    TCase *tcase = tcase_create("choice");

    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, setup, teardown);
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
    tcase_add_test(tcase, test_access_of_the_system);
    tcase_add_test(tcase, test_access_of_the_user);
    tcase_add_test(tcase, test_access_until_the_cap);
    tcase_add_test(tcase, test_end_of_agreement_ends_what_lives_under_it_alone);
    tcase_add_test(tcase, test_deleted_user_is_gone_and_his_grants_end);
    tcase_add_test(tcase, test_plans_probe_by_key);
    suite_add_tcase(made, tcase);
    return made;
}

int main(void)
{
    return fixture_main(false, (Suite * (*const[])(void)){suite}, 1);
}
