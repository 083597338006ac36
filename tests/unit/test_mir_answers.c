/* SPDX-License-Identifier: Apache-2.0 */
/* hss/migration: what the store says of a MIR or MRR, as the answer's result (design 3), over a
 * store that the test plays. */
#include "hss/migration.h"

#include <string.h>

#include "store/allocation.h"
#include "unit.h"

static struct mcx_conf conf = {.hss_migration_max_s = 77};
static struct mcx_binding_ask heard;
static struct mcx_binding_outcome says;
static enum mcx_err says_err;

const struct mcx_conf *mcx_session_conf(const struct mcx_session *session)
{
    return &conf;
}

const char *mcx_session_sqlstate(const struct mcx_session *session)
{
    return "40001";
}

enum mcx_err mcx_store_binding_make(struct mcx_session *session, const struct mcx_binding_ask *ask,
                                    struct mcx_binding_outcome *out)
{
    heard = *ask;
    *out = says;
    return says_err;
}

enum mcx_err mcx_store_binding_release(struct mcx_session *session, const char *id,
                                       const char *primary, const char *partner,
                                       enum mcx_release_cause cause, const char *who,
                                       const char *reason)
{
    return says_err;
}

static struct mcx_str str(const char *text)
{
    struct mcx_str out = {0};

    ck_assert_int_eq(mcx_str_set(&out, mcx_span_of(text)), MCX_OK);
    return out;
}

static struct mcx_mir sound(enum mcx_direction direction)
{
    return (struct mcx_mir){.binding_id = "11111111-1111-4111-8111-111111111111",
                            .direction = direction,
                            .system = str("partner"),
                            .mc_user_id = str("sip:alice@mc.example"),
                            .source = {.impi = str("alice@Primary.Example"),
                                       .impu_count = 1,
                                       .impu = {str("sip:alice@Primary.Example")}},
                            .expires_s = 4711};
}

static void check(enum mcx_binding_verdict verdict, uint32_t code, bool is_mcx,
                  enum mcx_culprit culprit)
{
    struct mcx_mir mir = sound(MCX_INBOUND);
    struct mcx_migration_said said;
    struct mcx_given given;

    says = (struct mcx_binding_outcome){.verdict = verdict, .reason = "x"};
    says_err = MCX_OK;
    ck_assert_int_eq(mcx_hss_mir(NULL, &mir, &given, &said), MCX_OK);
    ck_assert_uint_eq(given.result.code, code);
    ck_assert_int_eq(given.result.is_mcx, is_mcx);
    ck_assert_int_eq(given.result.is_experimental, is_mcx);
    ck_assert_int_eq(said.culprit, culprit);
}

START_TEST(test_each_verdict_has_its_result)
{
    check(MCX_BINDING_NEW, 2001, false, MCX_CULPRIT_NONE);
    check(MCX_BINDING_REPEAT, 2001, false, MCX_CULPRIT_NONE);
    check(MCX_BINDING_NO_AGREEMENT, 5002, true, MCX_CULPRIT_NONE);
    check(MCX_BINDING_UNKNOWN_USER, 5004, true, MCX_CULPRIT_NONE);
    check(MCX_BINDING_BARRED, 5001, true, MCX_CULPRIT_NONE);
    check(MCX_BINDING_PAST, 5004, false, MCX_CULPRIT_EXPIRY);
    check(MCX_BINDING_OTHER_USER, 5007, false, MCX_CULPRIT_MC_USER_ID);
    check(MCX_BINDING_USED_ID, 5003, true, MCX_CULPRIT_NONE);
    check(MCX_BINDING_EXHAUSTED, 4001, true, MCX_CULPRIT_NONE);
    check(MCX_BINDING_TOO_MANY, 5009, false, MCX_CULPRIT_IMPU);
}
END_TEST

START_TEST(test_store_is_asked_with_keys_and_policy)
{
    struct mcx_mir mir = sound(MCX_INBOUND);
    struct mcx_migration_said said;
    struct mcx_given given;

    says = (struct mcx_binding_outcome){.verdict = MCX_BINDING_NEW,
                                        .given = {.impi = str("x@here"), .impu_count = 1},
                                        .expires_s = 99};
    says_err = MCX_OK;
    ck_assert_int_eq(mcx_hss_mir(NULL, &mir, &given, &said), MCX_OK);
    ck_assert_str_eq(heard.source.impi.octets, "alice@primary.example");
    ck_assert_int_eq(heard.max_s, 77);
    ck_assert_int_eq(heard.expires_s, 4711);
    ck_assert_ptr_null(heard.database_host);
    ck_assert_str_eq(given.given.impi.octets, "x@here");
    ck_assert_int_eq(given.expires_s, 99);
}
END_TEST

/* Own identities go back as they came, masks as they were made. */
START_TEST(test_own_identities_are_echoed)
{
    struct mcx_mir mir = sound(MCX_OUTBOUND);
    struct mcx_migration_said said;
    struct mcx_given given;

    says = (struct mcx_binding_outcome){
        .verdict = MCX_BINDING_NEW,
        .given = {.impi = str("alice@primary.example"), .impu_count = 1}};
    says_err = MCX_OK;
    ck_assert_int_eq(mcx_hss_mir(NULL, &mir, &given, &said), MCX_OK);
    ck_assert_str_eq(given.given.impi.octets, "alice@Primary.Example");
    mir.has_masking = mir.mask = true;
    says.given.impi = str("mask@here");
    ck_assert_int_eq(mcx_hss_mir(NULL, &mir, &given, &said), MCX_OK);
    ck_assert(heard.mask);
    ck_assert_str_eq(given.given.impi.octets, "mask@here");
}
END_TEST

/* A fault is never "user unknown"; a lost connection is for the caller to repeat. */
START_TEST(test_faults)
{
    struct mcx_mir mir = sound(MCX_OUTBOUND);
    struct mcx_mrr mrr = {.cause = MCX_REVOKED};
    struct mcx_migration_said said;
    struct mcx_result result;
    struct mcx_given given;

    says_err = MCX_DB_AWAY;
    ck_assert_int_eq(mcx_hss_mir(NULL, &mir, &given, &said), MCX_DB_AWAY);
    ck_assert_int_eq(mcx_hss_mrr(NULL, &mrr, "cms", &result, &said), MCX_DB_AWAY);
    says_err = MCX_DB_ERROR;
    ck_assert_int_eq(mcx_hss_mir(NULL, &mir, &given, &said), MCX_OK);
    ck_assert_uint_eq(given.result.code, 5012);
    ck_assert_str_eq(said.detail, "SQLSTATE 40001");
    ck_assert_int_eq(mcx_hss_mrr(NULL, &mrr, "cms", &result, &said), MCX_OK);
    ck_assert_uint_eq(result.code, 5012);
    says_err = MCX_NOT_FOUND;
    ck_assert_int_eq(mcx_hss_mrr(NULL, &mrr, "cms", &result, &said), MCX_OK);
    ck_assert_uint_eq(result.code, 5003);
    ck_assert(result.is_mcx);
    says_err = MCX_OK;
    ck_assert_int_eq(mcx_hss_mrr(NULL, &mrr, "cms", &result, &said), MCX_OK);
    ck_assert_uint_eq(result.code, 2001);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("mir_answers");

    tcase_add_test(tcase, test_each_verdict_has_its_result);
    tcase_add_test(tcase, test_store_is_asked_with_keys_and_policy);
    tcase_add_test(tcase, test_own_identities_are_echoed);
    tcase_add_test(tcase, test_faults);
    return unit_run(tcase);
}
