/* SPDX-License-Identifier: Apache-2.0 */
/* base/conf: border.sip_cores and border.partners, and names that belong to two. */
#include "conf_files.h"

#define CORE                                                                                       \
    "  sip_cores = ( { domain = \".IMS.primary.example\"; realm = \"Primary.Example\";\n"          \
    "    plain_from = ( \"127.0.0.0/8\", \"::1\" ); ca_file = \"ca.pem\"; } );\n"
#define PARTNER                                                                                    \
    "{ system_id = \"partner\"; realms = ( \"partner.example\" );\n"                               \
    "  sip_databases = ( \"hss.partner.example\" ); cms = [ \"cms.partner.example\" ];\n"          \
    "  agents = ( \"dra.ipx.example\" ); ca_file = \"ca.pem\"; }"
#define BORDER(text) MINIMAL "border = {\n" CORE "  partners = ( " PARTNER text " );\n};\n"

START_TEST(test_cores_and_partners_are_read)
{
    struct mcx_conf *conf = conf_files_load(BORDER(""));

    ck_assert_uint_eq(conf->core_count, 1);
    ck_assert_str_eq(conf->core[0].domain.octets, ".ims.primary.example");
    ck_assert_str_eq(conf->core[0].realm.octets, "primary.example");
    ck_assert_uint_eq(conf->core[0].plain_from.count, 2);
    ck_assert_str_eq(conf->core[0].plain_from.host[1].octets, "::1");
    ck_assert_str_eq(conf->core[0].ca_file, conf_files_path("ca.pem"));
    ck_assert_uint_eq(conf->partner_count, 1);
    ck_assert_str_eq(conf->partner[0].system_id.octets, "partner");
    ck_assert_str_eq(conf->partner[0].realms.host[0].octets, "partner.example");
    ck_assert_str_eq(conf->partner[0].sip_databases.host[0].octets, "hss.partner.example");
    ck_assert_str_eq(conf->partner[0].cms.host[0].octets, "cms.partner.example");
    ck_assert_str_eq(conf->partner[0].agents.host[0].octets, "dra.ipx.example");
    ck_assert_str_eq(conf->partner[0].ca_file, conf_files_path("ca.pem"));
    mcx_conf_free(&conf);
}
END_TEST

#define OWN(text) MINIMAL "border = {\n" CORE " own_nodes = (\n" text " ); };\n"

START_TEST(test_own_nodes_are_read)
{
    struct mcx_conf *conf = conf_files_load(
        OWN("{ sip_databases = ( \"HSS.primary.example\", \"hss2.primary.example\" );\n"
            "cms = ( \"cms.primary.example\" ); ca_file = \"ca.pem\"; },\n"
            "{ cms = ( \"cms2.primary.example\" ); ca_file = \"ca.pem\"; }"));

    ck_assert_uint_eq(conf->own_count, 2);
    ck_assert_uint_eq(conf->own[0].sip_databases.count, 2);
    ck_assert_str_eq(conf->own[0].sip_databases.host[0].octets, "hss.primary.example");
    ck_assert_str_eq(conf->own[0].cms.host[0].octets, "cms.primary.example");
    ck_assert_str_eq(conf->own[0].ca_file, conf_files_path("ca.pem"));
    ck_assert_uint_eq(conf->own[1].sip_databases.count, 0);
    ck_assert_str_eq(conf->own[1].cms.host[0].octets, "cms2.primary.example");
    mcx_conf_free(&conf);
}
END_TEST

