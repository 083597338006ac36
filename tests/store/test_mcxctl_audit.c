/* SPDX-License-Identifier: Apache-2.0 */
/* mcxctl audit: what is old is cut, what is left can be verified, and what somebody changed by hand
 * is said and not cut. */
#include <stdlib.h>

#include "ctl_shell.h"
#include "fixture.h"

static PGconn *set_up_trail(void)
{
    ctl_expect(0, "version", CTL "db upgrade --schema-dir " MCX_SCHEMA_DIR);
    ctl_expect(0, "",
               CTL "system set --system-id primary --realm primary.example --sip-database "
                   "hss.primary.example");
    return PQconnectdb(getenv("MCX_DB"));
}

/* Row seq of writer w at so many days ago, after the row prev_seq of prev_w. */
static void audit_row(PGconn *conn, int w, int seq, int days, int prev_w, int prev_seq)
{
    fixture_sql(
        conn,
        "INSERT INTO audit SELECT w, %d, t, 'x', 'test', '{}', p,"
        " audit_hash(p, w, %d, t, 'x', 'test', '{}') FROM (SELECT ('0000000%d-0000-4000-8000-"
        "000000000000')::uuid AS w, now() - interval '%d days' AS t, coalesce((SELECT hash"
        " FROM audit WHERE writer = '0000000%d-0000-4000-8000-000000000000' AND seq = %d),"
        " decode(repeat('00', 32), 'hex')) AS p) x",
        seq, seq, w, days, prev_w, prev_seq);
}

START_TEST(test_audit_trail_is_cut_by_age)
{
    PGconn *conn = set_up_trail();

    audit_row(conn, 1, 1, 40, 0, 0);
    audit_row(conn, 2, 1, 39, 1, 1);
    audit_row(conn, 1, 2, 38, 1, 1);
    audit_row(conn, 2, 2, 37, 2, 1);
    audit_row(conn, 3, 1, 36, 1, 2);
    audit_row(conn, 2, 3, 20, 2, 2); /* goes on */
    audit_row(conn, 4, 1, 19, 2, 1); /* begins after a row that was not the last */
    ctl_expect(0, "newest", CTL "audit verify");
    ctl_expect(2, "DAYS must be 1", CTL "audit cut 0");
    ctl_expect(0, "deleted          5", CTL "audit cut 30");
    ctl_expect(0, "newest", CTL "audit verify");
    ctl_expect(0, "audit_cut", CTL "audit list");
    ctl_expect(0, "deleted          0", CTL "audit cut 30");
    ck_assert_int_eq(fixture_number(conn, "SELECT count(*) FROM audit_cut"), 2);
    ctl_expect(0, "newest", CTL "audit verify");
    fixture_sql(conn, "DELETE FROM audit_cut WHERE seq = 2");
    ctl_expect(1, "the row before it is missing", CTL "audit verify");
    PQfinish(conn);
}
END_TEST

/* A chain of rows 40, 30, 20, 10 days old, cut at 35, and one of four that goes on from it. */
static PGconn *cut_trail(void)
{
    PGconn *conn = set_up_trail();

    for (int seq = 1; seq <= 4; seq++)
        audit_row(conn, 1, seq, 50 - 10 * seq, seq > 1, seq - 1);
    for (int seq = 1; seq <= 4; seq++)
        audit_row(conn, 2, seq, 5, seq > 1 ? 2 : 1, seq > 1 ? seq - 1 : 4);
    ctl_expect(0, "deleted          1", CTL "audit cut 35");
    ctl_expect(0, "newest", CTL "audit verify");
    return conn;
}

