/* SPDX-License-Identifier: Apache-2.0 */
/* base: errors, spans, short strings, hexadecimal, hosts, UTF-8. */
#include "base/err.h"
#include "base/host.h"
#include "base/utf8.h"
#include "unit.h"

START_TEST(test_every_error_has_its_own_label)
{
    for (int a = MCX_OK; a <= MCX_SYSTEM; a++) {
        ck_assert(strlen(mcx_err_label((enum mcx_err)a)) > 0);
        ck_assert(strlen(mcx_err_text((enum mcx_err)a)) > 0);
        ck_assert_ptr_null(strchr(mcx_err_label((enum mcx_err)a), ' '));
        for (int b = MCX_OK; b < a; b++)
            ck_assert_str_ne(mcx_err_label((enum mcx_err)a), mcx_err_label((enum mcx_err)b));
    }
    ck_assert_str_eq(mcx_err_label(MCX_DB_AWAY), "db_away");
}
END_TEST

START_TEST(test_unknown_error_value_is_still_a_word)
{
    ck_assert_str_eq(mcx_err_label((enum mcx_err)9999), "system");
    ck_assert_ptr_nonnull(mcx_err_text((enum mcx_err)9999));
}
END_TEST

START_TEST(test_only_what_passes_is_worth_asking_again)
{
    static const enum mcx_err passing[] = {MCX_NOT_LIVE, MCX_DB_AWAY, MCX_BUSY, MCX_TIMEOUT,
                                           MCX_CLOSING};

    for (int err = MCX_OK; err <= MCX_SYSTEM; err++) {
        bool passes = false;

        for (size_t i = 0; i < sizeof passing / sizeof *passing; i++)
            passes = passes || (enum mcx_err)err == passing[i];
        ck_assert_msg(mcx_err_passes((enum mcx_err)err) == passes, "%s",
                      mcx_err_label((enum mcx_err)err));
    }
}
END_TEST

START_TEST(test_spans_compare)
{
    ck_assert(mcx_span_equal(LITERAL("abc"), mcx_span_of("abc")));
    ck_assert(!mcx_span_equal(LITERAL("abc"), LITERAL("abC")));
    ck_assert(!mcx_span_equal(LITERAL("abc"), LITERAL("ab")));
    ck_assert(mcx_span_equal(mcx_span(NULL, 0), LITERAL("")));
    ck_assert(!mcx_span_equal(LITERAL("a\0b"), LITERAL("a\0c")));
    ck_assert(mcx_span_equal_nocase(LITERAL("Digest-AKAv1-MD5"), LITERAL("digest-akaV1-md5")));
    ck_assert(!mcx_span_equal_nocase(LITERAL("a["), LITERAL("A{")));
    ck_assert(!mcx_span_equal_nocase(LITERAL("\xc3\x84"), LITERAL("\xc3\xa4")));
    ck_assert(mcx_span_ends_nocase(LITERAL("a.IMS.example"), LITERAL(".ims.example")));
    ck_assert(!mcx_span_ends_nocase(LITERAL("aims.example"), LITERAL(".ims.example")));
    ck_assert(!mcx_span_ends_nocase(LITERAL("s"), LITERAL("ims")));
    ck_assert(mcx_span_ends_nocase(LITERAL("s"), mcx_span(NULL, 0)));
}
END_TEST

START_TEST(test_short_strings_refuse_what_they_cannot_keep)
{
    char longest[256];
    struct mcx_str str = {3, "old"};

    memset(longest, 'x', sizeof longest);
    ck_assert_int_eq(mcx_str_set(&str, mcx_span(longest, 256)), MCX_TOO_LONG);
    ck_assert_int_eq(mcx_str_set(&str, LITERAL("a\0b")), MCX_INVALID);
    ck_assert_str_eq(str.octets, "old");
    ck_assert_int_eq(str.len, 3);
    ck_assert_int_eq(mcx_str_set(&str, mcx_span(longest, 255)), MCX_OK);
    ck_assert_int_eq(str.len, 255);
    ck_assert_int_eq(str.octets[255], '\0');
    ck_assert_int_eq(mcx_str_set(&str, mcx_span(NULL, 0)), MCX_OK);
    ck_assert_str_eq(str.octets, "");
    ck_assert_int_eq(mcx_str_set(&str, LITERAL("one")), MCX_OK);
    ck_assert(mcx_str_equal(&str, &(struct mcx_str){3, "one"}));
    ck_assert(!mcx_str_equal(&str, &(struct mcx_str){3, "two"}));
}
END_TEST

START_TEST(test_hash_is_fnv_1a)
{
    /* Published test values of FNV-1a, 64 bits. */
    ck_assert(mcx_span_hash(LITERAL("")) == UINT64_C(0xcbf29ce484222325));
    ck_assert(mcx_span_hash(LITERAL("a")) == UINT64_C(0xaf63dc4c8601ec8c));
    ck_assert(mcx_span_hash(LITERAL("foobar")) == UINT64_C(0x85944171f73967e8));
}
END_TEST

START_TEST(test_hex_goes_there_and_back)
{
    const uint8_t octets[4] = {0x00, 0x9f, 0xa0, 0xff};
    uint8_t back[4];
    char text[9];

    mcx_hex_encode(mcx_span(octets, 4), text);
    ck_assert_str_eq(text, "009fa0ff");
    ck_assert_int_eq(mcx_hex_decode(LITERAL("009FA0fF"), back, 4), MCX_OK);
    ck_assert_mem_eq(back, octets, 4);
    ck_assert_int_eq(mcx_hex_decode(LITERAL(""), back, 0), MCX_OK);
}
END_TEST

