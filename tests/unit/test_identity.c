/* SPDX-License-Identifier: Apache-2.0 */
/* identity: canonical IMPI and IMPU by table (TS 23.003 13.3, 13.4; RFC 7542, 3261, 3966). */
#include "identity/identity.h"

#include "unit.h"

struct row {
    const char *in;
    const char *out; /* NULL: INVALID */
};

typedef enum mcx_err (*canonical_fn)(struct mcx_span in, struct mcx_str *out);

static void assert_row(canonical_fn canonical, const struct row *row)
{
    struct mcx_str out = {3, "old"}, again;
    enum mcx_err err = canonical(mcx_span_of(row->in), &out);

    if (!row->out) {
        ck_assert_msg(err == MCX_INVALID, "%s: %s", row->in, mcx_err_label(err));
        ck_assert_str_eq(out.octets, "old");
        return;
    }
    ck_assert_msg(err == MCX_OK, "%s: %s", row->in, mcx_err_label(err));
    ck_assert_str_eq(out.octets, row->out);
    ck_assert_uint_eq(out.len, strlen(row->out));
    ck_assert_int_eq(canonical(mcx_span_str(&out), &again), MCX_OK);
    ck_assert_str_eq(again.octets, out.octets);
}

#define ASSERT_ROWS(canonical, rows)                                                               \
    for (size_t row_ = 0; row_ < sizeof rows / sizeof rows[0]; row_++)                             \
    assert_row(canonical, &rows[row_])

START_TEST(test_impi)
{
    static const struct row rows[] = {
        {"user@primary.example", "user@primary.example"},
        {"User.Name@Primary.EXAMPLE", "User.Name@primary.example"},
        {"001010123456789@ims.mnc001.mcc001.3gppnetwork.org",
         "001010123456789@ims.mnc001.mcc001.3gppnetwork.org"},
        {"a+b/c=d%20'`{|}~^$&*#?_-@x", "a+b/c=d%20'`{|}~^$&*#?_-@x"},
        {"f\xc3\xbcr@primary.example", "f\xc3\xbcr@primary.example"},
        {"", NULL},
        {"user", NULL},
        {"@", NULL},
        {"user@", NULL},
        {"@primary.example", NULL},
        {"a@b@c", NULL},
        {"us!er@primary.example", NULL},
        {"home.example!user@primary.example", NULL},
        {"user@pri!mary.example", NULL},
        {"us er@primary.example", NULL},
        {"us\ter@primary.example", NULL},
        {"us\x7f@primary.example", NULL},
        {"us\\er@primary.example", NULL},
        {"\"user\"@primary.example", NULL},
        {"user:pw@primary.example", NULL},
        {"user,a@primary.example", NULL},
        {"<user@primary.example>", NULL},
        {"sip:user@primary.example", NULL},
        {"user@primary..example", NULL},
        {"user@.example", NULL},
        {"user@primary.example.", NULL},
        {"user@primary_example", NULL},
        {"user@-primary.example", NULL},
        {"user@primary.example:5060", NULL},
        {"user@pr\xc3\xa4.example", NULL},
        {"us\xff@primary.example", NULL},
        {"us\xc0\xaf@primary.example", NULL}, /* overlong */
        {"us\xe0\x82\xaf@primary.example", NULL},
        {"us\xf0\x82\x82\xaf@primary.example", NULL},
        {"us\xed\xa0\x80@primary.example", NULL},     /* surrogate */
        {"us\xf4\x90\x80\x80@primary.example", NULL}, /* over U+10FFFF */
        {"us\xc3@primary.example", NULL},             /* cut short */
        {"us\xc2\x85@primary.example", NULL},         /* C1 control */
    };

    ASSERT_ROWS(mcx_impi_canonical, rows);
}
END_TEST

