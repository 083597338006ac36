/* SPDX-License-Identifier: Apache-2.0 */
/* A message, what the guard heard and what it says, for the tests of the guard. */
#ifndef MCX_TEST_GUARDED_H
#define MCX_TEST_GUARDED_H

#include "core.h"
#include "diameter/guard.h"
#include "wire.h"

extern struct wire wire; /* written by the test */
extern struct mcx_heard heard;
extern struct mcx_verdict verdict;

/* Checked fixture, after core_start. */
void guard_set_up(void);
/* Ends what is written, parses it and lets the guard read it. */
struct msg *guarded(void);
/* What freeDiameter does next, and would not survive unguarded. */
void read_as_freediameter(struct msg *msg);
/* Verdict, answer, octets: consumes msg. */
struct msg *refused(struct msg *msg);
/* This Result-Code, and in Failed-AVP this AVP with these octets. */
void expect_refusal(struct msg *answer, uint32_t code, uint32_t failed_code,
                    struct mcx_span failed_octets);
/* Refused with that Result-Code by an answer that holds these octets. Consumes msg. */
void expect_refused_octets(struct msg *msg, uint32_t code, struct mcx_span failed);

#endif