START_TEST(test_own_nodes_are_checked)
{
    conf_files_refuse(OWN("{ cms = ( \"cms.primary.example\" ); }"),
                      ":6: border.own_nodes[0]: ca_file is missing", "");
    conf_files_refuse(OWN("{ agents = ( \"a.b\" ); ca_file = \"ca.pem\"; }"),
                      ":6: border.own_nodes[0].agents: unknown setting", "sip_databases");
    conf_files_refuse(OWN("{ cms = ( \"c.ims.primary.example\" ); ca_file = \"ca.pem\"; }"),
                      ":6: border.own_nodes[0].cms: \"c.ims.primary.example\" belongs to "
                      "border.sip_cores[0]",
                      "outside of it");
    conf_files_refuse(OWN("{ sip_databases = ( \"a.b\" ); cms = ( \"A.b\" ); ca_file = "
                          "\"ca.pem\"; }"),
                      ":6: border.own_nodes[0].cms: \"a.b\" stands in sip_databases too", "part");
    conf_files_refuse(OWN("{ cms = ( \"a.b\" ); ca_file = \"ca.pem\"; },\n"
                          "{ sip_databases = ( \"a.b\" ); ca_file = \"ca.pem\"; }"),
                      ":7: border.own_nodes[1].sip_databases: \"a.b\" stands in "
                      "border.own_nodes[0]",
                      "once");
    conf_files_refuse(MINIMAL "border = {\n" CORE
                              " own_nodes = ( { cms = ( \"cms.partner.example\" ); ca_file = "
                              "\"ca.pem\"; } );\n partners = ( " PARTNER " ); };\n",
                      ":7: border.partners[0].cms: \"cms.partner.example\" belongs to "
                      "border.own_nodes[0]",
                      "");
    conf_files_refuse(
        OWN("{ ca_file = \"ca.pem\"; }, { ca_file = \"ca.pem\"; }, { ca_file = \"ca.pem\"; },"
            "{ ca_file = \"ca.pem\"; }, { ca_file = \"ca.pem\"; }"),
        ":5: border.own_nodes: has 5 entries, at most 4", "");
}
END_TEST

START_TEST(test_empty_lists_are_fine)
{
    struct mcx_conf *conf =
        conf_files_load(MINIMAL "keys = ( ); border = { sip_cores = ( ); partners = ( ); };");

    ck_assert_uint_eq(conf->key_count + conf->core_count + conf->partner_count, 0);
    mcx_conf_free(&conf);
}
END_TEST

START_TEST(test_members_are_checked_by_name_and_type)
{
    conf_files_refuse(MINIMAL "border = { partners = ( 1 ); };\n",
                      ":2: border.partners[0]: must be a group", "");
    conf_files_refuse(MINIMAL "border = { partners = \"x\"; };\n",
                      ":2: border.partners: must be a list", "");
    conf_files_refuse(BORDER(",\n{ system_id = \"b\"; realm = ( \"b.example\" ); }"),
                      ":8: border.partners[1].realm: unknown setting; did you mean ",
                      "border.partners[1].realms?");
    conf_files_refuse(
        BORDER(",\n{ system_id = \"b\"; realms = \"b.example\"; ca_file = \"ca.pem\"; }"),
        ":8: border.partners[1].realms: must be a list", "");
    conf_files_refuse(BORDER(",\n{ system_id = \"b\"; realms = ( 3 ); ca_file = \"ca.pem\"; }"),
                      ":8: border.partners[1].realms: must be a text", "");
}
END_TEST

START_TEST(test_missing_members_are_named)
{
    conf_files_refuse(BORDER(",\n{ realms = ( \"b.example\" ); ca_file = \"ca.pem\"; }"),
                      ":8: border.partners[1]: system_id is missing; add it", "");
    conf_files_refuse(BORDER(",\n{ system_id = \"b\"; ca_file = \"ca.pem\"; }"),
                      ":8: border.partners[1]: realms is missing", "");
    conf_files_refuse(BORDER(",\n{ system_id = \"b\"; realms = ( \"b.example\" ); }"),
                      ":8: border.partners[1]: ca_file is missing", "");
    conf_files_refuse(BORDER(",\n{ system_id = \"b\"; realms = ( ); ca_file = \"ca.pem\"; }"),
                      ":8: border.partners[1].realms: is empty", "");
    conf_files_refuse(MINIMAL "border = { sip_cores = ( { domain = \"a.b\"; } ); };",
                      ":2: border.sip_cores[0]: realm is missing", "");
    conf_files_refuse(MINIMAL "border = { sip_cores = ( { domain = \"a.b\"; realm = \"b\"; } ); };",
                      ":2: border.sip_cores[0]: nobody could connect", "plain_from");
}
END_TEST

