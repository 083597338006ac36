/* SPDX-License-Identifier: Apache-2.0 */
/* http/keyfile and http/jwks: keys come and go without a restart; a file that is no good is not
 * taken, at start or later. */
#include <time.h>
#include <unistd.h>

#include "fake_clock.h"
#include "http/jwks.h"
#include "signer.h"

static struct mcx_tokens *tokens;
static int64_t now_ms = 1000;

static void pass_a_second(void)
{
    now_ms += 1001;
    fake_clock_set_mono_ms(now_ms);
}

static void set_up(void)
{
    struct mcx_conf_problem problem;

    fake_clock_set_real((struct timespec){.tv_sec = time(NULL)});
    signer_set_up();
    ck_assert_msg(mcx_tokens_open(signer_conf(), &tokens, &problem) == MCX_OK, "%s", problem.text);
}

static void tear_down(void)
{
    mcx_tokens_close(&tokens);
    signer_tear_down();
}

static enum mcx_token_fault check(enum signer_key key, const char *header)
{
    char *claims = signer_claims(NULL), *compact = signer_sign(key, header, claims);
    struct mcx_token token;
    enum mcx_token_fault fault = mcx_token_check(tokens, mcx_span_of(compact), &token);

    free(claims);
    free(compact);
    return fault;
}

#define OLD "{\"alg\":\"RS256\",\"kid\":\"rsa-1\"}"
#define NEW "{\"alg\":\"RS256\",\"kid\":\"rsa-2\"}"

static void write_keys(void)
{
    static const enum signer_key fresh[] = {SIGNER_RSA_OTHER, SIGNER_EC};
    static const char *const kids[] = {"rsa-2", "ec-1"};
    char *jwks = signer_jwks(2, fresh, kids);

    signer_write("jwks.json", jwks);
    free(jwks);
}

START_TEST(test_new_keys_are_taken_within_a_second)
{
    ck_assert_int_eq(check(SIGNER_RSA_OTHER, NEW), MCX_TOKEN_KEY_UNKNOWN);
    write_keys();
    pass_a_second();
    ck_assert_int_eq(check(SIGNER_RSA_OTHER, NEW), MCX_TOKEN_OK);
    ck_assert_int_eq(check(SIGNER_RSA, OLD), MCX_TOKEN_KEY_UNKNOWN);
}
END_TEST

START_TEST(test_a_bad_file_keeps_the_old_keys)
{
    static const char *const bad[] = {
        "",
        "{",
        "[]",
        "{\"keys\":[]}",
        "{\"keys\":[7]}",
        "{\"keys\":[{\"kty\":\"oct\",\"kid\":\"a\",\"k\":\"AAAA\"}]}"};

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        signer_write("jwks.json", bad[i]);
        pass_a_second();
        ck_assert_int_eq(check(SIGNER_RSA, OLD), MCX_TOKEN_OK);
    }
    ck_assert_int_eq(unlink(signer_path("jwks.json")), 0);
    pass_a_second();
    ck_assert_int_eq(check(SIGNER_RSA, OLD), MCX_TOKEN_OK);
    write_keys();
    pass_a_second();
    ck_assert_int_eq(check(SIGNER_RSA_OTHER, NEW), MCX_TOKEN_OK);
}
END_TEST

static void refuse_set(const char *text, const char *holds)
{
    struct mcx_jwks *set;
    const char *why = NULL;

    ck_assert_msg(mcx_jwks_load(mcx_span_of(text), &set, &why) == MCX_INVALID, "%s", text);
    ck_assert_ptr_null(set);
    ck_assert_msg(strstr(why, holds), "%s: %s", text, why);
}

START_TEST(test_bad_sets_are_named)
{
    char *private = cjose_jwk_to_json(signer_jwk(SIGNER_EC), true, NULL);
    char *set = malloc(strlen(private) + 64);
    static const enum signer_key same[] = {SIGNER_EC, SIGNER_RSA};
    static const char *const kids[] = {"a", "a"}, *const empty[] = {""};
    char *twice = signer_jwks(2, same, kids), *nameless = signer_jwks(1, same, empty);

    sprintf(set, "{\"keys\":[%s]}", private);
    refuse_set(set, "private");
    refuse_set(twice, "same kid");
    refuse_set(nameless, "kid");
    refuse_set("{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"a\",\"n\":\"AQAB\",\"e\":\"AQAB\"}]}",
               "2048");
    refuse_set("{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"a\",\"x\":\"AQ\",\"y\":"
               "\"AQ\"}]}",
               "malformed");
    refuse_set("{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"a\",\"n\":\"AQABA\",\"e\":\"AQAB\"}]}",
               "base64url");
    refuse_set(
        "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"a\",\"x\":\"AQABA\",\"y\":7}]}",
        "base64url");
    refuse_set("{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-384\",\"kid\":\"a\",\"x\":\"AQ\",\"y\":"
               "\"AQ\"}]}",
               "no key");
    refuse_set("{\"keys\":[{\"kty\":\"RSA\",\"use\":\"enc\",\"kid\":\"a\"}]}", "no key");
    free(nameless);
    free(twice);
    free(set);
    free(private);
}
END_TEST

START_TEST(test_a_missing_file_stops_the_start)
{
    struct mcx_conf_problem problem;
    struct mcx_tokens *none;

    ck_assert_int_eq(unlink(signer_path("jwks.json")), 0);
    ck_assert_int_eq(mcx_tokens_open(signer_conf(), &none, &problem), MCX_CONF);
    ck_assert_ptr_null(none);
    ck_assert_msg(strstr(problem.text, "cms.token_issuers[0].jwks_file") &&
                      strstr(problem.text, "No such file"),
                  "%s", problem.text);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("keyfile");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, test_new_keys_are_taken_within_a_second);
    tcase_add_test(tests, test_a_bad_file_keeps_the_old_keys);
    tcase_add_test(tests, test_bad_sets_are_named);
    tcase_add_test(tests, test_a_missing_file_stops_the_start);
    return unit_run(tests);
}
