/* SPDX-License-Identifier: Apache-2.0 */
/* A growing text; what it grew out of is wiped. One thread at a time; does not block. */
#include "http/writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

static void append(struct mcx_writer *writer, const void *octets, size_t len)
{
    if (writer->err != MCX_OK)
        return;
    if (writer->len + len + 1 > writer->size) {
        size_t size = (writer->len + len + 1) * 2 + 512;
        char *grown = malloc(size);

        if (!grown) {
            writer->err = MCX_NO_MEMORY;
            return;
        }
        if (writer->len > 0) {
            memcpy(grown, writer->text, writer->len);
            mcx_wipe(writer->text, writer->len);
        }
        free(writer->text);
        writer->text = grown;
        writer->size = size;
    }
    memcpy(writer->text + writer->len, octets, len);
    writer->len += len;
    writer->text[writer->len] = '\0';
}

void mcx_write(struct mcx_writer *writer, const char *raw)
{
    append(writer, raw, strlen(raw));
}

/* Octets of the character that begins here, 0 if none does (RFC 3629 4). */
static size_t utf8_len(struct mcx_span at)
{
    uint8_t first = at.octets[0], low = 0x80, high = 0xbf;
    size_t len = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;

    if (first > 0xf4 || len == 0 || len > at.len)
        return 0;
    if (first == 0xe0)
        low = 0xa0;
    else if (first == 0xed)
        high = 0x9f;
    else if (first == 0xf0)
        low = 0x90;
    else if (first == 0xf4)
        high = 0x8f;
    if (len > 1 && (at.octets[1] < low || at.octets[1] > high))
        return 0;
    for (size_t i = 2; i < len; i++)
        if ((at.octets[i] & 0xc0) != 0x80)
            return 0;
    return len;
}

static bool is_plain(uint8_t octet)
{
    return octet >= 0x20 && octet < 0x7f && octet != '"' && octet != '\\';
}

static void append_escaped(struct mcx_writer *writer, uint8_t octet)
{
    char escaped[8];

    if (octet == '"' || octet == '\\')
        snprintf(escaped, sizeof escaped, "\\%c", octet);
    else if (octet == '\n')
        strcpy(escaped, "\\n");
    else
        snprintf(escaped, sizeof escaped, "\\u%04x", octet);
    mcx_write(writer, escaped);
}

void mcx_write_text(struct mcx_writer *writer, struct mcx_span text)
{
    size_t i = 0;

    append(writer, "\"", 1);
    while (i < text.len && writer->err == MCX_OK) {
        size_t run = 0, len;

        while (i + run < text.len && is_plain(text.octets[i + run]))
            run++;
        append(writer, text.octets + i, run);
        i += run;
        if (i == text.len)
            break;
        len = utf8_len(mcx_span(text.octets + i, text.len - i));
        if (len == 0)
            writer->err = MCX_INVALID;
        else if (len == 1)
            append_escaped(writer, text.octets[i]);
        else
            append(writer, text.octets + i, len);
        i += len;
    }
    append(writer, "\"", 1);
}

void mcx_write_str(struct mcx_writer *writer, const struct mcx_str *text)
{
    mcx_write_text(writer, mcx_span_str(text));
}

void mcx_writer_drop(struct mcx_writer *writer)
{
    if (writer->text)
        mcx_wipe(writer->text, writer->len);
    free(writer->text);
    *writer = (struct mcx_writer){0};
}
