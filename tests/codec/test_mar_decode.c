/* SPDX-License-Identifier: Apache-2.0 */
/* A MAR from the wire: what is read from it, and for each shape that is wrong the Result-Code and
 * the Failed-AVP that go back (RFC 6733 7.1.5, TS 29.228 6.3.1 step 0). */
#include <stddef.h>

#include "core.h"
#include "diameter/mar_codec.h"
#include "wire.h"

static struct wire wire;
static uint8_t long_octets[400];

static struct msg *request_of(const struct mar *mar)
{
    mar_write(mar, &wire);
    return core_receive(wire_span(&wire));
}

static void decode_sound(const struct mar *mar, struct mcx_mar_ask *ask)
{
    struct msg *msg = request_of(mar);
    struct mcx_flaw flaw = {0};

    memset(ask, 0xa5, sizeof *ask);
    ck_assert_msg(mcx_mar_decode(msg, ask, &flaw), "%s, AVP %u",
                  flaw.reason ? flaw.reason : "no reason", flaw.failed.code);
    fd_msg_free(msg);
}

static void expect_echo(struct msg *answer, const struct mar *mar)
{
    struct mcx_avp avp = {0};

    ck_assert(mcx_avp_find(answer, MCX_AVP_USER_NAME, &avp) == (mar->user_name.octets != NULL));
    ck_assert(!avp.avp || mcx_span_equal(avp.octets, mar->user_name));
    avp = (struct mcx_avp){0};
    ck_assert(mcx_avp_find(answer, MCX_AVP_PUBLIC_IDENTITY, &avp) ==
              (mar->public_identity.octets != NULL));
    ck_assert(!avp.avp || mcx_span_equal(avp.octets, mar->public_identity));
}

/* The AVP inside Failed-AVP, which lies inside SIP-Auth-Data-Item where it was sent so. */
static void expect_failed(struct msg *answer, enum mcx_avp_name name, struct mcx_avp *out)
{
    struct mcx_avp failed = {0}, step = {0};
    msg_or_avp *parent = NULL;

    ck_assert(mcx_avp_find(answer, MCX_AVP_FAILED_AVP, &failed));
    parent = failed.avp;
    if (name == MCX_AVP_SIP_AUTHENTICATION_SCHEME || name == MCX_AVP_SIP_AUTHORIZATION) {
        ck_assert(mcx_avp_next(failed.avp, &step));
        ck_assert_int_eq(step.name, MCX_AVP_SIP_AUTH_DATA_ITEM);
        parent = step.avp;
    }
    *out = (struct mcx_avp){0};
    ck_assert(mcx_avp_next(parent, out));
    ck_assert_int_eq(out->name, name);
    ck_assert_uint_eq(out->flags & (AVP_FLAG_MANDATORY | AVP_FLAG_VENDOR),
                      mcx_dict_vendor(name) ? AVP_FLAG_MANDATORY | AVP_FLAG_VENDOR
                                            : AVP_FLAG_MANDATORY);
    step = *out;
    ck_assert(!mcx_avp_next(parent, &step));
}

/* The whole way: octets, flaw, answer, octets. */
static void expect_flaw(const struct mar *mar, uint32_t code, enum mcx_avp_name name,
                        struct mcx_avp *in_failed, struct msg **kept)
{
    struct msg *msg = request_of(mar);
    struct mcx_mar_ask ask;
    struct mcx_flaw flaw = {0};

    ck_assert(!mcx_mar_decode(msg, &ask, &flaw));
    ck_assert_uint_eq(flaw.result.code, code);
    ck_assert(!flaw.result.is_experimental);
    ck_assert_ptr_nonnull(flaw.reason);
    ck_assert_int_eq(mcx_answer_make(&msg, flaw.result, &flaw.failed, NULL), 0);
    *kept = core_launder(&msg);
    ck_assert_uint_eq(core_result(*kept).code, code);
    ck_assert(!core_result(*kept).is_experimental);
    ck_assert(!(core_flags(*kept) & CMD_FLAG_ERROR));
    expect_echo(*kept, mar);
    expect_failed(*kept, name, in_failed);
}

