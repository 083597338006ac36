/* SPDX-License-Identifier: Apache-2.0 */
/* The card's side of AKA, for probes and tests: TS 33.102 6.3.3, and freshness by Annex C.2 with an
 * array of 32 and a jump limit. Any thread, one card at a time; does not block. */
#include <string.h>

#include "aka/aka.h"
#include "aka/milenage.h"
#include "aka/sqn.h"

#define JUMP_MAX   (INT64_C(1) << 28) /* TS 33.102 C.3.2: delta of profile 2 */
#define SCOPED_OUT __attribute__((cleanup(mcx_milenage_out_wipe))) struct mcx_milenage_out

/* Where in the array SEQ_MS, the highest accepted, stands. */
static uint8_t highest(const struct mcx_usim *usim)
{
    uint8_t at = 0;

    for (uint8_t i = 1; i <= MCX_IND_MAX; i++)
        if (usim->seq_ms[i] > usim->seq_ms[at])
            at = i;
    return at;
}

/* AUTS = (SQN_MS xor AK*) || MAC-S, with AMF zero. SQN_MS keeps the IND that SEQ_MS came with. */
static void make_auts(const struct mcx_usim *usim, const uint8_t rand[16], uint8_t auts[14])
{
    static const uint8_t amf_resync[2] = {0, 0};
    uint8_t at = highest(usim), sqn_ms[6];
    SCOPED_OUT f;

    mcx_sqn_encode(usim->seq_ms[at], at, sqn_ms);
    mcx_milenage(&usim->k, &usim->opc, rand, sqn_ms, amf_resync, &f);
    mcx_sqn_conceal(sqn_ms, f.ak_star, auts);
    memcpy(auts + 6, f.mac_s, 8);
}

enum mcx_usim_answer mcx_usim_run(struct mcx_usim *usim, const uint8_t rand[16],
                                  const uint8_t autn[16], struct mcx_av *out, uint8_t auts[14],
                                  uint8_t amf_out[2], int64_t *seq_out, uint8_t *ind_out)
{
    static const uint8_t sqn_any[6] = {0}; /* AK does not depend on it */
    SCOPED_OUT f;
    uint8_t sqn[6];

    memcpy(amf_out, autn + 6, 2);
    mcx_milenage(&usim->k, &usim->opc, rand, sqn_any, amf_out, &f);
    mcx_sqn_conceal(autn, f.ak, sqn);
    mcx_sqn_decode(sqn, seq_out, ind_out);
    mcx_milenage(&usim->k, &usim->opc, rand, sqn, amf_out, &f);
    if (!mcx_secret_equal(f.mac_a, autn + 8, 8))
        return MCX_USIM_MAC_FAILURE;
    if (*seq_out - usim->seq_ms[highest(usim)] > JUMP_MAX || *seq_out <= usim->seq_ms[*ind_out]) {
        make_auts(usim, rand, auts);
        return MCX_USIM_SYNC_FAILURE;
    }
    usim->seq_ms[*ind_out] = *seq_out;
    memset(out, 0, sizeof *out);
    memcpy(out->rand, rand, sizeof out->rand);
    memcpy(out->autn, autn, sizeof out->autn);
    memcpy(out->xres, f.res, sizeof f.res);
    out->xres_len = sizeof f.res;
    out->ck = f.ck;
    out->ik = f.ik;
    return MCX_USIM_RES;
}
