/* SPDX-License-Identifier: Apache-2.0 */
/* mcxctl as an operator uses it, from an empty database to an ended binding: output, exit status,
 * remedies. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctl_shell.h"
#include "fixture.h"

static void set_up_primary(void)
{
    ctl_expect(0, "version", CTL "db upgrade --schema-dir " MCX_SCHEMA_DIR);
    ctl_expect(0, "",
               CTL "system set --system-id primary --realm primary.example --sip-database "
                   "hss.primary.example");
    ctl_expect(0, "", CTL "domain add masked.primary.example --purpose outbound");
    ctl_expect(
        0, "",
        CTL
        "subscriber add user@primary.example --impu sip:user@primary.example --secrets secrets");
    ctl_expect(0, "ind",
               CTL "partner add partner --realm partner.example --sip-database hss.partner.example"
                   " --domain partner.example");
}

START_TEST(test_key_file_is_private_and_never_overwritten)
{
    struct stat status;
    char path[160];

    snprintf(path, sizeof path, "%s/kek-1.key", ctl_folder);
    ck_assert_int_eq(stat(path, &status), 0);
    ck_assert_int_eq(status.st_mode & 0777, 0600);
    ck_assert_int_eq(status.st_size, 65);
    ctl_expect(1, "File exists", CTL "key create kek-1.key");
    ctl_expect(0, "ok", CTL "conf check");
    ctl_expect(0, "database", CTL "conf help");
}
END_TEST

START_TEST(test_wrong_use_is_told_apart)
{
    ctl_expect(2, "Usage", CTL);
    ctl_expect(2, "no command", CTL "subscriber fly");
    ctl_expect(2, "IMPI is missing", CTL "subscriber show");
    ctl_expect(2, "unrecognized option", CTL "subscriber list --colour");
    ctl_expect(2, "must be partner or primary", CTL "binding list --side secondary");
    ctl_expect(2, "not both",
               CTL "binding provision --side primary --partner p --impi a@b --impu sip:a@b"
                   " --for 1h --expires 2030-01-01");
    ctl_expect(2, "--impi and --impu are needed",
               CTL "binding provision --side primary --partner x");
    ctl_expect(0, "Usage", CTL "--help");
    ctl_expect(0, "subscriber add", CTL "subscriber --help");
    ctl_expect(0, "--secrets", CTL "subscriber add --help");
    ctl_expect(3, "No such file or directory", CTL "db status --db 'host=/nowhere'");
    ctl_expect(1, "run mcxctl db upgrade", CTL "subscriber list");
    ctl_expect(2, "mcx.conf is needed", "unset MCX_CONF; " CTL "key register");
}
END_TEST

START_TEST(test_nothing_named_is_wrong_use_and_a_bad_file_is_refused)
{
    static const char *const rows[] = {"conf check", "db status", "key register", "key rotate",
                                       "subscriber add u@a.example --impu sip:u@a.example"
                                       " --secrets secrets"};
    char command[512];

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        snprintf(command, sizeof command, "unset MCX_CONF MCX_DB; " CTL "%s", rows[i]);
        ctl_expect(2, "--conf", command);
        snprintf(command, sizeof command, "unset MCX_DB; " CTL "%s --conf none.conf", rows[i]);
        ctl_expect(1, "none.conf", command);
        snprintf(command, sizeof command,
                 "unset MCX_DB; chmod 0666 kek-1.key; " CTL "%s; rc=$?; chmod 0600 kek-1.key; "
                 "exit $rc",
                 rows[i]);
        ctl_expect(1, "chmod 0640", command);
    }
    ctl_expect(1, "none: No such file",
               CTL "subscriber add u@a.example --impu sip:u@a.example --secrets none");
    ctl_expect(2, "OPc or OP are needed", CTL "subscriber add u@a.example --impu sip:u@a.example");
}
END_TEST

/* What the daemon would refuse at start. */
START_TEST(test_conf_check_looks_at_files_that_settings_name)
{
    static const struct {
        const char *more, *said;
    } rows[] = {{"cms = { https_port = 8443; };", "cms.https_cert: is required"},
                {"cms = { https_port = 8443; https_cert = \"a.pem\"; };", "a.pem: No such file"},
                {"cms = { https_port = 8443; token_issuers = ( { issuer = \"https://a\"; "
                 "jwks_file = \"keys.json\"; audience = \"https://b\"; } ); };",
                 "cms.token_issuers[0].jwks_file: "},
                {"log = { file = \"no/folder/log\"; };", "log.file: "},
                {"log = { file = \".\"; };", "Is a directory"},
                {"log = { file = \"kek-1.key/log\"; };", "Not a directory"}};
    char command[512];

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        snprintf(command, sizeof command,
                 "(cat mcx.conf; echo '%s') > more.conf; " CTL "conf check --conf more.conf",
                 rows[i].more);
        ctl_expect(1, rows[i].said, command);
    }
    ctl_expect(0, "ok",
               "(cat mcx.conf; echo 'log = { file = \"new.log\"; };') > more.conf; " CTL
               "conf check --conf more.conf && test ! -e new.log");
}
END_TEST

