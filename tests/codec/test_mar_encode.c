/* SPDX-License-Identifier: Apache-2.0 */
/* The MAR that goes to a primary (CR 10.6.2 step 5): its AVPs in the order of TS 29.229 6.1.7 and
 * TS 29.109 4.2, and its Session-Id (RFC 6733 8.8). */
#include <inttypes.h>
#include <stdio.h>

#include "core.h"
#include "diameter/mar_codec.h"

static struct mcx_mar_relay relay_of(enum mcx_iface iface)
{
    struct mcx_mar_relay relay = {.iface = iface, .items = 2};

    ck_assert_int_eq(mcx_str_set(&relay.realm, LITERAL("primary.example")), MCX_OK);
    ck_assert_int_eq(mcx_str_set(&relay.host, LITERAL("hss.primary.example")), MCX_OK);
    ck_assert_int_eq(mcx_str_set(&relay.impi, LITERAL("User@Primary.example")), MCX_OK);
    ck_assert_int_eq(mcx_str_set(&relay.impu, LITERAL("sip:User@primary.example;x=y")), MCX_OK);
    memcpy(relay.rand, "0123456789abcdef", 16);
    memcpy(relay.auts, "ABCDEFGHIJKLMN", 14);
    return relay;
}

static struct msg *encoded(const struct mcx_mar_relay *relay)
{
    struct msg *msg = NULL;

    ck_assert_int_eq(mcx_mar_encode(relay, "sip:migration.partner.example", &msg), 0);
    return core_launder(&msg);
}

static void expect_text(msg_or_avp *parent, enum mcx_avp_name name, const char *text)
{
    struct mcx_avp avp = {0};

    ck_assert(mcx_avp_find(parent, name, &avp));
    ck_assert_msg(mcx_span_equal(avp.octets, mcx_span_of(text)), "AVP %u is %.*s, not %s", avp.code,
                  (int)avp.octets.len, (const char *)avp.octets.octets, text);
}

static void expect_order(struct msg *msg, const enum mcx_avp_name *order, size_t count)
{
    enum mcx_avp_name names[32];

    ck_assert_uint_eq(core_names(msg, names, 32), count);
    for (size_t i = 0; i < count; i++)
        ck_assert_int_eq(names[i], order[i]);
}

static void expect_header(struct msg *msg, uint32_t application)
{
    struct msg_hdr *header = NULL;
    struct mcx_avp group = {0}, avp = {0};

    ck_assert_int_eq(fd_msg_hdr(msg, &header), 0);
    ck_assert_uint_eq(header->msg_flags, CMD_FLAG_REQUEST | CMD_FLAG_PROXIABLE);
    ck_assert_uint_eq(header->msg_code, 303);
    ck_assert_uint_eq(header->msg_appl, application);
    ck_assert(mcx_avp_find(msg, MCX_AVP_VENDOR_SPECIFIC_APPLICATION_ID, &group));
    ck_assert(mcx_avp_find(group.avp, MCX_AVP_VENDOR_ID, &avp) && avp.u32 == 10415);
    ck_assert(mcx_avp_find(group.avp, MCX_AVP_AUTH_APPLICATION_ID, &avp));
    ck_assert_uint_eq(avp.u32, application);
    ck_assert(mcx_avp_find(msg, MCX_AVP_AUTH_SESSION_STATE, &avp));
    ck_assert_uint_eq(avp.u32, 1); /* NO_STATE_MAINTAINED */
}

START_TEST(test_cx_in_the_order_of_the_grammar)
{
    static const enum mcx_avp_name order[] = {MCX_AVP_SESSION_ID,
                                              MCX_AVP_VENDOR_SPECIFIC_APPLICATION_ID,
                                              MCX_AVP_AUTH_SESSION_STATE,
                                              MCX_AVP_ORIGIN_HOST,
                                              MCX_AVP_ORIGIN_REALM,
                                              MCX_AVP_DESTINATION_REALM,
                                              MCX_AVP_DESTINATION_HOST,
                                              MCX_AVP_USER_NAME,
                                              MCX_AVP_PUBLIC_IDENTITY,
                                              MCX_AVP_SIP_AUTH_DATA_ITEM,
                                              MCX_AVP_SIP_NUMBER_AUTH_ITEMS,
                                              MCX_AVP_SERVER_NAME};
    struct mcx_mar_relay relay = relay_of(MCX_CX);
    struct msg *msg = encoded(&relay);
    struct mcx_avp avp = {0};

    expect_header(msg, MCX_APP_CX);
    expect_order(msg, order, sizeof order / sizeof *order);
    expect_text(msg, MCX_AVP_ORIGIN_HOST, OWN_HOST);
    expect_text(msg, MCX_AVP_ORIGIN_REALM, OWN_REALM);
    expect_text(msg, MCX_AVP_DESTINATION_REALM, "primary.example");
    expect_text(msg, MCX_AVP_DESTINATION_HOST, "hss.primary.example");
    expect_text(msg, MCX_AVP_USER_NAME, "User@Primary.example");
    expect_text(msg, MCX_AVP_PUBLIC_IDENTITY, "sip:User@primary.example;x=y");
    expect_text(msg, MCX_AVP_SERVER_NAME, "sip:migration.partner.example");
    ck_assert(mcx_avp_find(msg, MCX_AVP_SIP_NUMBER_AUTH_ITEMS, &avp));
    ck_assert_uint_eq(avp.u32, 2);
    fd_msg_free(msg);
}
END_TEST

