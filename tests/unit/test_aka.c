/* SPDX-License-Identifier: Apache-2.0 */
/* aka/aka: vectors and AUTS against golden values and the second implementation. */
#include "aka/aka.h"

#include "aka_hex.h"
#include "fake_random.h"
#include "reference_milenage.h"

/* Set 1 of TS 35.208. */
#define K    "465b5ce8b199b49faa5f0a2ee238a6bc"
#define OPC  "cd63cb71954a9f4e48a5994e37a02baf"
#define RAND "23553cbe9637a89d218ae64dae47bf35"
#define SQN  0xff9bb4d0b607
#define AUTN "55f328b43577b9b94a9ffac354dfafb3"
#define AUTS "ba853f3c123ccf44e93596e355c6"

static struct mcx_key128 k, opc;
static uint8_t rand_octets[16];

static void set_up(void)
{
    k = hex_key(K);
    opc = hex_key(OPC);
    hex_to(rand_octets, 16, RAND);
    fake_random_set(rand_octets, 16);
}

START_TEST(test_vector_of_set_1)
{
    const uint8_t amf[2] = {0xb9, 0xb9};
    struct mcx_av av;

    ck_assert_int_eq(mcx_aka_vector(&k, &opc, amf, (int64_t)(SQN >> 5), SQN & 31, &av), MCX_OK);
    ck_assert_uint_eq(fake_random_used(), 16);
    assert_hex(av.rand, 16, RAND);
    assert_hex(av.autn, 16, AUTN);
    ck_assert_uint_eq(av.xres_len, 8);
    assert_hex(av.xres, 8, "a54211d5e3ba50bf");
    assert_hex(av.ck.octets, 16, "b40ba9a3c58b2a05bbf0d987b21bf8cb");
    assert_hex(av.ik.octets, 16, "f769bcd751044604127672711c6d3441");
    mcx_av_wipe(&av);
    ck_assert_mem_eq(&av, (&(struct mcx_av){.xres_len = 0}), sizeof av);
}
END_TEST

START_TEST(test_seq_and_ind_outside_their_bits_are_a_limit)
{
    static const struct {
        int64_t seq;
        uint8_t ind;
        enum mcx_err err;
    } rows[] = {{1, 0, MCX_OK},
                {MCX_SEQ_MAX, 31, MCX_OK},
                {0, 0, MCX_LIMIT},
                {-1, 0, MCX_LIMIT},
                {INT64_MIN, 0, MCX_LIMIT},
                {MCX_SEQ_MAX + 1, 0, MCX_LIMIT},
                {INT64_MAX, 0, MCX_LIMIT},
                {1, 32, MCX_LIMIT},
                {1, 255, MCX_LIMIT}};
    const uint8_t amf[2] = {0};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct mcx_av av;

        fake_random_set(rand_octets, 16);
        ck_assert_int_eq(mcx_aka_vector(&k, &opc, amf, rows[i].seq, rows[i].ind, &av), rows[i].err);
        ck_assert_uint_eq(fake_random_used(), rows[i].err == MCX_OK ? 16 : 0);
    }
}
END_TEST

/* AUTN of any SEQ and IND, opened with the second implementation. */
START_TEST(test_autn_holds_seq_ind_and_amf)
{
    for (int64_t seq = 1; seq <= MCX_SEQ_MAX; seq = seq * 3 + 1)
        for (unsigned ind = 0; ind <= 31; ind += 5) {
            const uint8_t amf[2] = {(uint8_t)seq, (uint8_t)ind};
            struct mcx_milenage_out f;
            uint64_t sqn = 0;
            uint8_t sqn_octets[6];
            struct mcx_av av;

            ck_assert_int_eq(mcx_aka_vector(&k, &opc, amf, seq, (uint8_t)ind, &av), MCX_OK);
            reference_milenage(k.octets, opc.octets, av.rand, (uint8_t[6]){0}, amf, &f);
            for (int i = 0; i < 6; i++) {
                sqn_octets[i] = av.autn[i] ^ f.ak[i];
                sqn = sqn << 8 | sqn_octets[i];
            }
            ck_assert(sqn == ((uint64_t)seq << 5 | ind));
            ck_assert_mem_eq(av.autn + 6, amf, 2);
            reference_milenage(k.octets, opc.octets, av.rand, sqn_octets, amf, &f);
            ck_assert_mem_eq(av.autn + 8, f.mac_a, 8);
        }
}
END_TEST

