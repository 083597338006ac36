/* SPDX-License-Identifier: Apache-2.0 */
/* policy/migration and access: CR 10.1.X.1 steps 2, 3, 4 (masking) and 8. */
#include "policy/migration.h"

#include "unit.h"

static struct mcx_migration_ask ask;
static struct mcx_user_facts user;
static struct mcx_migration_choice choice;
static struct mcx_candidate candidate[4];
static size_t which;

static struct mcx_str str(const char *text)
{
    struct mcx_str out = {0};

    ck_assert_int_eq(mcx_str_set(&out, mcx_span_of(text)), MCX_OK);
    return out;
}

static struct mcx_candidate partner(const char *name, enum mcx_coverage coverage,
                                    int64_t area_priority, int64_t priority)
{
    return (struct mcx_candidate){.partner_id = name[0],
                                  .partner = mcx_span_of(name),
                                  .agreement = MCX_AGREEMENT_VALID,
                                  .coverage = coverage,
                                  .area_priority = area_priority,
                                  .priority = priority};
}

static void set_up(void)
{
    memset(&ask, 0, sizeof ask);
    memset(&user, 0, sizeof user);
    memset(&choice, 0x5a, sizeof choice);
    ask.services.has[MCX_SERVICE_MCPTT] = true;
    ask.services.id[MCX_SERVICE_MCPTT] = str("sip:alice@mc.primary.example");
    ask.has_location = true;
    user.is_known = true;
    user.may_migrate = MCX_YES;
    user.device_count = 1;
    user.device[0] = (struct mcx_device_facts){mcx_span_of("handset"), MCX_ALL_SERVICES, true};
}

/* ---- step 2 ---- */

static enum mcx_migration_verdict admit(void)
{
    which = 99;
    mcx_migration_admit(&ask, &user, &choice, &which);
    return choice.verdict;
}

START_TEST(test_own_word_outweighs_groups_and_a_no_outweighs_a_yes)
{
    static const struct {
        enum mcx_rule own;
        bool allows, denies, may;
    } rows[] = {
        {MCX_UNSAID, false, false, false}, {MCX_UNSAID, true, false, true},
        {MCX_UNSAID, false, true, false},  {MCX_UNSAID, true, true, false},
        {MCX_YES, false, false, true},     {MCX_YES, true, false, true},
        {MCX_YES, false, true, true},      {MCX_YES, true, true, true},
        {MCX_NO, false, false, false},     {MCX_NO, true, false, false},
        {MCX_NO, false, true, false},      {MCX_NO, true, true, false},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        user.may_migrate = rows[i].own;
        user.a_group_allows = rows[i].allows;
        user.a_group_denies = rows[i].denies;
        ck_assert_int_eq(mcx_may_migrate(&user), rows[i].may);
        ck_assert_int_eq(admit(), rows[i].may ? MCX_MIGRATE : MCX_MIGRATE_NOT_AUTHORIZED);
    }
}
END_TEST

START_TEST(test_masking)
{
    for (int bits = 0; bits < 16; bits++) {
        bool masks = bits & 1, unmasks = bits & 2, service = bits & 4, agreement = bits & 8;

        user.a_group_masks = masks;
        user.a_group_unmasks = unmasks;
        user.a_service_masks = service;
        user.mask = MCX_YES;
        ck_assert(mcx_must_mask(&user, agreement));
        user.mask = MCX_NO;
        ck_assert(!mcx_must_mask(&user, agreement));
        user.mask = MCX_UNSAID;
        ck_assert_int_eq(mcx_must_mask(&user, agreement),
                         masks || (!unmasks && (service || agreement)));
    }
}
END_TEST

START_TEST(test_unknown_user_is_refused_first)
{
    user.is_known = false;
    ck_assert_int_eq(admit(), MCX_MIGRATE_NO_USER);
    ck_assert(choice.detail[0] != '\0');
}
END_TEST

