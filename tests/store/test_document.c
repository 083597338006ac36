/* SPDX-License-Identifier: Apache-2.0 */
/* CR 10.1.X.1 step 12 and NOTE 3 on real rows: which document, with whose PDN access credentials,
 * and nothing of them in the clear. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cluster.h"
#include "site.h"
#include "store/document.h"
#include "store/keys.h"
#include "suites.h"

#define MCPTT  (1U << MCX_SERVICE_MCPTT)
#define MCDATA (1U << MCX_SERVICE_MCDATA)

static struct mcx_keyring ring;
static struct mcx_document document;
static int64_t partner_id, other_id;

static void setup(void)
{
    site_open();
    site_open_daemon();
    mcx_keyring_from(&site.conf, &ring);
    partner_id = fixture_number(site.sql, "SELECT id FROM partner WHERE system_id = 'partner'");
    other_id = fixture_number(site.sql, "SELECT id FROM partner WHERE system_id = 'other'");
}

static void teardown(void)
{
    mcx_document_free(&document);
    site_teardown();
}

static struct mcx_new_document load(const char *partner, bool is_copy, enum mcx_service service,
                                    const char *text)
{
    struct mcx_new_document new_document = {.partner = partner,
                                            .is_copy = is_copy,
                                            .service = service,
                                            .name = "test",
                                            .octets = mcx_span_of(text)};

    ck_assert_msg(mcx_store_document_load(site.admin, &new_document, &site.problem) == MCX_OK, "%s",
                  site.problem.text);
    return new_document;
}

static void load_access(const char *pdn, const char *partner, const char *username,
                        const char *password)
{
    struct mcx_access_credential one = {mcx_span_of(username), mcx_span_of(password)};

    ck_assert_msg(mcx_store_access_load(site.admin, &ring, pdn, partner, &one, 1, &site.problem) ==
                      MCX_OK,
                  "%s", site.problem.text);
}

static enum mcx_err fill(int64_t primary, unsigned services, const char *id)
{
    mcx_document_free(&document);
    return mcx_store_document_fill(site.daemon, &ring, primary, services, id, &document);
}

static void expect_text(const char *text)
{
    ck_assert_msg(mcx_span_equal(mcx_span(document.octets, document.len), mcx_span_of(text)),
                  "%.*s", (int)document.len, (const char *)document.octets);
}

static const char id_1[] = "11111111-1111-4111-8111-111111111111";
static const char id_2[] = "22222222-2222-4222-8222-222222222222";

START_TEST(test_newest_valid_for_that_partner_and_service)
{
    ck_assert_int_eq(fill(partner_id, 0, id_1), MCX_NOT_FOUND);
    load(NULL, false, MCX_SERVICE_MCPTT, "<all/>");
    load("other", false, MCX_SERVICE_MCPTT, "<other/>");
    load(NULL, false, MCX_SERVICE_MCDATA, "<data/>");
    ck_ok(fill(partner_id, MCPTT, id_1));
    expect_text("<all/>");
    ck_ok(fill(other_id, MCPTT, id_1));
    expect_text("<other/>");
    ck_ok(fill(other_id, MCDATA, id_1));
    expect_text("<data/>");
    ck_ok(fill(other_id, MCDATA | MCPTT, id_1)); /* the first of the services */
    expect_text("<other/>");
    ck_assert_int_eq(load("other", false, MCX_SERVICE_MCPTT, "<newer/>").version, 2);
    ck_ok(fill(other_id, 0, id_1));
    expect_text("<newer/>");
    ck_assert_int_eq(document.version, 2);
    fixture_sql(site.sql,
                "UPDATE ue_document SET valid_from = now() + interval '1 s' WHERE version = 2");
    ck_ok(fill(other_id, 0, id_1));
    expect_text("<other/>");
    ck_assert_int_eq(fixture_number(site.sql, "SELECT count(*) FROM ue_document"), 4);
}
END_TEST

