/* SPDX-License-Identifier: Apache-2.0 */
/* Milenage, TS 35.206, with its standard constants. The only block cipher call is AES-128 of
 * OpenSSL; the context is kept per thread. Does not block; any thread. AES failure aborts: it is
 * our bug or a broken library. */
#ifndef MCX_AKA_MILENAGE_H
#define MCX_AKA_MILENAGE_H

#include "base/secret.h"

/* OPc = OP xor E_K(OP), TS 35.206 8.2. */
void mcx_milenage_opc(const struct mcx_key128 *k, const struct mcx_key128 *op,
                      struct mcx_key128 *opc);

struct mcx_milenage_out {
    uint8_t mac_a[8], mac_s[8], res[8], ak[6], ak_star[6];
    struct mcx_key128 ck, ik;
};
void mcx_milenage_out_wipe(struct mcx_milenage_out *out);

/* f1, f1*, f2, f3, f4, f5, f5* at once. sqn 6 octets big-endian, amf 2, rand 16. */
void mcx_milenage(const struct mcx_key128 *k, const struct mcx_key128 *opc, const uint8_t rand[16],
                  const uint8_t sqn[6], const uint8_t amf[2], struct mcx_milenage_out *out);

#endif