START_TEST(test_operator_needs_no_leave_of_the_user)
{
    user.may_migrate = MCX_NO;
    ask.has_location = false;
    ck_assert_int_eq(admit(), MCX_MIGRATE);
}
END_TEST

START_TEST(test_devices)
{
    ck_assert_int_eq(admit(), MCX_MIGRATE);
    ck_assert_uint_eq(which, 0);
    ck_assert_str_eq(choice.device.octets, "handset");
    user.device_count = 0;
    ck_assert_int_eq(admit(), MCX_MIGRATE_NO_DEVICE);
    ck_assert_str_eq(choice.reason, "no_device");
    ask.device = str("tablet");
    ck_assert_int_eq(admit(), MCX_MIGRATE_NO_DEVICE);
    ck_assert_str_eq(choice.reason, "unknown_device");
    ask.device.len = 0;
    user.device_count = 2;
    user.device[1] = (struct mcx_device_facts){mcx_span_of("tablet"), MCX_ALL_SERVICES, true};
    ck_assert_int_eq(admit(), MCX_MIGRATE_SEVERAL_DEVICES);
    ck_assert_uint_eq(choice.label_count, 2);
    ck_assert_str_eq(choice.label[1].octets, "tablet");
}
END_TEST

START_TEST(test_only_devices_for_all_services_asked)
{
    user.device_count = 2;
    user.device[0].services = 1U << MCX_SERVICE_MCPTT;
    user.device[1] =
        (struct mcx_device_facts){mcx_span_of("camera"), 1U << MCX_SERVICE_MCVIDEO, true};
    ck_assert_int_eq(admit(), MCX_MIGRATE);
    ck_assert_uint_eq(which, 0);
    ask.services.has[MCX_SERVICE_MCPTT] = false;
    ask.services.has[MCX_SERVICE_MCVIDEO] = true;
    ck_assert_int_eq(admit(), MCX_MIGRATE);
    ck_assert_uint_eq(which, 1);
    ask.services.has[MCX_SERVICE_MCPTT] = true;
    ck_assert_int_eq(admit(), MCX_MIGRATE_NO_DEVICE);
    ck_assert_str_eq(choice.reason, "device_for_other_services");
}
END_TEST

START_TEST(test_device_without_public_identity)
{
    user.device[0].has_impus = false;
    ck_assert_int_eq(admit(), MCX_MIGRATE_NO_DEVICE);
    ck_assert_str_eq(choice.reason, "device_without_impu");
    user.device_count = 2;
    user.device[1] = (struct mcx_device_facts){mcx_span_of("tablet"), MCX_ALL_SERVICES, true};
    ck_assert_int_eq(admit(), MCX_MIGRATE);
    ck_assert_uint_eq(which, 1);
}
END_TEST

/* ---- step 3 ---- */

static enum mcx_migration_verdict choose(size_t count)
{
    which = 99;
    mcx_migration_select(&ask, candidate, count, &choice, &which);
    return choice.verdict;
}

START_TEST(test_the_one_asked_for_wherever_the_user_is)
{
    candidate[0] = partner("near", MCX_COVERAGE_IN, 1, 1);
    candidate[1] = partner("far", MCX_COVERAGE_OUT, 0, 100);
    ask.partner = str("far");
    ck_assert_int_eq(choose(2), MCX_MIGRATE);
    ck_assert_uint_eq(which, 1);
    ck_assert(choice.is_requested);
    ck_assert_str_eq(choice.reason, "requested");
    ck_assert_str_eq(mcx_candidate_why(&ask, &candidate[0], &candidate[1]),
                     "another was asked for");
}
END_TEST