START_TEST(test_auts_of_set_1_gives_its_seq)
{
    uint8_t auts[14];
    int64_t seq = -7;

    hex_to(auts, 14, AUTS);
    ck_assert_int_eq(mcx_aka_auts(&k, &opc, rand_octets, auts, &seq), MCX_OK);
    ck_assert(seq == (int64_t)(SQN >> 5));
}
END_TEST

/* The same AUTS made by the second implementation: AMF zero in MAC-S, AK* over SQN_MS. */
START_TEST(test_golden_auts_is_what_the_second_implementation_makes)
{
    struct mcx_milenage_out f;
    uint8_t sqn[6], auts[14];

    hex_to(sqn, 6, "ff9bb4d0b607");
    reference_milenage(k.octets, opc.octets, rand_octets, sqn, (uint8_t[2]){0, 0}, &f);
    for (int i = 0; i < 6; i++)
        auts[i] = sqn[i] ^ f.ak_star[i];
    memcpy(auts + 6, f.mac_s, 8);
    assert_hex(auts, 14, AUTS);
}
END_TEST

START_TEST(test_any_flipped_bit_of_auts_or_rand_is_refused)
{
    for (size_t bit = 0; bit < 8 * (14 + 16); bit++) {
        uint8_t auts[14], rand[16];
        int64_t seq = -7;

        hex_to(auts, 14, AUTS);
        hex_to(rand, 16, RAND);
        if (bit < 8 * 14)
            auts[bit / 8] ^= (uint8_t)(1U << bit % 8);
        else
            rand[bit / 8 - 14] ^= (uint8_t)(1U << bit % 8);
        ck_assert_int_eq(mcx_aka_auts(&k, &opc, rand, auts, &seq), MCX_AUTH);
        ck_assert(seq == -7);
    }
}
END_TEST

START_TEST(test_auts_with_another_amf_or_key_is_refused)
{
    struct mcx_key128 other = k;
    struct mcx_milenage_out f;
    uint8_t sqn[6], auts[14];
    int64_t seq = -7;

    hex_to(sqn, 6, "ff9bb4d0b607");
    reference_milenage(k.octets, opc.octets, rand_octets, sqn, (uint8_t[2]){0xb9, 0xb9}, &f);
    for (int i = 0; i < 6; i++)
        auts[i] = sqn[i] ^ f.ak_star[i];
    memcpy(auts + 6, f.mac_s, 8); /* MAC-S with the set's AMF, as published */
    ck_assert_int_eq(mcx_aka_auts(&k, &opc, rand_octets, auts, &seq), MCX_AUTH);
    hex_to(auts, 14, AUTS);
    other.octets[0] ^= 1;
    ck_assert_int_eq(mcx_aka_auts(&other, &opc, rand_octets, auts, &seq), MCX_AUTH);
    ck_assert_int_eq(mcx_aka_auts(&k, &other, rand_octets, auts, &seq), MCX_AUTH);
    ck_assert(seq == -7);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("aka");

    tcase_add_checked_fixture(tests, set_up, NULL);
    tcase_add_test(tests, test_vector_of_set_1);
    tcase_add_test(tests, test_seq_and_ind_outside_their_bits_are_a_limit);
    tcase_add_test(tests, test_autn_holds_seq_ind_and_amf);
    tcase_add_test(tests, test_auts_of_set_1_gives_its_seq);
    tcase_add_test(tests, test_golden_auts_is_what_the_second_implementation_makes);
    tcase_add_test(tests, test_any_flipped_bit_of_auts_or_rand_is_refused);
    tcase_add_test(tests, test_auts_with_another_amf_or_key_is_refused);
    return unit_run(tests);
}