/* Each row: what somebody does who may write the tables, and what is said of it. */
static const struct {
    const char *sql, *says;
} tampered[] = {
    {"DELETE FROM audit WHERE writer::text LIKE '00000002-%' AND seq = 2", "row before it is"},
    {"WITH gone AS (DELETE FROM audit WHERE writer::text LIKE '00000002-%' AND seq IN (2, 3)"
     " RETURNING *) INSERT INTO audit_cut SELECT hash, writer, seq FROM gone WHERE seq = 3",
     "row before it is missing"},
    {"WITH gone AS (DELETE FROM audit WHERE writer::text LIKE '00000002-%' AND seq < 3"
     " RETURNING *) INSERT INTO audit_cut SELECT hash, writer, seq FROM gone WHERE seq = 2",
     "row before it is missing"},
    {"WITH gone AS (DELETE FROM audit WHERE writer::text LIKE '00000002-%' AND seq = 2"
     " RETURNING *) INSERT INTO audit_cut SELECT hash, writer, seq FROM gone;"
     /* and the word of a cut that nobody ordered, for it */
     " SELECT audit_append(gen_random_uuid(), 'x', 'audit_cut', encode(sha256(string_agg(hash ||"
     " uuid_send(writer) || int8send(seq), '' ORDER BY hash)), 'hex')) FROM audit_cut",
     "row before it is missing"},
    {"WITH gone AS (DELETE FROM audit WHERE writer::text LIKE '00000001-%' RETURNING *)"
     " INSERT INTO audit_cut SELECT hash, writer, seq FROM gone WHERE seq = 4",
     "the row that its chain starts from is missing"},
    {"UPDATE audit SET actor = 'nobody' WHERE writer::text LIKE '00000001-%' AND seq = 2",
     "changed"},
};

START_TEST(test_what_was_tampered_with_is_said_and_not_cut)
{
    PGconn *conn = cut_trail();
    int64_t rows;

    fixture_sql(conn, "%s", tampered[_i].sql);
    rows = fixture_number(conn, "SELECT count(*) FROM audit");
    ctl_expect(1, tampered[_i].says, CTL "audit verify");
    ctl_expect(1, tampered[_i].says, CTL "audit cut 1");
    ctl_expect(1, "of writer 0000000", CTL "audit cut 1");
    ck_assert_int_eq(fixture_number(conn, "SELECT count(*) FROM audit"), rows);
    ctl_expect(1, tampered[_i].says, CTL "audit verify");
    PQfinish(conn);
}
END_TEST

/* A clock that was set back leaves an older row after a newer one. */
START_TEST(test_audit_trail_is_cut_from_its_beginning_only)
{
    PGconn *conn = set_up_trail();

    audit_row(conn, 1, 1, 40, 0, 0);
    audit_row(conn, 1, 2, 20, 1, 1);
    audit_row(conn, 1, 3, 31, 1, 2);
    audit_row(conn, 1, 4, 10, 1, 3);
    ctl_expect(0, "deleted          1", CTL "audit cut 30");
    ctl_expect(0, "newest", CTL "audit verify");
    ctl_expect(0, "deleted          3", CTL "audit cut 9");
    ctl_expect(0, "newest", CTL "audit verify");
    PQfinish(conn);
}
END_TEST

/* ---- a session that wrote nothing for longer than rows are kept, and then does ---- */

#define SILENT "00000001-0000-4000-8000-000000000000"

static void silent_writes(PGconn *conn)
{
    fixture_sql(conn, "SELECT audit_append('" SILENT "', 'test', 'x', '{}')");
}

/* All three rows of its chain are cut; another chain goes on from the last of them. */
static PGconn *trail_of_silent(int next_days)
{
    PGconn *conn = set_up_trail();

    for (int seq = 1; seq <= 3; seq++)
        audit_row(conn, 1, seq, 41 - seq, seq > 1, seq - 1);
    audit_row(conn, 2, 1, next_days, 1, 3);
    ctl_expect(0, "deleted          3", CTL "audit cut 30");
    ctl_expect(0, "newest", CTL "audit verify");
    return conn;
}

