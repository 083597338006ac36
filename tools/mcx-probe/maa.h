/* SPDX-License-Identifier: Apache-2.0 */
/* Answers that respond gives, TS 29.229 6.1.8 and TS 29.109 4.2, sound or as a behaviour bends
 * them. */
#ifndef PROBE_MAA_H
#define PROBE_MAA_H

#include "behaviour.h"
#include "card.h"
#include "wire/peer.h"

struct maa_source {
    struct card card; /* keys of the one subscriber */
    int64_t seq;      /* last SEQ issued */
    uint8_t ind;
};

/* Appends the answer to request. Issues SQNs; takes an AUTS whose MAC-S is right, answers 5012 to
 * another. */
void maa_build(struct maa_source *source, const struct behaviour_plan *plan,
               const struct wire_identity *identity, struct mcx_span request, struct wire_buf *out);

#endif