/* Each row: a second partner, what the problem names. */
START_TEST(test_a_name_belongs_to_one_party_only)
{
    static const struct {
        const char *members, *starts;
    } rows[] = {
        {"realms = ( \"PARTNER.example\" );",
         "[1].realms: \"partner.example\" belongs to partner p"},
        {"realms = ( \"b\", \"primary.EXAMPLE\" );",
         "[1].realms: \"primary.example\" belongs to border.sip_cores[0]"},
        {"realms = ( \"b\" ); cms = ( \"hss.partner.example\" );",
         "[1].cms: \"hss.partner.example\" belongs to partner p"},
        {"realms = ( \"b\" ); sip_databases = ( \"x.b\", \"Cms.partner.example\" );",
         "[1].sip_databases: \"cms.partner.example\" belongs to partner p"},
        {"realms = ( \"b\" ); agents = ( \"dra.ipx.example\" );",
         "[1].agents: \"dra.ipx.example\" belongs to partner p"},
        {"realms = ( \"b\" ); agents = ( \"s.ims.primary.example\" );",
         "[1].agents: \"s.ims.primary.example\" belongs to border.sip_cores[0]"},
    };
    char text[2048], starts[256];

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        snprintf(text, sizeof text,
                 MINIMAL "border = {\n" CORE "  partners = ( " PARTNER
                         ",\n{ system_id = \"b\"; ca_file = \"ca.pem\"; %s } );\n};\n",
                 rows[i].members);
        snprintf(starts, sizeof starts, ":8: border.partners%s", rows[i].starts);
        conf_files_refuse(text, starts, "");
    }
    conf_files_refuse(
        BORDER(",\n{ system_id = \"partner\"; realms = ( \"b\" ); ca_file = \"ca.pem\"; }"),
        ":8: border.partners[1].system_id = \"partner\": is border.partners[0] too", "");
}
END_TEST

START_TEST(test_one_exact_core_host_is_no_domain)
{
    struct mcx_conf *conf = conf_files_load(
        MINIMAL "border = { sip_cores = ( { domain = \"a.b.example\"; realm = \"home.example\";\n"
                "plain_from = ( \"10.0.0.1\" ); } );\n partners = ( { system_id = \"b\";\n"
                "realms = ( \"b.example\" ); sip_databases = ( \"c.a.b.example\" );\n"
                "ca_file = \"ca.pem\"; } ); };");

    ck_assert_str_eq(conf->core[0].domain.octets, "a.b.example");
    ck_assert_ptr_null(conf->core[0].ca_file);
    mcx_conf_free(&conf);
    conf_files_refuse(
        MINIMAL "border = { sip_cores = ( { domain = \"a.b.example\"; realm = \"home.example\";\n"
                "plain_from = ( \"10.0.0.1\" ); } );\n partners = ( { system_id = \"b\";\n"
                "realms = ( \"b.example\" ); sip_databases = ( \"A.b.example\" );\n"
                "ca_file = \"ca.pem\"; } ); };",
        ":5: border.partners[0].sip_databases: \"a.b.example\" belongs to", "");
}
END_TEST

START_TEST(test_cores_of_one_domain_are_joined_by_the_operator)
{
    conf_files_refuse(MINIMAL "border = { sip_cores = (\n"
                              "{ domain = \".a.b\"; realm = \"b\"; ca_file = \"ca.pem\"; },\n"
                              "{ domain = \".A.b\"; realm = \"b\"; ca_file = \"ca.pem\"; } ); };",
                      ":4: border.sip_cores[1].domain = \".a.b\": stands in border.sip_cores[0]",
                      "");
}
END_TEST

/* Each row: a member of a core with one bad value. */
START_TEST(test_values_are_checked)
{
    static const char *const networks[] = {"127.0.0.1/33",
                                           "::1/129",
                                           "127.0.0.1/",
                                           "127.0.0/8",
                                           "127.0.0.1/-1",
                                           "127.0.0.1/8x",
                                           "localhost",
                                           "",
                                           "127.0.0.1 ",
                                           "::g",
                                           "1.2.3.4/99999999999999999999"};
    static const char *const hosts[] = {"", ".", "..a", "a_b", "a b", "a.", "-a", ".-a"};
    static const char *const systems[] = {"", "Partner", "a.b", "a b", "p\xc3\xa4"};
    char text[1024];

    for (size_t i = 0; i < sizeof networks / sizeof networks[0]; i++) {
        snprintf(text, sizeof text,
                 MINIMAL "border = { sip_cores = ( { domain = \".a\"; realm = \"b\";\n"
                         "plain_from = ( \"10.0.0.0/8\", \"%s\" ); } ); };",
                 networks[i]);
        conf_files_refuse(text, ":3: border.sip_cores[0].plain_from = \"", "2001:db8::/32");
    }
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
        snprintf(text, sizeof text,
                 MINIMAL "border = { sip_cores = ( { domain = \"%s\"; realm = \"b\";\n"
                         "ca_file = \"ca.pem\"; } ); };",
                 hosts[i]);
        conf_files_refuse(text, ":2: border.sip_cores[0].domain = \"", "leading dot");
    }
    for (size_t i = 0; i < sizeof systems / sizeof systems[0]; i++) {
        snprintf(text, sizeof text,
                 MINIMAL "border = { partners = ( { system_id = \"%s\"; realms = ( \"b\" );\n"
                         "ca_file = \"ca.pem\"; } ); };",
                 systems[i]);
        conf_files_refuse(text, ":2: border.partners[0].system_id = \"", "lower-case");
    }
}
END_TEST

