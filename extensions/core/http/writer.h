/* SPDX-License-Identifier: Apache-2.0 */
/* JSON text that grows as it is written, and is wiped where it leaves memory: it may hold
 * credentials. A failure is kept until the end. One thread at a time. */
#ifndef MCX_HTTP_WRITER_H
#define MCX_HTTP_WRITER_H

#include "base/span.h"

struct mcx_writer {
    char *text; /* malloc; NUL-terminated once anything was written */
    size_t len, size;
    enum mcx_err err; /* the first: NO_MEMORY, INVALID (a text that is not UTF-8) */
};

void mcx_write(struct mcx_writer *writer, const char *raw);
/* In quotes, escaped (RFC 8259 7). */
void mcx_write_text(struct mcx_writer *writer, struct mcx_span text);
void mcx_write_str(struct mcx_writer *writer, const struct mcx_str *text);
/* Wipes and frees; *writer is empty again. */
void mcx_writer_drop(struct mcx_writer *writer);

#endif
