/* SPDX-License-Identifier: Apache-2.0 */
/* What a primary answers is laundered: every unsound MAA is found out, with the word that the log
 * says, and what is sound is copied out in the order of its numbers (design 6, TS 29.228 6.3.1). */
#include "core.h"
#include "diameter/mar_codec.h"
#include "wire.h"

static struct wire wire;
static const uint8_t octets[64] = "0123456789abcdefABCDEFGHIJKLMNOPqrstuvwxyzQRSTUVWXYZ";

/* An item by lengths; -1: left out. */
struct item {
    int number, authenticate, xres, ck, ik;
    const char *scheme;
    char tag; /* first octet of RAND */
};
static const struct item sound = {1, 32, 8, 16, 16, "Digest-AKAv1-MD5", 'r'};

/* A MAA by parts; NULL or -1: left out. */
struct maa {
    int result, experimental, vendor, number;
    const char *realm, *user_name, *public_identity, *session, *redirect;
    size_t items;
    struct item item[MCX_ITEMS_MAX + 1];
};

static struct maa maa_sound(void)
{
    return (struct maa){.result = 2001,
                        .experimental = -1,
                        .vendor = 10415,
                        .number = 1,
                        .realm = "primary.example",
                        .user_name = "user@primary.example",
                        .public_identity = "sip:user@primary.example",
                        .session = "our;session",
                        .items = 1,
                        .item = {sound}};
}

static struct mcx_mar_relay relay_of(enum mcx_iface iface, uint32_t items)
{
    struct mcx_mar_relay relay = {.iface = iface, .items = items};

    ck_assert_int_eq(mcx_str_set(&relay.realm, LITERAL("primary.example")), MCX_OK);
    ck_assert_int_eq(mcx_str_set(&relay.impi, LITERAL("user@primary.example")), MCX_OK);
    ck_assert_int_eq(mcx_str_set(&relay.impu, LITERAL("sip:user@primary.example")), MCX_OK);
    return relay;
}

static void text(enum mcx_avp_name name, const char *value)
{
    if (value)
        wire_avp(&wire, name, mcx_span_of(value));
}

static void some(enum mcx_avp_name name, int len)
{
    if (len >= 0)
        wire_avp(&wire, name, mcx_span(octets, (size_t)len));
}

static void write_item(const struct item *item)
{
    size_t open = wire_open(&wire, MCX_AVP_SIP_AUTH_DATA_ITEM);
    uint8_t authenticate[64];

    memcpy(authenticate, octets, sizeof authenticate);
    authenticate[0] = (uint8_t)item->tag;
    if (item->number >= 0)
        wire_u32(&wire, MCX_AVP_SIP_ITEM_NUMBER, (uint32_t)item->number);
    text(MCX_AVP_SIP_AUTHENTICATION_SCHEME, item->scheme);
    if (item->authenticate >= 0)
        wire_avp(&wire, MCX_AVP_SIP_AUTHENTICATE,
                 mcx_span(authenticate, (size_t)item->authenticate));
    some(MCX_AVP_SIP_AUTHORIZATION, item->xres);
    some(MCX_AVP_CONFIDENTIALITY_KEY, item->ck);
    some(MCX_AVP_INTEGRITY_KEY, item->ik);
    wire_close(&wire, open);
}

static void write_maa(const struct maa *maa)
{
    wire_begin(&wire, CMD_FLAG_PROXIABLE, MCX_CMD_MAR, MCX_APP_CX);
    text(MCX_AVP_SESSION_ID, maa->session);
    if (maa->result >= 0)
        wire_u32(&wire, MCX_AVP_RESULT_CODE, (uint32_t)maa->result);
    if (maa->experimental >= 0) {
        size_t open = wire_open(&wire, MCX_AVP_EXPERIMENTAL_RESULT);

        if (maa->vendor >= 0)
            wire_u32(&wire, MCX_AVP_VENDOR_ID, (uint32_t)maa->vendor);
        wire_u32(&wire, MCX_AVP_EXPERIMENTAL_RESULT_CODE, (uint32_t)maa->experimental);
        wire_close(&wire, open);
    }
    text(MCX_AVP_ORIGIN_HOST, "hss.primary.example");
    text(MCX_AVP_ORIGIN_REALM, maa->realm);
    text(MCX_AVP_USER_NAME, maa->user_name);
    text(MCX_AVP_PUBLIC_IDENTITY, maa->public_identity);
    if (maa->number >= 0)
        wire_u32(&wire, MCX_AVP_SIP_NUMBER_AUTH_ITEMS, (uint32_t)maa->number);
    for (size_t i = 0; i < maa->items; i++)
        write_item(&maa->item[i]);
    text(MCX_AVP_REDIRECT_HOST, maa->redirect);
    wire_end(&wire);
}

