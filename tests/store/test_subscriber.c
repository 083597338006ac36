/* SPDX-License-Identifier: Apache-2.0 */
/* Own subscribers and the keys that encrypt them. Design 5. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aka/aka.h"
#include "fixture.h"
#include "store/keys.h"
#include "store/subscriber.h"
#include "suites.h"

static struct mcx_conf conf;
static struct mcx_session *admin, *session;
static PGconn *sql;
static struct mcx_conf_problem problem;

static void setup(void)
{
    const char *database = fixture_database();

    fixture_conf(&conf, database);
    admin = fixture_admin(database);
    fixture_system(admin);
    (void)fixture_subscriber(admin, &conf, "alice");
    (void)fixture_subscriber(admin, &conf, "bob");
    session = fixture_daemon(&conf);
    sql = fixture_connect(database);
}

static void teardown(void)
{
    PQfinish(sql);
    mcx_session_close(&session);
    mcx_session_close(&admin);
}

static struct mcx_str str(const char *text)
{
    struct mcx_str out = {0};

    ck_ok(mcx_str_set(&out, mcx_span_of(text)));
    return out;
}

START_TEST(test_deleted_subscriber_comes_back_with_its_seq)
{
    struct mcx_str impi = str("alice@primary.example");
    struct mcx_mar_ask ask = fixture_own_ask("alice@primary.example", "sip:alice@primary.example");
    int64_t id = fixture_facts(session, &ask).subscriber_id;
    struct mcx_sqn_want want = {.subscriber_id = id, .items = 5};

    ck_ok(mcx_store_sqn_advance(session, &want, 1));
    ck_ok(mcx_store_subscriber_delete(admin, &impi, "left", &problem));
    ck_assert_int_eq(fixture_facts(session, &ask).impi_kind, MCX_KIND_NONE);
    ck_assert_int_eq(fixture_facts(session, &ask).impu_kind, MCX_KIND_NONE);
    ck_assert_int_eq(
        fixture_number(sql, "SELECT count(*) FROM credential WHERE impi LIKE 'alice%%'"), 0);
    ck_assert_int_eq(fixture_subscriber(admin, &conf, "alice"), id);
    ck_ok(mcx_store_sqn_advance(session, &want, 1));
    ck_assert_int_eq(want.first_seq, 6);
}
END_TEST

START_TEST(test_seq_is_lowered_by_force_only)
{
    struct mcx_str impi = str("alice@primary.example");

    ck_ok(mcx_store_subscriber_set_seq(admin, &impi, 100, false, "r", &problem));
    ck_assert_int_eq(mcx_store_subscriber_set_seq(admin, &impi, 99, false, "r", &problem),
                     MCX_INVALID);
    ck_ok(mcx_store_subscriber_set_seq(admin, &impi, 5, true, "new card", &problem));
    ck_assert_int_eq(
        mcx_store_subscriber_set_seq(admin, &impi, MCX_SEQ_MAX + 1, true, "r", &problem),
        MCX_INVALID);
    ck_assert_int_eq(
        fixture_number(sql, "SELECT count(*) FROM audit WHERE kind = 'seq_set' AND"
                            " payload::json->>'before' = '100' AND payload::json->>'after' = '5'"
                            " AND payload::json->>'reason' = 'new card'"),
        1);
}
END_TEST

START_TEST(test_subscribers_that_are_refused)
{
    static const struct mcx_key128 k = {{1}};
    static const struct {
        const char *impi, *impu, *text;
    } rows[] = {{"alice@primary.example", "sip:new@primary.example", "is already there"},
                {"new@primary.example", "sip:alice@primary.example", "--shared"},
                {"new@elsewhere.example", "sip:new@primary.example", "mcxctl domain add"},
                {"new@primary.example", "sip:new@elsewhere.example", "mcxctl domain add"},
                {"new@masked.primary.example", "sip:new@primary.example", "mcxctl domain add"}};
    struct mcx_keyring ring;

    mcx_keyring_from(&conf, &ring);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct mcx_new_subscriber want = {.impi = str(rows[i].impi),
                                          .impu_count = 1,
                                          .impu = {str(rows[i].impu)},
                                          .k = &k,
                                          .opc = &k};

        ck_assert_int_ne(mcx_store_subscriber_add(admin, &ring, &want, &problem), MCX_OK);
        ck_assert_msg(strstr(problem.text, rows[i].text) != NULL, "%s", problem.text);
    }
    ck_assert_int_eq(fixture_number(sql, "SELECT count(*) FROM identity"), 2);
}
END_TEST

START_TEST(test_shared_impu_outlives_one_of_its_owners)
{
    static const struct mcx_key128 k = {{1}};
    struct mcx_new_subscriber want = {.impi = str("alice2@primary.example"),
                                      .impu_count = 1,
                                      .impu = {str("sip:alice@primary.example")},
                                      .may_share = true,
                                      .k = &k,
                                      .opc = &k};
    struct mcx_mar_ask ask = fixture_own_ask("alice2@primary.example", "sip:alice@primary.example");
    struct mcx_str alice = str("alice@primary.example");
    struct mcx_keyring ring;

    mcx_keyring_from(&conf, &ring);
    ck_ok(mcx_store_subscriber_add(admin, &ring, &want, &problem));
    ck_assert(fixture_facts(session, &ask).belongs);
    ck_ok(mcx_store_subscriber_delete(admin, &alice, "left", &problem));
    ck_assert(fixture_facts(session, &ask).belongs);
}
END_TEST

/* ---- keys ---- */