START_TEST(test_a_cx_mar_is_read_whole)
{
    struct mar mar = mar_cx();
    struct mcx_mar_ask ask;

    mar.number = 3;
    mar.origin_host = LITERAL("SCSCF.ims.Partner.example");
    decode_sound(&mar, &ask);
    ck_assert_int_eq(ask.iface, MCX_CX);
    ck_assert(!ask.from_partner);
    ck_assert_uint_eq(ask.partner.len, 0);
    ck_assert_str_eq(ask.origin_host.octets, "scscf.ims.partner.example");
    ck_assert_str_eq(ask.origin_realm.octets, "partner.example");
    ck_assert_str_eq(ask.impi.octets, "Guest@migration.partner.example");
    ck_assert_str_eq(ask.impu.octets, "sip:Guest@migration.partner.example");
    ck_assert_int_eq(ask.scheme, MCX_SCHEME_AKA);
    ck_assert_uint_eq(ask.items, 3);
    ck_assert(!ask.has_auts);
    ck_assert_str_eq(ask.server_name.octets, "sip:scscf.ims.partner.example");
}
END_TEST

START_TEST(test_zh_needs_no_public_identity_item_number_or_server_name)
{
    struct mar mar = mar_zh();
    struct mcx_mar_ask ask;

    decode_sound(&mar, &ask);
    ck_assert_int_eq(ask.iface, MCX_ZH);
    ck_assert_uint_eq(ask.impu.len, 0);
    ck_assert_int_eq(ask.scheme, MCX_SCHEME_AKA);
    ck_assert_uint_eq(ask.items, 1);
    ck_assert_uint_eq(ask.server_name.len, 0);
    mar.public_identity = LITERAL("tel:+1-201-555");
    decode_sound(&mar, &ask);
    ck_assert_str_eq(ask.impu.octets, "tel:+1201555");
}
END_TEST

START_TEST(test_schemes_are_compared_without_case)
{
    static const struct {
        const char *name;
        enum mcx_scheme scheme;
    } row[] = {{"DIGEST-akaV1-md5", MCX_SCHEME_AKA},    {"unknown", MCX_SCHEME_UNKNOWN},
               {"SIP Digest", MCX_SCHEME_OTHER},        {"Digest-AKAv1-MD5 ", MCX_SCHEME_OTHER},
               {"Digest-AKAv1-MD", MCX_SCHEME_OTHER},   {"Digest-AKAv2-SHA-256", MCX_SCHEME_OTHER},
               {"Early-IMS-Security", MCX_SCHEME_OTHER}};
    struct mar mar = mar_cx();
    struct mcx_mar_ask ask;

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        mar.scheme = mcx_span_of(row[i].name);
        decode_sound(&mar, &ask);
        ck_assert_int_eq(ask.scheme, row[i].scheme);
    }
}
END_TEST

START_TEST(test_rand_and_auts_of_a_synchronisation_failure)
{
    struct mar of[2] = {mar_cx(), mar_zh()};

    for (int i = 0; i < 2; i++) {
        struct mcx_mar_ask ask;

        of[i].has_item = true;
        of[i].authorization = LITERAL("0123456789abcdefABCDEFGHIJKLMN");
        decode_sound(&of[i], &ask);
        ck_assert(ask.has_auts);
        ck_assert_mem_eq(ask.rand, "0123456789abcdef", 16);
        ck_assert_mem_eq(ask.auts, "ABCDEFGHIJKLMN", 14);
    }
}
END_TEST

static const struct {
    size_t field;
    enum mcx_avp_name name;
    bool on_zh;
} needed[] = {
    {offsetof(struct mar, origin_host), MCX_AVP_ORIGIN_HOST, true},
    {offsetof(struct mar, origin_realm), MCX_AVP_ORIGIN_REALM, true},
    {offsetof(struct mar, user_name), MCX_AVP_USER_NAME, true},
    {offsetof(struct mar, public_identity), MCX_AVP_PUBLIC_IDENTITY, false},
    {offsetof(struct mar, scheme), MCX_AVP_SIP_AUTHENTICATION_SCHEME, false},
    {offsetof(struct mar, server_name), MCX_AVP_SERVER_NAME, false},
};

static struct mcx_span *field_of(struct mar *mar, size_t field)
{
    return (struct mcx_span *)((char *)mar + field);
}

START_TEST(test_each_missing_avp_is_5005_with_an_example)
{
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        for (int is_zh = 0; is_zh <= (int)needed[i].on_zh; is_zh++) {
            struct mar mar = is_zh ? mar_zh() : mar_cx();
            struct mcx_avp example;
            struct msg *answer = NULL;

            *field_of(&mar, needed[i].field) = mcx_span(NULL, 0);
            expect_flaw(&mar, MCX_RC_MISSING_AVP, needed[i].name, &example, &answer);
            ck_assert_uint_eq(example.octets.len, 0);
            fd_msg_free(answer);
        }
    }
}
END_TEST