START_TEST(test_from_nothing_to_an_ended_binding)
{
    char id[64] = "";
    const char *at;

    set_up_primary();
    ctl_expect(0, "0009_agreements.sql", CTL "db status");
    ctl_expect(0, "sip:user@primary.example", CTL "subscriber show user@primary.example");
    ctl_expect(1, "is already there",
               CTL "subscriber add user@primary.example --impu sip:user@primary.example"
                   " --secrets - < secrets");
    ctl_expect(
        0,
        "mcxctl binding provision --side partner --partner primary --realm primary.example --host "
        "hss.primary.example",
        CTL "binding provision --side primary --partner partner --impi user@primary.example"
            " --impu sip:user@primary.example --masked --for 1h");
    ck_assert_ptr_nonnull(strstr(ctl_output, "@masked.primary.example"));
    at = strstr(ctl_output, "--id ");
    ck_assert_ptr_nonnull(at);
    ck_assert_int_eq(sscanf(at, "--id %40s", id), 1);
    ctl_expect(0, id, CTL "binding list --json");
    ctl_expect(2, "--reason is needed", CTL "binding end x");
    ctl_expect(1, "x is no live grant or binding", CTL "binding end x --reason typo");
    ck_assert_int_eq(ctl_shell(CTL "binding end %s --reason 'contract ended'", id), 0);
    ck_assert_int_eq(ctl_shell(CTL "binding show %s", id), 0);
    ck_assert_ptr_nonnull(strstr(ctl_output, "revoked"));
    ck_assert_ptr_nonnull(strstr(ctl_output, "contract ended"));
    ck_assert_int_eq(ctl_shell(CTL "binding end %s --reason again", id), 1);
    ctl_expect(1, "no such subscriber", CTL "subscriber show nobody@primary.example");
    ctl_expect(0, "newest", CTL "audit verify");
    ctl_expect(0, "@masked.primary.example", CTL "audit list | grep binding_ended");
}
END_TEST

START_TEST(test_printed_line_works_at_the_partner)
{
    char line[1024], name[32];
    const char *at;

    set_up_primary();
    ctl_expect(0, "The partner's operator enters",
               CTL "binding provision --side primary --partner partner --impi user@primary.example"
                   " --impu sip:user@primary.example --expires 2099-01-01T00:00:00Z --mc-user "
                   "'sip:o'\\''neil@mc.example'");
    at = strstr(ctl_output, "mcxctl binding");
    ck_assert_ptr_nonnull(at);
    snprintf(line, sizeof line, "%.*s", (int)strcspn(at, "\n"), at);
    snprintf(name, sizeof name, "ctlp_%d", (int)getpid());
    ctl_use_database(name);
    ctl_expect(0, "version", CTL "db upgrade --schema-dir " MCX_SCHEMA_DIR);
    ctl_expect(0, "", CTL "system set --system-id partner --realm partner.example");
    ctl_expect(0, "", CTL "domain add migration.partner.example --purpose inbound --default");
    ctl_expect(0, "ind",
               CTL "partner add primary --realm primary.example --sip-database hss.primary.example"
                   " --domain primary.example");
    ck_assert_int_eq(ctl_shell(MCX_CTL "%s --json", line + strlen("mcxctl")), 0);
    ck_assert_ptr_nonnull(strstr(ctl_output, "\"was_there\": false"));
    ck_assert_ptr_nonnull(strstr(ctl_output, "@migration.partner.example"));
    ck_assert_ptr_nonnull(strstr(ctl_output, "2099-01-01T00:00:00Z"));
    ck_assert_int_eq(ctl_shell(MCX_CTL "%s --json", line + strlen("mcxctl")), 0);
    ck_assert_ptr_nonnull(strstr(ctl_output, "\"was_there\": true"));
    ctl_expect(0, "sip:o'neil@mc.example", CTL "binding list");
}
END_TEST

