/* SPDX-License-Identifier: Apache-2.0 */
/* Milenage written a second time, from TS 35.206 and FIPS 197 alone and with no library, to check
 * ours against. Slow; tests only. */
#ifndef MCX_REFERENCE_MILENAGE_H
#define MCX_REFERENCE_MILENAGE_H

#include "aka/milenage.h"

void reference_opc(const uint8_t k[16], const uint8_t op[16], uint8_t opc[16]);
void reference_milenage(const uint8_t k[16], const uint8_t opc[16], const uint8_t rand[16],
                        const uint8_t sqn[6], const uint8_t amf[2], struct mcx_milenage_out *out);

#endif
