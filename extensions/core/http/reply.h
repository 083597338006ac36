/* SPDX-License-Identifier: Apache-2.0 */
/* What the UE interface answers, as values: JSON of the outcomes of cms/ue.h, and problem documents
 * (RFC 9457). Pure; any thread. */
#ifndef MCX_HTTP_REPLY_H
#define MCX_HTTP_REPLY_H

#include "cms/ue.h"
#include "http/writer.h"

enum mcx_problem {
#define MCX_PROBLEM(name, status, type, title) MCX_PROBLEM_##name,
#include "http/problems.def"
#undef MCX_PROBLEM
};

struct mcx_http_reply {
    unsigned status;
    bool is_problem;        /* application/problem+json; else application/json */
    struct mcx_writer body; /* may be empty; mcx_writer_drop */
    uint32_t retry_after_s; /* 0: no Retry-After */
    char challenge[320];    /* WWW-Authenticate; "": none */
    const char *allow;      /* Allow; NULL: none */
};

/* detail: a sentence for the client. Frees what *out held before. Out of memory: no body. */
void mcx_reply_problem(struct mcx_http_reply *out, enum mcx_problem problem, const char *detail);

/* The outcome of an ask. FAULT if it cannot be said in JSON. */
void mcx_reply_outcome(struct mcx_http_reply *out, enum mcx_ue_verb verb,
                       const struct mcx_ue_reply *outcome);

/* RFC 6750 3: the challenge of a 401, or of a 403 for want of scope. error: NULL: none sent. */
void mcx_reply_challenge(struct mcx_http_reply *out, const char *error, const char *description,
                         const char *scope);

#endif
