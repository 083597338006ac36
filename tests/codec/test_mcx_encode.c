/* SPDX-License-Identifier: Apache-2.0 */
/* MIR, PAR, MRR of ours and the answers to those of others: through octets they are read again as
 * they were meant, in the order of mcx.ccf, and never too large (design 3). */
#include <errno.h>

#include "core.h"
#include "mcx_wire.h"

static uint8_t document[MCX_DOCUMENT_MAX + 1];

static struct mcx_str str(const char *text)
{
    struct mcx_str out = {0};

    ck_assert_int_eq(mcx_str_set(&out, mcx_span_of(text)), MCX_OK);
    return out;
}

static struct mcx_destination there(void)
{
    return (struct mcx_destination){str("primary.example"), str("hss.primary.example")};
}

static void same_identities(const struct mcx_identities *a, const struct mcx_identities *b)
{
    ck_assert_str_eq(a->impi.octets, b->impi.octets);
    ck_assert_uint_eq(a->impu_count, b->impu_count);
    for (size_t i = 0; i < a->impu_count; i++)
        ck_assert_str_eq(a->impu[i].octets, b->impu[i].octets);
}

/* As many and as long as the grammar lets them be. */
static void fill_identities(struct mcx_identities *out)
{
    char text[256];

    memset(text, 'u', sizeof text);
    memcpy(text + 243, "@a.example", 11);
    out->impi = str(text);
    memcpy(text, "sip:", 4);
    for (out->impu_count = 0; out->impu_count < MCX_PUBLIC_MAX; out->impu_count++) {
        text[4] = (char)('a' + out->impu_count);
        out->impu[out->impu_count] = str(text);
    }
}

static struct mcx_mir some_mir(enum mcx_direction direction)
{
    struct mcx_mir mir = {.binding_id = UUID,
                          .direction = direction,
                          .system = str("primary"),
                          .mc_user_id = str("sip:alice@mc.example"),
                          .has_masking = true,
                          .mask = true,
                          .expires_s = 1893456000};

    fill_identities(&mir.source);
    if (direction == MCX_INBOUND) {
        mir.service_ids = (struct mcx_mc_ids){2, {str("sip:a@mcptt.example"), str("tel:+1")}};
        mir.database_realm = str("primary.example");
        mir.database_host = str("hss.primary.example");
    }
    return mir;
}

/* RFC 6733 3, 6.1 and 8.8: what all requests of ours have. */
static void expect_head(struct msg *msg, uint32_t command, uint32_t application)
{
    struct msg_hdr *header = NULL;
    struct mcx_avp group = {0}, avp = {0};

    ck_assert_int_eq(fd_msg_hdr(msg, &header), 0);
    ck_assert_uint_eq(header->msg_flags, CMD_FLAG_REQUEST | CMD_FLAG_PROXIABLE);
    ck_assert_uint_eq(header->msg_code, command);
    ck_assert_uint_eq(header->msg_appl, application);
    ck_assert(mcx_avp_find(msg, MCX_AVP_VENDOR_SPECIFIC_APPLICATION_ID, &group));
    ck_assert(mcx_avp_find(group.avp, MCX_AVP_VENDOR_ID, &avp) && avp.u32 == OWN_VENDOR);
    ck_assert(mcx_avp_find(group.avp, MCX_AVP_AUTH_APPLICATION_ID, &avp));
    ck_assert_uint_eq(avp.u32, application);
    ck_assert(mcx_avp_find(msg, MCX_AVP_AUTH_SESSION_STATE, &avp) && avp.u32 == 1);
    ck_assert(mcx_avp_find(msg, MCX_AVP_ORIGIN_HOST, &avp));
    ck_assert(mcx_span_equal(avp.octets, LITERAL(OWN_HOST)));
    ck_assert(mcx_avp_find(msg, MCX_AVP_DESTINATION_REALM, &avp));
    ck_assert(mcx_span_equal(avp.octets, LITERAL("primary.example")));
    ck_assert(mcx_avp_find(msg, MCX_AVP_DESTINATION_HOST, &avp));
    ck_assert(mcx_span_equal(avp.octets, LITERAL("hss.primary.example")));
}

