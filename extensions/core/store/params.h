/* SPDX-License-Identifier: Apache-2.0 */
/* Parameters of one statement, in PostgreSQL's binary format, added left to right. A parameter that
 * cannot be added marks the whole set as failed, which running the statement then reports. Pure;
 * any thread. */
#ifndef MCX_STORE_PARAMS_H
#define MCX_STORE_PARAMS_H

#include "base/span.h"

#define MCX_PARAMS_MAX 20

struct mcx_params {
    int count;
    enum mcx_err err;                  /* of the first that failed: NO_MEMORY, TOO_LONG */
    const char *value[MCX_PARAMS_MAX]; /* NULL: SQL NULL */
    int length[MCX_PARAMS_MAX];
    int format[MCX_PARAMS_MAX]; /* 1, binary */
    char number[MCX_PARAMS_MAX][8];
    char *owned[MCX_PARAMS_MAX]; /* arrays; wiped when freed */
};
#define MCX_PARAMS __attribute__((cleanup(mcx_params_free))) struct mcx_params
void mcx_params_free(struct mcx_params *params);

/* The octets stay the caller's until the statement has run. */
void mcx_params_span(struct mcx_params *params, struct mcx_span octets); /* t, b, u (16 octets) */
void mcx_params_str(struct mcx_params *params,
                    const struct mcx_str *text);                   /* len 0: an empty text */
void mcx_params_text(struct mcx_params *params, const char *text); /* NULL: SQL NULL */
void mcx_params_i64(struct mcx_params *params, int64_t number);
void mcx_params_i32(struct mcx_params *params, int32_t number);
void mcx_params_bool(struct mcx_params *params, bool value);

/* Copied. An item with octets NULL is SQL NULL. */
void mcx_params_texts(struct mcx_params *params, const struct mcx_span *items,
                      size_t count); /* T */
void mcx_params_blobs(struct mcx_params *params, const struct mcx_span *items,
                      size_t count);                                                 /* B */
void mcx_params_i64s(struct mcx_params *params, const int64_t *items, size_t count); /* L */
void mcx_params_i32s(struct mcx_params *params, const int32_t *items, size_t count); /* I */

#endif
