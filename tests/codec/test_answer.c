/* SPDX-License-Identifier: Apache-2.0 */
/* Answers: header, results, identities as asked, Failed-AVP in all its forms, vectors as they
 * stand, and no answer that is too large for freeDiameter (RFC 6733 6.2 and 7, TS 29.229 6.1.8). */
#include "core.h"
#include "diameter/mar_codec.h"
#include "wire.h"

static struct wire wire;
static uint8_t many[65535];

static struct msg *request_of(const struct mar *mar)
{
    mar_write(mar, &wire);
    return core_receive(wire_span(&wire));
}

static struct msg *answer_to(const struct mar *mar, struct mcx_result result,
                             const struct mcx_failed_avp *failed, const char *text)
{
    struct msg *msg = request_of(mar);

    ck_assert_int_eq(mcx_answer_make(&msg, result, failed, text), 0);
    return core_launder(&msg);
}

START_TEST(test_the_error_bit_is_set_for_3xxx_only)
{
    static const struct {
        struct mcx_result result;
        bool is_error;
    } row[] = {
        {{2001, false, false}, false}, {{2999, false, false}, false}, {{3000, false, false}, true},
        {{3002, false, false}, true},  {{3004, false, false}, true},  {{3999, false, false}, true},
        {{4000, false, false}, false}, {{5012, false, false}, false}, {{5001, true, false}, false},
        {{3004, true, false}, false},  {{5401, true, false}, false}};
    struct mar mar = mar_cx();

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct msg *answer = answer_to(&mar, row[i].result, NULL, NULL);
        struct mcx_result got = core_result(answer);

        ck_assert_uint_eq(got.code, row[i].result.code);
        ck_assert_int_eq(got.is_experimental, row[i].result.is_experimental);
        ck_assert_int_eq(!!(core_flags(answer) & CMD_FLAG_ERROR), row[i].is_error);
        ck_assert(!(core_flags(answer) & CMD_FLAG_REQUEST));
        fd_msg_free(answer);
    }
}
END_TEST

START_TEST(test_an_answer_carries_what_its_grammar_wants)
{
    static const enum mcx_avp_name order[] = {
        MCX_AVP_SESSION_ID,         MCX_AVP_VENDOR_SPECIFIC_APPLICATION_ID,
        MCX_AVP_AUTH_SESSION_STATE, MCX_AVP_RESULT_CODE,
        MCX_AVP_ORIGIN_HOST,        MCX_AVP_ORIGIN_REALM,
        MCX_AVP_USER_NAME,          MCX_AVP_PUBLIC_IDENTITY};
    struct mar mar = mar_cx();
    struct msg *answer = answer_to(&mar, mcx_result_code(2001), NULL, NULL);
    enum mcx_avp_name names[32];
    struct msg_hdr *header = NULL;
    struct mcx_avp avp = {0};

    ck_assert_uint_eq(core_names(answer, names, 32), sizeof order / sizeof *order);
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        ck_assert_int_eq(names[i], order[i]);
    ck_assert_int_eq(fd_msg_hdr(answer, &header), 0);
    ck_assert_uint_eq(header->msg_hbhid, 0x1001);
    ck_assert_uint_eq(header->msg_eteid, 0x2002);
    ck_assert_uint_eq(header->msg_appl, MCX_APP_CX);
    ck_assert(mcx_avp_find(answer, MCX_AVP_SESSION_ID, &avp));
    ck_assert(mcx_span_equal(avp.octets, mar.session_id));
    ck_assert(mcx_avp_find(answer, MCX_AVP_ORIGIN_HOST, &avp));
    ck_assert(mcx_span_equal(avp.octets, LITERAL(OWN_HOST)));
    ck_assert(mcx_avp_find(answer, MCX_AVP_USER_NAME, &avp));
    ck_assert(mcx_span_equal(avp.octets, mar.user_name));
    ck_assert(mcx_avp_find(answer, MCX_AVP_PUBLIC_IDENTITY, &avp));
    ck_assert(mcx_span_equal(avp.octets, mar.public_identity));
    fd_msg_free(answer);
}
END_TEST

