/* SPDX-License-Identifier: Apache-2.0 */
/* mcx.conf from scraps: whatever stands in it, loading ends with a configuration or with one
 * sentence that names the file, never with both or neither, and nothing leaks. Bounded rounds from
 * a fixed seed. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/conf.h"
#include "mutate.h"

enum { ROUNDS = 500, SCRAPS = 40, TEXT_MAX = 8192 };

static const char *const scraps[] = {
    "database = { conninfo = \"dbname=mcx\"; };\n",
    "database = {",
    "conninfo = \"x\";",
    "workers = 4;",
    "workers = 0;",
    "workers = \"4\";",
    "workers = 99999999999999999999;",
    "workers = -0x7f;",
    "workers = 4.5;",
    "};\n",
    "}",
    "(",
    ")",
    "[",
    "]",
    "{",
    ";",
    ",",
    "=",
    "\"",
    "\\",
    "\n",
    "\t# remark\n",
    "/* ",
    " */",
    "\x01",
    "\xff\xfe",
    "log = { level = \"info\"; };\n",
    "log : { file = \"\"; core_dumps = true; };\n",
    "hss = { vectors_max = 6; };\n",
    "hss = { relay_server_name = \"",
    "border = { mode = \"enforce\"; sip_cores = ( ); partners = ( ); };\n",
    "border = { sip_cores = ( { domain = \".a.example\"; realm = \"a.example\"; } ); };\n",
    "border = { partners = ( { system_id = \"p\"; realms = (\"r.example\"); } ); };\n",
    "border = { partners = ( { realms = \"r\"; ca_file = 7; }, 3, ( ) ); };\n",
    "keys = ( { id = 1; file = \"none\"; } );\n",
    "keys = ( );\n",
    "keys = 1;\n",
    "@include \"mcx.conf\"\n",
    "@include \"/nonexistent\"\n",
    "unknown = true;\n",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    "a",
};

/* For LeakSanitizer: the lexer of libconfig 1.5 loses the text that no quote ends. */
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:strbuf_append\nleak:libconfig_yylex\n";
}

static size_t write_some(char *text, struct chance *chance)
{
    uint32_t count = chance_below(chance, SCRAPS);
    size_t len = 0;

    for (uint32_t i = 0; i < count; i++) {
        const char *scrap = scraps[chance_below(chance, sizeof scraps / sizeof *scraps)];

        if (i == 0 && chance_below(chance, 2)) /* half have what is required */
            scrap = scraps[0];
        if (len + strlen(scrap) < TEXT_MAX) {
            memcpy(text + len, scrap, strlen(scrap));
            len += strlen(scrap);
        }
    }
    return len;
}

START_TEST(test_scraps_are_a_configuration_or_a_problem)
{
    char folder[] = "/tmp/mcx-fuzz-XXXXXX", path[64], text[TEXT_MAX];
    struct chance chance = {20230823};
    unsigned int loaded = 0;

    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/mcx.conf", folder);
    for (int i = 0; i < ROUNDS; i++) {
        struct mcx_conf *conf = NULL;
        struct mcx_conf_problem problem = {{0}};
        FILE *file = fopen(path, "w");
        size_t len = write_some(text, &chance);
        enum mcx_err err = MCX_OK;

        ck_assert_ptr_nonnull(file);
        ck_assert_uint_eq(fwrite(text, 1, len, file), len);
        ck_assert_int_eq(fclose(file), 0);
        err = mcx_conf_load(path, &conf, &problem);
        if (err == MCX_OK) {
            ck_assert_ptr_nonnull(conf);
            loaded++;
        } else {
            ck_assert_int_eq(err, MCX_CONF);
            ck_assert_ptr_null(conf);
            ck_assert_msg(strstr(problem.text, "mcx.conf"), "round %d: %s", i, problem.text);
            ck_assert_ptr_null(strchr(problem.text, '\n'));
        }
        mcx_conf_free(&conf);
    }
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(rmdir(folder), 0);
    ck_assert_uint_gt(loaded, ROUNDS / 100); /* else it tests the first line only */
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("fuzz_conf");
    Suite *suite = suite_create("fuzz");
    SRunner *runner = srunner_create(suite);
    int failed = 0;

    tcase_set_timeout(tests, 100);
    tcase_add_test(tests, test_scraps_are_a_configuration_or_a_problem);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