static void same_mir(const struct mcx_mir *mir, const struct mcx_mir *meant)
{
    ck_assert_str_eq(mir->binding_id, meant->binding_id);
    ck_assert_int_eq(mir->direction, meant->direction);
    ck_assert_str_eq(mir->system.octets, meant->system.octets);
    ck_assert_str_eq(mir->mc_user_id.octets, meant->mc_user_id.octets);
    ck_assert_uint_eq(mir->service_ids.count, meant->service_ids.count);
    for (size_t i = 0; i < meant->service_ids.count; i++)
        ck_assert_str_eq(mir->service_ids.id[i].octets, meant->service_ids.id[i].octets);
    same_identities(&mir->source, &meant->source);
    ck_assert_str_eq(mir->database_realm.octets, meant->database_realm.octets);
    ck_assert_str_eq(mir->database_host.octets, meant->database_host.octets);
    ck_assert_int_eq(mir->has_masking, meant->has_masking);
    ck_assert_int_eq(mir->mask, meant->mask);
    ck_assert_int_eq(mir->expires_s, meant->expires_s);
}

START_TEST(test_a_mir_comes_back_as_it_was_meant)
{
    for (int variant = 0; variant < 4; variant++) {
        struct mcx_mir meant = some_mir(variant % 2 ? MCX_INBOUND : MCX_OUTBOUND),
                       mir = {.binding_id = ""};
        struct mcx_destination to = there();
        struct mcx_flaw flaw = {0};
        struct msg *msg = NULL;

        if (variant >= 2) {
            meant.has_masking = meant.mask = false;
            meant.expires_s = MCX_NEVER;
            meant.database_host = (struct mcx_str){0};
        }
        ck_assert_int_eq(mcx_mir_encode(&meant, &to, &msg), 0);
        msg = core_launder(&msg);
        expect_head(msg, MCX_CMD_MIR, OWN_SDB);
        ck_assert_msg(mcx_mir_decode(msg, &mir, &flaw), "%s %u", flaw.reason, flaw.failed.code);
        same_mir(&mir, &meant);
        fd_msg_free(msg);
    }
}
END_TEST

static struct mcx_par some_par(void)
{
    struct mcx_par par = {.binding_id = UUID,
                          .system = str("partner"),
                          .mc_user_id = str("sip:alice@mc.example"),
                          .service_ids.count = MCX_PUBLIC_MAX,
                          .database_realm = str("partner.example"),
                          .expires_s = 4000000000};

    for (size_t i = 0; i < MCX_PUBLIC_MAX; i++)
        par.service_ids.id[i] = str("sip:alice@mcptt.example");
    fill_identities(&par.source);
    return par;
}

START_TEST(test_a_par_comes_back_as_it_was_meant)
{
    struct mcx_par meant = some_par(), par = {.binding_id = ""};
    struct mcx_destination to = there();
    struct mcx_flaw flaw = {0};
    struct msg *msg = NULL;

    ck_assert_int_eq(mcx_par_encode(&meant, &to, &msg), 0);
    msg = core_launder(&msg);
    expect_head(msg, MCX_CMD_PAR, OWN_SS);
    ck_assert_msg(mcx_par_decode(msg, &par, &flaw), "%s %u", flaw.reason, flaw.failed.code);
    ck_assert_str_eq(par.binding_id, meant.binding_id);
    ck_assert_str_eq(par.system.octets, "partner");
    ck_assert_uint_eq(par.service_ids.count, MCX_PUBLIC_MAX);
    ck_assert_str_eq(par.service_ids.id[7].octets, "sip:alice@mcptt.example");
    ck_assert_str_eq(par.database_realm.octets, "partner.example");
    ck_assert_uint_eq(par.database_host.len, 0);
    same_identities(&par.source, &meant.source);
    ck_assert_int_eq(par.expires_s, 4000000000); /* after 2036 */
    fd_msg_free(msg);
}
END_TEST

START_TEST(test_an_mrr_of_both_applications)
{
    static const uint32_t application[] = {OWN_SDB, OWN_SS};

    for (size_t i = 0; i < 2; i++) {
        struct mcx_mrr meant = {
            .binding_id = UUID, .system = str("primary"), .cause = MCX_REPLACED};
        struct mcx_destination to = there();
        struct mcx_mrr mrr = {.binding_id = ""};
        struct mcx_flaw flaw = {0};
        struct msg *msg = NULL;

        ck_assert_int_eq(mcx_mrr_encode(&meant, application[i], &to, &msg), 0);
        msg = core_launder(&msg);
        expect_head(msg, MCX_CMD_MRR, application[i]);
        ck_assert(mcx_mrr_decode(msg, &mrr, &flaw));
        ck_assert_str_eq(mrr.binding_id, UUID);
        ck_assert_str_eq(mrr.system.octets, "primary");
        ck_assert_int_eq(mrr.cause, MCX_REPLACED);
        fd_msg_free(msg);
    }
}
END_TEST

