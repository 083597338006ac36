/* SPDX-License-Identifier: Apache-2.0 */
/* Damages Diameter messages, always in the same way for the same seed. */
#ifndef MCX_FUZZ_MUTATE_H
#define MCX_FUZZ_MUTATE_H

#include "wire.h"

struct chance {
    uint64_t state; /* not 0 */
};
/* 0 to below - 1. */
uint32_t chance_below(struct chance *chance, uint32_t below);

/* One to four damages; the length in the header mostly fits. */
void mutate(struct wire *wire, struct chance *chance);

#endif
