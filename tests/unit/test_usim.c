/* SPDX-License-Identifier: Apache-2.0 */
/* aka/usim: the card as TS 33.102 Annex C.2 has it, against our own vectors. */
#include "aka/aka.h"
#include "aka_hex.h"

#define JUMP (INT64_C(1) << 28)

static struct mcx_usim card;
static const uint8_t amf[2] = {0x12, 0x34};

/* What the last run said. */
static struct mcx_av issued, res;
static uint8_t auts[14], seen_amf[2], seen_ind;
static int64_t seen_seq;

static void set_up(void)
{
    memset(&card, 0, sizeof card);
    card.k = hex_key("465b5ce8b199b49faa5f0a2ee238a6bc");
    card.opc = hex_key("cd63cb71954a9f4e48a5994e37a02baf");
}

static enum mcx_usim_answer give(const struct mcx_av *av)
{
    return mcx_usim_run(&card, av->rand, av->autn, &res, auts, seen_amf, &seen_seq, &seen_ind);
}

static enum mcx_usim_answer give_seq(int64_t seq, uint8_t ind)
{
    ck_assert_int_eq(mcx_aka_vector(&card.k, &card.opc, amf, seq, ind, &issued), MCX_OK);
    return give(&issued);
}

/* The SEQ that the last AUTS tells the home system. */
static int64_t told(void)
{
    int64_t seq = -1;

    ck_assert_int_eq(mcx_aka_auts(&card.k, &card.opc, issued.rand, auts, &seq), MCX_OK);
    return seq;
}

START_TEST(test_fresh_vector_gives_res_equal_to_xres_and_the_keys)
{
    ck_assert_int_eq(give_seq(7, 3), MCX_USIM_RES);
    ck_assert_uint_eq(res.xres_len, issued.xres_len);
    ck_assert_mem_eq(res.xres, issued.xres, issued.xres_len);
    ck_assert_mem_eq(res.ck.octets, issued.ck.octets, 16);
    ck_assert_mem_eq(res.ik.octets, issued.ik.octets, 16);
    ck_assert(seen_seq == 7 && seen_ind == 3 && card.seq_ms[3] == 7);
    ck_assert_mem_eq(seen_amf, amf, 2);
}
END_TEST

START_TEST(test_replay_is_a_sync_failure)
{
    ck_assert_int_eq(give_seq(7, 3), MCX_USIM_RES);
    ck_assert_int_eq(give(&issued), MCX_USIM_SYNC_FAILURE);
    ck_assert(told() == 7);
    ck_assert_int_eq(give_seq(7, 3), MCX_USIM_SYNC_FAILURE);
    ck_assert_int_eq(give_seq(6, 3), MCX_USIM_SYNC_FAILURE);
    ck_assert_int_eq(give_seq(8, 3), MCX_USIM_RES);
}
END_TEST

START_TEST(test_each_ind_has_its_own_order)
{
    ck_assert_int_eq(give_seq(100, 0), MCX_USIM_RES);
    ck_assert_int_eq(give_seq(90, 2), MCX_USIM_RES); /* delayed on the way through a partner */
    ck_assert_int_eq(give_seq(90, 0), MCX_USIM_SYNC_FAILURE);
    ck_assert_int_eq(give_seq(1, 31), MCX_USIM_RES);
    ck_assert_int_eq(give_seq(101, 0), MCX_USIM_RES);
    ck_assert_int_eq(give_seq(90, 2), MCX_USIM_SYNC_FAILURE);
    ck_assert(card.seq_ms[0] == 101 && card.seq_ms[2] == 90 && card.seq_ms[31] == 1);
}
END_TEST

START_TEST(test_auts_tells_the_highest_seq_of_all_inds)
{
    ck_assert_int_eq(give_seq(500, 9), MCX_USIM_RES);
    ck_assert_int_eq(give_seq(20, 0), MCX_USIM_RES);
    ck_assert_int_eq(give_seq(20, 0), MCX_USIM_SYNC_FAILURE);
    ck_assert(told() == 500);
    ck_assert(seen_seq == 20 && seen_ind == 0);
}
END_TEST

START_TEST(test_jump_limit_holds_from_the_highest_seq)
{
    ck_assert_int_eq(give_seq(10, 0), MCX_USIM_RES);
    ck_assert_int_eq(give_seq(10 + JUMP + 1, 0), MCX_USIM_SYNC_FAILURE);
    ck_assert(told() == 10 && card.seq_ms[0] == 10);
    ck_assert_int_eq(give_seq(10 + JUMP, 1), MCX_USIM_RES);
    ck_assert_int_eq(give_seq(10 + JUMP + 1, 0), MCX_USIM_RES);
}
END_TEST

START_TEST(test_new_card_takes_the_first_seq_and_tells_zero)
{
    ck_assert_int_eq(give_seq(JUMP + 1, 0), MCX_USIM_SYNC_FAILURE);
    ck_assert(told() == 0);
    ck_assert_int_eq(give_seq(1, 0), MCX_USIM_RES);
}
END_TEST

START_TEST(test_after_auts_the_next_vector_is_taken)
{
    card.seq_ms[4] = 70000;
    card.seq_ms[0] = 65000;
    ck_assert_int_eq(give_seq(3, 0), MCX_USIM_SYNC_FAILURE);
    ck_assert_int_eq(give_seq(told() + 1, 0), MCX_USIM_RES);
}
END_TEST

START_TEST(test_highest_seq_of_all_survives_auts)
{
    card.seq_ms[31] = MCX_SEQ_MAX;
    ck_assert_int_eq(give_seq(1, 31), MCX_USIM_SYNC_FAILURE);
    ck_assert(told() == MCX_SEQ_MAX);
}
END_TEST

/* Every bit of RAND and AUTN: the card finds it, and learns nothing. */
START_TEST(test_any_flipped_bit_is_a_mac_failure)
{
    struct mcx_usim before;

    ck_assert_int_eq(give_seq(7, 3), MCX_USIM_RES);
    ck_assert_int_eq(mcx_aka_vector(&card.k, &card.opc, amf, 8, 3, &issued), MCX_OK);
    before = card;
    for (size_t bit = 0; bit < 8 * 32; bit++) {
        struct mcx_av bent = issued;

        if (bit < 128)
            bent.rand[bit / 8] ^= (uint8_t)(1U << bit % 8);
        else
            bent.autn[bit / 8 - 16] ^= (uint8_t)(1U << bit % 8);
        ck_assert_int_eq(give(&bent), MCX_USIM_MAC_FAILURE);
    }
    ck_assert_mem_eq(&card, &before, sizeof card);
    ck_assert_int_eq(give(&issued), MCX_USIM_RES);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("usim");

    tcase_add_checked_fixture(tests, set_up, NULL);
    tcase_add_test(tests, test_fresh_vector_gives_res_equal_to_xres_and_the_keys);
    tcase_add_test(tests, test_replay_is_a_sync_failure);
    tcase_add_test(tests, test_each_ind_has_its_own_order);
    tcase_add_test(tests, test_auts_tells_the_highest_seq_of_all_inds);
    tcase_add_test(tests, test_jump_limit_holds_from_the_highest_seq);
    tcase_add_test(tests, test_new_card_takes_the_first_seq_and_tells_zero);
    tcase_add_test(tests, test_after_auts_the_next_vector_is_taken);
    tcase_add_test(tests, test_highest_seq_of_all_survives_auts);
    tcase_add_test(tests, test_any_flipped_bit_is_a_mac_failure);
    return unit_run(tests);
}
