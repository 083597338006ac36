/* SPDX-License-Identifier: Apache-2.0 */
/* Own subscribers and the keys that encrypt them. Design 5. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aka/aka.h"
#include "site.h"
#include "store/keys.h"
#include "store/subscriber.h"
#include "suites.h"

START_TEST(test_deleted_subscriber_comes_back_with_its_seq)
{
    struct mcx_str impi = fixture_str("alice@primary.example");
    struct mcx_mar_ask ask = fixture_own_ask("alice@primary.example", "sip:alice@primary.example");
    int64_t id = fixture_facts(site.daemon, &ask).subscriber_id;
    struct mcx_sqn_want want = {.subscriber_id = id, .items = 5};

    ck_ok(mcx_store_sqn_advance(site.daemon, &want, 1));
    ck_ok(mcx_store_subscriber_delete(site.admin, &impi, "left", &site.problem));
    ck_assert_int_eq(fixture_facts(site.daemon, &ask).impi_kind, MCX_KIND_NONE);
    ck_assert_int_eq(fixture_facts(site.daemon, &ask).impu_kind, MCX_KIND_NONE);
    ck_assert_int_eq(
        fixture_number(site.sql, "SELECT count(*) FROM credential WHERE impi LIKE 'alice%%'"), 0);
    ck_assert_int_eq(fixture_subscriber(site.admin, &site.conf, "alice"), id);
    ck_ok(mcx_store_sqn_advance(site.daemon, &want, 1));
    ck_assert_int_eq(want.first_seq, 6);
}
END_TEST

START_TEST(test_seq_is_lowered_by_force_only)
{
    struct mcx_str impi = fixture_str("alice@primary.example");

    ck_ok(mcx_store_subscriber_set_seq(site.admin, &impi, 100, false, "r", &site.problem));
    ck_assert_int_eq(mcx_store_subscriber_set_seq(site.admin, &impi, 99, false, "r", &site.problem),
                     MCX_INVALID);
    ck_ok(mcx_store_subscriber_set_seq(site.admin, &impi, 5, true, "new card", &site.problem));
    ck_assert_int_eq(
        mcx_store_subscriber_set_seq(site.admin, &impi, MCX_SEQ_MAX + 1, true, "r", &site.problem),
        MCX_INVALID);
    ck_assert_int_eq(
        fixture_number(site.sql,
                       "SELECT count(*) FROM audit WHERE kind = 'seq_set' AND"
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

    mcx_keyring_from(&site.conf, &ring);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct mcx_new_subscriber want = {.impi = fixture_str(rows[i].impi),
                                          .impu_count = 1,
                                          .impu = {fixture_str(rows[i].impu)},
                                          .k = &k,
                                          .opc = &k};

        ck_assert_int_ne(mcx_store_subscriber_add(site.admin, &ring, &want, &site.problem), MCX_OK);
        ck_assert_msg(strstr(site.problem.text, rows[i].text) != NULL, "%s", site.problem.text);
    }
    ck_assert_int_eq(fixture_number(site.sql, "SELECT count(*) FROM identity"), 2);
}
END_TEST

START_TEST(test_shared_impu_outlives_one_of_its_owners)
{
    static const struct mcx_key128 k = {{1}};
    struct mcx_new_subscriber want = {.impi = fixture_str("alice2@primary.example"),
                                      .impu_count = 1,
                                      .impu = {fixture_str("sip:alice@primary.example")},
                                      .may_share = true,
                                      .k = &k,
                                      .opc = &k};
    struct mcx_mar_ask ask = fixture_own_ask("alice2@primary.example", "sip:alice@primary.example");
    struct mcx_str alice = fixture_str("alice@primary.example");
    struct mcx_keyring ring;

    mcx_keyring_from(&site.conf, &ring);
    ck_ok(mcx_store_subscriber_add(site.admin, &ring, &want, &site.problem));
    ck_assert(fixture_facts(site.daemon, &ask).belongs);
    ck_ok(mcx_store_subscriber_delete(site.admin, &alice, "left", &site.problem));
    ck_assert(fixture_facts(site.daemon, &ask).belongs);
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
    facts = fixture_facts(site.daemon, &ask);
    return mcx_unwrap(ring, MCX_WRAP_K, mcx_span_str(&facts.credential_impi),
                      mcx_span(facts.wrapped_k, facts.wrapped_k_len), &k) == MCX_OK &&
           k.octets[0] == 1;
}

START_TEST(test_rotation_wraps_all_and_skips_what_it_cannot_open)
{
    struct mcx_keyring old = {0}, both = {0}, fresh = {0};
    struct mcx_rotation done;

    mcx_keyring_from(&site.conf, &old);
    fresh.count = 1;
    fresh.kek[0].id = 2;
    memset(fresh.kek[0].key, 0x22, sizeof fresh.kek[0].key);
    both = (struct mcx_keyring){2, {fresh.kek[0], old.kek[0]}};
    (void)fixture_subscriber(site.admin, &site.conf, "carol");
    fixture_sql(site.sql,
                "UPDATE credential SET k = '\\x01'::bytea || substring(opc FROM 2) WHERE impi "
                "LIKE 'carol%%'");
    ck_ok(mcx_store_keys_rotate(site.admin, &both, &done, &site.problem));
    ck_assert_uint_eq(done.wrapped, 2);
    ck_assert_uint_eq(done.failed, 1);
    ck_assert(opens(&fresh, "alice@primary.example"));
    ck_assert(!opens(&old, "alice@primary.example"));
    ck_assert_int_eq(
        fixture_number(site.sql,
                       "SELECT count(*) FROM key_check WHERE key_id = 1 AND retired_at IS NULL"),
        1);
    fixture_sql(site.sql, "DELETE FROM credential WHERE impi LIKE 'carol%%'");
    ck_ok(mcx_store_keys_rotate(site.admin, &both, &done, &site.problem));
    ck_assert_uint_eq(done.wrapped, 0);
    ck_assert_int_eq(
        fixture_number(
            site.sql, "SELECT count(*) FROM key_check WHERE key_id = 1 AND retired_at IS NOT NULL"),
        1);
}
END_TEST

static void *rotate(void *arg)
{
    struct mcx_keyring both = {.count = 2};
    struct mcx_rotation done;

    mcx_keyring_from(&site.conf, &both);
    both = (struct mcx_keyring){2, {both.kek[0], both.kek[0]}};
    both.kek[0].id = 2;
    both.kek[0].key[0] ^= 1;
    *(enum mcx_err *)arg = mcx_store_keys_rotate(site.admin, &both, &done, &site.problem);
    return NULL;
}

/* Somebody who has just wrapped with the old key, and not committed. */
START_TEST(test_no_key_is_retired_while_somebody_wraps_with_it)
{
    struct mcx_session *adding = fixture_admin(site.database);
    enum mcx_err err = MCX_OK;
    struct mcx_keyring old;
    pthread_t thread;

    mcx_keyring_from(&site.conf, &old);
    ck_ok(mcx_session_script(adding, "BEGIN"));
    ck_ok(mcx_store_key_hold(adding, &old, &site.problem));
    ck_ok(mcx_session_script(adding, "INSERT INTO credential (subscriber_id, impi, key_id, k, opc,"
                                     " amf) SELECT -1, 'late', 1, k, opc, amf FROM credential"
                                     " WHERE impi = 'alice@primary.example'"));
    ck_assert_int_eq(pthread_create(&thread, NULL, rotate, &err), 0);
    site_await_waiters(1);
    ck_ok(mcx_session_script(adding, "COMMIT"));
    pthread_join(thread, NULL);
    ck_ok(err);
    ck_assert_int_eq(
        fixture_number(site.sql,
                       "SELECT count(*) FROM key_check WHERE key_id = 1 AND retired_at IS NULL"),
        1);
    mcx_session_close(&adding);
}
END_TEST

START_TEST(test_another_key_under_a_known_id_is_refused)
{
    struct mcx_keyring ring;

    mcx_keyring_from(&site.conf, &ring);
    ring.kek[0].key[0] ^= 1;
    ck_assert_int_eq(mcx_store_keys_register(site.admin, &ring, &site.problem), MCX_AUTH);
}
END_TEST

Suite *subscriber_suite(void)
{
    Suite *made = suite_create("subscriber");
    TCase *tcase = tcase_create("subscriber");

    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, site_setup, site_teardown);
    tcase_add_test(tcase, test_deleted_subscriber_comes_back_with_its_seq);
    tcase_add_test(tcase, test_seq_is_lowered_by_force_only);
    tcase_add_test(tcase, test_subscribers_that_are_refused);
    tcase_add_test(tcase, test_shared_impu_outlives_one_of_its_owners);
    tcase_add_test(tcase, test_rotation_wraps_all_and_skips_what_it_cannot_open);
    tcase_add_test(tcase, test_no_key_is_retired_while_somebody_wraps_with_it);
    tcase_add_test(tcase, test_another_key_under_a_known_id_is_refused);
    suite_add_tcase(made, tcase);
    return made;
}
