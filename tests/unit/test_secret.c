/* SPDX-License-Identifier: Apache-2.0 */
/* base/secret: wiped at scope end, compared whole, no core file. */
#include "base/secret.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include "unit.h"

START_TEST(test_wipe_clears_every_octet_and_no_more)
{
    uint8_t octets[8] = {1, 2, 3, 4, 5, 6, 7, 8};

    mcx_wipe(octets + 1, 6);
    ck_assert_mem_eq(octets, ((uint8_t[]){1, 0, 0, 0, 0, 0, 0, 8}), 8);
    mcx_wipe(NULL, 0);
}
END_TEST

static struct mcx_key128 seen_at_end;

static void look_then_wipe(struct mcx_key128 *key)
{
    mcx_key128_wipe(key);
    seen_at_end = *key;
}

START_TEST(test_key_is_wiped_by_its_cleanup)
{
    memset(&seen_at_end, 0xff, sizeof seen_at_end);
    {
        __attribute__((cleanup(look_then_wipe))) struct mcx_key128 key;

        memset(&key, 0xa5, sizeof key);
        ck_assert_int_eq(key.octets[15], 0xa5);
    }
    ck_assert_mem_eq(seen_at_end.octets, ((uint8_t[16]){0}), 16);
}
END_TEST

START_TEST(test_equal_sees_a_difference_in_any_bit)
{
    uint8_t a[16], b[16];

    memset(a, 0x5a, sizeof a);
    for (size_t bit = 0; bit < 128; bit++) {
        memcpy(b, a, sizeof b);
        ck_assert(mcx_secret_equal(a, b, sizeof a));
        b[bit / 8] ^= (uint8_t)(1U << bit % 8);
        ck_assert(!mcx_secret_equal(a, b, sizeof a));
    }
    ck_assert(mcx_secret_equal(a, b, 0));
}
END_TEST

START_TEST(test_no_core_file_after_no_core_dumps)
{
    struct rlimit limit;

    mcx_no_core_dumps();
    ck_assert_int_eq(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 0);
    ck_assert_int_eq(getrlimit(RLIMIT_CORE, &limit), 0);
    ck_assert(limit.rlim_cur == 0 && limit.rlim_max == 0);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("secret");

    tcase_add_test(tests, test_wipe_clears_every_octet_and_no_more);
    tcase_add_test(tests, test_key_is_wiped_by_its_cleanup);
    tcase_add_test(tests, test_equal_sees_a_difference_in_any_bit);
    tcase_add_test(tests, test_no_core_file_after_no_core_dumps);
    return unit_run(tests);
}
