/* SPDX-License-Identifier: Apache-2.0 */
/* mcxctl for migration as an operator uses it: who may go where and why, documents, credentials,
 * and a migration carried by hand between two operators. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cluster.h"
#include "ctl_shell.h"
#include "fixture.h"

#define USER "sip:alice@mc.primary.example"
#define DOCUMENT                                                                                   \
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<mcptt-UE-initial-configuration "                 \
    "xmlns=\"urn:3gpp:mcptt:mcpttUEinitConfig:1.0\" domain=\"partner.example\"><on-network/>"

static void set_up_primary(void)
{
    ctl_expect(0, "version", CTL "db upgrade --schema-dir " MCX_SCHEMA_DIR);
    ctl_expect(0, "",
               CTL "system set --system-id primary --realm primary.example --sip-database "
                   "hss.primary.example");
    ctl_expect(0, "", CTL "domain add masked.primary.example --purpose outbound");
    ctl_expect(0, "",
               CTL "subscriber add alice@primary.example --impu "
                   "sip:alice@primary.example --secrets secrets");
    ctl_expect(0, "ind",
               CTL "partner add partner --realm partner.example --sip-database "
                   "hss.partner.example --domain partner.example");
    ctl_expect(0, "", CTL "user add " USER " --mcptt " USER " --may-migrate yes");
    ctl_expect(0, "", CTL "device add " USER " handset --impi alice@primary.example");
}

static void set_up_partner(void)
{
    char name[32];

    snprintf(name, sizeof name, "ctlm_%d", (int)getpid());
    ctl_use_database(name);
    ctl_expect(0, "version", CTL "db upgrade --schema-dir " MCX_SCHEMA_DIR);
    ctl_expect(0, "", CTL "system set --system-id partner --realm partner.example");
    ctl_expect(0, "", CTL "domain add migration.partner.example --purpose inbound --default");
    ctl_expect(0, "ind",
               CTL "partner add primary --realm primary.example --sip-database "
                   "hss.primary.example --domain primary.example --domain "
                   "masked.primary.example");
}

START_TEST(test_users_groups_devices)
{
    set_up_primary();
    ctl_expect(1, "is already there", CTL "user add " USER);
    ctl_expect(1, "is no MC user", CTL "user set nobody --mask yes");
    ctl_expect(1, "is the service id of another MC user", CTL "user add bob --mcptt " USER);
    ctl_expect(1, "is no group", CTL "user set " USER " --group crew");
    ctl_expect(0, "", CTL "group add crew --may-migrate no --mask yes");
    ctl_expect(0, "", CTL "user set " USER " --group crew --may-migrate unset --mcvideo v@x");
    ctl_expect(0, "\"members\": 1", CTL "group list --json");
    ctl_expect(0, "crew", CTL "user show " USER);
    ctl_expect(0, "v@x", CTL "user list --json");
    ctl_expect(0, "not_authorized", CTL "explain-migration " USER " --plmn 00101");
    ctl_expect(0, "", CTL "user set " USER " --no-group crew --no-service-id v@x");
    ctl_expect(1, "is no service id of this user", CTL "user set " USER " --no-service-id v@x");
    ctl_expect(0, "", CTL "group delete crew");
    ctl_expect(2, "must be yes, no or unset", CTL "user set " USER " --mask maybe");
    ctl_expect(0, "", CTL "service set mcptt --mask yes");
    ctl_expect(0, "mcptt", CTL "service list");
    ctl_expect(2, "must be mcptt", CTL "service set fax --mask yes");
    ctl_expect(1, "has a device handset already",
               CTL "device add " USER " handset --impi alice@primary.example");
    ctl_expect(1, "is no subscriber here", CTL "device add " USER " x --impi x@primary.example");
    ctl_expect(1, "--impu is needed",
               CTL "device add " USER " x --impi x@east.example --realm east.example");
    ctl_expect(0, "",
               CTL "device add " USER " x --impi x@east.example --realm east.example --impu "
                   "sip:x@east.example --service mcdata");
    ctl_expect(0, "sip:x@east.example", CTL "device list " USER);
    ctl_expect(0, "", CTL "device delete " USER " x");
    ctl_expect(2, "--reason is needed", CTL "user delete " USER);
    ctl_expect(0, "grants_ended     0", CTL "user delete " USER " --reason left");
    ctl_expect(0, "user_deleted", CTL "audit list");
    ctl_expect(0, "newest", CTL "audit verify");
}
END_TEST

START_TEST(test_agreements_and_areas)
{
    set_up_primary();
    ctl_expect(2, "--direction outbound", CTL "agreement add partner");
    ctl_expect(2, "inbound", CTL "agreement add partner --direction outbound --max-bindings 3");
    ctl_expect(2, "outbound", CTL "agreement add partner --direction inbound --masked");
    ctl_expect(1, "is no partner", CTL "agreement add nobody --direction outbound");
    ctl_expect(1, "is no MC user", CTL "agreement add partner --direction outbound --mc-user bob");
    ctl_expect(0, "infinity", CTL "agreement add partner --direction outbound --masked");
    ctl_expect(0, "id",
               CTL "agreement add partner --direction inbound --user-domain "
                   "mc.partner.example --service mcptt --max-bindings 5 --for 7d");
    ctl_expect(0, "domain mc.partner.example", CTL "agreement list");
    ctl_expect(0, "\"masked\": \"yes\"", CTL "agreement list --json --partner partner");
    ctl_expect(1, "lies in the past",
               CTL "agreement add partner --direction outbound --expires 2001-01-01T00:00:00Z");
    ctl_expect(1, "needs a PLMN or a shape", CTL "area add partner");
    ctl_expect(1, "5 or 6 digits", CTL "area add partner --plmn 1");
    ctl_expect(1, "a cell prefix needs a PLMN", CTL "area add partner --ecgi-prefix 1a");
    ctl_expect(2, "must be 3 numbers", CTL "area add partner --circle 48,11");
    ctl_expect(1, "must be SOUTH,WEST", CTL "area add partner --box 49,11,47,12");
    ctl_expect(1, "3 to 256 corners", CTL "area add partner --polygon '48,11 49,12'");
    ctl_expect(0, "id", CTL "area add partner --plmn 00101 --ecgi-prefix 1a2d0 --priority 3");
    ctl_expect(0, "id", CTL "area add partner --circle -17,179.9,50000 --name Fiji");
    ctl_expect(0, "id", CTL "area add partner --polygon '47,11 47,12 49,11.5'");
    ctl_expect(0, "circle -17 179.9 50000", CTL "area list");
    ctl_expect(0, "", CTL "area delete 3");
    ctl_expect(1, "there is no area 3", CTL "area delete 3");
    ctl_expect(0, "bindings_ended   0", CTL "agreement end 1 --reason over");
    ctl_expect(1, "is no agreement that could end", CTL "agreement end 1 --reason over");
    ctl_expect(0, "ended", CTL "agreement list --all");
}
END_TEST

START_TEST(test_explanation_says_why_and_changes_nothing)
{
    set_up_primary();
    ctl_expect(0, "no agreement for this user", CTL "explain-migration " USER " --plmn 00101");
    ctl_expect(0, "",
               CTL "agreement add partner --direction outbound --masked --expires "
                   "2099-01-01T00:00:00Z");
    ctl_expect(0, "", CTL "area add partner --plmn 00101 --ecgi-prefix 1a2d0 --priority 3");
    ctl_expect(0, "serves other places", CTL "explain-migration " USER " --plmn 00102");
    ctl_expect(0, "location_not_enough", CTL "explain-migration " USER " --plmn 00101");
    ctl_expect(0, "=> partner", CTL "explain-migration " USER " --plmn 00101 --ecgi 1a2d007");
    ctl_expect(0, "by_location", CTL "explain-migration " USER " --plmn 00101 --ecgi 1a2d007");
    ctl_expect(0, "\"is_masked\": true", CTL "explain-migration " USER " --partner partner --json");
    ctl_expect(0, "\"expires\": \"2099-01-01T00:00:00Z\"",
               CTL "explain-migration " USER " --partner partner --json");
    ctl_expect(1, "no_user", CTL "explain-migration nobody --plmn 00101");
    ctl_expect(2, "belong together", CTL "explain-migration " USER " --lat 48");
    ctl_expect(2, "-90 to 90", CTL "explain-migration " USER " --lat 91 --lon 0");
    ctl_expect(2, "7 hex digits", CTL "explain-migration " USER " --plmn 00101 --ecgi 12");
    ctl_write("location.xml",
              "<location-info xmlns=\"urn:3gpp:ns:mcpttLocationInfo:1.0\"><Report "
              "ReportType=\"NonEmergency\"><CurrentLocation><CurrentServingEcgi type=\"Normal\">"
              "<Ecgi>001010",
              "0001101000101101000000000111",
              "</Ecgi></CurrentServingEcgi></CurrentLocation></Report></location-info>");
    ctl_expect(0, "=> partner", CTL "explain-migration " USER " --location-file location.xml");
    ctl_write("location.xml", "<location-info", "", "/>");
    ctl_expect(2, "location.xml", CTL "explain-migration " USER " --location-file location.xml");
    ctl_expect(0, "0", "psql -At \"$MCX_DB\" -c \"SELECT count(*) FROM task\"");
}
END_TEST

START_TEST(test_documents_are_checked)
{
    set_up_primary();
    ctl_write("good.xml", DOCUMENT, "<x>{{pdn:mc:username}}</x>",
              "</mcptt-UE-initial-configuration>");
    ctl_write("open.xml", DOCUMENT, "", "");
    ctl_write("root.xml", "<other xmlns=\"urn:3gpp:mcptt:mcpttUEinitConfig:1.0\"/>", "", "");
    ctl_write("space.xml", "<mcptt-UE-initial-configuration domain=\"x\"/>", "", "");
    ctl_write("dtd.xml", "<!DOCTYPE a [<!ENTITY e \"eeee\">]>", DOCUMENT,
              "</mcptt-UE-initial-configuration>");
    ctl_write("latin.xml", "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>",
              "<mcptt-UE-initial-configuration xmlns=\"urn:3gpp:mcptt:mcpttUEinitConfig:1.0\"/>",
              "");
    ctl_write("strange.xml", DOCUMENT, "{{env}}", "</mcptt-UE-initial-configuration>");
    ctl_expect(0, "version          1", CTL "document load good.xml");
    ctl_expect(0, "version          2", CTL "document load good.xml --until 2099-01-01T00:00:00Z");
    ctl_expect(1, "no element", CTL "document load open.xml");
    ctl_expect(1, "its root must be", CTL "document load root.xml");
    ctl_expect(1, "its root must be", CTL "document load space.xml");
    ctl_expect(1, "DTD", CTL "document load dtd.xml");
    ctl_expect(1, "UTF-8", CTL "document load latin.xml");
    ctl_expect(1, "{{ may only begin", CTL "document load strange.xml");
    ctl_expect(1, "no placeholders",
               CTL "document load good.xml --direction outbound --partner partner");
    ctl_expect(1, "too large", "head -c 50000 /dev/zero > big.xml; " CTL "document load big.xml");
    ctl_expect(1, "No such file", CTL "document load none.xml");
    ctl_expect(0, "older", CTL "document list");
    ctl_expect(0, "{{pdn:mc:username}}", CTL "document show 1");
    ctl_expect(0, "", CTL "document delete 2");
    ctl_expect(1, "is no document", CTL "document delete 2");
    ctl_expect(0, "withdrawn", CTL "document list --all");
}
END_TEST

START_TEST(test_credentials_stay_secret)
{
    set_up_primary();
    ctl_write("pap", "# of the MVNO\nuser-1:hush-hush-1\n", "user-2:hush:hush-2\r\n", "\n");
    ctl_expect(2, "--pdn is needed", CTL "credential load pap");
    ctl_expect(0, "loaded           2", CTL "credential load pap --pdn mc-services");
    ctl_expect(0, "loaded           2", CTL "credential load pap --pdn mc-services");
    ctl_expect(0, "\"free\": 2", CTL "credential list --json");
    ctl_expect(1, "line 1", "echo nocolon | " CTL "credential load - --pdn x");
    ctl_expect(1, "is no partner", CTL "credential load pap --pdn y --partner nobody");
    ctl_expect(0, "pdn_credentials_loaded", CTL "audit list");
    ck_assert_ptr_null(strstr(ctl_output, "hush"));
    ck_assert_int_ne(ctl_shell("/usr/lib/postgresql/*/bin/pg_dump \"$MCX_DB\" > dump; grep -i -e "
                               "hush -e user-1 -e $(printf hush | od -An -tx1 | tr -d ' \\n') "
                               "dump"),
                     0);
    ctl_expect(0, "\"pdn_credentials\": 2", CTL "key register; " CTL "key list --json");
    ctl_expect(0, "", CTL "key create kek-2.key");
    ctl_expect(0, "", "sed -i 's/keys = (/keys = ( { id = 2; file = \"kek-2.key\"; },/' mcx.conf");
    ctl_expect(0, "wrapped          3", CTL "key rotate");
}
END_TEST

