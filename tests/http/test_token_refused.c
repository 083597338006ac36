/* SPDX-License-Identifier: Apache-2.0 */
/* http/token: bad tokens, each refused for its own reason (issue 3: none, HS256 with the RSA key,
 * wrong kid, expired, ID token, partner's security token, truncated, huge, duplicates, ...). */
#include <stdio.h>

#include "signer.h"

static struct mcx_tokens *tokens;
static unsigned refused_count;

static void set_up(void)
{
    struct mcx_conf_problem problem;

    signer_set_up();
    ck_assert_msg(mcx_tokens_open(signer_conf(), &tokens, &problem) == MCX_OK, "%s", problem.text);
}

static void tear_down(void)
{
    mcx_tokens_close(&tokens);
    signer_tear_down();
}

static void refuse_span(struct mcx_span compact, enum mcx_token_fault wanted, const char *what)
{
    struct mcx_token token = {0};
    enum mcx_token_fault fault = mcx_token_check(tokens, compact, &token);

    ck_assert_msg(fault == wanted, "%s: %s instead of %s", what, mcx_token_fault_label(fault),
                  mcx_token_fault_label(wanted));
    for (int i = 0; i < MCX_SERVICES; i++)
        ck_assert(!token.granted.has[i]);
    refused_count++;
}

/* Frees compact. */
static void refuse(char *compact, enum mcx_token_fault wanted, const char *what)
{
    refuse_span(mcx_span_of(compact), wanted, what);
    free(compact);
}

/* Parts as texts, not encoded yet, and a signature as is. */
static char *join(const char *header, const char *claims, const char *signature)
{
    char *first = signer_base64url(header), *second = signer_base64url(claims);
    size_t size = strlen(first) + strlen(second) + strlen(signature) + 3;
    char *whole = malloc(size);

    snprintf(whole, size, "%s.%s.%s", first, second, signature);
    free(first);
    free(second);
    return whole;
}

static char *cut(char *token, size_t from_end)
{
    token[strlen(token) - from_end] = '\0';
    return token;
}

START_TEST(test_headers)
{
    static const struct {
        const char *header;
        enum mcx_token_fault fault;
    } rows[] = {
        {"{\"alg\":\"none\",\"kid\":\"rsa-1\"}", MCX_TOKEN_ALGORITHM},
        {"{\"alg\":\"None\",\"kid\":\"rsa-1\"}", MCX_TOKEN_ALGORITHM},
        {"{\"alg\":\"HS256\",\"kid\":\"rsa-1\"}", MCX_TOKEN_ALGORITHM},
        {"{\"alg\":\"RS512\",\"kid\":\"rsa-1\"}", MCX_TOKEN_ALGORITHM},
        {"{\"alg\":\"RS256 \",\"kid\":\"rsa-1\"}", MCX_TOKEN_ALGORITHM},
        {"{\"alg\":[\"RS256\"],\"kid\":\"rsa-1\"}", MCX_TOKEN_ALGORITHM},
        {"{\"kid\":\"rsa-1\"}", MCX_TOKEN_ALGORITHM},
        {"{\"alg\":\"RS256\"}", MCX_TOKEN_HEADER},
        {"{\"alg\":\"RS256\",\"kid\":\"\"}", MCX_TOKEN_HEADER},
        {"{\"alg\":\"RS256\",\"kid\":7}", MCX_TOKEN_HEADER},
        {"{\"alg\":\"RS256\",\"kid\":\"rsa-1\",\"crit\":[\"exp\"]}", MCX_TOKEN_HEADER},
        {"{\"alg\":\"RS256\",\"kid\":\"rsa-1\",\"jku\":\"https://evil.example/\"}",
         MCX_TOKEN_HEADER},
        {"{\"alg\":\"RS256\",\"kid\":\"rsa-1\",\"jwk\":{}}", MCX_TOKEN_HEADER},
        {"{\"alg\":\"RS256\",\"kid\":\"rsa-1\",\"x5u\":\"https://evil.example/\"}",
         MCX_TOKEN_HEADER},
        {"{\"alg\":\"RS256\",\"kid\":\"rsa-1\",\"b64\":false}", MCX_TOKEN_HEADER},
        {"{\"alg\":\"RS256\",\"kid\":\"rsa-1\",\"zip\":\"DEF\"}", MCX_TOKEN_HEADER},
        {"{\"alg\":\"RS256\",\"kid\":\"rsa-1\",\"typ\":\"dpop+jwt\"}", MCX_TOKEN_HEADER},
        {"{\"alg\":\"RS256\",\"kid\":\"rsa-2\"}", MCX_TOKEN_KEY_UNKNOWN},
        {"{\"alg\":\"RS256\",\"kid\":\"../../etc/passwd\"}", MCX_TOKEN_KEY_UNKNOWN},
        {"{\"alg\":\"RS256\",\"kid\":\"ec-1\"}", MCX_TOKEN_KEY_MISMATCH},
        {"{\"alg\":\"ES256\",\"kid\":\"rsa-1\"}", MCX_TOKEN_SIGNATURE}, /* 3 octets */
        {"{\"alg\":\"RS256\",\"alg\":\"RS256\",\"kid\":\"rsa-1\"}", MCX_TOKEN_MALFORMED},
        {"{\"alg\":\"RS256\",\"kid\":\"rsa-1\"} {}", MCX_TOKEN_MALFORMED},
        {"[\"RS256\"]", MCX_TOKEN_MALFORMED},
        {"\"RS256\"", MCX_TOKEN_MALFORMED},
        {"{", MCX_TOKEN_MALFORMED},
        {"{\"alg\":\"RS256\",\"kid\":\"rsa-1\",\"x\":[[[[[[[[[[1]]]]]]]]]]}", MCX_TOKEN_MALFORMED},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *claims = signer_claims(NULL);

        refuse(join(rows[i].header, claims, "AAAA"), rows[i].fault, rows[i].header);
        free(claims);
    }
}
END_TEST

