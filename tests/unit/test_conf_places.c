/* SPDX-License-Identifier: Apache-2.0 */
/* base/conf: what is found bad after reading is said with its line, or with that of what it would
 * stand in. */
#include "conf_files.h"

#define TEXT                                                                                       \
    MINIMAL                                                                                        \
    "border = {\n"                                                                                 \
    "  sip_cores = ( { domain = \".ims.a.example\"; realm = \"a.example\";\n"                      \
    "    plain_from = (\"127.0.0.1\",\n"                                                           \
    "      \"127.0.0.2\"); } );\n"                                                                 \
    "  mode = \"observe\"; };\n"                                                                   \
    "@include \"more.conf\"\n"                                                                     \
    "log = { };\n"

/* Each row: a setting, and where the problem says that it is. */
static const struct {
    const char *setting, *where;
} rows[] = {
    {"database.conninfo", "mcx.conf:1"},
    {"border.sip_cores", "mcx.conf:3"},
    {"border.sip_cores[0].realm", "mcx.conf:3"},
    {"border.sip_cores[0].plain_from", "mcx.conf:4"},
    {"border.sip_cores[0].plain_from[1]", "mcx.conf:5"},
    {"border.mode", "mcx.conf:6"},
    {"hss.relay_server_name", "more.conf:2"},
    {"metrics.port", "more.conf:3"},
    /* not set: */
    {"border.sip_cores[0].ca_file", "mcx.conf:3"},
    {"border.partners", "mcx.conf:2"},
    {"log.file", "mcx.conf:8"},
    {"logs.file", "mcx.conf"},
    {"lo", "mcx.conf"},
    {"keys", "mcx.conf"},
    {"keys[0].file", "mcx.conf"},
    {"cms.https_cert", "mcx.conf"},
};

START_TEST(test_a_problem_has_the_line_of_its_setting)
{
    struct mcx_conf_problem problem = {{0}};
    struct mcx_conf *conf;
    char wanted[1024];

    conf_files_write("more.conf",
                     "hss = {\n relay_server_name = \"sip:x@y\"; };\n metrics = { port = 9; };\n",
                     0644);
    conf = conf_files_load(TEXT);
    ck_assert_int_eq(
        mcx_conf_blame(conf, &problem, rows[_i].setting, "%d is taken; give it another", 9100),
        MCX_CONF);
    snprintf(wanted, sizeof wanted, "%s: %s: 9100 is taken; give it another",
             conf_files_path(rows[_i].where), rows[_i].setting);
    ck_assert_str_eq(problem.text, wanted);
    mcx_conf_free(&conf);
}
END_TEST

START_TEST(test_without_a_file_there_is_no_line)
{
    static const struct mcx_conf made;
    struct mcx_conf_problem problem = {{0}};

    mcx_conf_blame(NULL, &problem, "keys", "are missing");
    ck_assert_str_eq(problem.text, "keys: are missing");
    mcx_conf_blame(&made, &problem, mcx_conf_label("keys[%d].file", 1).text, "is wrong");
    ck_assert_str_eq(problem.text, "keys[1].file: is wrong");
}
END_TEST

/* sip_cores[1] is no part of sip_cores[10]. */
START_TEST(test_elements_are_told_apart)
{
    struct mcx_conf_problem problem = {{0}};
    struct mcx_conf *conf;
    char text[2048] = MINIMAL "border = { sip_cores = (\n";
    size_t used = strlen(text);

    for (int i = 0; i < 12; i++)
        used += (size_t)snprintf(text + used, sizeof text - used,
                                 "%s{ domain = \"h%d.example\"; realm = \"a.example\"; plain_from "
                                 "= (\"127.0.0.1\"); }\n",
                                 i ? "," : "", i);
    snprintf(text + used, sizeof text - used, "); };\n");
    conf = conf_files_load(text);
    mcx_conf_blame(conf, &problem, "border.sip_cores[10].ca_file", "is missing");
    ck_assert_msg(strstr(problem.text, "mcx.conf:13: border.sip_cores[10].ca_file: ") != NULL, "%s",
                  problem.text);
    mcx_conf_blame(conf, &problem, "border.sip_cores[1].ca_file", "is missing");
    ck_assert_msg(strstr(problem.text, "mcx.conf:4: ") != NULL, "%s", problem.text);
    mcx_conf_free(&conf);
}
END_TEST

/* A sentence that does not fit is cut, and ends. */
START_TEST(test_long_sentences_are_cut)
{
    struct mcx_conf_problem problem;

    memset(&problem, 'x', sizeof problem);
    mcx_conf_blame(NULL, &problem, "keys", "%2000d", 1);
    ck_assert_uint_eq(strlen(problem.text), sizeof problem.text - 1);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("conf_places");

    tcase_add_checked_fixture(tests, conf_files_set_up, conf_files_tear_down);
    tcase_add_loop_test(tests, test_a_problem_has_the_line_of_its_setting, 0,
                        (int)(sizeof rows / sizeof rows[0]));
    tcase_add_test(tests, test_without_a_file_there_is_no_line);
    tcase_add_test(tests, test_elements_are_told_apart);
    tcase_add_test(tests, test_long_sentences_are_cut);
    return unit_run(tests);
}