START_TEST(test_members_stand_in_the_order_of_the_grammar)
{
    static const enum mcx_avp_name order[] = {MCX_AVP_SESSION_ID,
                                              MCX_AVP_VENDOR_SPECIFIC_APPLICATION_ID,
                                              MCX_AVP_AUTH_SESSION_STATE,
                                              MCX_AVP_ORIGIN_HOST,
                                              MCX_AVP_ORIGIN_REALM,
                                              MCX_AVP_DESTINATION_REALM,
                                              MCX_AVP_DESTINATION_HOST,
                                              MCX_AVP_MIGRATION_BINDING_ID,
                                              MCX_AVP_MIGRATION_DIRECTION,
                                              MCX_AVP_MC_SYSTEM_ID,
                                              MCX_AVP_MC_USER_ID,
                                              MCX_AVP_MC_SERVICE_ID,
                                              MCX_AVP_USER_NAME,
                                              MCX_AVP_PUBLIC_IDENTITY,
                                              MCX_AVP_PRIMARY_SIP_DATABASE,
                                              MCX_AVP_MASKING,
                                              MCX_AVP_MIGRATION_EXPIRY};
    struct mcx_mir mir = some_mir(MCX_INBOUND);
    struct mcx_destination to = there();
    enum mcx_avp_name names[32];
    struct msg *msg = NULL;

    mir.source.impu_count = mir.service_ids.count = 1;
    ck_assert_int_eq(mcx_mir_encode(&mir, &to, &msg), 0);
    msg = core_launder(&msg);
    ck_assert_uint_eq(core_names(msg, names, 32), sizeof order / sizeof *order);
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        ck_assert_int_eq(names[i], order[i]);
    fd_msg_free(msg);
}
END_TEST

START_TEST(test_what_the_grammar_forbids_is_not_made)
{
    struct mcx_mir mir = some_mir(MCX_INBOUND);
    struct mcx_par par = some_par();
    struct mcx_destination to = there(), nowhere = there();
    struct msg *msg = NULL;

    mir.source.impu_count = 0;
    ck_assert_int_eq(mcx_mir_encode(&mir, &to, &msg), EINVAL);
    ck_assert_ptr_null(msg);
    par.service_ids.count = MCX_PUBLIC_MAX + 1;
    ck_assert_int_eq(mcx_par_encode(&par, &to, &msg), EINVAL);
    ck_assert_ptr_null(msg);
    nowhere.host.len = 0;
    ck_assert_int_eq(mcx_par_encode(&par, &nowhere, &msg), EINVAL);
    ck_assert_ptr_null(msg);
}
END_TEST

/* An answer on the wire to a request on the wire, and paired with one of ours. */
static struct msg *answered(const struct mcx_wire *wire, const struct mcx_given *given)
{
    struct msg *msg = mcx_received(wire), *query = NULL, *answer = NULL;
    struct mcx_avp session = {0};

    ck_assert_int_eq(mcx_given_encode(&msg, given, NULL, NULL), 0);
    answer = core_launder(&msg);
    query = mcx_received(wire);
    ck_assert(mcx_avp_find(query, MCX_AVP_SESSION_ID, &session));
    ck_assert_int_eq(fd_msg_answ_associate(answer, query), 0);
    return answer;
}

static struct mcx_given some_given(size_t impu_count)
{
    struct mcx_given given = {.result = mcx_result_code(2001), .expires_s = 1893456000};

    fill_identities(&given.given);
    given.given.impu_count = impu_count;
    return given;
}

