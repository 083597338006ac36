/* SPDX-License-Identifier: Apache-2.0 */
/* base/conf: scalar settings of mcx.conf, what is unknown or of the wrong kind, and the file
 * itself. */
#include <unistd.h>

#include "conf_files.h"

START_TEST(test_minimal_file_has_all_defaults)
{
    struct mcx_conf *conf = conf_files_load(MINIMAL);

    ck_assert_str_eq(conf->database_conninfo, "dbname=mcx");
#define MCX_INT(section, name, def, min, max, help)  ck_assert_int_eq(conf->section##_##name, def);
#define MCX_UINT(section, name, def, min, max, help) ck_assert_uint_eq(conf->section##_##name, def);
#define MCX_TEXT(section, name, def, help)                                                         \
    if (def)                                                                                       \
        ck_assert_pstr_eq(conf->section##_##name, def);
#define MCX_WORD(section, name, def, words, help) ck_assert_str_eq(conf->section##_##name, def);
#define MCX_FLAG(section, name, def, help)        ck_assert_int_eq(conf->section##_##name, def);
#include "base/settings.def"
#undef MCX_INT
#undef MCX_UINT
#undef MCX_TEXT
#undef MCX_WORD
#undef MCX_FLAG
    ck_assert_uint_eq(conf->key_count + conf->core_count + conf->partner_count, 0);
    mcx_conf_free(&conf);
    ck_assert_ptr_null(conf);
    mcx_conf_free(&conf);
}
END_TEST

START_TEST(test_settings_are_read)
{
    struct mcx_conf *conf =
        conf_files_load("/* C, C++ and shell comments */ # one\n"
                        "database = { conninfo = \"host=a,b\"; workers = 64; queue_max = 8L; };\n"
                        "log: { level: \"debug\", file: \"/var/log/x\", core_dumps: true }\n"
                        "border = { mode = \"observe\"; };\n"
                        "hss = { vectors_max = 5; unknown_scheme_is_aka = true;\n"
                        "  relay_server_name = \"sip:x@y\"; };\n");

    ck_assert_str_eq(conf->database_conninfo, "host=a,b");
    ck_assert_int_eq(conf->database_workers, 64);
    ck_assert_int_eq(conf->database_queue_max, 8);
    ck_assert_str_eq(conf->log_level, "debug");
    ck_assert_str_eq(conf->log_file, "/var/log/x");
    ck_assert(conf->log_core_dumps && conf->hss_unknown_scheme_is_aka);
    ck_assert_str_eq(conf->border_mode, "observe");
    ck_assert_int_eq(conf->hss_vectors_max, 5);
    ck_assert_str_eq(conf->hss_relay_server_name, "sip:x@y");
    mcx_conf_free(&conf);
}
END_TEST

START_TEST(test_relative_log_file_lies_beside_mcx_conf)
{
    struct mcx_conf *conf = conf_files_load(MINIMAL "log = { file = \"mcx.log\"; };\n");

    ck_assert_str_eq(conf->log_file, conf_files_path("mcx.log"));
    mcx_conf_free(&conf);
}
END_TEST

START_TEST(test_file_in_the_working_folder_needs_no_path)
{
    struct mcx_conf_problem problem;
    struct mcx_conf *conf;

    conf_files_write("mcx.conf", MINIMAL "log = { file = \"x\"; };\n", 0644);
    ck_assert_int_eq(chdir(conf_files_path("")), 0);
    ck_assert_int_eq(mcx_conf_load("mcx.conf", &conf, &problem), MCX_OK);
    ck_assert_str_eq(conf->log_file, "./x");
    ck_assert_int_eq(chdir("/"), 0);
    mcx_conf_free(&conf);
}
END_TEST

START_TEST(test_conninfo_is_required)
{
    conf_files_refuse("", ": database.conninfo: is required; set it", "libpq");
    conf_files_refuse("database = {};\n", ": database.conninfo: is required", "libpq");
    conf_files_refuse("\ndatabase = { conninfo = \"\"; };\n", ":2: database.conninfo: is required",
                      "libpq");
}
END_TEST

START_TEST(test_unknown_names_are_told_with_the_nearest)
{
    conf_files_refuse(MINIMAL "\nhss = { vector_max = 1; };\n",
                      ":3: hss.vector_max: unknown setting; did you mean ", "hss.vectors_max?");
    conf_files_refuse(MINIMAL "databse = { };\n", ":2: databse: unknown setting; did you mean ",
                      "database?");
    conf_files_refuse(MINIMAL "border = { partner = ( ); };\n",
                      ":2: border.partner: unknown setting; did you mean ", "border.partners?");
    conf_files_refuse(MINIMAL "key = ( );\n", ":2: key: unknown setting; did you mean ", "keys?");
    conf_files_refuse(MINIMAL "log = { zzzzzzzzzzzz = 1; };\n",
                      ":2: log.zzzzzzzzzzzz: unknown setting; known here are ",
                      "level, file, core_dumps");
    conf_files_refuse(MINIMAL "workers = 3;\n", ":2: workers: unknown setting; known here are ",
                      "mcx, database, log, border, cms, metrics, hss, keys");
}
END_TEST

START_TEST(test_wrong_types_are_told)
{
    conf_files_refuse("database = { conninfo = 1; };\n", ":1: database.conninfo: must be a text",
                      "");
    conf_files_refuse(MINIMAL "hss = { vectors_max = \"1\"; };\n",
                      ":2: hss.vectors_max: must be a whole number, 1 to 5", "without quotes");
    conf_files_refuse(MINIMAL "hss = { vectors_max = 1.5; };\n", ":2: hss.vectors_max: must be a",
                      "");
    conf_files_refuse(MINIMAL "hss = { vectors_max = true; };\n", ":2: hss.vectors_max: must be",
                      "");
    conf_files_refuse(MINIMAL "log = { core_dumps = 1; };\n",
                      ":2: log.core_dumps: must be true or false", "");
    conf_files_refuse(MINIMAL "hss = 3;\n", ":2: hss: must be a group", "");
    conf_files_refuse(MINIMAL "hss = ( );\n", ":2: hss: must be a group", "");
    conf_files_refuse(MINIMAL "keys = { };\n", ":2: keys: must be a list", "");
}
END_TEST

START_TEST(test_ranges_hold_at_both_ends)
{
    struct mcx_conf *conf =
        conf_files_load(MINIMAL "hss = { vectors_max = 1; answer_time_ms = 30000; };");

    ck_assert_int_eq(conf->hss_answer_time_ms, 30000);
    mcx_conf_free(&conf);
    conf_files_refuse(MINIMAL "hss = { vectors_max = 0; };\n",
                      ":2: hss.vectors_max = 0: must be 1 to 5", "");
    conf_files_refuse(MINIMAL "hss = { vectors_max = 6; };\n",
                      ":2: hss.vectors_max = 6: must be 1 to 5", "");
    conf_files_refuse(MINIMAL "hss = { vectors_max = -1; };\n", ":2: hss.vectors_max = -1: must",
                      "");
    conf_files_refuse(MINIMAL "hss = { vectors_max = 4294967297L; };\n",
                      ":2: hss.vectors_max = 4294967297: must be 1 to 5", "");
}
END_TEST

START_TEST(test_numbers_of_32_bits)
{
    struct mcx_conf *conf = conf_files_load(
        MINIMAL "mcx = { vendor_id = 4294967295; sdb_application = 16777216; ss_application = "
                "4294967294L; };");

    ck_assert_uint_eq(conf->mcx_vendor_id, UINT32_MAX);
    ck_assert_uint_eq(conf->mcx_sdb_application, 16777216);
    ck_assert_uint_eq(conf->mcx_ss_application, UINT32_MAX - 1);
    mcx_conf_free(&conf);
    conf_files_refuse(MINIMAL "mcx = { vendor_id = 0; };\n",
                      ":2: mcx.vendor_id = 0: must be 1 to 4294967295", "");
    conf_files_refuse(MINIMAL "mcx = { vendor_id = 4294967296L; };\n",
                      ":2: mcx.vendor_id = 4294967296: must be 1 to", "");
    conf_files_refuse(MINIMAL "mcx = { vendor_id = -1L; };\n",
                      ":2: mcx.vendor_id = -1: must be 1 to", "");
    conf_files_refuse(MINIMAL "mcx = { sdb_application = 4294967295; };\n",
                      ":2: mcx.sdb_application = 4294967295: must be 16777216 to", "");
    conf_files_refuse(MINIMAL "mcx = { vendor_id = \"32473\"; };\n",
                      ":2: mcx.vendor_id: must be a whole number", "without quotes");
}
END_TEST

START_TEST(test_two_applications_have_two_numbers)
{
    conf_files_refuse(MINIMAL "\nmcx = { sdb_application = 4294967041; };\n",
                      ":3: mcx.sdb_application and mcx.ss_application are the same", "its own");
}
END_TEST

START_TEST(test_words_are_checked)
{
    conf_files_refuse(MINIMAL "log = { level = \"loud\"; };\n",
                      ":2: log.level = \"loud\": must be one", "error|warn|info|debug");
    conf_files_refuse(MINIMAL "log = { level = \"\"; };\n", ":2: log.level = \"\": must be one",
                      "");
    conf_files_refuse(MINIMAL "log = { level = \"inf\"; };\n", ":2: log.level", "");
    conf_files_refuse(MINIMAL "log = { level = \"info|warn\"; };\n", ":2: log.level", "");
    conf_files_refuse(MINIMAL "border = { mode = \"Enforce\"; };\n", ":2: border.mode",
                      "enforce|obs");
}
END_TEST

START_TEST(test_syntax_errors_have_a_line)
{
    conf_files_refuse(MINIMAL "\nhss = { vectors_max 1; };\n", ":3: syntax error", "name = value;");
    conf_files_refuse("database = {\n conninfo = \"a\n", ":", "double quotes");
    conf_files_refuse(MINIMAL MINIMAL, ":2: duplicate setting name", "");
}
END_TEST

START_TEST(test_missing_file_folder_and_binary_are_one_clear_sentence)
{
    struct mcx_conf_problem problem;
    struct mcx_conf *conf;

    ck_assert_int_eq(mcx_conf_load(conf_files_path("none.conf"), &conf, &problem), MCX_CONF);
    ck_assert_ptr_nonnull(strstr(problem.text, "none.conf: cannot be opened: No such file"));
    ck_assert_int_eq(mcx_conf_load(conf_files_path(""), &conf, &problem), MCX_CONF);
    ck_assert_ptr_nonnull(strstr(problem.text, "is a folder"));
    ck_assert_ptr_null(conf);
    ck_assert_int_eq(mcx_conf_load(NULL, &conf, &problem), MCX_CONF);
    ck_assert_ptr_nonnull(strstr(problem.text, "no file was named"));
    conf_files_write("mcx.conf", MINIMAL, 0644);
    ck_assert_int_eq(truncate(conf_files_path("mcx.conf"), 4096), 0); /* NULs after the text */
    ck_assert_int_eq(mcx_conf_load(conf_files_path("mcx.conf"), &conf, &problem), MCX_CONF);
    ck_assert_ptr_nonnull(strstr(problem.text, "is not a text file"));
    ck_assert_int_eq(truncate(conf_files_path("mcx.conf"), 3 << 20), 0);
    ck_assert_int_eq(mcx_conf_load(conf_files_path("mcx.conf"), &conf, &problem), MCX_CONF);
    ck_assert_ptr_nonnull(strstr(problem.text, "is not a text file"));
}
END_TEST

START_TEST(test_included_file_is_named_in_its_problems)
{
    struct mcx_conf *conf;

    conf_files_write("hss.conf", "hss = { vectors_max = 2; };\n", 0644);
    conf = conf_files_load(MINIMAL "@include \"hss.conf\"\n");
    ck_assert_int_eq(conf->hss_vectors_max, 2);
    mcx_conf_free(&conf);
    conf_files_refuse(MINIMAL "@include \"none.conf\"\n", ":2: ", "include");
}
END_TEST

START_TEST(test_a_problem_in_an_included_file_has_its_name_and_line)
{
    struct mcx_conf_problem problem;
    struct mcx_conf *conf;

    conf_files_write("hss.conf", "\nhss = { vectors_max = 7; };\n", 0644);
    conf_files_write("mcx.conf", MINIMAL "@include \"hss.conf\"\n", 0644);
    ck_assert_int_eq(mcx_conf_load(conf_files_path("mcx.conf"), &conf, &problem), MCX_CONF);
    ck_assert_msg(strstr(problem.text, "hss.conf:2: hss.vectors_max = 7") != NULL, "%s",
                  problem.text);
}
END_TEST

START_TEST(test_problems_never_show_the_connection_string)
{
    struct mcx_conf_problem problem;
    struct mcx_conf *conf;

    conf_files_write("mcx.conf", "database = { conninfo = \"password=hunter2\"; workers = 0; };\n",
                     0644);
    ck_assert_int_eq(mcx_conf_load(conf_files_path("mcx.conf"), &conf, &problem), MCX_CONF);
    ck_assert_ptr_null(strstr(problem.text, "hunter2"));
}
END_TEST

START_TEST(test_printed_settings_name_every_row)
{
    char *text = NULL;
    size_t len = 0;
    FILE *to = open_memstream(&text, &len);

    mcx_conf_print_settings(to);
    ck_assert_int_eq(fclose(to), 0);
#define MCX_INT(section, name, def, min, max, help)                                                \
    ck_assert_ptr_nonnull(strstr(text, #section "." #name " = " #def " (" #min " to " #max ")"));  \
    ck_assert_ptr_nonnull(strstr(text, help));
#define MCX_UINT                                  MCX_INT
#define MCX_TEXT(section, name, def, help)        ck_assert_ptr_nonnull(strstr(text, #section "." #name));
#define MCX_WORD(section, name, def, words, help) ck_assert_ptr_nonnull(strstr(text, words));
#define MCX_FLAG(section, name, def, help)        ck_assert_ptr_nonnull(strstr(text, #section "." #name));
#include "base/settings.def"
#undef MCX_INT
#undef MCX_UINT
#undef MCX_TEXT
#undef MCX_WORD
#undef MCX_FLAG
    ck_assert_ptr_nonnull(strstr(text, "border.partners = ("));
    ck_assert_ptr_nonnull(strstr(text, "plain_from"));
    free(text);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("conf");

    tcase_add_checked_fixture(tests, conf_files_set_up, conf_files_tear_down);
    tcase_add_test(tests, test_minimal_file_has_all_defaults);
    tcase_add_test(tests, test_settings_are_read);
    tcase_add_test(tests, test_relative_log_file_lies_beside_mcx_conf);
    tcase_add_test(tests, test_file_in_the_working_folder_needs_no_path);
    tcase_add_test(tests, test_conninfo_is_required);
    tcase_add_test(tests, test_unknown_names_are_told_with_the_nearest);
    tcase_add_test(tests, test_wrong_types_are_told);
    tcase_add_test(tests, test_ranges_hold_at_both_ends);
    tcase_add_test(tests, test_numbers_of_32_bits);
    tcase_add_test(tests, test_two_applications_have_two_numbers);
    tcase_add_test(tests, test_words_are_checked);
    tcase_add_test(tests, test_syntax_errors_have_a_line);
    tcase_add_test(tests, test_missing_file_folder_and_binary_are_one_clear_sentence);
    tcase_add_test(tests, test_included_file_is_named_in_its_problems);
    tcase_add_test(tests, test_a_problem_in_an_included_file_has_its_name_and_line);
    tcase_add_test(tests, test_problems_never_show_the_connection_string);
    tcase_add_test(tests, test_printed_settings_name_every_row);
    return unit_run(tests);
}