START_TEST(test_sip_impu)
{
    static const struct row rows[] = {
        {"sip:user@primary.example", "sip:user@primary.example"},
        {"SIP:User@Primary.Example", "sip:User@primary.example"},
        {"sips:user@primary.example", "sips:user@primary.example"},
        {"SiPs:user@x", "sips:user@x"},
        /* port, parameters and headers go */
        {"sip:user@primary.example:5060", "sip:user@primary.example"},
        {"sip:user@primary.example;transport=tcp;lr", "sip:user@primary.example"},
        {"sip:user@primary.example:65535;user=phone?Subject=hi&a=b", "sip:user@primary.example"},
        {"sip:user@primary.example?to=x%20y", "sip:user@primary.example"},
        {"sip:user@primary.example.", "sip:user@primary.example"},
        {"sip:user@primary.example.:5060", "sip:user@primary.example"},
        /* one spelling per user */
        {"sip:%75ser@x", "sip:user@x"},
        {"sip:%55ser@x", "sip:User@x"},
        {"sip:a%2Db%5fc%7e@x", "sip:a-b_c~@x"},
        {"sip:a%3bb@x", "sip:a%3Bb@x"},
        {"sip:a;b@x", "sip:a;b@x"},
        {"sip:a%40b@x", "sip:a%40b@x"},
        {"sip:a%25b@x", "sip:a%25b@x"},
        {"sip:a%2541@x", "sip:a%2541@x"},
        {"sip:a%20b@x", "sip:a%20b@x"},
        {"sip:f%c3%bcr@x", "sip:f%C3%BCr@x"},
        {"sip:+15551234;phone-context=a@x;user=phone", "sip:+15551234;phone-context=a@x"},
        {"sip:a&=+$,;?/b@x", "sip:a&=+$,;?/b@x"},
        {"sip:-_.~*'()@x", "sip:-_.~*'()@x"},
        /* hosts */
        {"sip:u@192.0.2.1:5060", "sip:u@192.0.2.1"},
        {"sip:u@[2001:DB8::1]", "sip:u@[2001:db8::1]"},
        {"sip:u@[2001:db8:0:0:0:0:0:1]:5060;lr", "sip:u@[2001:db8::1]"},
        {"sip:u@[::]", "sip:u@[::]"},
        {"sip:u@[::ffff:192.0.2.1]", "sip:u@[::ffff:192.0.2.1]"},
        /* refused */
        {"", NULL},
        {"sip:", NULL},
        {"sip", NULL},
        {"user@primary.example", NULL},
        {"http://user@primary.example", NULL},
        {" sip:user@primary.example", NULL},
        {"sip:user@primary.example ", NULL},
        {"<sip:user@primary.example>", NULL},
        {"sip:primary.example", NULL},
        {"sip:@primary.example", NULL},
        {"sip:user@", NULL},
        {"sip:user@.", NULL},
        {"sip:user@..", NULL},
        {"sip:user@x..", NULL},
        {"sip:user@;lr", NULL},
        {"sip:user@:5060", NULL},
        {"sip:user:secret@x", NULL},
        {"sip:user:@x", NULL},
        {"sip:a@b@x", NULL},
        {"sip:us!er@x", NULL},
        {"sip:us%21er@x", NULL},
        {"sip:user@x;a=!", NULL},
        {"sip:user@x;a=%21", NULL},
        {"sip:us%00er@x", NULL},
        {"sip:us%0aer@x", NULL},
        {"sip:us%7fer@x", NULL},
        {"sip:us%ffer@x", NULL},
        {"sip:us%c3er@x", NULL},
        {"sip:us%c2%85er@x", NULL},
        {"sip:us%zzer@x", NULL},
        {"sip:us%2@x", NULL},
        {"sip:us%", NULL},
        {"sip:us%@x", NULL},
        {"sip:us er@x", NULL},
        {"sip:us\"er@x", NULL},
        {"sip:us\xc3\xbcr@x", NULL},
        {"sip:us[er@x", NULL},
        {"sip:us#er@x", NULL},
        {"sip:user@x:", NULL},
        {"sip:user@x:50a", NULL},
        {"sip:user@x:123456", NULL},
        {"sip:user@x:5060:5061", NULL},
        {"sip:user@x/y", NULL},
        {"sip:user@x;a=\x01", NULL},
        {"sip:user@x;a=%0d", NULL},
        {"sip:user@x;a=%2", NULL},
        {"sip:user@x;a=\xc3\xbc", NULL},
        {"sip:user@x;a=\"b\"", NULL},
        {"sip:user@x#f", NULL},
        {"sip:user@[::1", NULL},
        {"sip:user@[]", NULL},
        {"sip:user@[::g]", NULL},
        {"sip:user@[fe80::1%25eth0]", NULL},
        {"sip:user@[192.0.2.1]", NULL},
        {"sip:user@[::1]x", NULL},
        {"sip:user@[0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0001]", NULL},
        {"sip:user@::1", NULL},
        {"sip:user@a_b", NULL},
    };

    ASSERT_ROWS(mcx_impu_canonical, rows);
}
END_TEST