START_TEST(test_error_message_is_there_when_given)
{
    struct mar mar = mar_cx();
    struct msg *answer = answer_to(&mar, mcx_result_code(5012), NULL, "why");
    struct mcx_avp avp = {0};

    ck_assert(mcx_avp_find(answer, MCX_AVP_ERROR_MESSAGE, &avp));
    ck_assert(mcx_span_equal(avp.octets, LITERAL("why")));
    ck_assert(!mcx_avp_find(answer, MCX_AVP_FAILED_AVP, &avp));
    fd_msg_free(answer);
}
END_TEST

/* The AVP inside Failed-AVP; false if the answer has none. */
static bool failed_avp(struct msg *answer, struct avp_hdr **out)
{
    struct mcx_avp failed = {0}, inside = {0};

    if (!mcx_avp_find(answer, MCX_AVP_FAILED_AVP, &failed))
        return false;
    ck_assert(mcx_avp_next(failed.avp, &inside));
    ck_assert_int_eq(fd_msg_avp_hdr(inside.avp, out), 0);
    return true;
}

START_TEST(test_failed_avp_of_each_format)
{
    static const struct {
        uint32_t code, vendor;
        const char *octets;
        size_t len, want_len;
    } row[] = {
        {1, 0, "abc", 3, 8 + 3},             /* UTF8String */
        {1, 0, NULL, 0, 8},                  /* a missing one */
        {610, 10415, NULL, 30, 12 + 30},     /* 30 octets of an example */
        {607, 10415, "\0\0\0\7", 4, 12 + 4}, /* Unsigned32 */
        {607, 10415, NULL, 0, 12 + 4},       /* its example */
        {277, 0, "\0\0\0\1", 4, 8 + 4},      /* Enumerated */
        {612, 10415, NULL, 0, 12},           /* Grouped */
        {622, 0, NULL, 0, 8 + 8},            /* Unsigned64 */
    };
    struct mar mar = mar_cx();

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct mcx_failed_avp failed = {.code = row[i].code,
                                        .vendor = row[i].vendor,
                                        .octets = (const uint8_t *)row[i].octets,
                                        .len = row[i].len};
        struct msg *answer = answer_to(&mar, mcx_result_code(5004), &failed, NULL);
        struct avp_hdr *header = NULL;

        ck_assert(failed_avp(answer, &header));
        ck_assert_uint_eq(header->avp_code, row[i].code);
        ck_assert_uint_eq(header->avp_vendor, row[i].vendor);
        ck_assert_uint_eq(header->avp_len, row[i].want_len);
        if (row[i].octets && row[i].code == 607)
            ck_assert_uint_eq(header->avp_value->u32, 7);
        if (row[i].octets && row[i].code == 1)
            ck_assert_mem_eq(header->avp_value->os.data, "abc", 3);
        fd_msg_free(answer);
    }
}
END_TEST

START_TEST(test_an_avp_that_no_dictionary_knows_stands_in_failed_avp_as_it_came)
{
    struct mcx_failed_avp failed = {
        .code = 4711, .vendor = 10415, .octets = (const uint8_t *)"?", .len = 1};
    struct mar mar = mar_cx();
    struct msg *answer = answer_to(&mar, mcx_result_code(5001), &failed, NULL);
    struct mcx_avp group = {0}, avp = {0};

    ck_assert(mcx_avp_find(answer, MCX_AVP_FAILED_AVP, &group));
    ck_assert(mcx_avp_next(group.avp, &avp));
    ck_assert_uint_eq(avp.code, 4711);
    ck_assert_uint_eq(avp.vendor, 10415);
    fd_msg_free(answer);
}
END_TEST

