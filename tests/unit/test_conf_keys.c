/* SPDX-License-Identifier: Apache-2.0 */
/* base/conf: key-encryption keys and the files that hold them. */
#include <unistd.h>

#include "conf_files.h"

#define HEX_A "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define HEX_B "FFEEDDCCBBAA99887766554433221100ffeeddccbbaa99887766554433221100"
#define ONE   MINIMAL "keys = (\n{ id = 1; file = \"a.key\"; } );\n"

START_TEST(test_two_keys_are_read_in_order)
{
    struct mcx_conf *conf;

    conf_files_write("a.key", HEX_A "\n", 0600);
    conf_files_write("b.key", HEX_B, 0640);
    conf = conf_files_load(MINIMAL "keys = ( { id = 7; file = \"b.key\"; },\n"
                                   "         { id = 2147483647; file = \"a.key\"; } );\n");
    ck_assert_uint_eq(conf->key_count, 2);
    ck_assert_uint_eq(conf->key[0].id, 7);
    ck_assert_uint_eq(conf->key[0].key[0], 0xff);
    ck_assert_uint_eq(conf->key[1].id, 2147483647);
    for (size_t i = 0; i < 32; i++)
        ck_assert_uint_eq(conf->key[1].key[i], i);
    ck_assert_str_eq(conf->key[0].file_name.octets, conf_files_path("b.key"));
    mcx_conf_free(&conf);
}
END_TEST

/* Each row: what stands in the file. */
START_TEST(test_file_must_hold_64_digits_and_nothing_else)
{
    static const char *const rows[] = {
        "",
        HEX_A "0",
        HEX_A "\n\n",
        HEX_A "\r\n",
        HEX_A " ",
        " " HEX_A,
        "\n",
        "0x" HEX_A,
        HEX_A HEX_A,
        "zz"
        "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        conf_files_write("a.key", rows[i], 0600);
        conf_files_refuse(ONE, ":3: keys[0].file: ", "64 hexadecimal digits");
    }
}
END_TEST

START_TEST(test_problems_never_show_the_digits)
{
    struct mcx_conf_problem problem;
    struct mcx_conf *conf;

    conf_files_write("a.key", HEX_A "0", 0600);
    conf_files_write("mcx.conf", ONE, 0600);
    ck_assert_int_eq(mcx_conf_load(conf_files_path("mcx.conf"), &conf, &problem), MCX_CONF);
    ck_assert_ptr_null(strstr(problem.text, "0001"));
}
END_TEST

START_TEST(test_modes_that_let_others_in_are_refused)
{
    static const mode_t bad[] = {0644, 0604, 0602, 0601, 0660, 0620, 0666, 0777};
    static const mode_t good[] = {0600, 0640, 0400, 0440};

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        conf_files_write("a.key", HEX_A, bad[i]);
        conf_files_refuse(ONE, ":3: keys[0].file: ", "chmod 0640");
    }
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        struct mcx_conf *conf;

        (void)unlink(conf_files_path("a.key"));
        conf_files_write("a.key", HEX_A, good[i]);
        conf = conf_files_load(ONE);
        mcx_conf_free(&conf);
    }
}
END_TEST

START_TEST(test_missing_folder_and_fifo_are_refused_without_waiting)
{
    conf_files_refuse(ONE,
                      ":3: keys[0].file: ", "cannot be opened: No such file or directory; name");
    ck_assert_int_eq(mkdir(conf_files_path("a.key"), 0700), 0);
    conf_files_refuse(ONE, ":3: keys[0].file: ", "is not a regular file; name");
    ck_assert_int_eq(rmdir(conf_files_path("a.key")), 0);
    ck_assert_int_eq(mkfifo(conf_files_path("a.key"), 0600), 0);
    conf_files_refuse(ONE, ":3: keys[0].file: ", "is not a regular file; name");
}
END_TEST

START_TEST(test_ids_are_whole_distinct_numbers)
{
    conf_files_write("a.key", HEX_A, 0600);
    conf_files_refuse(MINIMAL "keys = ( { id = 0; file = \"a.key\"; } );\n",
                      ":2: keys[0].id = 0: must be 1 to 2147483647", "");
    conf_files_refuse(MINIMAL "keys = ( { id = \"1\"; file = \"a.key\"; } );\n",
                      ":2: keys[0].id: must be a whole number", "");
    conf_files_refuse(MINIMAL "keys = ( { id = 3; file = \"a.key\"; },\n"
                              "{ id = 3; file = \"a.key\"; } );\n",
                      ":3: keys[1].id = 3: is the id of keys[0] too", "");
    conf_files_refuse(MINIMAL "keys = ( { file = \"a.key\"; } );\n", ":2: keys[0]: id is missing",
                      "");
    conf_files_refuse(MINIMAL "keys = ( { id = 1; } );\n", ":2: keys[0]: file is missing", "");
    conf_files_refuse(MINIMAL "keys = ( { id = 1; files = \"a.key\"; } );\n",
                      ":2: keys[0].files: unknown setting; did you mean keys[0].file?", "");
    conf_files_refuse(MINIMAL "keys = ( { id = 1; file = 1; } );\n",
                      ":2: keys[0].file: must be a text", "");
}
END_TEST

START_TEST(test_more_than_two_keys_are_refused)
{
    conf_files_write("a.key", HEX_A, 0600);
    conf_files_refuse(MINIMAL
                      "keys = ( { id = 1; file = \"a.key\"; }, { id = 2; file = \"a.key\"; },\n"
                      "{ id = 3; file = \"a.key\"; } );\n",
                      ":2: keys: has 3 entries, at most 2", "");
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("conf_keys");

    tcase_add_checked_fixture(tests, conf_files_set_up, conf_files_tear_down);
    tcase_add_test(tests, test_two_keys_are_read_in_order);
    tcase_add_test(tests, test_file_must_hold_64_digits_and_nothing_else);
    tcase_add_test(tests, test_problems_never_show_the_digits);
    tcase_add_test(tests, test_modes_that_let_others_in_are_refused);
    tcase_add_test(tests, test_missing_folder_and_fifo_are_refused_without_waiting);
    tcase_add_test(tests, test_ids_are_whole_distinct_numbers);
    tcase_add_test(tests, test_more_than_two_keys_are_refused);
    return unit_run(tests);
}