START_TEST(test_tel_impu)
{
    static const struct row rows[] = {
        {"tel:+15551234", "tel:+15551234"},
        {"TEL:+1-555-(12).34", "tel:+15551234"},
        {"tel:+15551234;ext=5;isub=7", "tel:+15551234"},
        {"tel:+15551234;phone-context=example", "tel:+15551234"},
        {"tel:7042;phone-context=Primary.Example", "tel:7042;phone-context=primary.example"},
        {"tel:7042;phone-context=primary.example.", "tel:7042;phone-context=primary.example"},
        {"tel:70-42;ext=1;Phone-Context=+1-555", "tel:7042;phone-context=+1555"},
        {"tel:*9A#;phone-context=x", "tel:*9a#;phone-context=x"},
        {"", NULL},
        {"tel:", NULL},
        {"tel:+", NULL},
        {"tel:+-", NULL},
        {"tel:-.();phone-context=x", NULL},
        {"tel:7042", NULL},
        {"tel:7042;ext=1", NULL},
        {"tel:7042;phone-context=", NULL},
        {"tel:7042;phone-context", NULL},
        {"tel:7042;phone-context=a_b", NULL},
        {"tel:7042;phone-context=+", NULL},
        {"tel:7042;phone-context=+1x", NULL},
        {"tel:7042;phone-context=a;phone-context=a", NULL},
        {"tel:7042;phone-context=a;phone-context=b", NULL},
        {"tel:+1 555", NULL},
        {"tel:+1555a", NULL},
        {"tel:+1555*", NULL},
        {"tel:++1555", NULL},
        {"tel:+15%35", NULL},
        {"tel:+1555;", NULL},
        {"tel:+1555;;ext=1", NULL},
        {"tel:+1555;ext=!", NULL},
        {"tel:+1555;ext=%21", NULL},
        {"tel:+1555;ext=%0", NULL},
        {"tel:+1555;ext=%00", NULL},
        {"tel:+1555@x", NULL},
        {"tel:+1555?a=b", NULL},
        {"tel:+1555;ext=\xc3\xbc", NULL},
        {"tel:5x;phone-context=x", NULL},
    };

    ASSERT_ROWS(mcx_impu_canonical, rows);
}
END_TEST

START_TEST(test_different_users_keep_different_keys)
{
    static const char *const rows[] = {
        "sip:a;b@x",   "sip:a%3Bb@x",           "sip:a@x",   "sip:A@x",    "sips:a@x",
        "sip:a%40b@x", "sip:a%2540b@x",         "tel:+1",    "sip:+1@x",   "tel:1;phone-context=+1",
        "sip:a@y",     "tel:1;phone-context=x", "sip:a?b@x", "sip:a%3fb@x"};
    enum { ROWS = sizeof rows / sizeof rows[0] };
    struct mcx_str keys[ROWS];

    for (size_t i = 0; i < ROWS; i++) {
        ck_assert_int_eq(mcx_impu_canonical(mcx_span_of(rows[i]), &keys[i]), MCX_OK);
        for (size_t j = 0; j < i; j++)
            ck_assert_msg(!mcx_str_equal(&keys[i], &keys[j]), "%s %s", rows[i], rows[j]);
    }
}
END_TEST