/* Lists of ids have one a line. */
START_TEST(test_names_are_one_line)
{
    set_up_primary();
    ctl_expect(1, "may have no control characters", CTL "user add \"$(printf 'a\\nb')\"");
    ctl_expect(1, "may have no control characters",
               CTL "user set " USER " --mcptt \"$(printf 'id\\nmcdata evil')\"");
    ctl_expect(1, "may have no control characters", CTL "group add \"$(printf 'a\\tb')\"");
    ctl_expect(1, "may have no control characters",
               CTL "device add " USER " \"$(printf 'a\\rb')\" --impi alice@primary.example");
    ctl_expect(1, "1 to 255 octets", CTL "user set " USER " --mcptt ''");
}
END_TEST

/* All lines are read before the first is stored, batches of 500 lines. */
START_TEST(test_bad_line_loads_no_credential)
{
    set_up_primary();
    ctl_expect(1, "line 1501",
               "(seq 1 1500 | sed 's/$/:secret/'; echo nocolon) | " CTL
               "credential load - --pdn x");
    ctl_expect(0, "[]", CTL "credential list --json");
}
END_TEST

/* Step 7 and step 12 as files; each operator sees what he needs and nothing else. */
START_TEST(test_migration_carried_by_hand)
{
    char id[64] = "", *primary = strdup(getenv("MCX_DB")), *partner;
    const char *at;

    set_up_primary();
    ctl_expect(0, "--id ",
               CTL "binding provision --side primary --partner partner --impi "
                   "alice@primary.example --impu sip:alice@primary.example --masked --for 1h "
                   "--mc-user " USER);
    at = strstr(ctl_output, "--id ");
    ck_assert_int_eq(sscanf(at, "--id %40s", id), 1);
    ck_assert_int_eq(ctl_shell(CTL "binding export %s --output grant.json; cat grant.json", id), 0);
    ck_assert_ptr_nonnull(strstr(ctl_output, "@masked.primary.example"));
    ck_assert_ptr_null(strstr(ctl_output, "alice@primary.example"));
    ctl_expect(1, "this grant is for partner, and this system is primary",
               CTL "binding import grant.json");
    set_up_partner();
    partner = strdup(getenv("MCX_DB"));
    ctl_write("doc.xml", DOCUMENT, "<pap>{{pdn:mc:username}} {{pdn:mc:password}}</pap>",
              "</mcptt-UE-initial-configuration>");
    ctl_expect(0, "", CTL "document load doc.xml");
    ctl_expect(1, "mcxctl credential load", CTL "binding import grant.json");
    ctl_expect(0, "loaded           1", "echo 'u&1:p<1' | " CTL "credential load - --pdn mc");
    ctl_expect(0, "", CTL "binding import grant.json --output answer.json");
    ctl_expect(0, "-rw-------", "ls -l answer.json");
    ctl_expect(0, "@migration.partner.example", "cat answer.json");
    ck_assert_ptr_nonnull(strstr(ctl_output, "u&amp;1 p&lt;1"));
    ck_assert_int_eq(ctl_shell(CTL "binding export %s | cmp - answer.json", id), 1); /* newline */
    ck_assert_int_eq(ctl_shell(CTL "binding export %s --output again.json; cat again.json", id), 0);
    ck_assert_ptr_nonnull(strstr(ctl_output, "u&amp;1 p&lt;1")); /* the same credential */
    ctl_expect(1, "this answer is for primary", CTL "binding import answer.json");
    setenv("MCX_DB", primary, 1);
    ctl_expect(0, "private_identity", CTL "binding import answer.json");
    ctl_expect(0, "private_identity", CTL "binding import answer.json"); /* may be repeated */
    ctl_expect(0, "handset", CTL "migration list --mc-user " USER);
    ck_assert_ptr_nonnull(strstr(ctl_output, "@migration.partner.example"));
    ck_assert_int_eq(ctl_shell(CTL "migration show %s --document out.xml && cat out.xml", id), 0);
    ck_assert_ptr_nonnull(strstr(ctl_output, "u&amp;1 p&lt;1"));
    ck_assert_int_ne(ctl_shell("/usr/lib/postgresql/*/bin/pg_dump \"$MCX_DB\" > dump; grep -e "
                               "'p&lt;1' -e $(printf 'p&lt;1' | od -An -tx1 | tr -d ' \\n') dump"),
                     0);
    ctl_expect(1, "line 2", "echo '{' > bad.json; " CTL "binding import bad.json");
    ctl_expect(1, "format", "echo '{}' > bad.json; " CTL "binding import bad.json");
    ctl_expect(1, "is no live grant",
               "sed s/" USER "/x/ answer.json | sed "
               "'s/\"binding_id\": \"..../\"binding_id\": \"0000/' > "
               "other.json; " CTL "binding import other.json");
    free(partner);
    free(primary);
}
END_TEST