START_TEST(test_subscriber_commands)
{
    set_up_primary();
    ctl_expect(0, "", CTL "subscriber set-sqn user@primary.example --seq 1000");
    ctl_expect(1, "--force", CTL "subscriber set-sqn user@primary.example --seq 10");
    ctl_expect(0, "",
               CTL "subscriber set-sqn user@primary.example --seq 10 --force --reason 'new card'");
    ctl_expect(0, "\"seq\": 10", CTL "subscriber list --json");
    ctl_expect(0, "", CTL "subscriber bar user@primary.example --reason lost");
    ctl_expect(0, "is_barred        yes", CTL "subscriber show user@primary.example");
    ctl_expect(0, "", CTL "subscriber unbar user@primary.example");
    ctl_expect(0, "", CTL "subscriber delete user@primary.example --reason left");
    ctl_expect(1, "is no subscriber", CTL "subscriber delete user@primary.example --reason left");
    ctl_expect(0, "loaded           2500",
               CTL "subscriber load --count 2500 --realm primary.example --secrets secrets");
    ctl_expect(1, "may be there already",
               CTL "subscriber load --count 1 --realm primary.example --secrets secrets");
    ctl_expect(0, "sip:000000000002499@primary.example",
               CTL "subscriber show 000000000002499@primary.example");
    ctl_expect(2, "must be 32 hex digits",
               CTL "subscriber add x@primary.example --impu sip:x@primary.example --k 12 --opc 12");
}
END_TEST

START_TEST(test_many_users_are_loaded)
{
    set_up_primary();
    ctl_expect(0, "loaded           25000",
               CTL "user load --count 25000 --first 7 --realm primary.example --mc-realm "
                   "mc.primary.example");
    ctl_expect(1, "some of these users exist",
               CTL "user load --count 30000 --first 25006 --realm primary.example --mc-realm "
                   "mc.primary.example");
    ctl_expect(
        0, "25000 sip:000000000000007@mc.primary.example sip:000000000025006@mc.primary.example",
        "psql \"$MCX_DB\" -AtF ' ' -c \"SELECT count(*), min(mc_user_id), max(service_id) FROM "
        "mc_user JOIN mc_device USING (mc_user_id) JOIN mc_service_id USING (mc_user_id) WHERE "
        "may_migrate AND label = 'handset' AND service = 'mcptt' AND "
        "mc_user_id = 'sip:' || replace(impi, '@', '@mc.')\"");
    ctl_expect(0, "users_loaded", CTL "audit list");
    ctl_expect(2, "are needed", CTL "user load --count 1 --realm primary.example");
}
END_TEST

START_TEST(test_rotation_step_by_step)
{
    set_up_primary();
    ctl_expect(0, "", CTL "key create kek-2.key");
    ctl_expect(0, "", "sed -i 's/keys = (/keys = ( { id = 2; file = \"kek-2.key\"; },/' mcx.conf");
    ctl_expect(0, "wrapped          1", CTL "key rotate");
    ctl_expect(0, "wrapped          0", CTL "key rotate");
    ctl_expect(0, "", "sed -i 's/, { id = 1; file = \"kek-1.key\"; }//' mcx.conf");
    ctl_expect(0, "ok", CTL "conf check");
    ctl_expect(
        0, "",
        CTL "subscriber add two@primary.example --impu sip:two@primary.example --secrets secrets");
    ctl_expect(0, "\"credentials\": 2", CTL "key list --json");
    ctl_expect(0, "", "rm kek-2.key; " CTL "key create kek-2.key");
    ctl_expect(1, "is not the key 2", CTL "key register");
}
END_TEST

/* An mcx.conf that nobody changed on another host names it first. */
START_TEST(test_retired_key_encrypts_nothing)
{
    set_up_primary();
    ctl_expect(0, "", CTL "key create kek-2.key");
    ctl_expect(0, "", "cp mcx.conf old.conf");
    ctl_expect(0, "", "sed -i 's/keys = (/keys = ( { id = 2; file = \"kek-2.key\"; },/' mcx.conf");
    ctl_expect(0, "wrapped          1", CTL "key rotate");
    ctl_expect(1, "key 1 is retired: put the key in use first in keys of mcx.conf",
               "export MCX_CONF=$PWD/old.conf; " CTL
               "subscriber add two@primary.example --impu sip:two@primary.example"
               " --secrets secrets");
    ctl_expect(1, "key 1 is retired",
               "export MCX_CONF=$PWD/old.conf; " CTL
               "subscriber load --count 1 --realm primary.example --secrets secrets");
    ctl_expect(1, "key 1 is retired",
               "export MCX_CONF=$PWD/old.conf; echo u:p | " CTL "credential load - --pdn x");
    ctl_expect(0, "\"credentials\": 0", CTL "key list --json");
    ctl_expect(0, "",
               "sed -i 's/id = 1; file = \"kek-1.key\"; }/& , { id = 2; file = \"kek-2.key\"; }/' "
               "old.conf");
    ctl_expect(0, "wrapped          1", "export MCX_CONF=$PWD/old.conf; " CTL "key rotate");
    ctl_expect(0, "",
               "export MCX_CONF=$PWD/old.conf; " CTL
               "subscriber add two@primary.example --impu sip:two@primary.example"
               " --secrets secrets");
}
END_TEST