START_TEST(test_signatures)
{
    char *claims = signer_claims(NULL), *token = signer_token(NULL), *changed;
    char *header = strdup("{\"alg\":\"RS256\",\"kid\":\"rsa-1\"}");

    refuse(signer_sign(SIGNER_RSA_OTHER, header, claims), MCX_TOKEN_SIGNATURE, "another's key");
    refuse(signer_sign(SIGNER_EC_OTHER, "{\"alg\":\"ES256\",\"kid\":\"ec-1\"}", claims),
           MCX_TOKEN_SIGNATURE, "another's EC key");
    refuse(join("{\"alg\":\"ES256\",\"kid\":\"ec-1\"}", claims,
                "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
                "AAAA"),
           MCX_TOKEN_SIGNATURE, "r and s are 0 (CVE-2022-21449)");
    changed = signer_claims("{\"mcptt_id\":\"sip:mallory@mc.primary.example\"}");
    refuse(join(header, changed, strrchr(token, '.') + 1), MCX_TOKEN_SIGNATURE, "claims changed");
    refuse(join("{\"kid\":\"rsa-1\",\"alg\":\"RS256\"}", claims, strrchr(token, '.') + 1),
           MCX_TOKEN_SIGNATURE, "header changed");
    refuse(join("{\"alg\":\"PS256\",\"kid\":\"rsa-1\"}", claims, strrchr(token, '.') + 1),
           MCX_TOKEN_SIGNATURE, "RS256 called PS256");
    free(changed);
    free(claims);
    free(header);
    free(token);
}
END_TEST