START_TEST(test_withdrawn_is_kept_but_not_given)
{
    struct mcx_new_document one = load("partner", false, MCX_SERVICE_MCPTT, "<one/>");
    struct mcx_new_document two = load("partner", false, MCX_SERVICE_MCPTT, "<two/>");

    ck_ok(mcx_store_document_withdraw(site.admin, two.id, &site.problem));
    ck_assert_int_eq(mcx_store_document_withdraw(site.admin, two.id, &site.problem), MCX_NOT_FOUND);
    ck_ok(fill(partner_id, 0, id_1));
    expect_text("<one/>");
    mcx_document_free(&document);
    ck_ok(mcx_store_document_get(site.admin, two.id, &document));
    expect_text("<two/>");
    ck_ok(mcx_store_document_withdraw(site.admin, one.id, &site.problem));
    ck_assert_int_eq(fill(partner_id, 0, id_1), MCX_NOT_FOUND);
    ck_assert_int_eq(load("partner", false, MCX_SERVICE_MCPTT, "<three/>").version, 3);
}
END_TEST

START_TEST(test_copy_of_the_partner_is_for_our_users_only)
{
    load("partner", true, MCX_SERVICE_MCPTT, "<theirs/>");
    load("other", false, MCX_SERVICE_MCPTT, "<ours/>");
    ck_assert_int_eq(fill(partner_id, 0, id_1), MCX_NOT_FOUND);
    ck_ok(mcx_store_document_copy(site.daemon, partner_id, 0, &document));
    expect_text("<theirs/>");
    mcx_document_free(&document);
    ck_assert_int_eq(mcx_store_document_copy(site.daemon, other_id, 0, &document), MCX_NOT_FOUND);
    ck_assert_int_eq(mcx_store_document_copy(site.daemon, partner_id, MCDATA, &document),
                     MCX_NOT_FOUND);
}
END_TEST

START_TEST(test_bad_documents_are_refused)
{
    static char large[MCX_DOCUMENT_MAX + 1];
    static const char *const placeholders[] = {"<a>{{</a>",
                                               "<a>{{pdn:x:user}}</a>",
                                               "<a>{{pdn::username}}</a>",
                                               "<a>{{pdn:X:username}}</a>",
                                               "<a>{{pdn:x}}</a>",
                                               "<a>{{env:x:username}}</a>"};
    struct mcx_new_document bad = {.name = "bad", .octets = mcx_span("", 0)};

    ck_assert_int_eq(mcx_store_document_load(site.admin, &bad, &site.problem), MCX_INVALID);
    bad.octets = mcx_span(large, sizeof large);
    ck_assert_int_eq(mcx_store_document_load(site.admin, &bad, &site.problem), MCX_INVALID);
    for (size_t i = 0; i < sizeof placeholders / sizeof placeholders[0]; i++) {
        bad.octets = mcx_span_of(placeholders[i]);
        ck_assert_int_eq(mcx_store_document_load(site.admin, &bad, &site.problem), MCX_INVALID);
    }
    bad.octets = mcx_span_of("<a/>");
    bad.is_copy = true;
    ck_assert_int_eq(mcx_store_document_load(site.admin, &bad, &site.problem), MCX_INVALID);
    bad.partner = "partner";
    bad.octets = mcx_span_of("<a>{{pdn:x:username}}</a>");
    ck_assert_int_eq(mcx_store_document_load(site.admin, &bad, &site.problem), MCX_INVALID);
    bad.octets = mcx_span_of("<a/>");
    bad.partner = "nobody";
    ck_assert_int_eq(mcx_store_document_load(site.admin, &bad, &site.problem), MCX_NOT_FOUND);
    large[0] = '<';
    memset(large, 'x', sizeof large);
    load(NULL, false, MCX_SERVICE_MCPTT, "<a/>");
    bad = (struct mcx_new_document){.name = "l", .octets = mcx_span(large, MCX_DOCUMENT_MAX)};
    ck_ok(mcx_store_document_load(site.admin, &bad, &site.problem));
}
END_TEST

static const char template[] = "<a u=\"{{pdn:mc-services:username}}\">{{pdn:mc-services:password}}"
                               "|{{pdn:common:username}}|{{pdn:mc-services:username}}</a>";

/* The partner would take no document that holds them. */
START_TEST(test_credentials_that_are_no_text_are_refused)
{
    static const char *const bad[][2] = {
        {"M\xfcller", "p"}, {"u", "M\xfcller"}, {"u", "a\x01"}, {"u\xc3", "\xbcp"}};

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct mcx_access_credential one = {mcx_span_of(bad[i][0]), mcx_span_of(bad[i][1])};

        ck_assert_int_eq(
            mcx_store_access_load(site.admin, &ring, "internet", NULL, &one, 1, &site.problem),
            MCX_INVALID);
        ck_assert_ptr_nonnull(strstr(site.problem.text, "UTF-8"));
    }
    load_access("internet", NULL, "M\xc3\xbcller", "p");
}
END_TEST

