/* SPDX-License-Identifier: Apache-2.0 */
/* Status line, header fields until the empty line, body by Content-Length. */
#include "http_answer.h"

#include <string.h>

#define HEAD_MAX 65536
#define BODY_MAX (16 << 20)

static bool take_line(struct mcx_span in, size_t *at, struct mcx_span *line)
{
    const uint8_t *from = in.octets + *at;
    const uint8_t *end = *at < in.len ? memchr(from, '\n', in.len - *at) : NULL;
    if (!end)
        return false;
    *at += (size_t)(end - from) + 1;
    *line = mcx_span(from, (size_t)(end - from));
    if (line->len && line->octets[line->len - 1] == '\r')
        line->len--;
    return true;
}

static bool read_number(struct mcx_span text, size_t max, size_t *out)
{
    size_t value = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.octets[i] < '0' || text.octets[i] > '9')
            return false;
        value = 10 * value + (size_t)(text.octets[i] - '0');
        if (value > max)
            return false;
    }
    *out = value;
    return text.len > 0;
}

static bool read_status(struct mcx_span line, unsigned *out)
{
    size_t status;
    if (line.len < 12 || memcmp(line.octets, "HTTP/1.", 7) != 0 || line.octets[8] != ' ' ||
        (line.len > 12 && line.octets[12] != ' ') ||
        !read_number(mcx_span(line.octets + 9, 3), 599, &status) || status < 100)
        return false;
    *out = (unsigned)status;
    return true;
}

/* The value if the field has that name. */
static bool is_field(struct mcx_span line, const char *name, struct mcx_span *value)
{
    size_t len = strlen(name);
    if (line.len <= len || line.octets[len] != ':' ||
        !mcx_span_equal_nocase(mcx_span(line.octets, len), mcx_span_of(name)))
        return false;
    *value = mcx_span(line.octets + len + 1, line.len - len - 1);
    while (value->len && (value->octets[0] == ' ' || value->octets[0] == '\t'))
        *value = mcx_span(value->octets + 1, value->len - 1);
    while (value->len && (value->octets[value->len - 1] == ' '))
        value->len--;
    return true;
}

static enum http_state read_fields(struct mcx_span in, size_t *at, struct http_answer *out,
                                   size_t *body_len)
{
    struct mcx_span line, value;
    while (take_line(in, at, &line)) {
        if (line.len == 0)
            return HTTP_WHOLE;
        if (is_field(line, "transfer-encoding", &value))
            return HTTP_GARBLED;
        if (is_field(line, "content-length", &value) && !read_number(value, BODY_MAX, body_len))
            return HTTP_GARBLED;
        if (is_field(line, "connection", &value) &&
            mcx_span_equal_nocase(value, mcx_span_of("close")))
            out->closes = true;
    }
    return in.len > HEAD_MAX ? HTTP_GARBLED : HTTP_PART;
}

enum http_state http_answer_read(struct mcx_span in, struct http_answer *out)
{
    size_t at = 0, body_len = 0;
    struct mcx_span line;
    do {
        *out = (struct http_answer){0};
        body_len = 0;
        if (!take_line(in, &at, &line))
            return in.len - at > HEAD_MAX ? HTTP_GARBLED : HTTP_PART;
        if (!read_status(line, &out->status))
            return HTTP_GARBLED;
        enum http_state state = read_fields(in, &at, out, &body_len);
        if (state != HTTP_WHOLE)
            return state;
    } while (out->status < 200);
    if (in.len - at < body_len)
        return HTTP_PART;
    out->body = mcx_span(in.octets + at, body_len);
    out->len = at + body_len;
    return HTTP_WHOLE;
}