static bool opens(const struct mcx_keyring *ring, const char *impi)
{
    char impu[80];
    struct mcx_mar_ask ask;
    struct mcx_mar_facts facts;
    struct mcx_key128 k;

    snprintf(impu, sizeof impu, "sip:%s", impi);
    ask = fixture_own_ask(impi, impu);
    facts = fixture_facts(session, &ask);
    return mcx_unwrap(ring, MCX_WRAP_K, mcx_span_str(&facts.credential_impi),
                      mcx_span(facts.wrapped_k, facts.wrapped_k_len), &k) == MCX_OK &&
           k.octets[0] == 1;
}

START_TEST(test_rotation_wraps_all_and_skips_what_it_cannot_open)
{
    struct mcx_keyring old = {0}, both = {0}, fresh = {0};
    struct mcx_rotation done;

    mcx_keyring_from(&conf, &old);
    fresh.count = 1;
    fresh.kek[0].id = 2;
    memset(fresh.kek[0].key, 0x22, sizeof fresh.kek[0].key);
    both = (struct mcx_keyring){2, {fresh.kek[0], old.kek[0]}};
    (void)fixture_subscriber(admin, &conf, "carol");
    fixture_sql(sql, "UPDATE credential SET k = '\\x01'::bytea || substring(opc FROM 2) WHERE impi "
                     "LIKE 'carol%%'");
    ck_ok(mcx_store_keys_rotate(admin, &both, &done, &problem));
    ck_assert_uint_eq(done.wrapped, 2);
    ck_assert_uint_eq(done.failed, 1);
    ck_assert(opens(&fresh, "alice@primary.example"));
    ck_assert(!opens(&old, "alice@primary.example"));
    ck_assert_int_eq(
        fixture_number(sql,
                       "SELECT count(*) FROM key_check WHERE key_id = 1 AND retired_at IS NULL"),
        1);
    fixture_sql(sql, "DELETE FROM credential WHERE impi LIKE 'carol%%'");
    ck_ok(mcx_store_keys_rotate(admin, &both, &done, &problem));
    ck_assert_uint_eq(done.wrapped, 0);
    ck_assert_int_eq(
        fixture_number(
            sql, "SELECT count(*) FROM key_check WHERE key_id = 1 AND retired_at IS NOT NULL"),
        1);
}
END_TEST

START_TEST(test_another_key_under_a_known_id_is_refused)
{
    struct mcx_keyring ring;

    mcx_keyring_from(&conf, &ring);
    ring.kek[0].key[0] ^= 1;
    ck_assert_int_eq(mcx_store_keys_register(admin, &ring, &problem), MCX_AUTH);
}
END_TEST

Suite *subscriber_suite(void)
{
    Suite *made = suite_create("subscriber");
    TCase *tcase = tcase_create("subscriber");

    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, test_deleted_subscriber_comes_back_with_its_seq);
    tcase_add_test(tcase, test_seq_is_lowered_by_force_only);
    tcase_add_test(tcase, test_subscribers_that_are_refused);
    tcase_add_test(tcase, test_shared_impu_outlives_one_of_its_owners);
    tcase_add_test(tcase, test_rotation_wraps_all_and_skips_what_it_cannot_open);
    tcase_add_test(tcase, test_another_key_under_a_known_id_is_refused);
    suite_add_tcase(made, tcase);
    return made;
}