START_TEST(test_credentials_are_filled_and_escaped_and_stay_the_bindings)
{
    load(NULL, false, MCX_SERVICE_MCPTT, template);
    load_access("mc-services", "partner", "u<1>&\"'", "p&w");
    load_access("mc-services", NULL, "u2", "p2");
    load_access("common", NULL, "c1", "x");
    load_access("common", NULL, "c2", "y");
    ck_ok(fill(partner_id, 0, id_1));
    expect_text("<a u=\"u&lt;1&gt;&amp;&quot;&apos;\">p&amp;w|c1|u&lt;1&gt;&amp;&quot;&apos;</a>");
    ck_ok(fill(partner_id, 0, id_1));
    expect_text("<a u=\"u&lt;1&gt;&amp;&quot;&apos;\">p&amp;w|c1|u&lt;1&gt;&amp;&quot;&apos;</a>");
    ck_ok(fill(other_id, 0, id_1)); /* the same id of another primary is another binding */
    expect_text("<a u=\"u2\">p2|c2|u2</a>");
    ck_assert_int_eq(fill(partner_id, 0, id_2), MCX_LIMIT);
    ck_assert_int_eq(fixture_number(site.sql, "SELECT count(*) FROM pdn_credential"
                                              " WHERE binding_uuid IS NULL"),
                     0);
}
END_TEST

START_TEST(test_exhausted_takes_nothing)
{
    load(NULL, false, MCX_SERVICE_MCPTT, template);
    load_access("common", NULL, "c1", "x"); /* comes before mc-services, which has none */
    ck_assert_int_eq(fill(partner_id, 0, id_1), MCX_LIMIT);
    ck_assert_int_eq(fixture_number(site.sql, "SELECT count(*) FROM pdn_credential"
                                              " WHERE binding_uuid IS NULL"),
                     1);
}
END_TEST

START_TEST(test_release_only_when_no_binding_of_that_id_lives)
{
    struct mcx_provision carol = fixture_binding(site.admin, "carol");
    size_t released = 9;
    int64_t cursor = 0;

    load(NULL, false, MCX_SERVICE_MCPTT, "<a>{{pdn:x:password}}</a>");
    load_access("x", NULL, "u", "p");
    ck_ok(fill(partner_id, 0, carol.binding_id));
    ck_assert_int_eq(fill(partner_id, 0, id_1), MCX_LIMIT);
    fixture_sql(site.sql, "UPDATE pdn_credential SET allocated_at = now() - interval '1 hour'");
    ck_ok(mcx_store_document_sweep(site.daemon, 100, &cursor, &released));
    ck_assert_uint_eq(released, 0);
    ck_assert_int_gt(cursor, 0);
    fixture_sql(site.sql, "UPDATE binding SET expires_at = now()");
    ck_ok(mcx_store_document_sweep(site.daemon, 100, &cursor, &released));
    ck_assert_int_eq(cursor, 0); /* at the end: begins anew */
    ck_ok(mcx_store_document_sweep(site.daemon, 100, &cursor, &released));
    ck_assert_uint_eq(released, 1);
    ck_ok(fill(partner_id, 0, id_1));
    expect_text("<a>p</a>");
}
END_TEST

START_TEST(test_filled_document_over_the_limit)
{
    static char text[MCX_DOCUMENT_MAX + 1];
    static char password[MCX_ACCESS_MAX];

    memset(text, 'x', MCX_DOCUMENT_MAX);
    memcpy(text, "{{pdn:x:password}}", 18);
    memset(password, '&', sizeof password - 1);
    load(NULL, false, MCX_SERVICE_MCPTT, text);
    load_access("x", NULL, "u", password);
    ck_assert_int_eq(fill(partner_id, 0, id_1), MCX_TOO_LONG);
    ck_assert_ptr_null(document.octets);
}
END_TEST

