/* SPDX-License-Identifier: Apache-2.0 */
/* aka/milenage: the six published sets, libosmocore's vector, a second implementation, and threads.
 */
#include "aka/milenage.h"

#include <pthread.h>

#include "aka_hex.h"
#include "reference_milenage.h"

struct set {
    const char *k, *rand, *sqn, *amf, *op, *opc, *mac_a, *mac_s, *res, *ck, *ik, *ak, *ak_star;
};
static const struct set sets[] = {
#define SET(number, ...) {__VA_ARGS__},
#include "milenage_sets.def"
#undef SET
};
enum { SETS = sizeof sets / sizeof sets[0] };

static void run(const struct set *set, struct mcx_milenage_out *out)
{
    struct mcx_key128 k = hex_key(set->k), opc = hex_key(set->opc);
    uint8_t rand[16], sqn[6], amf[2];

    hex_to(rand, 16, set->rand);
    hex_to(sqn, 6, set->sqn);
    hex_to(amf, 2, set->amf);
    mcx_milenage(&k, &opc, rand, sqn, amf, out);
}

static void assert_set(const struct set *set, const struct mcx_milenage_out *out)
{
    assert_hex(out->mac_a, 8, set->mac_a);
    assert_hex(out->mac_s, 8, set->mac_s);
    assert_hex(out->res, 8, set->res);
    assert_hex(out->ck.octets, 16, set->ck);
    assert_hex(out->ik.octets, 16, set->ik);
    assert_hex(out->ak, 6, set->ak);
    assert_hex(out->ak_star, 6, set->ak_star);
}

START_TEST(test_published_set)
{
    struct mcx_milenage_out out;
    struct mcx_key128 k = hex_key(sets[_i].k), op = hex_key(sets[_i].op), opc;

    mcx_milenage_opc(&k, &op, &opc);
    assert_hex(opc.octets, 16, sets[_i].opc);
    run(&sets[_i], &out);
    assert_set(&sets[_i], &out);
}
END_TEST

START_TEST(test_second_implementation_agrees_with_published_set)
{
    struct mcx_key128 k = hex_key(sets[_i].k), op = hex_key(sets[_i].op);
    struct mcx_milenage_out out;
    uint8_t opc[16], rand[16], sqn[6], amf[2];

    hex_to(rand, 16, sets[_i].rand);
    hex_to(sqn, 6, sets[_i].sqn);
    hex_to(amf, 2, sets[_i].amf);
    reference_opc(k.octets, op.octets, opc);
    assert_hex(opc, 16, sets[_i].opc);
    reference_milenage(k.octets, opc, rand, sqn, amf, &out);
    assert_set(&sets[_i], &out);
}
END_TEST

/* libosmocore, tests/auth/milenage_test.ok: the vector after SQN 0x21, so of 0x22. */
START_TEST(test_vector_of_libosmocore)
{
    const struct mcx_key128 k = hex_key("000102030405060708090a0b0c0d0e0f");
    const struct mcx_key128 op = {{0}};
    const uint8_t rand[16] = {0}, sqn[6] = {0, 0, 0, 0, 0, 0x22}, amf[2] = {0};
    struct mcx_milenage_out out;
    struct mcx_key128 opc;
    uint8_t autn[16] = {0};

    mcx_milenage(&k, &k, rand, sqn, amf, &out);
    for (int i = 0; i < 6; i++)
        autn[i] = sqn[i] ^ out.ak[i];
    memcpy(autn + 8, out.mac_a, 8);
    assert_hex(autn, 16, "ec9320c2c2120000c8b7de2a3449f1bd");
    assert_hex(out.ik.octets, 16, "12cb2dd3e0ec8378f6fc1d606c619f47");
    assert_hex(out.ck.octets, 16, "7200a184d8f2c758fbdf87900ddbf275");
    assert_hex(out.res, 8, "e9fc88ccc8a35381");
    mcx_milenage_opc(&k, &op, &opc);
    assert_hex(opc.octets, 16, "c6a13b37878f5b826f4f8162a1c8d879");
}
END_TEST

/* Octets that are the same in each run: a failure can be repeated. */
static uint64_t state = 35206;
static void draw(void *out, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        ((uint8_t *)out)[i] = (uint8_t)(state >> 56);
    }
}

START_TEST(test_second_implementation_agrees_on_300_drawn_inputs)
{
    for (int i = 0; i < 300; i++) {
        struct mcx_milenage_out ours, reference;
        struct mcx_key128 k, op, opc;
        uint8_t rand[16], sqn[6], amf[2], reference_opc_octets[16];

        draw(&k, sizeof k);
        draw(&op, sizeof op);
        draw(rand, sizeof rand);
        draw(sqn, sizeof sqn);
        draw(amf, sizeof amf);
        mcx_milenage_opc(&k, &op, &opc);
        reference_opc(k.octets, op.octets, reference_opc_octets);
        ck_assert_mem_eq(opc.octets, reference_opc_octets, 16);
        mcx_milenage(&k, &opc, rand, sqn, amf, &ours);
        reference_milenage(k.octets, opc.octets, rand, sqn, amf, &reference);
        ck_assert_mem_eq(&ours, &reference, sizeof ours);
    }
}
END_TEST

static void *in_thread(void *arg)
{
    const struct set *set = arg;

    for (int i = 0; i < 2000; i++) {
        struct mcx_milenage_out out;

        run(set, &out);
        assert_set(set, &out);
    }
    return NULL;
}

START_TEST(test_threads_do_not_share_a_key)
{
    pthread_t threads[SETS];

    for (size_t i = 0; i < SETS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, in_thread, (void *)&sets[i]), 0);
    for (size_t i = 0; i < SETS; i++)
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
}
END_TEST

START_TEST(test_results_are_wiped)
{
    struct mcx_milenage_out out;
    const struct mcx_milenage_out zero = {.mac_a = {0}};

    run(&sets[0], &out);
    mcx_milenage_out_wipe(&out);
    ck_assert_mem_eq(&out, &zero, sizeof out);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("milenage");

    tcase_add_loop_test(tests, test_published_set, 0, SETS);
    tcase_add_loop_test(tests, test_second_implementation_agrees_with_published_set, 0, SETS);
    tcase_add_test(tests, test_vector_of_libosmocore);
    tcase_add_test(tests, test_second_implementation_agrees_on_300_drawn_inputs);
    tcase_add_test(tests, test_threads_do_not_share_a_key);
    tcase_add_test(tests, test_results_are_wiped);
    return unit_run(tests);
}
