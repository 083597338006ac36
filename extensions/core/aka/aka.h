/* SPDX-License-Identifier: Apache-2.0 */
/* Authentication vectors and resynchronisation, TS 33.102 6.3 and Annex C (profile 2: SQN = SEQ, 43
 * bits, then IND, 5 bits). Does not block; any thread. */
#ifndef MCX_AKA_H
#define MCX_AKA_H

#include <stdbool.h>

#include "base/err.h"
#include "base/secret.h"

#define MCX_IND_BITS 5
#define MCX_IND_MAX  31
#define MCX_SEQ_MAX  ((INT64_C(1) << 43) - 1)

struct mcx_av {
    uint8_t rand[16], autn[16];
    uint8_t xres[16];
    uint8_t xres_len; /* 4 to 16; 8 with Milenage */
    struct mcx_key128 ck, ik;
    bool no_ck; /* only in a vector that another system made: it sent none */
};
void mcx_av_wipe(struct mcx_av *av);

/* A fresh vector. RAND is drawn inside. LIMIT: seq outside 1..MCX_SEQ_MAX or ind over 31. */
MCX_MUST_USE enum mcx_err mcx_aka_vector(const struct mcx_key128 *k, const struct mcx_key128 *opc,
                                         const uint8_t amf[2], int64_t seq, uint8_t ind,
                                         struct mcx_av *out);

/* MAC-S verified in constant time with AMF 0000 before anything is learnt. AUTH: MAC-S wrong,
 * *seq_ms untouched. TS 33.102 6.3.5. */
MCX_MUST_USE enum mcx_err mcx_aka_auts(const struct mcx_key128 *k, const struct mcx_key128 *opc,
                                       const uint8_t rand[16], const uint8_t auts[14],
                                       int64_t *seq_ms);

/* The card's side, for probes and tests: TS 33.102 6.3.3 and C.2 (array of 32 SEQ_MS, jump limit
 * 2^28). */
struct mcx_usim {
    struct mcx_key128 k, opc;
    int64_t seq_ms[32];
};
enum mcx_usim_answer { MCX_USIM_RES, MCX_USIM_MAC_FAILURE, MCX_USIM_SYNC_FAILURE };
/* RES: out->xres, ck, ik are the card's. SYNC_FAILURE: auts (14 octets) is set. amf_out: 2 octets
 * found in AUTN. */
enum mcx_usim_answer mcx_usim_run(struct mcx_usim *usim, const uint8_t rand[16],
                                  const uint8_t autn[16], struct mcx_av *out, uint8_t auts[14],
                                  uint8_t amf_out[2], int64_t *seq_out, uint8_t *ind_out);

#endif