START_TEST(test_known_user_name_gets_the_new_password)
{
    load(NULL, false, MCX_SERVICE_MCPTT, "<a>{{pdn:x:password}}</a>");
    load_access("x", NULL, "u", "old");
    ck_ok(fill(partner_id, 0, id_1));
    load_access("x", NULL, "u", "new");
    ck_ok(fill(partner_id, 0, id_1));
    expect_text("<a>new</a>");
    ck_assert_int_eq(fixture_number(site.sql, "SELECT count(*) FROM pdn_credential"), 1);
}
END_TEST

/* Two rows exchanged in the database, or a wrong key, give nothing away. */
START_TEST(test_wrapped_credential_opens_in_its_row_only)
{
    load(NULL, false, MCX_SERVICE_MCPTT, "<a>{{pdn:x:password}}</a>");
    load_access("x", NULL, "u1", "secret-1");
    load_access("x", NULL, "u2", "secret-2");
    ck_assert_int_eq(fixture_number(site.sql, "SELECT count(*) FROM pdn_credential WHERE"
                                              " position('secret'::bytea IN wrapped) > 0"),
                     0);
    fixture_sql(site.sql, "UPDATE pdn_credential a SET wrapped = b.wrapped FROM pdn_credential b"
                          " WHERE a.id <> b.id");
    ck_assert_int_eq(fill(partner_id, 0, id_1), MCX_AUTH);
    ring.kek[0].id = 77;
    ck_assert_int_eq(fill(partner_id, 0, id_1), MCX_NO_KEY);
}
END_TEST

START_TEST(test_key_rotation_covers_credentials_and_kept_documents)
{
    static const char kept[] = "<kept/>";
    uint8_t wrapped[sizeof kept - 1 + MCX_WRAP_EXTRA], plain[sizeof kept - 1];
    struct mcx_rotation done;
    MCX_PARAMS params = {0};
    MCX_ROWS rows = {0};
    struct mcx_span id = mcx_span_of(id_1);

    load(NULL, false, MCX_SERVICE_MCPTT, "<a>{{pdn:x:password}}</a>");
    ck_ok(mcx_store_keys_register(site.admin, &ring, &site.problem));
    load_access("x", NULL, "u", "p");
    ck_ok(mcx_wrap_octets(&ring, MCX_WRAP_DOCUMENT, id, mcx_span(kept, sizeof plain), wrapped));
    fixture_sql(site.sql,
                "INSERT INTO migration (binding_uuid, mc_user_id, device, own_impi, partner_id,"
                " is_requested, is_masked, state, database_realm, own_impus, services, service_ids,"
                " created_by) VALUES ('%s', 'u', 'd', 'i@x', %lld, true, false, 'asking', 'r',"
                " '{}', '{}', '{}', 't')",
                id_1, (long long)partner_id);
    mcx_params_texts(&params, &id, 1);
    mcx_params_blobs(&params, &(struct mcx_span){wrapped, sizeof wrapped}, 1);
    ck_ok(mcx_session_run(site.admin, MCX_STMT_DOCUMENT_REWRAP, &params, NULL));
    ring.kek[1] = ring.kek[0];
    ring.kek[0].id = 2;
    ring.kek[0].key[5] ^= 1;
    ring.count = 2;
    ck_assert_msg(mcx_store_keys_rotate(site.admin, &ring, &done, &site.problem) == MCX_OK, "%s",
                  site.problem.text);
    ck_assert_uint_eq(done.wrapped, 2);
    ck_assert_uint_eq(done.failed, 0);
    ck_ok(mcx_store_keys_rotate(site.admin, &ring, &done, &site.problem));
    ck_assert_uint_eq(done.wrapped, 0);
    ck_assert_int_eq(fixture_number(site.sql, "SELECT count(*) FROM key_check WHERE key_id = 1 AND"
                                              " retired_at IS NOT NULL"),
                     1);
    ring.count = 1;
    ck_ok(fill(partner_id, 0, id_1));
    expect_text("<a>p</a>");
    mcx_params_free(&params);
    params = (struct mcx_params){0};
    mcx_params_i64(&params, 0);
    mcx_params_text(&params, "00000000-0000-0000-0000-000000000000");
    mcx_params_i32(&params, 9);
    ck_ok(mcx_session_run(site.admin, MCX_STMT_DOCUMENT_TO_ROTATE, &params, &rows));
    ck_assert_uint_eq(mcx_rows_count(&rows), 1);
    ck_ok(mcx_unwrap_octets(&ring, MCX_WRAP_DOCUMENT, id, mcx_cell_span(&rows, 0, 1), plain));
    ck_assert_mem_eq(plain, kept, sizeof plain);
}
END_TEST

