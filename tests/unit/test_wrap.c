/* SPDX-License-Identifier: Apache-2.0 */
/* aka/wrap: K and OPc at rest open only with their key, in their row and their column. */
#include "aka/wrap.h"

#include <pthread.h>

#include "aka_hex.h"

#define IMPI "user@primary.example"

static struct mcx_keyring ring;
static struct mcx_key128 secret;
static uint8_t wrapped[MCX_WRAP_LEN];

static void set_up(void)
{
    ring.count = 2;
    ring.kek[0].id = 0x01020304;
    ring.kek[1].id = 7;
    memset(ring.kek[0].key, 0xa1, 32);
    memset(ring.kek[1].key, 0xb2, 32);
    secret = hex_key("465b5ce8b199b49faa5f0a2ee238a6bc");
    ck_assert_int_eq(mcx_wrap(&ring, MCX_WRAP_K, LITERAL(IMPI), &secret, wrapped), MCX_OK);
}

static enum mcx_err unwrap(enum mcx_wrap_field field, struct mcx_span impi)
{
    struct mcx_key128 out;
    const struct mcx_key128 old = {{0x55}};
    enum mcx_err err;

    out = old;
    err = mcx_unwrap(&ring, field, impi, mcx_span(wrapped, sizeof wrapped), &out);
    if (err == MCX_OK)
        ck_assert_mem_eq(&out, &secret, sizeof out);
    else
        ck_assert_mem_eq(&out, &old, sizeof out); /* nothing of a bad row gets out */
    return err;
}

START_TEST(test_what_was_wrapped_opens)
{
    ck_assert_int_eq(unwrap(MCX_WRAP_K, LITERAL(IMPI)), MCX_OK);
    ck_assert_mem_eq(wrapped, "\1\1\2\3\4", 5);
}
END_TEST

START_TEST(test_empty_and_longest_impi_bind_too)
{
    char longest[256];

    memset(longest, 'i', sizeof longest);
    ck_assert_int_eq(mcx_wrap(&ring, MCX_WRAP_K, mcx_span(NULL, 0), &secret, wrapped), MCX_OK);
    ck_assert_int_eq(unwrap(MCX_WRAP_K, mcx_span(NULL, 0)), MCX_OK);
    ck_assert_int_eq(unwrap(MCX_WRAP_K, LITERAL("x")), MCX_AUTH);
    ck_assert_int_eq(mcx_wrap(&ring, MCX_WRAP_K, mcx_span(longest, 255), &secret, wrapped), MCX_OK);
    ck_assert_int_eq(unwrap(MCX_WRAP_K, mcx_span(longest, 255)), MCX_OK);
    ck_assert_int_eq(unwrap(MCX_WRAP_K, mcx_span(longest, 254)), MCX_AUTH);
    ck_assert_int_eq(mcx_wrap(&ring, MCX_WRAP_K, mcx_span(longest, 256), &secret, wrapped),
                     MCX_TOO_LONG);
}
END_TEST

START_TEST(test_two_wraps_of_one_secret_differ_everywhere)
{
    uint8_t again[MCX_WRAP_LEN];

    ck_assert_int_eq(mcx_wrap(&ring, MCX_WRAP_K, LITERAL(IMPI), &secret, again), MCX_OK);
    ck_assert(memcmp(wrapped + 5, again + 5, 12) != 0);
    ck_assert(memcmp(wrapped + 17, again + 17, 16) != 0);
    ck_assert(memcmp(wrapped + 33, again + 33, 16) != 0);
    ck_assert(memcmp(wrapped + 17, &secret, 16) != 0);
}
END_TEST