START_TEST(test_a_mia_comes_back_as_it_was_meant)
{
    static const int64_t expires_s[][2] = {{1893456000, 1893456000},
                                           {MCX_NEVER, MCX_NEVER},
                                           {INT64_MAX, MCX_NEVER},
                                           {4233462142, 4233462142}};

    for (size_t i = 0; i < sizeof expires_s / sizeof *expires_s; i++) {
        struct mcx_wire wire = wire_mir(MCX_OUTBOUND);
        struct mcx_given meant = some_given(2), given;
        struct msg *answer = NULL;

        meant.expires_s = expires_s[i][0];
        meant.document = document; /* has no place in a MIA */
        meant.document_len = 10;
        answer = answered(&wire, &meant);
        ck_assert_pstr_eq(mcx_mia_decode(answer, &given), NULL);
        same_identities(&given.given, &meant.given);
        ck_assert_int_eq(given.expires_s, expires_s[i][1]);
        fd_msg_free(answer);
    }
}
END_TEST

START_TEST(test_the_largest_paa_fits)
{
    struct mcx_wire wire = wire_par();
    struct mcx_given meant = some_given(2), given;
    struct msg *answer = NULL;

    memset(document, 'd', sizeof document);
    meant.given.impu_count = 2;
    meant.document = document;
    meant.document_len = MCX_DOCUMENT_MAX;
    answer = answered(&wire, &meant);
    ck_assert_pstr_eq(mcx_paa_decode(answer, &given), NULL);
    ck_assert_uint_eq(given.document_len, MCX_DOCUMENT_MAX);
    ck_assert_mem_eq(given.document, document, MCX_DOCUMENT_MAX);
    mcx_given_free(&given);
    fd_msg_free(answer);
}
END_TEST

START_TEST(test_a_document_over_the_limit_is_not_sent)
{
    struct mcx_wire wire = wire_par();
    struct mcx_given given = some_given(2);
    struct msg *msg = mcx_received(&wire);

    given.document = document;
    given.document_len = MCX_DOCUMENT_MAX + 1;
    ck_assert_int_eq(mcx_given_encode(&msg, &given, NULL, NULL), EMSGSIZE);
    ck_assert_ptr_null(msg);
}
END_TEST

START_TEST(test_refusals_carry_our_vendor_and_nothing_given)
{
    struct mcx_wire wire = wire_par();
    struct mcx_given given = some_given(2);
    struct mcx_failed_avp failed =
        mcx_failed_avp_of(MCX_AVP_MC_USER_ID, LITERAL("sip:alice@mc.example"));
    struct mcx_avp avp = {0}, inside = {0};
    struct msg *msg = mcx_received(&wire), *answer = NULL;
    struct mcx_result result;

    given.result = mcx_result_mcx(MCX_MCX_NO_AGREEMENT);
    answer = answered(&wire, &given);
    result = core_result(answer);
    ck_assert(result.is_mcx && result.is_experimental);
    ck_assert_uint_eq(result.code, 5002);
    ck_assert(!mcx_avp_find(answer, MCX_AVP_MIGRATION_PRIVATE_IDENTITY, &avp));
    ck_assert(!mcx_avp_find(answer, MCX_AVP_MIGRATION_EXPIRY, &avp));
    fd_msg_free(answer);
    given.result = mcx_result_code(MCX_RC_CONTRADICTING_AVPS);
    ck_assert_int_eq(mcx_given_encode(&msg, &given, &failed, "another user"), 0);
    answer = core_launder(&msg);
    ck_assert(mcx_avp_find(answer, MCX_AVP_FAILED_AVP, &avp));
    ck_assert(mcx_avp_next(avp.avp, &inside));
    ck_assert_int_eq(inside.name, MCX_AVP_MC_USER_ID);
    ck_assert(mcx_span_equal(inside.octets, LITERAL("sip:alice@mc.example")));
    fd_msg_free(answer);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("mcx_encode");

    tcase_add_checked_fixture(tests, core_start, NULL);
    tcase_add_test(tests, test_a_mir_comes_back_as_it_was_meant);
    tcase_add_test(tests, test_a_par_comes_back_as_it_was_meant);
    tcase_add_test(tests, test_an_mrr_of_both_applications);
    tcase_add_test(tests, test_members_stand_in_the_order_of_the_grammar);
    tcase_add_test(tests, test_what_the_grammar_forbids_is_not_made);
    tcase_add_test(tests, test_a_mia_comes_back_as_it_was_meant);
    tcase_add_test(tests, test_the_largest_paa_fits);
    tcase_add_test(tests, test_a_document_over_the_limit_is_not_sent);
    tcase_add_test(tests, test_refusals_carry_our_vendor_and_nothing_given);
    return core_run(tests, 60);
}
