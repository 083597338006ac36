/* SPDX-License-Identifier: Apache-2.0 */
/* The home side of AKA: vectors (TS 33.102 6.3.2) and the check of AUTS (6.3.5). Any thread; does
 * not block. */
#include "aka/aka.h"

#include <string.h>

#include "aka/milenage.h"
#include "aka/sqn.h"
#include "base/random.h"

#define SCOPED_OUT __attribute__((cleanup(mcx_milenage_out_wipe))) struct mcx_milenage_out

static const uint8_t amf_resync[2] = {0, 0}; /* TS 33.102 6.3.3: AMF* of MAC-S */

void mcx_av_wipe(struct mcx_av *av)
{
    mcx_wipe(av, sizeof *av);
}

enum mcx_err mcx_aka_vector(const struct mcx_key128 *k, const struct mcx_key128 *opc,
                            const uint8_t amf[2], int64_t seq, uint8_t ind, struct mcx_av *out)
{
    SCOPED_OUT f;
    uint8_t sqn[6];

    if (seq < 1 || seq > MCX_SEQ_MAX || ind > MCX_IND_MAX)
        return MCX_LIMIT;
    mcx_sqn_encode(seq, ind, sqn);
    mcx_random(out->rand, sizeof out->rand);
    mcx_milenage(k, opc, out->rand, sqn, amf, &f);
    mcx_sqn_conceal(sqn, f.ak, out->autn);
    memcpy(out->autn + 6, amf, 2);
    memcpy(out->autn + 8, f.mac_a, 8);
    memset(out->xres, 0, sizeof out->xres);
    memcpy(out->xres, f.res, sizeof f.res);
    out->xres_len = sizeof f.res;
    out->ck = f.ck;
    out->ik = f.ik;
    return MCX_OK;
}

enum mcx_err mcx_aka_auts(const struct mcx_key128 *k, const struct mcx_key128 *opc,
                          const uint8_t rand[16], const uint8_t auts[14], int64_t *seq_ms)
{
    static const uint8_t sqn_any[6] = {0}; /* AK* does not depend on it */
    SCOPED_OUT f;
    uint8_t sqn_ms[6], ind;

    mcx_milenage(k, opc, rand, sqn_any, amf_resync, &f);
    mcx_sqn_conceal(auts, f.ak_star, sqn_ms);
    mcx_milenage(k, opc, rand, sqn_ms, amf_resync, &f);
    if (!mcx_secret_equal(f.mac_s, auts + 6, 8))
        return MCX_AUTH;
    mcx_sqn_decode(sqn_ms, seq_ms, &ind);
    return MCX_OK;
}