START_TEST(test_every_flipped_bit_is_refused)
{
    for (size_t bit = 0; bit < 8 * MCX_WRAP_LEN; bit++) {
        enum mcx_err expected = bit < 8 ? MCX_INVALID : bit < 40 ? MCX_NO_KEY : MCX_AUTH;

        wrapped[bit / 8] ^= (uint8_t)(1U << bit % 8);
        ck_assert_int_eq(unwrap(MCX_WRAP_K, LITERAL(IMPI)), expected);
        wrapped[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    ck_assert_int_eq(unwrap(MCX_WRAP_K, LITERAL(IMPI)), MCX_OK);
}
END_TEST

START_TEST(test_another_column_or_row_is_refused)
{
    ck_assert_int_eq(unwrap(MCX_WRAP_OPC, LITERAL(IMPI)), MCX_AUTH);
    ck_assert_int_eq(unwrap(MCX_WRAP_K, LITERAL("User@primary.example")), MCX_AUTH);
    ck_assert_int_eq(unwrap(MCX_WRAP_K, LITERAL("user@primary.example\0")), MCX_AUTH);
    ck_assert_int_eq(unwrap(MCX_WRAP_K, LITERAL("ser@primary.example")), MCX_AUTH);
}
END_TEST

START_TEST(test_other_lengths_are_invalid)
{
    struct mcx_key128 out;
    uint8_t longer[MCX_WRAP_LEN + 1] = {0};

    memcpy(longer, wrapped, sizeof wrapped);
    for (size_t len = 0; len <= sizeof longer; len++)
        ck_assert_int_eq(mcx_unwrap(&ring, MCX_WRAP_K, LITERAL(IMPI), mcx_span(longer, len), &out),
                         len == MCX_WRAP_LEN ? MCX_OK : MCX_INVALID);
}
END_TEST

START_TEST(test_rotation_opens_old_and_wraps_with_the_first)
{
    struct mcx_kek old = ring.kek[0];

    ring.kek[0] = ring.kek[1];
    ring.kek[1] = old;
    ck_assert_int_eq(unwrap(MCX_WRAP_K, LITERAL(IMPI)), MCX_OK);
    ck_assert_int_eq(mcx_wrap(&ring, MCX_WRAP_K, LITERAL(IMPI), &secret, wrapped), MCX_OK);
    ck_assert_mem_eq(wrapped, "\1\0\0\0\7", 5);
    ck_assert_int_eq(unwrap(MCX_WRAP_K, LITERAL(IMPI)), MCX_OK);
}
END_TEST

START_TEST(test_missing_key_is_no_key_and_another_key_is_auth)
{
    ring.kek[0].id = 99;
    ck_assert_int_eq(unwrap(MCX_WRAP_K, LITERAL(IMPI)), MCX_NO_KEY);
    ring.kek[0].id = 0x01020304;
    ring.kek[0].key[31] ^= 1;
    ck_assert_int_eq(unwrap(MCX_WRAP_K, LITERAL(IMPI)), MCX_AUTH);
    ring.count = 0;
    ck_assert_int_eq(unwrap(MCX_WRAP_K, LITERAL(IMPI)), MCX_NO_KEY);
    ck_assert_int_eq(mcx_wrap(&ring, MCX_WRAP_K, LITERAL(IMPI), &secret, wrapped), MCX_NO_KEY);
}
END_TEST

START_TEST(test_a_damaged_row_does_not_harm_the_next)
{
    wrapped[48] ^= 1;
    ck_assert_int_eq(unwrap(MCX_WRAP_K, LITERAL(IMPI)), MCX_AUTH);
    wrapped[48] ^= 1;
    ck_assert_int_eq(unwrap(MCX_WRAP_K, LITERAL(IMPI)), MCX_OK);
}
END_TEST

/* Made once with: printf mcx-kek-check | openssl dgst -sha256 -mac HMAC -macopt hexkey:a1a1... */
START_TEST(test_check_value_is_hmac_sha_256_and_tells_keys_apart)
{
    uint8_t a[8], b[8];

    mcx_kek_check(&ring.kek[0], a);
    assert_hex(a, 8, "3d703fcca36f981f");
    ring.kek[0].id = 5; /* of the key alone */
    mcx_kek_check(&ring.kek[0], b);
    ck_assert_mem_eq(a, b, 8);
    mcx_kek_check(&ring.kek[1], b);
    ck_assert(memcmp(a, b, 8) != 0);
}
END_TEST

static void *in_thread(void *arg)
{
    for (int i = 0; i < 500; i++) {
        uint8_t mine[MCX_WRAP_LEN];
        struct mcx_key128 own = {{(uint8_t)i, *(uint8_t *)arg}}, out;

        ck_assert_int_eq(mcx_wrap(&ring, MCX_WRAP_OPC, LITERAL(IMPI), &own, mine), MCX_OK);
        ck_assert_int_eq(
            mcx_unwrap(&ring, MCX_WRAP_OPC, LITERAL(IMPI), mcx_span(mine, sizeof mine), &out),
            MCX_OK);
        ck_assert_mem_eq(&own, &out, sizeof own);
    }
    return NULL;
}

START_TEST(test_threads_wrap_side_by_side)
{
    pthread_t threads[4];
    uint8_t numbers[4] = {0, 1, 2, 3};

    for (size_t i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, in_thread, &numbers[i]), 0);
    for (size_t i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
}
END_TEST

static void octets_of(size_t len)
{
    static uint8_t plain[MCX_WRAP_OCTETS_MAX + 1], back[MCX_WRAP_OCTETS_MAX];
    static uint8_t out[MCX_WRAP_OCTETS_MAX + MCX_WRAP_EXTRA];
    struct mcx_span stored = mcx_span(out, len + MCX_WRAP_EXTRA);

    memset(plain, 0x3c, sizeof plain);
    memset(back, 0x55, sizeof back);
    ck_assert_int_eq(
        mcx_wrap_octets(&ring, MCX_WRAP_DOCUMENT, LITERAL("id"), mcx_span(plain, len), out),
        MCX_OK);
    ck_assert_uint_eq(mcx_wrapped_key_id(stored), 0x01020304);
    ck_assert_int_eq(mcx_unwrap_octets(&ring, MCX_WRAP_DOCUMENT, LITERAL("id"), stored, back),
                     MCX_OK);
    ck_assert_mem_eq(back, plain, len);
    ck_assert_int_eq(mcx_unwrap_octets(&ring, MCX_WRAP_DOCUMENT, LITERAL("ie"), stored, back),
                     MCX_AUTH);
    for (size_t i = 0; i < len; i++)
        ck_assert_int_eq(back[i], 0);
    ck_assert_int_eq(mcx_unwrap_octets(&ring, MCX_WRAP_ACCESS, LITERAL("id"), stored, back),
                     MCX_AUTH);
    out[len + MCX_WRAP_EXTRA - 1] ^= 1;
    ck_assert_int_eq(mcx_unwrap_octets(&ring, MCX_WRAP_DOCUMENT, LITERAL("id"), stored, back),
                     MCX_AUTH);
}

START_TEST(test_octets_of_any_length_open_in_their_row_only)
{
    octets_of(0);
    octets_of(1);
    octets_of(15);
    octets_of(17);
    octets_of(49152);
    octets_of(MCX_WRAP_OCTETS_MAX);
}
END_TEST

START_TEST(test_octets_of_a_wrong_size_are_refused)
{
    static uint8_t plain[MCX_WRAP_OCTETS_MAX + MCX_WRAP_EXTRA + 1] = {1}, out[sizeof plain];

    ck_assert_int_eq(mcx_wrap_octets(&ring, MCX_WRAP_ACCESS, LITERAL("1"),
                                     mcx_span(plain, MCX_WRAP_OCTETS_MAX + 1), out),
                     MCX_TOO_LONG);
    ck_assert_int_eq(
        mcx_unwrap_octets(&ring, MCX_WRAP_ACCESS, LITERAL("1"), mcx_span(plain, sizeof plain), out),
        MCX_INVALID);
    for (size_t len = 0; len < MCX_WRAP_EXTRA; len++)
        ck_assert_int_eq(
            mcx_unwrap_octets(&ring, MCX_WRAP_ACCESS, LITERAL("1"), mcx_span(plain, len), out),
            MCX_INVALID);
    ck_assert_uint_eq(mcx_wrapped_key_id(mcx_span(plain, 4)), 0);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("wrap");

    tcase_add_checked_fixture(tests, set_up, NULL);
    tcase_add_test(tests, test_what_was_wrapped_opens);
    tcase_add_test(tests, test_empty_and_longest_impi_bind_too);
    tcase_add_test(tests, test_two_wraps_of_one_secret_differ_everywhere);
    tcase_add_test(tests, test_every_flipped_bit_is_refused);
    tcase_add_test(tests, test_another_column_or_row_is_refused);
    tcase_add_test(tests, test_other_lengths_are_invalid);
    tcase_add_test(tests, test_rotation_opens_old_and_wraps_with_the_first);
    tcase_add_test(tests, test_missing_key_is_no_key_and_another_key_is_auth);
    tcase_add_test(tests, test_a_damaged_row_does_not_harm_the_next);
    tcase_add_test(tests, test_check_value_is_hmac_sha_256_and_tells_keys_apart);
    tcase_add_test(tests, test_threads_wrap_side_by_side);
    tcase_add_test(tests, test_octets_of_any_length_open_in_their_row_only);
    tcase_add_test(tests, test_octets_of_a_wrong_size_are_refused);
    return unit_run(tests);
}
