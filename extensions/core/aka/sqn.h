/* SPDX-License-Identifier: Apache-2.0 */
/* SQN = SEQ, 43 bits, then IND, 5 bits, as 6 octets big-endian (TS 33.102 C.1.1.1). Private to this
 * layer. Pure. */
#ifndef MCX_AKA_SQN_H
#define MCX_AKA_SQN_H

#include "aka/aka.h"

static inline void mcx_sqn_encode(int64_t seq, uint8_t ind, uint8_t out[6])
{
    uint64_t sqn = (uint64_t)seq << MCX_IND_BITS | (ind & MCX_IND_MAX);

    for (int i = 5; i >= 0; i--, sqn >>= 8)
        out[i] = (uint8_t)sqn;
}

static inline void mcx_sqn_decode(const uint8_t in[6], int64_t *seq, uint8_t *ind)
{
    uint64_t sqn = 0;

    for (int i = 0; i < 6; i++)
        sqn = sqn << 8 | in[i];
    *seq = (int64_t)(sqn >> MCX_IND_BITS);
    *ind = (uint8_t)(sqn & MCX_IND_MAX);
}

/* Hides or shows an SQN with AK or AK* (TS 33.102 6.3.2, 6.3.3). */
static inline void mcx_sqn_conceal(const uint8_t in[6], const uint8_t ak[6], uint8_t out[6])
{
    for (int i = 0; i < 6; i++)
        out[i] = in[i] ^ ak[i];
}

#endif