START_TEST(test_shapes)
{
    char *token = signer_token(NULL), *huge = calloc(1, 200001), *copy;

    refuse(strdup(""), MCX_TOKEN_MALFORMED, "empty");
    refuse(strdup(".."), MCX_TOKEN_MALFORMED, "dots");
    refuse(strdup("not a token"), MCX_TOKEN_MALFORMED, "words");
    refuse(cut(strdup(token), strlen(strrchr(token, '.'))), MCX_TOKEN_MALFORMED, "no signature");
    refuse(cut(strdup(token), 6), MCX_TOKEN_SIGNATURE, "truncated signature");
    refuse(cut(strdup(token), strlen(strrchr(token, '.')) - 1), MCX_TOKEN_MALFORMED,
           "empty signature");
    copy = calloc(1, strlen(token) + 8);
    sprintf(copy, "%s.AA", token);
    refuse(copy, MCX_TOKEN_MALFORMED, "four parts");
    copy = calloc(1, strlen(token) + 8);
    sprintf(copy, "%s==", token);
    refuse(copy, MCX_TOKEN_MALFORMED, "padding");
    copy = calloc(1, strlen(token) + 8);
    sprintf(copy, " %s", token);
    refuse(copy, MCX_TOKEN_MALFORMED, "space");
    copy = strdup(token); /* 256 octets: the last character has four bits that must be 0 */
    copy[strlen(copy) - 1]++;
    refuse(copy, MCX_TOKEN_MALFORMED, "another spelling of the same signature");
    memset(huge, 'A', 200000);
    huge[100] = huge[200] = '.';
    refuse(huge, MCX_TOKEN_TOO_LONG, "huge");
    refuse_span(mcx_span(token, strlen(token) + 1), MCX_TOKEN_MALFORMED, "NUL");
    free(token);
}
END_TEST

/* cjose asserts on such a text. */
START_TEST(test_claims_that_are_no_base64url)
{
    static const char *const claims[] = {
        "A", "AAAAA", "A=", "AA=", "A+AA", "AAB", "%%%%", "AAAA\n"};
    char *token = signer_token(NULL), *header = strdup(token), whole[2048];

    *strchr(header, '.') = '\0';
    for (size_t i = 0; i < sizeof claims / sizeof *claims; i++) {
        snprintf(whole, sizeof whole, "%s.%s%s", header, claims[i], strrchr(token, '.'));
        refuse(strdup(whole), MCX_TOKEN_MALFORMED, claims[i]);
    }
    free(header);
    free(token);
}
END_TEST

START_TEST(test_claims)
{
    static const struct {
        const char *changes;
        enum mcx_token_fault fault;
    } rows[] = {
        {"{\"exp\":null}", MCX_TOKEN_NO_EXPIRY},
        {"{\"exp\":1000000000}", MCX_TOKEN_EXPIRED},
        {"{\"exp\":\"4000000000\"}", MCX_TOKEN_CLAIMS},
        {"{\"exp\":-1}", MCX_TOKEN_CLAIMS},
        {"{\"nbf\":4000000000}", MCX_TOKEN_NOT_YET},
        {"{\"iat\":4000000000}", MCX_TOKEN_NOT_YET},
        {"{\"nbf\":\"now\"}", MCX_TOKEN_CLAIMS},
        {"{\"iss\":\"https://idms.partner.example\"}", MCX_TOKEN_ISSUER},
        {"{\"iss\":\"https://idms.primary.example/\"}", MCX_TOKEN_ISSUER},
        {"{\"iss\":[\"https://idms.primary.example\"]}", MCX_TOKEN_ISSUER},
        {"{\"aud\":\"https://cms.partner.example\"}", MCX_TOKEN_AUDIENCE},
        {"{\"aud\":[]}", MCX_TOKEN_AUDIENCE},
        {"{\"aud\":\"\"}", MCX_TOKEN_AUDIENCE},
        {"{\"aud\":{\"a\":\"https://cms.primary.example\"}}", MCX_TOKEN_AUDIENCE},
        {"{\"client_id\":null}", MCX_TOKEN_CLIENT},
        {"{\"client_id\":\"stranger\"}", MCX_TOKEN_CLIENT},
        {"{\"client_id\":[\"ue\"]}", MCX_TOKEN_CLIENT},
        {"{\"scope\":null}", MCX_TOKEN_NO_SCOPE},
        {"{\"scope\":\"\"}", MCX_TOKEN_NO_SCOPE},
        {"{\"scope\":[\"3gpp:mc:ptt_config_management_service\"]}", MCX_TOKEN_CLAIMS},
        {"{\"nonce\":\"n\",\"at_hash\":\"h\"}", MCX_TOKEN_ID_TOKEN},
        {"{\"scope\":null,\"aud\":\"ue\",\"auth_time\":1,\"sub\":\"alice\"}", MCX_TOKEN_ID_TOKEN},
        /* TS 33.180 B.7.3: a security token for the partner's identity management server */
        {"{\"scope\":null,\"aud\":[\"ue\",\"https://idms.partner.example\"]}", MCX_TOKEN_NO_SCOPE},
        {"{\"aud\":[\"ue\",\"https://idms.partner.example\"]}", MCX_TOKEN_AUDIENCE},
        {"{\"mcptt_id\":7}", MCX_TOKEN_CLAIMS},
        {"{\"mcptt_id\":\"\"}", MCX_TOKEN_CLAIMS},
        {"{\"mcptt_id\":[\"sip:alice@mc.primary.example\"]}", MCX_TOKEN_CLAIMS},
    };
    char *claims = signer_claims(NULL), *twice = calloc(1, strlen(claims) + 64);

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        refuse(signer_token(rows[i].changes), rows[i].fault, rows[i].changes);
    snprintf(twice, strlen(claims) + 64, "{\"mcptt_id\":\"sip:mallory@x\",%s", claims + 1);
    refuse(signer_sign(SIGNER_RSA, "{\"alg\":\"RS256\",\"kid\":\"rsa-1\"}", twice),
           MCX_TOKEN_CLAIMS, "a claim twice");
    refuse(signer_sign(SIGNER_RSA, "{\"alg\":\"RS256\",\"kid\":\"rsa-1\"}", "[]"), MCX_TOKEN_CLAIMS,
           "claims are a list");
    refuse(signer_sign(SIGNER_RSA, "{\"alg\":\"RS256\",\"kid\":\"rsa-1\"}", "\xff\xfe"),
           MCX_TOKEN_CLAIMS, "claims are no text");
    free(twice);
    free(claims);
}
END_TEST