START_TEST(test_a_missing_item_or_number_is_5005_on_cx)
{
    struct mar without_item = mar_cx(), without_number = mar_cx(), zh = mar_zh();
    struct mcx_avp example;
    struct msg *answer = NULL;

    without_item.has_item = false;
    expect_flaw(&without_item, MCX_RC_MISSING_AVP, MCX_AVP_SIP_AUTH_DATA_ITEM, &example, &answer);
    fd_msg_free(answer);
    without_number.has_number = false;
    expect_flaw(&without_number, MCX_RC_MISSING_AVP, MCX_AVP_SIP_NUMBER_AUTH_ITEMS, &example,
                &answer);
    ck_assert_uint_eq(example.u32, 0);
    fd_msg_free(answer);
    zh.has_item = true; /* AUTS without saying of what scheme */
    zh.scheme = mcx_span(NULL, 0);
    zh.authorization = mcx_span(long_octets, 30);
    expect_flaw(&zh, MCX_RC_MISSING_AVP, MCX_AVP_SIP_AUTHENTICATION_SCHEME, &example, &answer);
    fd_msg_free(answer);
}
END_TEST

START_TEST(test_each_repeated_avp_is_5009)
{
    static const enum mcx_avp_name once[] = {
        MCX_AVP_USER_NAME,          MCX_AVP_PUBLIC_IDENTITY,
        MCX_AVP_SIP_AUTH_DATA_ITEM, MCX_AVP_SIP_NUMBER_AUTH_ITEMS,
        MCX_AVP_SERVER_NAME,        MCX_AVP_ORIGIN_HOST,
        MCX_AVP_ORIGIN_REALM,       MCX_AVP_SIP_AUTHENTICATION_SCHEME,
        MCX_AVP_SIP_AUTHORIZATION};

    for (size_t i = 0; i < sizeof once / sizeof *once; i++) {
        struct mar mar = mar_cx();
        struct mcx_avp again;
        struct msg *answer = NULL;

        mar.repeat = once[i];
        mar.authorization = mcx_span(long_octets, 30);
        expect_flaw(&mar, MCX_RC_AVP_OCCURS_TOO_MANY_TIMES, once[i], &again, &answer);
        if (once[i] == MCX_AVP_USER_NAME)
            ck_assert(mcx_span_equal(again.octets, LITERAL("again.example")));
        fd_msg_free(answer);
    }
}
END_TEST

static const struct {
    size_t field;
    enum mcx_avp_name name;
    struct mcx_span value;
} wrong[] = {
#define ROW(part, NAME, text)                                                                      \
    {                                                                                              \
        offsetof(struct mar, part), MCX_AVP_##NAME,                                                \
        {                                                                                          \
            (const uint8_t *)(text), sizeof(text) - 1                                              \
        }                                                                                          \
    }
    ROW(user_name, USER_NAME, ""),
    ROW(user_name, USER_NAME, "nobody"),
    ROW(user_name, USER_NAME, "@partner.example"),
    ROW(user_name, USER_NAME, "a@"),
    ROW(user_name, USER_NAME, "a!b@partner.example"),
    ROW(user_name, USER_NAME, "a\0b@partner.example"),
    ROW(user_name, USER_NAME, "a\xff@partner.example"),
    ROW(public_identity, PUBLIC_IDENTITY, ""),
    ROW(public_identity, PUBLIC_IDENTITY, "mailto:a@b"),
    ROW(public_identity, PUBLIC_IDENTITY, "sip:a%zz@b"),
    ROW(public_identity, PUBLIC_IDENTITY, "sip:a!b@c"),
    ROW(public_identity, PUBLIC_IDENTITY, "sip:a\0@b"),
    ROW(scheme, SIP_AUTHENTICATION_SCHEME, ""),
    ROW(scheme, SIP_AUTHENTICATION_SCHEME, "Digest\0AKA"),
    ROW(authorization, SIP_AUTHORIZATION, ""),
    ROW(authorization, SIP_AUTHORIZATION, "0123456789abcdefABCDEFGHIJKLM"),
    ROW(authorization, SIP_AUTHORIZATION, "0123456789abcdefABCDEFGHIJKLMNO"),
    ROW(server_name, SERVER_NAME, ""),
    ROW(server_name, SERVER_NAME, "sip:a\0b"),
    ROW(origin_host, ORIGIN_HOST, ""),
    ROW(origin_host, ORIGIN_HOST, "a b"),
    ROW(origin_host, ORIGIN_HOST, "a\0.example"),
    ROW(origin_realm, ORIGIN_REALM, "-"),
#undef ROW
};

