/* SPDX-License-Identifier: Apache-2.0 */
/* A growable octet buffer. Zero-initialise to start. Running out of memory ends the tool with a
 * message: nothing here is part of a daemon. One thread per buffer. */
#ifndef WIRE_BUF_H
#define WIRE_BUF_H

#include "base/span.h"

struct wire_buf {
    uint8_t *octets;
    size_t len, cap;
};

/* malloc and realloc that end the process when there is no memory. */
void *wire_alloc(size_t size); /* zeroed */
void *wire_realloc(void *old, size_t size);

void wire_buf_reserve(struct wire_buf *buf, size_t more); /* room for more octets after len */
void wire_buf_put(struct wire_buf *buf, const void *octets, size_t len);
void wire_buf_put_zero(struct wire_buf *buf, size_t len);
void wire_buf_put_u8(struct wire_buf *buf, uint8_t value);
void wire_buf_put_u24(struct wire_buf *buf, uint32_t value);
void wire_buf_put_u32(struct wire_buf *buf, uint32_t value);
void wire_buf_drop_front(struct wire_buf *buf, size_t len);
void wire_buf_free(
    struct wire_buf *buf); /* wipes: vectors may have been inside; *buf becomes empty */

struct mcx_span wire_buf_span(const struct wire_buf *buf); /* until the next change of *buf */

/* Hex text, upper or lower case, blanks, colons and newlines ignored. false: a non-hex digit or an
 * odd count. */
bool wire_buf_put_hex(struct wire_buf *buf, const char *hex);

static inline uint32_t wire_get_u24(const uint8_t *at)
{
    return (uint32_t)at[0] << 16 | (uint32_t)at[1] << 8 | at[2];
}
static inline uint32_t wire_get_u32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | wire_get_u24(at + 1);
}
static inline void wire_set_u24(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 16);
    at[1] = (uint8_t)(value >> 8);
    at[2] = (uint8_t)value;
}
static inline void wire_set_u32(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 24);
    wire_set_u24(at + 1, value);
}

#endif