static struct msg *our_request(void)
{
    struct msg *request = NULL;

    ck_assert_int_eq(fd_msg_new(mcx_dict_request(MCX_CMD_MAR), MSGFL_ALLOC_ETEID, &request), 0);
    ck_assert_int_eq(mcx_avp_add(request, MCX_AVP_SESSION_ID, LITERAL("our;session")), 0);
    return request;
}

static struct mcx_maa decoded_for(const struct maa *maa, const struct mcx_mar_relay *relay)
{
    struct msg *answer = NULL;
    struct mcx_maa out;

    write_maa(maa);
    answer = core_receive(wire_span(&wire));
    ck_assert_int_eq(fd_msg_answ_associate(answer, our_request()), 0);
    memset(&out, 0xa5, sizeof out);
    mcx_maa_decode(answer, relay, &out);
    fd_msg_free(answer); /* with its request */
    return out;
}

static struct mcx_maa decoded(const struct maa *maa, uint32_t asked)
{
    struct mcx_mar_relay relay = relay_of(MCX_CX, asked);

    return decoded_for(maa, &relay);
}

static void expect_unsound(const struct maa *maa, const char *reason)
{
    struct mcx_maa out = decoded(maa, 1);
    static const struct mcx_av none;

    ck_assert_msg(out.kind == MCX_MAA_UNSOUND, "accepted, expected %s", reason);
    ck_assert_str_eq(out.reason, reason);
    ck_assert_uint_eq(out.item_count, 0);
    for (size_t i = 0; i < MCX_ITEMS_MAX; i++) /* nothing of it stays */
        ck_assert_mem_eq(&out.item[i], &none, sizeof none);
}

START_TEST(test_a_sound_item_is_copied_out)
{
    struct maa maa = maa_sound();
    struct mcx_maa out = decoded(&maa, 1);

    ck_assert_int_eq(out.kind, MCX_MAA_ITEMS);
    ck_assert_uint_eq(out.item_count, 1);
    ck_assert_int_eq(out.item[0].rand[0], 'r');
    ck_assert_mem_eq(out.item[0].rand + 1, octets + 1, 15);
    ck_assert_mem_eq(out.item[0].autn, octets + 16, 16);
    ck_assert_uint_eq(out.item[0].xres_len, 8);
    ck_assert_mem_eq(out.item[0].xres, octets, 8);
    ck_assert_mem_eq(out.item[0].ck.octets, octets, 16);
    ck_assert_mem_eq(out.item[0].ik.octets, octets, 16);
    ck_assert(!out.item[0].no_ck);
}
END_TEST

START_TEST(test_what_a_primary_may_leave_out_or_write_otherwise)
{
    static const struct item fine[] = {
        {1, 32, 4, 16, 16, "digest-akav1-md5", 'r'},
        {1, 32, 16, -1, 16, "Digest-AKAv1-MD5", 'r'},
        {-1, 32, 8, 16, 16, NULL, 'r'},
    };
    struct maa maa = maa_sound();

    for (size_t i = 0; i < sizeof fine / sizeof *fine; i++) {
        struct mcx_maa out;

        maa.item[0] = fine[i];
        out = decoded(&maa, 1);
        ck_assert_int_eq(out.kind, MCX_MAA_ITEMS);
        ck_assert_uint_eq(out.item[0].xres_len, (unsigned)fine[i].xres);
        ck_assert_int_eq(out.item[0].no_ck, fine[i].ck < 0);
    }
    maa = maa_sound();
    maa.user_name = maa.public_identity = maa.session = NULL; /* accepted by correlation */
    maa.number = -1;                                          /* Zh has none */
    maa.realm = "PRIMARY.example";
    ck_assert_int_eq(decoded(&maa, 1).kind, MCX_MAA_ITEMS);
}
END_TEST