START_TEST(test_zh_without_number_and_server_name)
{
    static const enum mcx_avp_name order[] = {
        MCX_AVP_SESSION_ID,         MCX_AVP_VENDOR_SPECIFIC_APPLICATION_ID,
        MCX_AVP_AUTH_SESSION_STATE, MCX_AVP_ORIGIN_HOST,
        MCX_AVP_ORIGIN_REALM,       MCX_AVP_DESTINATION_REALM,
        MCX_AVP_USER_NAME,          MCX_AVP_PUBLIC_IDENTITY,
        MCX_AVP_SIP_AUTH_DATA_ITEM};
    struct mcx_mar_relay relay = relay_of(MCX_ZH);
    struct msg *msg = NULL;

    relay.host.len = 0; /* an SLF: the realm only */
    msg = encoded(&relay);
    expect_header(msg, MCX_APP_ZH);
    expect_order(msg, order, sizeof order / sizeof *order);
    fd_msg_free(msg);
}
END_TEST

START_TEST(test_auts_passes_unchanged_and_only_when_there_is_one)
{
    struct mcx_mar_relay relay = relay_of(MCX_CX);
    struct mcx_avp item = {0}, avp = {0};
    struct msg *msg = encoded(&relay);

    ck_assert(mcx_avp_find(msg, MCX_AVP_SIP_AUTH_DATA_ITEM, &item));
    expect_text(item.avp, MCX_AVP_SIP_AUTHENTICATION_SCHEME, "Digest-AKAv1-MD5");
    ck_assert(!mcx_avp_find(item.avp, MCX_AVP_SIP_AUTHORIZATION, &avp));
    fd_msg_free(msg);
    relay.has_auts = true;
    msg = encoded(&relay);
    ck_assert(mcx_avp_find(msg, MCX_AVP_SIP_AUTH_DATA_ITEM, &item));
    expect_text(item.avp, MCX_AVP_SIP_AUTHORIZATION, "0123456789abcdefABCDEFGHIJKLMN");
    fd_msg_free(msg);
}
END_TEST

/* <DiameterIdentity>;<high 32 bits>;<low 32 bits>, RFC 6733 8.8; never the same twice. */
static uint64_t session_number(const struct mcx_mar_relay *relay, uint64_t *high)
{
    struct msg *msg = encoded(relay);
    struct mcx_avp avp = {0};
    uint64_t low = 0;
    char text[128] = "", rest[8] = "";

    ck_assert(mcx_avp_find(msg, MCX_AVP_SESSION_ID, &avp));
    ck_assert_uint_lt(avp.octets.len, sizeof text);
    memcpy(text, avp.octets.octets, avp.octets.len);
    ck_assert_int_eq(sscanf(text, OWN_HOST ";%" SCNu64 ";%" SCNu64 "%7s", high, &low, rest), 2);
    ck_assert_uint_le(*high, UINT32_MAX);
    fd_msg_free(msg);
    return low;
}

START_TEST(test_each_mar_has_a_session_of_its_own)
{
    struct mcx_mar_relay relay = relay_of(MCX_CX);
    uint64_t high = 0, other_high = 0, low = session_number(&relay, &high);

    ck_assert_uint_eq(session_number(&relay, &other_high), low + 1);
    ck_assert_uint_eq(other_high, high);
}
END_TEST

START_TEST(test_what_we_send_is_what_a_primary_of_ours_reads)
{
    struct mcx_mar_relay relay = relay_of(MCX_CX);
    struct mcx_mar_ask ask;
    struct mcx_flaw flaw;
    struct msg *msg = NULL;

    relay.has_auts = true;
    msg = encoded(&relay);
    ck_assert(mcx_mar_decode(msg, &ask, &flaw));
    ck_assert_str_eq(ask.impi.octets, "User@primary.example");
    ck_assert_str_eq(ask.impu.octets, "sip:User@primary.example");
    ck_assert_str_eq(ask.origin_host.octets, OWN_HOST);
    ck_assert_int_eq(ask.scheme, MCX_SCHEME_AKA);
    ck_assert_uint_eq(ask.items, 2);
    ck_assert_mem_eq(ask.rand, relay.rand, 16);
    ck_assert_mem_eq(ask.auts, relay.auts, 14);
    fd_msg_free(msg);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("mar_encode");

    tcase_add_checked_fixture(tests, core_start, NULL);
    tcase_add_test(tests, test_cx_in_the_order_of_the_grammar);
    tcase_add_test(tests, test_zh_without_number_and_server_name);
    tcase_add_test(tests, test_auts_passes_unchanged_and_only_when_there_is_one);
    tcase_add_test(tests, test_each_mar_has_a_session_of_its_own);
    tcase_add_test(tests, test_what_we_send_is_what_a_primary_of_ours_reads);
    return core_run(tests, 60);
}
