/* SPDX-License-Identifier: Apache-2.0 */
/* The little of HTTP/1.1 that a load generator needs to read: one answer with Content-Length (RFC
 * 9112). Chunked bodies are not read: our server sends none. Pure. */
#ifndef BENCH_HTTP_ANSWER_H
#define BENCH_HTTP_ANSWER_H

#include "base/span.h"

enum http_state {
    HTTP_WHOLE,  /* *out is filled */
    HTTP_PART,   /* more must come */
    HTTP_GARBLED /* no sense in going on */
};

struct http_answer {
    unsigned status;
    bool closes;          /* Connection: close */
    struct mcx_span body; /* inside what was read */
    size_t len;           /* octets taken, interim answers (1xx) before it included */
};

enum http_state http_answer_read(struct mcx_span in, struct http_answer *out);

#endif
