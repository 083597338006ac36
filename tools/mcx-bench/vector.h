/* SPDX-License-Identifier: Apache-2.0 */
/* Is every vector of an MAA the card's? MAC, XRES, CK and IK; freshness needs a card's memory:
 * mcx-probe does that. */
#ifndef BENCH_VECTOR_H
#define BENCH_VECTOR_H

#include <stdio.h>

#include "wire/keys.h"
#include "wire/msg.h"

/* false: no item, or one that is wrong. TS 33.102 6.3.3. sqns: gets a line of IMPI, SEQ and IND for
 * each right one; NULL: not. */
bool vector_check(const struct wire_keys *keys, struct mcx_span avps, FILE *sqns);

#endif
