/* SPDX-License-Identifier: Apache-2.0 */
/* The growable buffer below codec and transport. Old storage is wiped when it grows, since answers
 * carry keys. Does not block. */
#include "wire/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

static void die_no_memory(void)
{
    fputs("out of memory\n", stderr);
    exit(1);
}

void *wire_alloc(size_t size)
{
    void *fresh = calloc(1, size ? size : 1);
    if (!fresh)
        die_no_memory();
    return fresh;
}

void *wire_realloc(void *old, size_t size)
{
    void *fresh = realloc(old, size ? size : 1);
    if (!fresh)
        die_no_memory();
    return fresh;
}

void wire_buf_reserve(struct wire_buf *buf, size_t more)
{
    if (buf->cap - buf->len >= more)
        return;
    size_t cap = buf->cap ? buf->cap : 512;
    while (cap - buf->len < more)
        cap *= 2;
    uint8_t *fresh = wire_alloc(cap);
    if (buf->len)
        memcpy(fresh, buf->octets, buf->len);
    if (buf->octets)
        mcx_wipe(buf->octets, buf->cap);
    free(buf->octets);
    buf->octets = fresh;
    buf->cap = cap;
}

void wire_buf_put(struct wire_buf *buf, const void *octets, size_t len)
{
    wire_buf_reserve(buf, len);
    if (len)
        memcpy(buf->octets + buf->len, octets, len);
    buf->len += len;
}

void wire_buf_put_zero(struct wire_buf *buf, size_t len)
{
    wire_buf_reserve(buf, len);
    if (len)
        memset(buf->octets + buf->len, 0, len);
    buf->len += len;
}

void wire_buf_put_u8(struct wire_buf *buf, uint8_t value)
{
    wire_buf_put(buf, &value, 1);
}

void wire_buf_put_u24(struct wire_buf *buf, uint32_t value)
{
    uint8_t octets[3];
    wire_set_u24(octets, value);
    wire_buf_put(buf, octets, sizeof(octets));
}

void wire_buf_put_u32(struct wire_buf *buf, uint32_t value)
{
    uint8_t octets[4];
    wire_set_u32(octets, value);
    wire_buf_put(buf, octets, sizeof(octets));
}

void wire_buf_drop_front(struct wire_buf *buf, size_t len)
{
    if (len > buf->len)
        len = buf->len;
    if (!len)
        return;
    memmove(buf->octets, buf->octets + len, buf->len - len);
    buf->len -= len;
    mcx_wipe(buf->octets + buf->len, len);
}

void wire_buf_free(struct wire_buf *buf)
{
    if (buf->octets)
        mcx_wipe(buf->octets, buf->cap);
    free(buf->octets);
    *buf = (struct wire_buf){0};
}

struct mcx_span wire_buf_span(const struct wire_buf *buf)
{
    return mcx_span(buf->octets, buf->len);
}

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool wire_buf_put_hex(struct wire_buf *buf, const char *hex)
{
    int high = -1;
    for (; *hex; hex++) {
        if (strchr(" \t\r\n:", *hex))
            continue;
        int value = digit(*hex);
        if (value < 0)
            return false;
        if (high < 0) {
            high = value;
            continue;
        }
        wire_buf_put_u8(buf, (uint8_t)(high << 4 | value));
        high = -1;
    }
    return high < 0;
}