START_TEST(test_two_issuers)
{
    static const enum signer_key other[] = {SIGNER_RSA_OTHER};
    static const char *const kids[] = {"rsa-1"};
    char *jwks = signer_jwks(1, other, kids), *claims = signer_claims(NULL);
    struct mcx_conf_problem problem;
    char path[512];

    signer_write("other.json", jwks);
    strcpy(path, signer_path("other.json"));
    signer_conf()->issuer[1] = signer_conf()->issuer[0];
    signer_conf()->issuer[1].jwks_file = path;
    ck_assert_int_eq(
        mcx_str_set(&signer_conf()->issuer[1].issuer, LITERAL("https://idms.two.example")), MCX_OK);
    signer_conf()->issuer_count = 2;
    mcx_tokens_close(&tokens);
    ck_assert_int_eq(mcx_tokens_open(signer_conf(), &tokens, &problem), MCX_OK);
    refuse(signer_token("{\"iss\":null}"), MCX_TOKEN_ISSUER, "iss is needed with two issuers");
    refuse(signer_sign(SIGNER_RSA_OTHER, "{\"alg\":\"RS256\",\"kid\":\"rsa-1\"}", claims),
           MCX_TOKEN_SIGNATURE, "one issuer signs in the other's name");
    refuse(signer_token("{\"iss\":\"https://idms.three.example\"}"), MCX_TOKEN_ISSUER,
           "a third issuer");
    signer_conf()->issuer_count = 1; /* path is ours */
    free(claims);
    free(jwks);
}
END_TEST

START_TEST(test_audience_is_required_where_it_is_so_configured)
{
    signer_conf()->issuer[0].audience_required = true;
    refuse(signer_token(NULL), MCX_TOKEN_AUDIENCE, "no aud");
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("token_refused");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, test_headers);
    tcase_add_test(tests, test_signatures);
    tcase_add_test(tests, test_shapes);
    tcase_add_test(tests, test_claims_that_are_no_base64url);
    tcase_add_test(tests, test_claims);
    tcase_add_test(tests, test_two_issuers);
    tcase_add_test(tests, test_audience_is_required_where_it_is_so_configured);
    return unit_run(tests);
}
