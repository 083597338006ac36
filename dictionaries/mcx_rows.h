/* SPDX-License-Identifier: Apache-2.0 */
/* The MCX applications S-DB and S-S as rows (design 3; their grammar stands in mcx.ccf). Codes are
 * fixed; Vendor-Id and Application-Ids are the operators' choice. */
#ifndef MCX_MCX_ROWS_H
#define MCX_MCX_ROWS_H

#include "dictionary.h"

struct mcx_numbers {
    uint32_t vendor, sdb, ss;
};

/* Those of base/settings.def: a test holds one against the other. */
extern const struct mcx_numbers mcx_numbers_default;

/* The rows with these numbers; valid until the next call. Start only. */
const struct mcx_dictionary *mcx_rows_numbered(const struct mcx_numbers *numbers);

#endif
