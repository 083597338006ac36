/* SPDX-License-Identifier: Apache-2.0 */
/* A growing text; what it grew out of is wiped. One thread at a time; does not block. */
#include "http/writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "base/utf8.h"

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
        uint32_t character;

        while (i + run < text.len && is_plain(text.octets[i + run]))
            run++;
        append(writer, text.octets + i, run);
        i += run;
        if (i == text.len)
            break;
        len = mcx_utf8_step(mcx_span(text.octets + i, text.len - i), &character);
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