START_TEST(test_each_unsound_item)
{
    static const struct item bad[] = {
        {1, 31, 8, 16, 16, "Digest-AKAv1-MD5", 'r'},
        {1, 33, 8, 16, 16, "Digest-AKAv1-MD5", 'r'},
        {1, 0, 8, 16, 16, "Digest-AKAv1-MD5", 'r'},
        {1, -1, 8, 16, 16, "Digest-AKAv1-MD5", 'r'},
        {1, 32, 3, 16, 16, "Digest-AKAv1-MD5", 'r'},
        {1, 32, 17, 16, 16, "Digest-AKAv1-MD5", 'r'},
        {1, 32, -1, 16, 16, "Digest-AKAv1-MD5", 'r'},
        {1, 32, 8, 15, 16, "Digest-AKAv1-MD5", 'r'},
        {1, 32, 8, 17, 16, "Digest-AKAv1-MD5", 'r'},
        {1, 32, 8, 0, 16, "Digest-AKAv1-MD5", 'r'},
        {1, 32, 8, 16, 15, "Digest-AKAv1-MD5", 'r'},
        {1, 32, 8, 16, 17, "Digest-AKAv1-MD5", 'r'},
        {1, 32, 8, 16, -1, "Digest-AKAv1-MD5", 'r'},
        {1, 32, 8, 16, 16, "SIP Digest", 'r'},
        {1, 32, 8, 16, 16, "", 'r'},
    };
    struct maa maa = maa_sound();

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        maa.item[0] = bad[i];
        expect_unsound(&maa, "bad_item");
    }
}
END_TEST

START_TEST(test_no_item_too_many_and_a_number_that_lies)
{
    struct maa maa = maa_sound();

    maa.items = 0;
    expect_unsound(&maa, "no_item");
    maa = maa_sound();
    maa.items = 2;
    maa.item[1] = sound;
    expect_unsound(&maa, "more_items_than_asked");
    maa = maa_sound();
    maa.number = 2;
    expect_unsound(&maa, "more_items_than_asked");
}
END_TEST

START_TEST(test_more_items_than_an_answer_of_ours_can_hold)
{
    struct maa maa = maa_sound();
    struct mcx_maa out;

    maa.number = -1;
    maa.items = MCX_ITEMS_MAX + 1;
    for (size_t i = 0; i < maa.items; i++)
        maa.item[i] = sound;
    out = decoded(&maa, 100);
    ck_assert_int_eq(out.kind, MCX_MAA_UNSOUND);
    ck_assert_str_eq(out.reason, "more_items_than_asked");
}
END_TEST

START_TEST(test_items_in_the_order_of_their_numbers)
{
    struct maa maa = maa_sound();
    struct mcx_maa out;

    maa.number = maa.items = 5;
    for (int i = 0; i < 5; i++) {
        maa.item[i] = sound;
        maa.item[i].number = (int[]){9, 2, 5, 2, 1}[i];
        maa.item[i].tag = "edbca"[i];
    }
    out = decoded(&maa, 5);
    ck_assert_int_eq(out.kind, MCX_MAA_ITEMS);
    ck_assert_uint_eq(out.item_count, 5);
    for (int i = 0; i < 5; i++) /* of equal numbers the first stays first */
        ck_assert_int_eq(out.item[i].rand[0], "adcbe"[i]);
}
END_TEST

START_TEST(test_another_realm_session_or_identity_is_unsound)
{
    static const char *const realms[] = {"other.example", "", "primary.example.", NULL};
    struct maa maa = maa_sound();

    for (size_t i = 0; i < sizeof realms / sizeof *realms; i++) {
        maa.realm = realms[i];
        expect_unsound(&maa, "other_realm");
    }
    maa = maa_sound();
    maa.session = "their;session";
    expect_unsound(&maa, "other_session");
    maa = maa_sound();
    maa.user_name = "User@primary.example";
    expect_unsound(&maa, "other_identities");
    maa = maa_sound();
    maa.public_identity = "";
    expect_unsound(&maa, "other_identities");
}
END_TEST

START_TEST(test_no_result_two_results_or_another_vendors)
{
    struct maa maa = maa_sound();

    maa.result = -1;
    expect_unsound(&maa, "no_single_result");
    maa.result = 2001;
    maa.experimental = 5001;
    expect_unsound(&maa, "no_single_result");
    maa.result = -1;
    maa.vendor = 32473;
    expect_unsound(&maa, "no_single_result");
    maa.vendor = -1;
    expect_unsound(&maa, "no_single_result");
}
END_TEST

START_TEST(test_refusals_are_given_as_results_without_items)
{
    static const struct {
        int result, experimental;
    } row[] = {{5012, -1}, {3002, -1}, {2002, -1}, {-1, 5001}, {-1, 2001}, {-1, 5401}, {0, -1}};

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct maa maa = maa_sound();
        struct mcx_maa out;

        maa.result = row[i].result;
        maa.experimental = row[i].experimental;
        out = decoded(&maa, 1);
        ck_assert_int_eq(out.kind, MCX_MAA_RESULT);
        ck_assert_int_eq(out.result.is_experimental, row[i].result < 0);
        ck_assert_uint_eq(out.result.code,
                          (unsigned)(row[i].result < 0 ? row[i].experimental : row[i].result));
        ck_assert_uint_eq(out.item_count, 0);
    }
}
END_TEST