static size_t length_of(struct msg *answer, enum mcx_avp_name name)
{
    struct mcx_avp avp = {0};

    return mcx_avp_find(answer, name, &avp) ? avp.octets.len : 0;
}

/* As the sending hook leaves the answer to a MAR of these three alone. */
static struct msg *fitted(const size_t len[3], const struct mcx_failed_avp *failed)
{
    static const enum mcx_avp_name names[] = {MCX_AVP_SESSION_ID, MCX_AVP_USER_NAME,
                                              MCX_AVP_PUBLIC_IDENTITY};
    struct msg *msg = NULL;

    wire_begin(&wire, CMD_FLAG_REQUEST | CMD_FLAG_PROXIABLE, MCX_CMD_MAR, MCX_APP_CX);
    for (int i = 0; i < 3; i++)
        if (len[i] > 0)
            wire_avp(&wire, names[i], mcx_span(many, len[i]));
    wire_end(&wire);
    msg = core_receive(wire_span(&wire));
    ck_assert_int_eq(mcx_answer_make(&msg, mcx_result_code(5004), failed, "why"), 0);
    ck_assert_int_eq(mcx_answer_fit(msg), 0);
    msg = core_launder(&msg);
    ck_assert_uint_eq(core_result(msg).code, 5004);
    return msg;
}

/* The answer's other AVPs take 128 octets, the request's none. */
START_TEST(test_huge_input_makes_no_huge_answer)
{
    static const struct {
        size_t asked[3], failed; /* Session-Id, User-Name, Public-Identity */
        size_t kept[3], kept_failed;
        bool has_message;
    } row[] = {
        {{16, 20000, 20000}, 20000, {16, 20000, 20000}, 20000, true}, /* fits */
        {{16, 30000, 30000}, 30000, {16, 30000, 30000}, 5332, true},
        {{16, 65340, 0}, 65340, {16, 65340, 0}, 4, true},
        {{16, 65344, 0}, 65344, {16, 65344, 0}, 0, true},
        {{16, 65372, 0}, 65372, {16, 65372, 0}, 0, false},
        {{16, 65376, 32}, 1, {16, 0, 0}, 0, false},
        {{16, 65372, 32}, 1, {16, 65372, 0}, 0, false},
        {{65488, 0, 0}, 1, {0, 0, 0}, 0, false},
    };

    memset(many, 'a', sizeof many);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct mcx_failed_avp failed = {
            .code = 1, .flags = 0x40, .octets = many, .len = row[i].failed};
        struct msg *answer = fitted(row[i].asked, &failed);
        struct avp_hdr *inside = NULL;

        ck_assert_uint_eq(length_of(answer, MCX_AVP_SESSION_ID), row[i].kept[0]);
        ck_assert_uint_eq(length_of(answer, MCX_AVP_USER_NAME), row[i].kept[1]);
        ck_assert_uint_eq(length_of(answer, MCX_AVP_PUBLIC_IDENTITY), row[i].kept[2]);
        ck_assert_int_eq(length_of(answer, MCX_AVP_ERROR_MESSAGE) > 0, row[i].has_message);
        ck_assert_int_eq(failed_avp(answer, &inside), row[i].kept_failed > 0);
        if (row[i].kept_failed > 0)
            ck_assert_uint_eq(inside->avp_value->os.len, row[i].kept_failed);
        fd_msg_free(answer);
    }
}
END_TEST

/* Whoever put it there gets an answer without it instead of none. */
START_TEST(test_a_huge_proxy_info_goes_last)
{
    struct msg *msg = NULL;
    struct mcx_avp avp = {0};
    size_t open = 0;

    wire_begin(&wire, CMD_FLAG_REQUEST | CMD_FLAG_PROXIABLE, MCX_CMD_MAR, MCX_APP_CX);
    open = wire_open(&wire, MCX_AVP_PROXY_INFO);
    wire_raw(&wire, 33, AVP_FLAG_MANDATORY, 0, mcx_span(many, 65488));
    wire_close(&wire, open);
    wire_end(&wire);
    msg = core_receive(wire_span(&wire));
    ck_assert_int_eq(mcx_answer_make(&msg, mcx_result_code(2001), NULL, NULL), 0);
    ck_assert_int_eq(mcx_answer_fit(msg), 0);
    msg = core_launder(&msg);
    ck_assert(!mcx_avp_find(msg, MCX_AVP_PROXY_INFO, &avp));
    ck_assert_uint_eq(core_result(msg).code, 2001);
    fd_msg_free(msg);
}
END_TEST