START_TEST(test_hex_of_another_length_or_with_other_digits_is_refused)
{
    static const char *const rows[] = {"",          "009fa0f",    "009fa0",
                                       "009fa0ff0", "009fa0ff00", "009fa0fg",
                                       "0x9fa0ff",  " 09fa0ff",   "009fa0f\n"};
    uint8_t out[4] = {1, 2, 3, 4};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        ck_assert_int_eq(mcx_hex_decode(mcx_span_of(rows[i]), out, 4), MCX_INVALID);
    ck_assert_mem_eq(out, ((uint8_t[]){1, 2, 3, 4}), 4);
}
END_TEST

START_TEST(test_hosts_are_lower_cased)
{
    struct mcx_str out;

    ck_assert_int_eq(mcx_host_lower(LITERAL("HSS-1.Primary.EXAMPLE"), &out), MCX_OK);
    ck_assert_str_eq(out.octets, "hss-1.primary.example");
    ck_assert_int_eq(mcx_host_lower(LITERAL("localhost"), &out), MCX_OK);
    ck_assert_int_eq(mcx_host_lower(LITERAL("127.0.0.1"), &out), MCX_OK);
}
END_TEST

START_TEST(test_what_is_no_host_is_refused)
{
    static const char *const rows[] = {"",     ".",     ".a",   "a.",         "a..b", "-a.b",
                                       "a-.b", "a_b",   "a b",  "a\tb",       "a!b",  "a@b",
                                       "a/b",  "[::1]", "a:80", "\xc3\xa4.b", "a.b\n"};
    struct mcx_str out = {3, "old"};
    char label[65];

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        ck_assert_msg(mcx_host_lower(mcx_span_of(rows[i]), &out) == MCX_INVALID, "%s", rows[i]);
    ck_assert_int_eq(mcx_host_lower(LITERAL("a\0b"), &out), MCX_INVALID);
    memset(label, 'a', sizeof label);
    ck_assert_int_eq(mcx_host_lower(mcx_span(label, 64), &out), MCX_INVALID);
    ck_assert_str_eq(out.octets, "old");
    ck_assert_int_eq(mcx_host_lower(mcx_span(label, 63), &out), MCX_OK);
}
END_TEST

START_TEST(test_host_length_ends_at_255)
{
    char name[300];
    struct mcx_str out;

    for (size_t i = 0; i < sizeof name; i++)
        name[i] = i % 50 == 49 ? '.' : 'a';
    name[254] = 'a';
    ck_assert_int_eq(mcx_host_lower(mcx_span(name, 255), &out), MCX_OK);
    ck_assert_int_eq(out.len, 255);
    ck_assert_int_eq(mcx_host_lower(mcx_span(name, 256), &out), MCX_TOO_LONG);
}
END_TEST

START_TEST(test_utf8_is_told_from_what_is_none)
{
    const struct {
        struct mcx_span text;
        bool is_text;
    } rows[] = {
        {LITERAL(""), true},
        {LITERAL("a\t\r\n\x7f"), true},
        {LITERAL("\xc2\x80 \xdf\xbf \xe0\xa0\x80 \xef\xbf\xbd \xf0\x90\x80\x80 \xf4\x8f\xbf\xbf"),
         true},
        {LITERAL("\xed\x9f\xbf\xee\x80\x80"), true}, /* around the surrogates */
        {LITERAL("\xed\xa0\x80"), false},
        {LITERAL("\xed\xbf\xbf"), false},
        {LITERAL("\xc0\x80"), false}, /* overlong, as the next two */
        {LITERAL("\xe0\x9f\xbf"), false},
        {LITERAL("\xf0\x8f\xbf\xbf"), false},
        {LITERAL("\xf4\x90\x80\x80"), false},
        {LITERAL("\xf5\x80\x80\x80"), false},
        {LITERAL("\x80"), false},
        {LITERAL("\xff"), false},
        {LITERAL("a\xe2\x82"), false}, /* cut off */
        {LITERAL("\xc3("), false},
        {LITERAL("\0"), false}, /* UTF-8, and no Char of XML, as the next two */
        {LITERAL("\x1b"), false},
        {LITERAL("\xef\xbf\xbf"), false},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        ck_assert_msg(mcx_utf8_is_text(rows[i].text) == rows[i].is_text, "row %zu", i);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("span");

    tcase_add_test(tests, test_every_error_has_its_own_label);
    tcase_add_test(tests, test_unknown_error_value_is_still_a_word);
    tcase_add_test(tests, test_only_what_passes_is_worth_asking_again);
    tcase_add_test(tests, test_spans_compare);
    tcase_add_test(tests, test_short_strings_refuse_what_they_cannot_keep);
    tcase_add_test(tests, test_hash_is_fnv_1a);
    tcase_add_test(tests, test_hex_goes_there_and_back);
    tcase_add_test(tests, test_hex_of_another_length_or_with_other_digits_is_refused);
    tcase_add_test(tests, test_hosts_are_lower_cased);
    tcase_add_test(tests, test_what_is_no_host_is_refused);
    tcase_add_test(tests, test_host_length_ends_at_255);
    tcase_add_test(tests, test_utf8_is_told_from_what_is_none);
    return unit_run(tests);
}