START_TEST(test_limits_are_255_octets)
{
    char text[300];
    struct mcx_str out;

    memset(text, 'u', sizeof text);
    memcpy(text + 253, "@x", 2);
    ck_assert_int_eq(mcx_impi_canonical(mcx_span(text, 255), &out), MCX_OK);
    ck_assert_uint_eq(out.len, 255);
    memcpy(text, "sip:", 4);
    ck_assert_int_eq(mcx_impu_canonical(mcx_span(text, 255), &out), MCX_OK);
    ck_assert_uint_eq(out.len, 255);
    memset(text + 255, 'x', 45);
    ck_assert_int_eq(mcx_impi_canonical(mcx_span(text, 256), &out), MCX_TOO_LONG);
    ck_assert_int_eq(mcx_impu_canonical(mcx_span(text, 256), &out), MCX_TOO_LONG);
    ck_assert_int_eq(mcx_impi_canonical(mcx_span(NULL, 0), &out), MCX_INVALID);
    ck_assert_int_eq(mcx_impu_canonical(mcx_span(NULL, 0), &out), MCX_INVALID);
    /* An address whose one spelling is longer than what came in: 1:0:3:4:5:6:7:8. */
    memset(text, 'u', sizeof text);
    memcpy(text, "sip:", 4);
    memcpy(text + 255 - 17, "@[1::3:4:5:6:7:8]", 17);
    ck_assert_int_eq(mcx_impu_canonical(mcx_span(text, 255), &out), MCX_TOO_LONG);
}
END_TEST

START_TEST(test_domain_is_what_follows_the_last_at)
{
    static const struct row rows[] = {{"sip:a%40b@Primary.example;x=1", "primary.example"},
                                      {"sip:a@[::1]:5060", "[::1]"},
                                      {"tel:+1555", ""},
                                      {"tel:7;phone-context=a.b", ""}};
    struct mcx_str str;

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ck_assert_int_eq(mcx_impu_canonical(mcx_span_of(rows[i].in), &str), MCX_OK);
        ck_assert(mcx_span_equal(mcx_identity_domain(&str), mcx_span_of(rows[i].out)));
    }
    ck_assert_int_eq(mcx_impi_canonical(LITERAL("u@A.b"), &str), MCX_OK);
    ck_assert(mcx_span_equal(mcx_identity_domain(&str), LITERAL("a.b")));
    ck_assert_uint_eq(mcx_identity_domain(&(struct mcx_str){0, ""}).len, 0);
}
END_TEST

START_TEST(test_host_is_the_one_of_base)
{
    struct mcx_str out;

    ck_assert_int_eq(mcx_host_canonical(LITERAL("HSS.Primary.Example"), &out), MCX_OK);
    ck_assert_str_eq(out.octets, "hss.primary.example");
    ck_assert_int_eq(mcx_host_canonical(LITERAL(""), &out), MCX_INVALID);
    ck_assert_int_eq(mcx_host_canonical(LITERAL("a!b"), &out), MCX_INVALID);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("identity");

    tcase_add_test(tests, test_impi);
    tcase_add_test(tests, test_sip_impu);
    tcase_add_test(tests, test_tel_impu);
    tcase_add_test(tests, test_different_users_keep_different_keys);
    tcase_add_test(tests, test_limits_are_255_octets);
    tcase_add_test(tests, test_domain_is_what_follows_the_last_at);
    tcase_add_test(tests, test_host_is_the_one_of_base);
    return unit_run(tests);
}
