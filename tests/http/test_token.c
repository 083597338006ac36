/* SPDX-License-Identifier: Apache-2.0 */
/* http/token: what is accepted and what it grants, and what a check costs. */
#include <stdio.h>

#include "base/clock.h"
#include "signer.h"

static struct mcx_tokens *tokens;

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

static struct mcx_token accept(char *compact)
{
    struct mcx_token token;
    enum mcx_token_fault fault = mcx_token_check(tokens, mcx_span_of(compact), &token);

    ck_assert_msg(fault == MCX_TOKEN_OK, "%s: %s", mcx_token_fault_label(fault), compact);
    free(compact);
    return token;
}

START_TEST(test_each_algorithm_is_accepted)
{
    char *claims = signer_claims(NULL);

    accept(signer_sign(SIGNER_RSA, "{\"alg\":\"RS256\",\"kid\":\"rsa-1\"}", claims));
    accept(
        signer_sign(SIGNER_RSA, "{\"alg\":\"PS256\",\"kid\":\"rsa-1\",\"typ\":\"JWT\"}", claims));
    accept(
        signer_sign(SIGNER_EC, "{\"alg\":\"ES256\",\"kid\":\"ec-1\",\"typ\":\"at+JWT\"}", claims));
    free(claims);
}
END_TEST

START_TEST(test_a_service_is_granted_with_its_scope_and_its_claim)
{
    struct mcx_token token = accept(
        signer_token("{\"mcvideo_id\":\"sip:v@x\",\"mcdata_id\":\"sip:d@x\",\"scope\":"
                     "\"3gpp:mc:data_config_management_service  3gpp:mc:ptt_config_management_"
                     "service 3gpp:mc:video_config_management_servic\"}"));

    ck_assert(token.granted.has[MCX_SERVICE_MCPTT] && token.granted.has[MCX_SERVICE_MCDATA]);
    ck_assert(!token.granted.has[MCX_SERVICE_MCVIDEO]); /* one letter short */
    ck_assert_str_eq(token.granted.id[MCX_SERVICE_MCPTT].octets, ALICE);
    ck_assert_str_eq(token.granted.id[MCX_SERVICE_MCDATA].octets, "sip:d@x");
}
END_TEST

START_TEST(test_a_scope_without_the_claim_grants_nothing)
{
    struct mcx_token token =
        accept(signer_token("{\"scope\":\"3gpp:mc:video_config_management_service\"}"));

    for (int i = 0; i < MCX_SERVICES; i++)
        ck_assert(!token.granted.has[i]);
}
END_TEST

START_TEST(test_audience_is_one_of_several_or_replaced_by_a_listed_client)
{
    accept(signer_token("{\"aud\":\"" AUDIENCE "\",\"client_id\":null}"));
    accept(signer_token("{\"aud\":[\"x\",\"" AUDIENCE "\"],\"client_id\":\"stranger\"}"));
    accept(signer_token(NULL));
}
END_TEST

START_TEST(test_the_only_issuer_need_not_be_named)
{
    accept(signer_token("{\"iss\":null}"));
}
END_TEST

/* One identity management server may issue under several names. */
START_TEST(test_issuers_may_share_their_keys)
{
    struct mcx_conf_problem problem;

    signer_conf()->issuer[1] = signer_conf()->issuer[0];
    ck_assert_int_eq(
        mcx_str_set(&signer_conf()->issuer[1].issuer, LITERAL("https://idms.two.example")), MCX_OK);
    signer_conf()->issuer_count = 2;
    mcx_tokens_close(&tokens);
    ck_assert_int_eq(mcx_tokens_open(signer_conf(), &tokens, &problem), MCX_OK);
    accept(signer_token(NULL));
    accept(signer_token("{\"iss\":\"https://idms.two.example\"}"));
    signer_conf()->issuer_count = 1; /* what the second points to is the first's */
}
END_TEST

START_TEST(test_clocks_may_differ_by_the_leeway)
{
    char changes[128];
    long long now = (long long)time(NULL);

    snprintf(changes, sizeof changes, "{\"exp\":%lld,\"nbf\":%lld,\"iat\":%lld.5}", now - 20,
             now + 20, now + 20);
    accept(signer_token(changes));
}
END_TEST

START_TEST(test_a_check_is_cheap)
{
    enum { ROUNDS = 200 };
    char *compact = signer_token(NULL);
    struct mcx_token token;
    int64_t begun = mcx_clock_mono_us(), each;

    for (int i = 0; i < ROUNDS; i++)
        ck_assert_int_eq(mcx_token_check(tokens, mcx_span_of(compact), &token), MCX_TOKEN_OK);
    each = (mcx_clock_mono_us() - begun) / ROUNDS;
    printf("RS256: %lld us a check\n", (long long)each);
    ck_assert_int_lt(each, 20000); /* with sanitizers, on a busy machine */
    free(compact);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("token");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, test_each_algorithm_is_accepted);
    tcase_add_test(tests, test_a_service_is_granted_with_its_scope_and_its_claim);
    tcase_add_test(tests, test_a_scope_without_the_claim_grants_nothing);
    tcase_add_test(tests, test_audience_is_one_of_several_or_replaced_by_a_listed_client);
    tcase_add_test(tests, test_the_only_issuer_need_not_be_named);
    tcase_add_test(tests, test_issuers_may_share_their_keys);
    tcase_add_test(tests, test_clocks_may_differ_by_the_leeway);
    tcase_add_test(tests, test_a_check_is_cheap);
    return unit_run(tests);
}