START_TEST(test_good_networks_are_taken)
{
    struct mcx_conf *conf = conf_files_load(
        MINIMAL "border = { sip_cores = ( { domain = \".a\"; realm = \"b\"; plain_from = ( \n"
                "\"0.0.0.0/0\", \"10.1.2.3\", \"10.1.2.3/32\", \"::/0\", \"2001:db8::/32\",\n"
                "\"::ffff:1.2.3.4/128\" ); } ); };");

    ck_assert_uint_eq(conf->core[0].plain_from.count, 6);
    mcx_conf_free(&conf);
}
END_TEST

START_TEST(test_ca_file_must_be_readable)
{
    conf_files_refuse(MINIMAL "border = { partners = ( { system_id = \"b\"; realms = ( \"b\" );\n"
                              "ca_file = \"none.pem\"; } ); };",
                      ":3: border.partners[0].ca_file: ", "none.pem cannot be read: No such file");
}
END_TEST

START_TEST(test_lists_have_a_limit)
{
    char text[65536];
    size_t used = (size_t)snprintf(text, sizeof text, MINIMAL "border = { partners = (");

    for (int i = 0; i <= MCX_PARTNERS_MAX; i++)
        used += (size_t)snprintf(text + used, sizeof text - used,
                                 "%s{ system_id = \"p%d\"; realms = ( \"r%d\" ); ca_file = "
                                 "\"ca.pem\"; }",
                                 i ? ",\n" : "", i, i);
    snprintf(text + used, sizeof text - used, "); };");
    conf_files_refuse(text, ":2: border.partners: has 65 entries, at most 64", "");
    used = (size_t)snprintf(text, sizeof text,
                            MINIMAL "border = { partners = ( { system_id = \"p\"; ca_file = "
                                    "\"ca.pem\"; realms = (");
    for (int i = 0; i <= MCX_HOSTS_MAX; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s\"r%d\"", i ? "," : "", i);
    snprintf(text + used, sizeof text - used, "); } ); };");
    conf_files_refuse(text, ":2: border.partners[0].realms: has 17 entries, at most 16", "");
}
END_TEST

START_TEST(test_the_greatest_number_of_partners_loads)
{
    char text[65536];
    size_t used = (size_t)snprintf(text, sizeof text, MINIMAL "border = { partners = (");
    struct mcx_conf *conf;

    for (int i = 0; i < MCX_PARTNERS_MAX; i++)
        used += (size_t)snprintf(text + used, sizeof text - used,
                                 "%s{ system_id = \"p%d\"; realms = ( \"r%d\" ); ca_file = "
                                 "\"ca.pem\"; }",
                                 i ? ",\n" : "", i, i);
    snprintf(text + used, sizeof text - used, "); };");
    conf = conf_files_load(text);
    ck_assert_uint_eq(conf->partner_count, MCX_PARTNERS_MAX);
    ck_assert_str_eq(conf->partner[63].realms.host[0].octets, "r63");
    mcx_conf_free(&conf);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("conf_border");

    tcase_add_checked_fixture(tests, conf_files_set_up, conf_files_tear_down);
    tcase_add_test(tests, test_cores_and_partners_are_read);
    tcase_add_test(tests, test_own_nodes_are_read);
    tcase_add_test(tests, test_own_nodes_are_checked);
    tcase_add_test(tests, test_empty_lists_are_fine);
    tcase_add_test(tests, test_members_are_checked_by_name_and_type);
    tcase_add_test(tests, test_missing_members_are_named);
    tcase_add_test(tests, test_a_name_belongs_to_one_party_only);
    tcase_add_test(tests, test_one_exact_core_host_is_no_domain);
    tcase_add_test(tests, test_cores_of_one_domain_are_joined_by_the_operator);
    tcase_add_test(tests, test_values_are_checked);
    tcase_add_test(tests, test_good_networks_are_taken);
    tcase_add_test(tests, test_ca_file_must_be_readable);
    tcase_add_test(tests, test_lists_have_a_limit);
    tcase_add_test(tests, test_the_greatest_number_of_partners_loads);
    return unit_run(tests);
}
