/* SPDX-License-Identifier: Apache-2.0 */
/* Cx/Dx and Zh/Dz as rows. */
#ifndef MCX_CX_ROWS_H
#define MCX_CX_ROWS_H

#include "dictionary.h"

extern const struct mcx_dictionary mcx_cx_rows;

#endif
