/* SPDX-License-Identifier: Apache-2.0 */
/* base/conf: cms.token_issuers and the files of the cms section. */
#include "conf_files.h"

#define ISSUERS(inside) MINIMAL "cms = { token_issuers = ( " inside " ); };\n"
#define AT              ":2: cms.token_issuers[0]"

START_TEST(test_an_issuer_is_read)
{
    struct mcx_conf *conf = conf_files_load(
        ISSUERS("{ issuer = \"https://a\"; jwks_file = \"k/jwks.json\"; audience = \"cms\"; "
                "audience_required = true; clients = (\"ue\", \"other ue\"); },\n"
                "{ issuer = \"https://b\"; jwks_file = \"/etc/jwks.json\"; clients = (\"ue\"); }"));

    ck_assert_uint_eq(conf->issuer_count, 2);
    ck_assert_str_eq(conf->issuer[0].issuer.octets, "https://a");
    ck_assert_str_eq(conf->issuer[0].jwks_file, conf_files_path("k/jwks.json"));
    ck_assert_str_eq(conf->issuer[0].audience.octets, "cms");
    ck_assert(conf->issuer[0].audience_required && !conf->issuer[1].audience_required);
    ck_assert_uint_eq(conf->issuer[0].clients.count, 2);
    ck_assert_str_eq(conf->issuer[0].clients.host[1].octets, "other ue");
    ck_assert_str_eq(conf->issuer[1].jwks_file, "/etc/jwks.json");
    ck_assert_uint_eq(conf->issuer[1].audience.len, 0);
    mcx_conf_free(&conf);
}
END_TEST

START_TEST(test_bad_issuers_are_refused)
{
    conf_files_refuse(ISSUERS("{ issuer = \"a\"; }"), AT, "jwks_file is missing");
    conf_files_refuse(ISSUERS("{ issuer = \"\"; jwks_file = \"a\"; }"), AT, "is empty");
    conf_files_refuse(ISSUERS("{ issuer = \"a\"; jwks_file = \"a\"; }"), AT, "no token could");
    conf_files_refuse(ISSUERS("{ issuer = \"a\"; jwks_file = \"a\"; clients = (\"c\"); "
                              "audience_required = true; }"),
                      AT, "no token could");
    conf_files_refuse(ISSUERS("{ issuer = \"a\"; jwks_file = \"a\"; clients = (7); }"), AT,
                      "double quotes");
    conf_files_refuse(ISSUERS("{ issuer = \"a\"; jwks_file = 7; }"), AT, "double quotes");
    conf_files_refuse(
        ISSUERS("{ issuer = \"a\"; jwks_file = \"a\"; audience_required = \"yes\"; }"), AT,
        "true or false");
    conf_files_refuse(ISSUERS("{ issuer = \"a\"; jwks_file = \"a\"; audiences = \"b\"; }"), AT,
                      "did you mean");
    conf_files_refuse(ISSUERS("{ issuer = \"a\"; jwks_file = \"a\"; audience = \"b\"; },"
                              "{ issuer = \"a\"; jwks_file = \"b\"; audience = \"b\"; }"),
                      ":2: cms.token_issuers[1]", "join them");
    conf_files_refuse(ISSUERS("7"), AT, "curly braces");
}
END_TEST

START_TEST(test_files_are_relative_to_the_configuration)
{
    struct mcx_conf *conf =
        conf_files_load(MINIMAL "cms = { https_cert = \"c.pem\"; https_key = \"/k.pem\"; };\n");

    ck_assert_str_eq(conf->cms_https_cert, conf_files_path("c.pem"));
    ck_assert_str_eq(conf->cms_https_key, "/k.pem");
    mcx_conf_free(&conf);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("conf_issuers");

    tcase_add_checked_fixture(tests, conf_files_set_up, conf_files_tear_down);
    tcase_add_test(tests, test_an_issuer_is_read);
    tcase_add_test(tests, test_bad_issuers_are_refused);
    tcase_add_test(tests, test_files_are_relative_to_the_configuration);
    return unit_run(tests);
}