START_TEST(test_each_wrong_value_is_5004_with_the_avp_as_it_came)
{
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct mar mar = mar_cx();
        struct mcx_avp offender;
        struct msg *answer = NULL;

        *field_of(&mar, wrong[i].field) = wrong[i].value;
        expect_flaw(&mar, MCX_RC_INVALID_AVP_VALUE, wrong[i].name, &offender, &answer);
        ck_assert(mcx_span_equal(offender.octets, wrong[i].value));
        fd_msg_free(answer);
    }
}
END_TEST

START_TEST(test_number_0_is_5004)
{
    struct mar mar = mar_cx();
    struct mcx_avp offender;
    struct msg *answer = NULL;

    mar.number = 0;
    expect_flaw(&mar, MCX_RC_INVALID_AVP_VALUE, MCX_AVP_SIP_NUMBER_AUTH_ITEMS, &offender, &answer);
    ck_assert(offender.has_value);
    ck_assert_uint_eq(offender.u32, 0);
    fd_msg_free(answer);
}
END_TEST

START_TEST(test_auts_with_a_scheme_that_is_not_aka_is_5004)
{
    struct mar mar = mar_cx();
    struct mcx_avp offender;
    struct msg *answer = NULL;

    mar.authorization = mcx_span(long_octets, 30);
    mar.scheme = mcx_span_of("SIP Digest");
    expect_flaw(&mar, MCX_RC_INVALID_AVP_VALUE, MCX_AVP_SIP_AUTHORIZATION, &offender, &answer);
    ck_assert_uint_eq(offender.octets.len, 30);
    fd_msg_free(answer);
}
END_TEST

START_TEST(test_over_long_texts_are_5004)
{
    static const size_t fields[] = {
        offsetof(struct mar, user_name), offsetof(struct mar, public_identity),
        offsetof(struct mar, server_name), offsetof(struct mar, origin_host),
        offsetof(struct mar, origin_realm)};
    static const enum mcx_avp_name names[] = {MCX_AVP_USER_NAME, MCX_AVP_PUBLIC_IDENTITY,
                                              MCX_AVP_SERVER_NAME, MCX_AVP_ORIGIN_HOST,
                                              MCX_AVP_ORIGIN_REALM};

    memset(long_octets, 'a', sizeof long_octets);
    memcpy(long_octets, "sip:a@", 6);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        struct mar mar = mar_cx();
        struct mcx_avp offender;
        struct msg *answer = NULL;

        *field_of(&mar, fields[i]) = mcx_span(long_octets, sizeof long_octets);
        expect_flaw(&mar, MCX_RC_INVALID_AVP_VALUE, names[i], &offender, &answer);
        ck_assert_uint_eq(offender.octets.len, sizeof long_octets);
        fd_msg_free(answer);
    }
}
END_TEST

/* This MAR with Supported-Features of these flags and list. */
static bool decode_mar_with_features(const struct mar *mar, uint8_t flags, uint32_t list,
                                     struct msg **kept, struct mcx_flaw *flaw)
{
    struct mcx_mar_ask ask;
    struct wire group;

    mar_write(mar, &wire);
    wire_begin(&group, 0, 0, 0);
    wire_u32(&group, MCX_AVP_VENDOR_ID, MCX_VENDOR_3GPP);
    wire_u32(&group, MCX_AVP_FEATURE_LIST_ID, 1);
    wire_u32(&group, MCX_AVP_FEATURE_LIST, list);
    wire_raw(&wire, 628, flags, MCX_VENDOR_3GPP, mcx_span(group.octets + 20, group.len - 20));
    wire_end(&wire);
    *kept = core_receive(wire_span(&wire));
    return mcx_mar_decode(*kept, &ask, flaw);
}

static bool decode_with_features(uint8_t flags, uint32_t list, struct msg **kept,
                                 struct mcx_flaw *flaw)
{
    struct mar mar = mar_cx();

    return decode_mar_with_features(&mar, flags, list, kept, flaw);
}