/* ---- many at once ---- */

enum { THREADS = 4, EACH = 25 };

static void *take_many(void *arg)
{
    struct mcx_session *session = fixture_daemon(&site.conf);
    int first = *(int *)arg;

    for (int i = 0; i < EACH; i++) {
        struct mcx_document got;
        char id[40];

        snprintf(id, sizeof id, "00000000-0000-4000-8000-%012d", first + i);
        ck_ok(mcx_store_document_fill(session, &ring, partner_id, 0, id, &got));
        mcx_document_free(&got);
        ck_ok(mcx_store_document_fill(session, &ring, partner_id, 0, id_1, &got));
        mcx_document_free(&got);
    }
    mcx_session_close(&session);
    return NULL;
}

START_TEST(test_no_credential_is_given_twice)
{
    pthread_t threads[THREADS];
    int first[THREADS];

    load(NULL, false, MCX_SERVICE_MCPTT, "<a>{{pdn:x:password}}</a>");
    for (int i = 0; i < THREADS * EACH + 1; i++) {
        char name[24];

        snprintf(name, sizeof name, "u%d", i);
        load_access("x", NULL, name, "p");
    }
    for (int i = 0; i < THREADS; i++) {
        first[i] = 1 + i * EACH;
        ck_assert_int_eq(pthread_create(&threads[i], NULL, take_many, &first[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
    ck_assert_int_eq(fixture_number(site.sql,
                                    "SELECT count(DISTINCT binding_uuid) FROM pdn_credential"
                                    " WHERE binding_uuid IS NOT NULL"),
                     THREADS * EACH + 1);
    ck_assert_int_eq(fill(partner_id, 0, id_2), MCX_LIMIT);
}
END_TEST

START_TEST(test_reader_sees_no_document_and_no_credential)
{
    PGconn *reader = PQconnectdb(cluster_conninfo(PQdb(site.sql), "mcx_read"));
    static const char *const refused[] = {
        "SELECT wrapped FROM pdn_credential", "SELECT fingerprint FROM pdn_credential",
        "SELECT document FROM ue_document", "SELECT document FROM migration"};

    ck_assert_int_eq(PQstatus(reader), CONNECTION_OK);
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        PGresult *result = PQexec(reader, refused[i]);

        ck_assert_str_eq(PQresultErrorField(result, PG_DIAG_SQLSTATE), "42501");
        PQclear(result);
    }
    fixture_sql(reader, "SELECT id, pdn FROM pdn_credential");
    fixture_sql(reader, "SELECT state FROM migration");
    PQfinish(reader);
}
END_TEST

static Suite *suite(void)
{
    Suite *made = suite_create("document");
    TCase *tcase = tcase_create("document");

    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, test_newest_valid_for_that_partner_and_service);
    tcase_add_test(tcase, test_withdrawn_is_kept_but_not_given);
    tcase_add_test(tcase, test_copy_of_the_partner_is_for_our_users_only);
    tcase_add_test(tcase, test_bad_documents_are_refused);
    tcase_add_test(tcase, test_credentials_that_are_no_text_are_refused);
    tcase_add_test(tcase, test_credentials_are_filled_and_escaped_and_stay_the_bindings);
    tcase_add_test(tcase, test_exhausted_takes_nothing);
    tcase_add_test(tcase, test_release_only_when_no_binding_of_that_id_lives);
    tcase_add_test(tcase, test_filled_document_over_the_limit);
    tcase_add_test(tcase, test_known_user_name_gets_the_new_password);
    tcase_add_test(tcase, test_wrapped_credential_opens_in_its_row_only);
    tcase_add_test(tcase, test_key_rotation_covers_credentials_and_kept_documents);
    tcase_add_test(tcase, test_no_credential_is_given_twice);
    tcase_add_test(tcase, test_reader_sees_no_document_and_no_credential);
    suite_add_tcase(made, tcase);
    return made;
}

int main(void)
{
    return fixture_main(false, (Suite * (*const[])(void)){suite, recall_suite}, 2);
}
