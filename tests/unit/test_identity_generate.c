/* SPDX-License-Identifier: Apache-2.0 */
/* identity: fresh migration identities (CR 10.1.X.1 steps 5 and 10). */
#include "fake_random.h"
#include "identity/identity.h"
#include "unit.h"

START_TEST(test_octets_become_base32)
{
    static const uint8_t random[16] = {0x00, 0x44, 0x32, 0x14, 0xc7, 0x42, 0x54, 0xb6,
                                       0x35, 0xcf, 0x84, 0x65, 0x3a, 0x56, 0xd7, 0xc6};
    struct mcx_str out;

    fake_random_set(random, sizeof random);
    ck_assert_int_eq(mcx_impi_generate(LITERAL("Masked.Primary.Example"), &out), MCX_OK);
    /* as the base32 tool of GNU coreutils has it, in lower case and without padding */
    ck_assert_str_eq(out.octets, "abcdefghijklmnopqrstuvwxyy@masked.primary.example");
    ck_assert_uint_eq(fake_random_used(), 16);
}
END_TEST

START_TEST(test_all_bits_count)
{
    uint8_t random[16] = {0};
    struct mcx_str none, one;

    fake_random_set(random, sizeof random);
    ck_assert_int_eq(mcx_impu_generate(LITERAL("x"), &none), MCX_OK);
    ck_assert_str_eq(none.octets, "sip:aaaaaaaaaaaaaaaaaaaaaaaaaa@x");
    for (size_t bit = 0; bit < 128; bit++) {
        memset(random, 0, sizeof random);
        random[bit / 8] = (uint8_t)(0x80U >> bit % 8);
        fake_random_set(random, sizeof random);
        ck_assert_int_eq(mcx_impu_generate(LITERAL("x"), &one), MCX_OK);
        ck_assert(!mcx_str_equal(&none, &one));
        ck_assert_uint_eq(one.len, none.len);
    }
}
END_TEST

START_TEST(test_generated_identities_are_canonical)
{
    uint8_t random[16];
    struct mcx_str impi, impu, again;

    for (int i = 0; i < 256; i++) {
        for (size_t j = 0; j < sizeof random; j++)
            random[j] = (uint8_t)(i * 31 + (int)j * i);
        fake_random_set(random, sizeof random);
        ck_assert_int_eq(mcx_impi_generate(LITERAL("migration.partner.example"), &impi), MCX_OK);
        ck_assert_int_eq(mcx_impu_generate(LITERAL("migration.partner.example"), &impu), MCX_OK);
        ck_assert_int_eq(mcx_impi_canonical(mcx_span_str(&impi), &again), MCX_OK);
        ck_assert(mcx_str_equal(&impi, &again));
        ck_assert_int_eq(mcx_impu_canonical(mcx_span_str(&impu), &again), MCX_OK);
        ck_assert(mcx_str_equal(&impu, &again));
        ck_assert(mcx_span_equal(mcx_identity_domain(&impu), LITERAL("migration.partner.example")));
        ck_assert_uint_eq(impi.len, 26 + 1 + 25);
        ck_assert_uint_eq(fake_random_used(), 32); /* drawn independently */
    }
}
END_TEST

START_TEST(test_bad_domains_are_refused_without_drawing)
{
    static const char *const rows[] = {"", ".", "a..b", "a_b", "a b", "a!b", "x@y", "[::1]", "a."};
    struct mcx_str out = {3, "old"};
    char longest[250];

    fake_random_set("r", 1);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ck_assert_int_eq(mcx_impi_generate(mcx_span_of(rows[i]), &out), MCX_INVALID);
        ck_assert_int_eq(mcx_impu_generate(mcx_span_of(rows[i]), &out), MCX_INVALID);
    }
    ck_assert_uint_eq(fake_random_used(), 0);
    for (size_t i = 0; i < sizeof longest; i++)
        longest[i] = i % 50 == 49 ? '.' : 'a';
    ck_assert_int_eq(mcx_impi_generate(mcx_span(longest, 228), &out), MCX_OK);
    ck_assert_int_eq(mcx_impi_generate(mcx_span(longest, 229), &out), MCX_TOO_LONG);
    ck_assert_int_eq(mcx_impu_generate(mcx_span(longest, 224), &out), MCX_OK);
    ck_assert_int_eq(mcx_impu_generate(mcx_span(longest, 225), &out), MCX_TOO_LONG);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("identity_generate");

    tcase_add_test(tests, test_octets_become_base32);
    tcase_add_test(tests, test_all_bits_count);
    tcase_add_test(tests, test_generated_identities_are_canonical);
    tcase_add_test(tests, test_bad_domains_are_refused_without_drawing);
    return unit_run(tests);
}