/* The grammar is looked at first (TS 29.228 6.3.1), the values later. */
START_TEST(test_a_missing_avp_comes_before_features_a_wrong_value_behind)
{
    enum { VM = AVP_FLAG_VENDOR | AVP_FLAG_MANDATORY };
    struct mar mar = mar_cx();
    struct mcx_flaw flaw = {0};
    struct msg *msg = NULL;

    mar.server_name = mcx_span(NULL, 0);
    ck_assert(!decode_mar_with_features(&mar, VM, 1, &msg, &flaw));
    ck_assert(!flaw.result.is_experimental);
    ck_assert_uint_eq(flaw.result.code, MCX_RC_MISSING_AVP);
    ck_assert_uint_eq(flaw.failed.code, 602);
    fd_msg_free(msg);
    mar.server_name = LITERAL("");
    ck_assert(!decode_mar_with_features(&mar, VM, 1, &msg, &flaw));
    ck_assert_uint_eq(flaw.result.code, MCX_EXP_FEATURE_UNSUPPORTED);
    fd_msg_free(msg);
}
END_TEST

START_TEST(test_required_features_are_5011_with_our_empty_set)
{
    struct mcx_avp group = {0}, avp = {0};
    struct mcx_flaw flaw = {0};
    struct msg *msg = NULL, *answer = NULL;

    ck_assert(decode_with_features(AVP_FLAG_VENDOR, 1, &msg, &flaw));
    fd_msg_free(msg);
    ck_assert(decode_with_features(AVP_FLAG_VENDOR | AVP_FLAG_MANDATORY, 0, &msg, &flaw));
    fd_msg_free(msg);
    ck_assert(!decode_with_features(AVP_FLAG_VENDOR | AVP_FLAG_MANDATORY, 1, &msg, &flaw));
    ck_assert(flaw.result.is_experimental);
    ck_assert_uint_eq(flaw.result.code, MCX_EXP_FEATURE_UNSUPPORTED);
    ck_assert_uint_eq(flaw.failed.code, 0);
    ck_assert_int_eq(mcx_answer_make(&msg, flaw.result, &flaw.failed, NULL), 0);
    ck_assert_int_eq(mcx_maa_add_features(msg), 0);
    answer = core_launder(&msg);
    ck_assert_uint_eq(core_result(answer).code, MCX_EXP_FEATURE_UNSUPPORTED);
    ck_assert(!mcx_avp_find(answer, MCX_AVP_FAILED_AVP, &avp));
    ck_assert(mcx_avp_find(answer, MCX_AVP_SUPPORTED_FEATURES, &group));
    ck_assert_uint_eq(group.flags, AVP_FLAG_VENDOR); /* TS 29.229 7.2.2: M clear in answers */
    ck_assert(mcx_avp_find(group.avp, MCX_AVP_VENDOR_ID, &avp) && avp.u32 == MCX_VENDOR_3GPP);
    ck_assert(mcx_avp_find(group.avp, MCX_AVP_FEATURE_LIST_ID, &avp) && avp.u32 == 1);
    ck_assert(mcx_avp_find(group.avp, MCX_AVP_FEATURE_LIST, &avp) && avp.u32 == 0);
    fd_msg_free(answer);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("mar_decode");

    tcase_add_checked_fixture(tests, core_start, NULL);
    tcase_add_test(tests, test_a_cx_mar_is_read_whole);
    tcase_add_test(tests, test_zh_needs_no_public_identity_item_number_or_server_name);
    tcase_add_test(tests, test_schemes_are_compared_without_case);
    tcase_add_test(tests, test_rand_and_auts_of_a_synchronisation_failure);
    tcase_add_test(tests, test_each_missing_avp_is_5005_with_an_example);
    tcase_add_test(tests, test_a_missing_item_or_number_is_5005_on_cx);
    tcase_add_test(tests, test_each_repeated_avp_is_5009);
    tcase_add_test(tests, test_each_wrong_value_is_5004_with_the_avp_as_it_came);
    tcase_add_test(tests, test_number_0_is_5004);
    tcase_add_test(tests, test_auts_with_a_scheme_that_is_not_aka_is_5004);
    tcase_add_test(tests, test_over_long_texts_are_5004);
    tcase_add_test(tests, test_a_missing_avp_comes_before_features_a_wrong_value_behind);
    tcase_add_test(tests, test_required_features_are_5011_with_our_empty_set);
    return core_run(tests, 60);
}