START_TEST(test_redirect_hosts)
{
    static const struct {
        const char *uri, *host; /* NULL: refused */
    } row[] = {
        {"aaa://HSS2.primary.example", "hss2.primary.example"},
        {"aaas://hss2.primary.example:5658;transport=tcp", "hss2.primary.example"},
        {"aaa://hss2.primary.example;protocol=diameter", "hss2.primary.example"},
        {"aaa://h:3868", "h"},
        {"aaa://", NULL},
        {"aaa://:3868", NULL},
        {"aaas://", NULL},
        {"aaa:", NULL},
        {"", NULL},
        {"hss2.primary.example", NULL},
        {"http://hss2.primary.example", NULL},
        {"aaa://[2001:db8::1]:3868", NULL},
        {"aaa://hss2 .example", NULL},
        {"aaa://user@hss2.example", NULL},
        {"aaa://hss2..example", NULL},
        {NULL, NULL},
    };
    struct maa maa = maa_sound();

    maa.result = 3006;
    maa.items = 0;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct mcx_maa out;

        maa.redirect = row[i].uri;
        if (!row[i].host) {
            expect_unsound(&maa, "bad_redirect");
            continue;
        }
        out = decoded(&maa, 1);
        ck_assert_int_eq(out.kind, MCX_MAA_REDIRECT);
        ck_assert_str_eq(out.redirect_host.octets, row[i].host);
    }
}
END_TEST

START_TEST(test_what_we_answer_is_what_a_partner_of_ours_reads)
{
    struct mcx_mar_relay relay = relay_of(MCX_CX, 2);
    struct mar mar = mar_cx();
    struct mcx_av av[2] = {{.xres_len = 8}, {.xres_len = 16, .no_ck = true}};
    struct msg *msg = NULL, *answer = NULL;
    struct mcx_maa out;

    memset(av[0].rand, 1, 16);
    memset(av[1].rand, 2, 16);
    relay.impi.len = relay.impu.len = 0;
    ck_assert_int_eq(mcx_str_set(&relay.realm, LITERAL(OWN_REALM)), MCX_OK);
    ck_assert_int_eq(mcx_str_set(&relay.impi, mar.user_name), MCX_OK);
    ck_assert_int_eq(mcx_str_set(&relay.impu, mar.public_identity), MCX_OK);
    mar.session_id = mcx_span_of("our;session");
    mar_write(&mar, &wire);
    msg = core_receive(wire_span(&wire));
    ck_assert_int_eq(mcx_answer_make(&msg, mcx_result_code(2001), NULL, NULL), 0);
    ck_assert_int_eq(mcx_maa_add_items(msg, MCX_CX, av, 2), 0);
    answer = core_launder(&msg);
    ck_assert_int_eq(fd_msg_answ_associate(answer, our_request()), 0);
    mcx_maa_decode(answer, &relay, &out);
    fd_msg_free(answer);
    ck_assert_int_eq(out.kind, MCX_MAA_ITEMS);
    ck_assert_uint_eq(out.item_count, 2);
    ck_assert_mem_eq(&out.item[0], &av[0], sizeof av[0]);
    ck_assert_mem_eq(&out.item[1], &av[1], sizeof av[1]);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("maa_decode");

    tcase_add_checked_fixture(tests, core_start, NULL);
    tcase_add_test(tests, test_a_sound_item_is_copied_out);
    tcase_add_test(tests, test_what_a_primary_may_leave_out_or_write_otherwise);
    tcase_add_test(tests, test_each_unsound_item);
    tcase_add_test(tests, test_no_item_too_many_and_a_number_that_lies);
    tcase_add_test(tests, test_more_items_than_an_answer_of_ours_can_hold);
    tcase_add_test(tests, test_items_in_the_order_of_their_numbers);
    tcase_add_test(tests, test_another_realm_session_or_identity_is_unsound);
    tcase_add_test(tests, test_no_result_two_results_or_another_vendors);
    tcase_add_test(tests, test_refusals_are_given_as_results_without_items);
    tcase_add_test(tests, test_redirect_hosts);
    tcase_add_test(tests, test_what_we_answer_is_what_a_partner_of_ours_reads);
    return core_run(tests, 60);
}