/* Half of one would not parse. */
START_TEST(test_a_group_in_failed_avp_goes_whole)
{
    static const size_t asked[] = {16, 65000, 0};
    static uint8_t item[1008] = {0, 0, 2, 0x61, 0xc0, 0, 3, 0xf0, 0, 0, 0x28, 0xaf};
    struct mcx_failed_avp failed = {
        .code = 612, .vendor = 10415, .flags = 0xc0, .octets = item, .len = sizeof item};
    struct msg *answer = fitted(asked, &failed);
    struct avp_hdr *inside = NULL;

    ck_assert(!failed_avp(answer, &inside));
    fd_msg_free(answer);
}
END_TEST

START_TEST(test_other_commands_and_applications_get_no_identities)
{
    struct mcx_avp avp = {0};
    struct msg *msg = NULL, *answer = NULL;
    struct mar mar = mar_cx();

    mar_write(&mar, &wire);
    wire.octets[7] = 300 & 0xff; /* User-Authorization-Request */
    wire.octets[6] = 300 >> 8;
    msg = core_receive(wire_span(&wire));
    ck_assert_int_eq(mcx_answer_make(&msg, mcx_result_code(3001), NULL, NULL), 0);
    answer = core_launder(&msg);
    ck_assert(!mcx_avp_find(answer, MCX_AVP_USER_NAME, &avp));
    ck_assert(mcx_avp_find(answer, MCX_AVP_VENDOR_SPECIFIC_APPLICATION_ID, &avp));
    fd_msg_free(answer);
}
END_TEST

static struct mcx_av vector_of(char tag, bool no_ck, uint8_t xres_len)
{
    struct mcx_av av = {.xres_len = xres_len, .no_ck = no_ck};

    memset(av.rand, tag, 16);
    memset(av.autn, tag + 1, 16);
    memset(av.xres, tag + 2, sizeof av.xres);
    memset(av.ck.octets, tag + 3, 16);
    memset(av.ik.octets, tag + 4, 16);
    return av;
}

static void expect_octets(msg_or_avp *item, enum mcx_avp_name name, const uint8_t *octets,
                          size_t len)
{
    struct mcx_avp avp = {0};

    ck_assert(mcx_avp_find(item, name, &avp));
    ck_assert(mcx_span_equal(avp.octets, mcx_span(octets, len)));
}

static void expect_item(struct mcx_avp *item, const struct mcx_av *av, uint32_t number)
{
    struct mcx_avp avp = {0};
    uint8_t authenticate[32];

    ck_assert_int_eq(item->name, MCX_AVP_SIP_AUTH_DATA_ITEM);
    ck_assert(mcx_avp_find(item->avp, MCX_AVP_SIP_ITEM_NUMBER, &avp));
    ck_assert_uint_eq(avp.u32, number);
    memcpy(authenticate, av->rand, 16);
    memcpy(authenticate + 16, av->autn, 16);
    expect_octets(item->avp, MCX_AVP_SIP_AUTHENTICATION_SCHEME, (const uint8_t *)"Digest-AKAv1-MD5",
                  16);
    expect_octets(item->avp, MCX_AVP_SIP_AUTHENTICATE, authenticate, 32);
    expect_octets(item->avp, MCX_AVP_SIP_AUTHORIZATION, av->xres, av->xres_len);
    expect_octets(item->avp, MCX_AVP_INTEGRITY_KEY, av->ik.octets, 16);
    if (av->no_ck)
        ck_assert(!mcx_avp_find(item->avp, MCX_AVP_CONFIDENTIALITY_KEY, &avp));
    else
        expect_octets(item->avp, MCX_AVP_CONFIDENTIALITY_KEY, av->ck.octets, 16);
}