/* The task that app_cms carries out; here the test writes the outcome. */
START_TEST(test_migrate_waits_for_the_outcome)
{
    set_up_primary();
    ctl_expect(1, "not done yet",
               CTL "migrate " USER " partner --timeout 0 --device handset "
                   "--expires 2099-01-01T00:00:00Z");
    ctl_expect(0, "4070908800",
               "psql -At \"$MCX_DB\" -c \"SELECT payload FROM task WHERE kind = 'migrate'\"");
    ck_assert_ptr_nonnull(strstr(ctl_output, USER));
    ctl_expect(
        1, "refused: forbidden: not here",
        "(until psql -At \"$MCX_DB\" -c \"UPDATE task SET done_at = now(), outcome = "
        "'{\\\"problem\\\": \\\"forbidden\\\", \\\"detail\\\": \\\"not here\\\"}' WHERE "
        "payload ->> 'expires_s' IS NULL RETURNING 'done'\" | grep -q done; do :; done) & " CTL
        "migrate " USER " partner; status=$?; wait; exit $status");
    ctl_expect(2, "not both", CTL "migrate " USER " partner --for 1h --expires 2099-01-01");
    ctl_expect(1, "lies in the past", CTL "migrate " USER " partner --expires 2001-01-01");
    ctl_expect(1, "garbage", CTL "migrate " USER " partner --expires garbage");
    ctl_expect(1, "not done yet",
               CTL "migrate " USER " partner --timeout 0 --expires 12000-01-01T00:00:00Z");
    ctl_expect(0, "316516204800",
               "psql -At \"$MCX_DB\" -c \"SELECT payload FROM task WHERE kind = 'migrate'\"");
    ctl_expect(0, "migration_asked", CTL "audit list");
}
END_TEST

static Suite *suite(void)
{
    Suite *made = suite_create("mcxctl_migration");
    TCase *tcase = tcase_create("mcxctl_migration");

    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, ctl_setup, ctl_teardown);
    tcase_add_test(tcase, test_users_groups_devices);
    tcase_add_test(tcase, test_agreements_and_areas);
    tcase_add_test(tcase, test_explanation_says_why_and_changes_nothing);
    tcase_add_test(tcase, test_documents_are_checked);
    tcase_add_test(tcase, test_credentials_stay_secret);
    tcase_add_test(tcase, test_names_are_one_line);
    tcase_add_test(tcase, test_bad_line_loads_no_credential);
    tcase_add_test(tcase, test_migration_carried_by_hand);
    tcase_add_test(tcase, test_migrate_waits_for_the_outcome);
    suite_add_tcase(made, tcase);
    return made;
}

int main(void)
{
    return fixture_main(false, (Suite * (*const[])(void)){suite}, 1);
}
