/* SPDX-License-Identifier: Apache-2.0 */
/* Where a UE says that it is (CR 10.1.X.1 step 1; TS 24.379 F.3), as values. Pure. */
#ifndef MCX_POLICY_LOCATION_H
#define MCX_POLICY_LOCATION_H

#include "base/span.h"

struct mcx_location {
    bool has_plmn;
    char plmn[7];  /* MCC and MNC, 5 or 6 digits, as said by the UE */
    bool is_mnc_3; /* plmn comes from a form that always has three digits of MNC (the XML):
                      its MNC may be one of two digits with a filler */
    bool has_eci;  /* only with has_plmn */
    uint32_t eci;  /* E-UTRAN Cell Identity, 28 bits, TS 23.003 19.6 */
    bool has_point;
    double latitude;  /* degrees, WGS 84, north positive: -90..90 */
    double longitude; /* degrees, east positive: -180..180 */
};

#endif