START_TEST(test_a_session_writes_again_after_all_its_rows_were_cut)
{
    PGconn *conn = trail_of_silent(25);

    for (int seq = 1; seq <= 5; seq++) { /* up to what is kept, and past it */
        silent_writes(conn);
        ctl_expect(0, "newest", CTL "audit verify");
    }
    ck_assert_int_eq(fixture_number(conn, "SELECT max(seq) FROM audit WHERE writer = '" SILENT "'"),
                     5);
    ctl_expect(0, "deleted          0", CTL "audit cut 30");
    ctl_expect(0, "newest", CTL "audit verify");
    ctl_expect(0, "deleted          1", CTL "audit cut 24");
    ctl_expect(0, "newest", CTL "audit verify");
    PQfinish(conn);
}
END_TEST

/* What it wrote again was cut too, and it writes once more: two of its rows are kept. */
static PGconn *trail_of_silent_cut_again(void)
{
    PGconn *conn = trail_of_silent(12);

    audit_row(conn, 1, 1, 20, 2, 1);
    audit_row(conn, 1, 2, 19, 1, 1);
    audit_row(conn, 3, 1, 11, 1, 2);
    ctl_expect(0, "newest", CTL "audit verify");
    ctl_expect(0, "deleted          2", CTL "audit cut 15");
    ctl_expect(0, "newest", CTL "audit verify");
    ck_assert_int_eq(
        fixture_number(conn, "SELECT count(*) FROM audit_cut WHERE writer = '" SILENT "'"), 2);
    for (int seq = 1; seq <= 4; seq++) {
        silent_writes(conn);
        ctl_expect(0, "newest", CTL "audit verify");
    }
    ctl_expect(0, "deleted          0", CTL "audit cut 15");
    ctl_expect(0, "newest", CTL "audit verify");
    return conn;
}

/* Each row: what somebody does to what it wrote since, and what is said of it. */
static const struct {
    const char *sql, *says;
} tampered_again[] = {
    {"DELETE FROM audit WHERE writer = '" SILENT "' AND seq = 1", "row before it is missing"},
    {"DELETE FROM audit WHERE writer = '" SILENT "' AND seq = 2", "row before it is missing"},
    {"DELETE FROM audit WHERE writer = '" SILENT "' AND seq = 3", "row before it is missing"},
    {"DELETE FROM audit WHERE writer = '" SILENT "' AND seq <= 3", "row before it is missing"},
    {"DELETE FROM audit_cut WHERE writer = '" SILENT "' AND seq = 3", "its chain starts from"},
    {"UPDATE audit SET payload = '' WHERE writer = '" SILENT "' AND seq = 3", "changed"},
};

START_TEST(test_what_a_session_wrote_after_a_cut_was_tampered_with)
{
    PGconn *conn = trail_of_silent_cut_again();

    fixture_sql(conn, "%s", tampered_again[_i].sql);
    ctl_expect(1, tampered_again[_i].says, CTL "audit verify");
    ctl_expect(1, tampered_again[_i].says, CTL "audit cut 15");
    PQfinish(conn);
}
END_TEST

static Suite *suite(void)
{
    Suite *made = suite_create("mcxctl_audit");
    TCase *tcase = tcase_create("mcxctl_audit");

    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, ctl_setup, ctl_teardown);
    tcase_add_test(tcase, test_audit_trail_is_cut_by_age);
    tcase_add_test(tcase, test_audit_trail_is_cut_from_its_beginning_only);
    tcase_add_test(tcase, test_a_session_writes_again_after_all_its_rows_were_cut);
    tcase_add_loop_test(tcase, test_what_a_session_wrote_after_a_cut_was_tampered_with, 0,
                        (int)(sizeof tampered_again / sizeof tampered_again[0]));
    tcase_add_loop_test(tcase, test_what_was_tampered_with_is_said_and_not_cut, 0,
                        (int)(sizeof tampered / sizeof tampered[0]));
    suite_add_tcase(made, tcase);
    return made;
}

int main(void)
{
    return fixture_main(false, (Suite * (*const[])(void)){suite}, 1);
}