START_TEST(test_partner_commands)
{
    set_up_primary();
    ctl_expect(0, "hss.partner.example", CTL "partner show partner");
    ctl_expect(1, "belongs to partner",
               CTL "partner add third --realm partner.example --sip-database h.third.example"
                   " --domain third.example");
    ctl_expect(1, "already there",
               CTL "partner add partner --realm partner.example --sip-database hss.partner.example"
                   " --domain partner.example");
    ctl_expect(0, "", CTL "partner remove partner --reason over");
    ctl_expect(0, "removed", CTL "partner list");
    ctl_expect(1, "is no partner", CTL "partner remove partner --reason over");
    ctl_expect(1, "no such partner", CTL "partner show nobody");
    ctl_expect(0, "masked.primary.example", CTL "domain list");
    ctl_expect(0, "hss.primary.example", CTL "system show --json");
}
END_TEST

START_TEST(test_conf_is_compared_with_the_database)
{
    static const char partner[] =
        "border = { partners = ( { system_id = \"partner\"; realms = (\"partner.example\");"
        " sip_databases = (\"hss.partner.example\"); ca_file = \"mcx.conf\"; } ); };\n";
    char line[512];

    set_up_primary();
    ctl_expect(1, "border.partners: partner is missing", CTL "conf check --database");
    snprintf(line, sizeof line, "echo '%s' >> mcx.conf", partner);
    ctl_expect(0, "", line);
    ctl_expect(0, "ok", CTL "conf check --database");
    ctl_expect(0, "", "sed -i s/hss.partner.example/db.partner.example/ mcx.conf");
    ctl_expect(1, "sip_databases differ", CTL "conf check --database");
    ctl_expect(0, "", CTL "partner remove partner --reason over");
    ctl_expect(1, "no such partner in the database", CTL "conf check --database");
    ctl_expect(0, "", "rm kek-1.key; " CTL "key create kek-1.key");
    ctl_expect(1, "is not the key", CTL "conf check --database");
}
END_TEST

/* Nothing that mcxctl prints or the database keeps shows K, OP or OPc. */
START_TEST(test_secrets_stay_secret)
{
    static const char opc[] = "cd63cb71954a9f4e48a5994e37a02baf"; /* TS 35.208 set 1 */

    set_up_primary();
    ctl_expect(0, "subscriber_added",
               CTL "audit list; " CTL "subscriber show user@primary.example");
    ck_assert_ptr_null(strstr(ctl_output, "465b5ce8"));
    ck_assert_int_ne(
        ctl_shell("/usr/lib/postgresql/*/bin/pg_dump \"$MCX_DB\" > dump; grep -i -e %s -e "
                  "465b5ce8b199b49faa5f0a2ee238a6bc dump",
                  opc),
        0);
    ck_assert_int_eq(ctl_shell("grep -c 'COPY public.credential' dump"), 0);
}
END_TEST

static Suite *suite(void)
{
    Suite *made = suite_create("mcxctl");
    TCase *tcase = tcase_create("mcxctl");

    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, ctl_setup, ctl_teardown);
    tcase_add_test(tcase, test_key_file_is_private_and_never_overwritten);
    tcase_add_test(tcase, test_wrong_use_is_told_apart);
    tcase_add_test(tcase, test_nothing_named_is_wrong_use_and_a_bad_file_is_refused);
    tcase_add_test(tcase, test_conf_check_looks_at_files_that_settings_name);
    tcase_add_test(tcase, test_from_nothing_to_an_ended_binding);
    tcase_add_test(tcase, test_printed_line_works_at_the_partner);
    tcase_add_test(tcase, test_subscriber_commands);
    tcase_add_test(tcase, test_many_users_are_loaded);
    tcase_add_test(tcase, test_rotation_step_by_step);
    tcase_add_test(tcase, test_retired_key_encrypts_nothing);
    tcase_add_test(tcase, test_partner_commands);
    tcase_add_test(tcase, test_conf_is_compared_with_the_database);
    tcase_add_test(tcase, test_secrets_stay_secret);
    suite_add_tcase(made, tcase);
    return made;
}

int main(void)
{
    return fixture_main(false, (Suite * (*const[])(void)){suite}, 1);
}