START_TEST(test_without_agreement_for_the_one_asked_the_location_decides)
{
    static const enum mcx_agreement_state states[] = {MCX_AGREEMENT_NONE, MCX_AGREEMENT_EXPIRED,
                                                      MCX_AGREEMENT_NOT_YET,
                                                      MCX_AGREEMENT_OTHER_SERVICES};

    ask.partner = str("far");
    candidate[0] = partner("near", MCX_COVERAGE_IN, 1, 1);
    for (size_t i = 0; i < 4; i++) {
        candidate[1] = partner("far", MCX_COVERAGE_IN, 0, 0);
        candidate[1].agreement = states[i];
        ck_assert_int_eq(choose(2), MCX_MIGRATE);
        ck_assert_uint_eq(which, 0);
        ck_assert(!choice.is_requested);
    }
    ask.partner = str("nobody");
    ck_assert_int_eq(choose(1), MCX_MIGRATE);
    ck_assert(!choice.is_requested);
}
END_TEST

START_TEST(test_priorities_and_then_the_name)
{
    candidate[0] = partner("b", MCX_COVERAGE_IN, 10, 5);
    candidate[1] = partner("a", MCX_COVERAGE_IN, 20, 1);
    candidate[2] = partner("c", MCX_COVERAGE_IN, 10, 4);
    ck_assert_int_eq(choose(3), MCX_MIGRATE);
    ck_assert_uint_eq(which, 2);
    ck_assert_str_eq(choice.reason, "by_location");
    ck_assert_str_eq(mcx_candidate_why(&ask, &candidate[0], &candidate[2]),
                     "another's agreement has precedence");
    ck_assert_str_eq(mcx_candidate_why(&ask, &candidate[1], &candidate[2]),
                     "another's service area has precedence");
    candidate[2].priority = 5;
    ck_assert_int_eq(choose(3), MCX_MIGRATE);
    ck_assert_uint_eq(which, 0);
    ck_assert_str_eq(mcx_candidate_why(&ask, &candidate[2], &candidate[0]),
                     "another's system id comes first");
}
END_TEST

START_TEST(test_choice_does_not_depend_on_order)
{
    static const char *names[] = {"p1", "p10", "p2"};

    for (size_t first = 0; first < 3; first++) {
        for (size_t i = 0; i < 3; i++)
            candidate[i] = partner(names[(first + i) % 3], MCX_COVERAGE_IN, 1, 1);
        ck_assert_int_eq(choose(3), MCX_MIGRATE);
        ck_assert(mcx_span_equal(candidate[which].partner, mcx_span_of("p1")));
    }
}
END_TEST

START_TEST(test_reasons_for_none)
{
    ck_assert_int_eq(choose(0), MCX_MIGRATE_NO_PARTNER);
    ck_assert_str_eq(choice.reason, "no_agreement");
    candidate[0] = partner("a", MCX_COVERAGE_OUT, 0, 0);
    candidate[1] = partner("b", MCX_COVERAGE_NONE, 0, 0);
    ck_assert_int_eq(choose(2), MCX_MIGRATE_NO_PARTNER);
    ck_assert_str_eq(choice.reason, "outside_service_areas");
    ck_assert_str_eq(choice.detail, "No partner system for you serves this location.");
    candidate[0].coverage = MCX_COVERAGE_UNKNOWN;
    ck_assert_int_eq(choose(2), MCX_MIGRATE_NO_PARTNER);
    ck_assert_str_eq(choice.reason, "location_not_enough");
    candidate[0].agreement = MCX_AGREEMENT_EXPIRED;
    ck_assert_int_eq(choose(1), MCX_MIGRATE_NO_PARTNER);
    ck_assert_str_eq(choice.reason, "no_agreement");
    ask.partner = str("secret-partner");
    ck_assert_int_eq(choose(1), MCX_MIGRATE_NO_PARTNER);
    ck_assert_ptr_null(strstr(choice.detail, "secret-partner"));
    ask.has_location = false;
    candidate[0] = partner("a", MCX_COVERAGE_IN, 0, 0);
    ck_assert_int_eq(choose(1), MCX_MIGRATE_NO_PARTNER);
    ck_assert_str_eq(choice.reason, "no_agreement_with_partner");
}
END_TEST

