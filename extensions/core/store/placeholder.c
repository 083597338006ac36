/* SPDX-License-Identifier: Apache-2.0 */
/* Finding placeholders, and XML text. Pure; any thread. */
#include "store/placeholder.h"

#include <string.h>

#define BEGIN "{{"
#define END   "}}"

static bool find(struct mcx_span in, size_t from, const char *text, size_t *at)
{
    size_t len = strlen(text);

    for (*at = from; *at + len <= in.len; (*at)++) {
        if (memcmp(in.octets + *at, text, len) == 0)
            return true;
    }
    return false;
}

static bool take(struct mcx_span *rest, const char *text)
{
    size_t len = strlen(text);

    if (rest->len < len || memcmp(rest->octets, text, len) != 0)
        return false;
    *rest = mcx_span(rest->octets + len, rest->len - len);
    return true;
}

static bool is_pdn(struct mcx_span name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789.-";

    if (name.len == 0 || name.len > 63 || name.octets[0] == '.' || name.octets[0] == '-')
        return false;
    for (size_t i = 0; i < name.len; i++) {
        if (name.octets[i] == '\0' || !strchr(letters, name.octets[i]))
            return false;
    }
    return true;
}

enum mcx_err mcx_placeholder_next(struct mcx_span document, size_t from,
                                  struct mcx_placeholder *out)
{
    struct mcx_span inside;
    size_t end, colon;

    if (!find(document, from, BEGIN, &out->at))
        return MCX_NOT_FOUND;
    if (!find(document, out->at, END, &end))
        return MCX_INVALID;
    out->len = end + strlen(END) - out->at;
    inside = mcx_span(document.octets + out->at + strlen(BEGIN), end - out->at - strlen(BEGIN));
    if (!take(&inside, "pdn:") || !find(inside, 0, ":", &colon))
        return MCX_INVALID;
    out->pdn = mcx_span(inside.octets, colon);
    inside = mcx_span(inside.octets + colon + 1, inside.len - colon - 1);
    out->is_password = mcx_span_equal(inside, mcx_span_of("password"));
    if (!is_pdn(out->pdn) ||
        (!out->is_password && !mcx_span_equal(inside, mcx_span_of("username"))))
        return MCX_INVALID;
    return MCX_OK;
}

static int compare(struct mcx_span a, struct mcx_span b)
{
    int order = memcmp(a.octets, b.octets, a.len < b.len ? a.len : b.len);

    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

enum mcx_err mcx_placeholder_pdns(struct mcx_span document, struct mcx_span pdn[MCX_PDNS_MAX],
                                  size_t *count)
{
    struct mcx_placeholder found;
    size_t from = 0;
    enum mcx_err err;

    *count = 0;
    while ((err = mcx_placeholder_next(document, from, &found)) == MCX_OK) {
        size_t at = 0;

        from = found.at + found.len;
        while (at < *count && compare(pdn[at], found.pdn) < 0)
            at++;
        if (at < *count && compare(pdn[at], found.pdn) == 0)
            continue;
        if (*count == MCX_PDNS_MAX)
            return MCX_LIMIT;
        memmove(pdn + at + 1, pdn + at, (*count - at) * sizeof *pdn);
        pdn[at] = found.pdn;
        (*count)++;
    }
    return err == MCX_NOT_FOUND ? MCX_OK : err;
}

enum mcx_err mcx_xml_escape(struct mcx_span octets, uint8_t *out, size_t size, size_t *len)
{
    static const struct {
        char sign;
        const char *text;
    } signs[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&apos;"}};

    for (size_t i = 0; i < octets.len; i++) {
        const void *piece = octets.octets + i;
        size_t piece_len = 1;

        for (size_t s = 0; s < sizeof signs / sizeof signs[0]; s++) {
            if (octets.octets[i] == (uint8_t)signs[s].sign) {
                piece = signs[s].text;
                piece_len = strlen(signs[s].text);
            }
        }
        if (size - *len < piece_len)
            return MCX_TOO_LONG;
        memcpy(out + *len, piece, piece_len);
        *len += piece_len;
    }
    return MCX_OK;
}