START_TEST(test_items_with_their_number_on_cx_alone_on_zh)
{
    struct mcx_av items[2] = {vector_of('a', false, 8), vector_of('k', true, 16)};
    struct mar mar[2] = {mar_cx(), mar_zh()};

    for (int i = 0; i < 2; i++) {
        struct msg *msg = request_of(&mar[i]), *answer = NULL;
        uint32_t count = i == 0 ? 2 : 1;
        struct mcx_avp step = {0}, avp = {0};

        ck_assert_int_eq(mcx_answer_make(&msg, mcx_result_code(2001), NULL, NULL), 0);
        ck_assert_int_eq(mcx_maa_add_items(msg, i == 0 ? MCX_CX : MCX_ZH, items, count), 0);
        answer = core_launder(&msg);
        ck_assert(mcx_avp_find(answer, MCX_AVP_SIP_NUMBER_AUTH_ITEMS, &avp) == (i == 0));
        ck_assert(i == 1 || avp.u32 == 2);
        ck_assert(mcx_avp_find(answer, MCX_AVP_SIP_AUTH_DATA_ITEM, &step));
        expect_item(&step, &items[0], 1);
        if (i == 0) {
            ck_assert(mcx_avp_next(answer, &step));
            expect_item(&step, &items[1], 2);
        }
        ck_assert(!mcx_avp_next(answer, &step));
        fd_msg_free(answer);
    }
}
END_TEST

START_TEST(test_dict_rows_agree_with_freediameter)
{
    for (enum mcx_avp_name name = 0; name < MCX_AVP_NAMES; name++) {
        struct dict_avp_data data;

        ck_assert_int_eq(fd_dict_getval(mcx_dict_avp(name), &data), 0);
        ck_assert_uint_eq(data.avp_code, mcx_dict_code(name));
        ck_assert_uint_eq(data.avp_vendor, mcx_dict_vendor(name));
        ck_assert_int_eq(mcx_dict_name(data.avp_code, data.avp_vendor), name);
    }
    ck_assert_int_eq(mcx_dict_name(601, 0), MCX_AVP_NAMES);
    ck_assert_int_eq(mcx_dict_name(1, 10415), MCX_AVP_NAMES);
    ck_assert_int_eq(mcx_dict_name(UINT32_MAX, 0), MCX_AVP_NAMES);
    ck_assert_int_eq(mcx_dict_name(UINT32_MAX, 10415), MCX_AVP_NAMES);
    ck_assert_ptr_ne(mcx_dict_app(MCX_APP_CX), mcx_dict_app(MCX_APP_ZH));
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("answer");

    tcase_add_checked_fixture(tests, core_start, NULL);
    tcase_add_test(tests, test_the_error_bit_is_set_for_3xxx_only);
    tcase_add_test(tests, test_an_answer_carries_what_its_grammar_wants);
    tcase_add_test(tests, test_error_message_is_there_when_given);
    tcase_add_test(tests, test_failed_avp_of_each_format);
    tcase_add_test(tests, test_an_avp_that_no_dictionary_knows_stands_in_failed_avp_as_it_came);
    tcase_add_test(tests, test_huge_input_makes_no_huge_answer);
    tcase_add_test(tests, test_a_group_in_failed_avp_goes_whole);
    tcase_add_test(tests, test_a_huge_proxy_info_goes_last);
    tcase_add_test(tests, test_other_commands_and_applications_get_no_identities);
    tcase_add_test(tests, test_items_with_their_number_on_cx_alone_on_zh);
    tcase_add_test(tests, test_dict_rows_agree_with_freediameter);
    return core_run(tests, 60);
}