START_TEST(test_ends_no_later_than_asked)
{
    static const struct {
        int64_t agreed, asked, ends;
    } rows[] = {{MCX_NEVER, MCX_NEVER, MCX_NEVER},
                {100, MCX_NEVER, 100},
                {MCX_NEVER, 50, 50},
                {100, 50, 50},
                {50, 100, 50}};

    ask.partner = str("a");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        candidate[0] = partner("a", MCX_COVERAGE_OUT, 0, 0);
        candidate[0].expires_s = rows[i].agreed;
        ask.until_s = rows[i].asked;
        ck_assert_int_eq(choose(1), MCX_MIGRATE);
        ck_assert_int_eq(choice.expires_s, rows[i].ends);
    }
}
END_TEST

START_TEST(test_why_not)
{
    static const struct {
        enum mcx_agreement_state agreement;
        enum mcx_coverage coverage;
        const char *why;
    } rows[] = {
        {MCX_AGREEMENT_NONE, MCX_COVERAGE_IN, "no agreement for this user"},
        {MCX_AGREEMENT_EXPIRED, MCX_COVERAGE_IN, "its agreement for this user is over"},
        {MCX_AGREEMENT_NOT_YET, MCX_COVERAGE_IN, "its agreement for this user is not valid yet"},
        {MCX_AGREEMENT_OTHER_SERVICES, MCX_COVERAGE_IN,
         "its agreement for this user is not for all of these services"},
        {MCX_AGREEMENT_VALID, MCX_COVERAGE_NONE, "has no service areas"},
        {MCX_AGREEMENT_VALID, MCX_COVERAGE_OUT, "serves other places"},
        {MCX_AGREEMENT_VALID, MCX_COVERAGE_UNKNOWN,
         "its service areas are judged by what the location does not tell"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        candidate[0] = partner("a", rows[i].coverage, 0, 0);
        candidate[0].agreement = rows[i].agreement;
        ck_assert_str_eq(mcx_candidate_why(&ask, &candidate[0], NULL), rows[i].why);
    }
    ask.has_location = false;
    ck_assert_str_eq(mcx_candidate_why(&ask, &candidate[0], NULL), "no location to judge by");
}
END_TEST

START_TEST(test_the_best_area_of_a_partner_counts)
{
    candidate[0] = partner("a", MCX_COVERAGE_NONE, 0, 0);
    mcx_candidate_cover(&candidate[0], MCX_AREA_OUT, 1);
    ck_assert_int_eq(candidate[0].coverage, MCX_COVERAGE_OUT);
    mcx_candidate_cover(&candidate[0], MCX_AREA_UNKNOWN, 1);
    ck_assert_int_eq(candidate[0].coverage, MCX_COVERAGE_UNKNOWN);
    mcx_candidate_cover(&candidate[0], MCX_AREA_IN, 7);
    mcx_candidate_cover(&candidate[0], MCX_AREA_OUT, 1);
    mcx_candidate_cover(&candidate[0], MCX_AREA_UNKNOWN, 1);
    mcx_candidate_cover(&candidate[0], MCX_AREA_IN, 9);
    ck_assert_int_eq(candidate[0].coverage, MCX_COVERAGE_IN);
    ck_assert_int_eq(candidate[0].area_priority, 7);
    mcx_candidate_cover(&candidate[0], MCX_AREA_IN, 3);
    ck_assert_int_eq(candidate[0].area_priority, 3);
}
END_TEST

/* ---- step 8 ---- */

static struct mcx_par par;
static struct mcx_access_ask access_ask;
static struct mcx_access_facts facts;
static struct mcx_access_choice access_choice;

static void set_up_access(void)
{
    memset(&par, 0, sizeof par);
    par.system = str("primary");
    access_ask = (struct mcx_access_ask){str("primary"), &par};
    facts = (struct mcx_access_facts){.is_system_known = true,
                                      .has_realm = true,
                                      .has_host = true,
                                      .has_domains = true,
                                      .has_agreement = true,
                                      .has_rule = true,
                                      .partner_id = 5,
                                      .agreement_id = 6};
}

static enum mcx_access_verdict decide(const char *reason)
{
    mcx_access_decide(&access_ask, &facts, &access_choice);
    ck_assert_str_eq(access_choice.reason, reason);
    return access_choice.verdict;
}

START_TEST(test_access_checks_in_order)
{
    set_up_access();
    ck_assert_int_eq(decide("agreement"), MCX_ACCESS);
    ck_assert_int_eq(access_choice.partner_id, 5);
    ck_assert_int_eq(access_choice.agreement_id, 6);
    facts.is_full = true;
    ck_assert_int_eq(decide("too_many_bindings"), MCX_ACCESS_EXHAUSTED);
    facts.has_rule = false;
    ck_assert_int_eq(decide("no_rule_for_user"), MCX_ACCESS_NOT_AUTHORIZED);
    facts.has_agreement = false;
    ck_assert_int_eq(decide("no_agreement"), MCX_ACCESS_NO_AGREEMENT);
    facts.has_domains = false;
    ck_assert_int_eq(decide("foreign_domain"), MCX_ACCESS_NO_AGREEMENT);
    facts.has_host = false;
    ck_assert_int_eq(decide("foreign_host"), MCX_ACCESS_NO_AGREEMENT);
    facts.has_realm = false;
    ck_assert_int_eq(decide("foreign_realm"), MCX_ACCESS_NO_AGREEMENT);
    facts.is_system_known = false;
    ck_assert_int_eq(decide("unknown_system"), MCX_ACCESS_NO_AGREEMENT);
    access_ask.system = str("other");
    ck_assert_int_eq(decide("other_system"), MCX_ACCESS_NO_AGREEMENT);
    ck_assert_int_eq(access_choice.agreement_id, 0);
}
END_TEST

START_TEST(test_access_ends_with_whoever_ends_first)
{
    static const struct {
        int64_t asked, ours, given;
    } rows[] = {{MCX_NEVER, MCX_NEVER, MCX_NEVER},
                {MCX_NEVER, 100, 100},
                {100, MCX_NEVER, 100},
                {100, 200, 100},
                {200, 100, 100}};

    set_up_access();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        par.expires_s = rows[i].asked;
        facts.expires_s = rows[i].ours;
        ck_assert_int_eq(decide("agreement"), MCX_ACCESS);
        ck_assert_int_eq(access_choice.expires_s, rows[i].given);
    }
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("migration");

    tcase_add_checked_fixture(tests, set_up, NULL);
    tcase_add_test(tests, test_own_word_outweighs_groups_and_a_no_outweighs_a_yes);
    tcase_add_test(tests, test_masking);
    tcase_add_test(tests, test_unknown_user_is_refused_first);
    tcase_add_test(tests, test_operator_needs_no_leave_of_the_user);
    tcase_add_test(tests, test_devices);
    tcase_add_test(tests, test_only_devices_for_all_services_asked);
    tcase_add_test(tests, test_device_without_public_identity);
    tcase_add_test(tests, test_the_one_asked_for_wherever_the_user_is);
    tcase_add_test(tests, test_without_agreement_for_the_one_asked_the_location_decides);
    tcase_add_test(tests, test_priorities_and_then_the_name);
    tcase_add_test(tests, test_choice_does_not_depend_on_order);
    tcase_add_test(tests, test_reasons_for_none);
    tcase_add_test(tests, test_ends_no_later_than_asked);
    tcase_add_test(tests, test_why_not);
    tcase_add_test(tests, test_the_best_area_of_a_partner_counts);
    tcase_add_test(tests, test_access_checks_in_order);
    tcase_add_test(tests, test_access_ends_with_whoever_ends_first);
    return unit_run(tests);
}
