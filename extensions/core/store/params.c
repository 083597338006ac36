/* SPDX-License-Identifier: Apache-2.0 */
/* Binary parameters and arrays as PostgreSQL's array_recv reads them: dimensions, null flag,
 * element type, then length and lower bound, then each item with its length. Pure; any thread. */
#include "store/params.h"

#include <endian.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "store/statement.h"

void mcx_params_free(struct mcx_params *params)
{
    for (int i = 0; i < params->count; i++) {
        if (params->owned[i])
            mcx_wipe(params->owned[i], (size_t)params->length[i]);
        free(params->owned[i]);
    }
    mcx_wipe(params, sizeof *params);
}

static void add(struct mcx_params *params, const char *value, size_t len)
{
    if (params->err != MCX_OK)
        return;
    if (params->count == MCX_PARAMS_MAX || len > INT_MAX) {
        params->err = MCX_TOO_LONG;
        return;
    }
    params->value[params->count] = value;
    params->length[params->count] = (int)len;
    params->format[params->count] = 1;
    params->count++;
}

static void add_number(struct mcx_params *params, const void *network_order, size_t len)
{
    char *place = params->count < MCX_PARAMS_MAX ? params->number[params->count] : NULL;

    if (place)
        memcpy(place, network_order, len);
    add(params, place, len);
}

void mcx_params_span(struct mcx_params *params, struct mcx_span octets)
{
    add(params, octets.octets ? (const char *)octets.octets : "", octets.len);
}

void mcx_params_str(struct mcx_params *params, const struct mcx_str *text)
{
    add(params, text->octets, text->len);
}

void mcx_params_text(struct mcx_params *params, const char *text)
{
    add(params, text, text ? strlen(text) : 0);
}

void mcx_params_i64(struct mcx_params *params, int64_t number)
{
    uint64_t network = htobe64((uint64_t)number);

    add_number(params, &network, sizeof network);
}

void mcx_params_i32(struct mcx_params *params, int32_t number)
{
    uint32_t network = htobe32((uint32_t)number);

    add_number(params, &network, sizeof network);
}

void mcx_params_bool(struct mcx_params *params, bool value)
{
    char octet = value ? 1 : 0;

    add_number(params, &octet, 1);
}

static char *put32(char *at, uint32_t number)
{
    uint32_t network = htobe32(number);

    memcpy(at, &network, sizeof network);
    return at + sizeof network;
}

/* Allocates the array's head for count items with payload octets in all; answers where the items
 * go. */
static char *array_begin(struct mcx_params *params, char type, size_t count, size_t payload)
{
    const size_t head = count > 0 ? 20 : 12;
    size_t size = head + 4 * count + payload;
    char *octets, *at;

    if (params->err != MCX_OK)
        return NULL;
    octets = size <= INT_MAX ? malloc(size) : NULL;
    if (!octets) {
        params->err = MCX_NO_MEMORY;
        return NULL;
    }
    at = put32(octets, count > 0 ? 1 : 0); /* dimensions */
    at = put32(at, 0);                     /* nulls are found by their length */
    at = put32(at, mcx_stmt_type(type));
    if (count > 0) {
        at = put32(at, (uint32_t)count);
        at = put32(at, 1); /* lower bound */
    }
    add(params, octets, size);
    if (params->err != MCX_OK) {
        free(octets);
        return NULL;
    }
    params->owned[params->count - 1] = octets;
    return at;
}

static void add_spans(struct mcx_params *params, char type, const struct mcx_span *items,
                      size_t count)
{
    size_t payload = 0;
    char *at;

    for (size_t i = 0; i < count; i++)
        payload += items[i].octets ? items[i].len : 0;
    at = array_begin(params, type, count, payload);
    for (size_t i = 0; at && i < count; i++) {
        if (!items[i].octets) {
            at = put32(at, UINT32_MAX); /* -1: NULL */
            continue;
        }
        at = put32(at, (uint32_t)items[i].len);
        memcpy(at, items[i].octets, items[i].len);
        at += items[i].len;
    }
}

void mcx_params_texts(struct mcx_params *params, const struct mcx_span *items, size_t count)
{
    add_spans(params, 't', items, count);
}

void mcx_params_blobs(struct mcx_params *params, const struct mcx_span *items, size_t count)
{
    add_spans(params, 'b', items, count);
}

void mcx_params_i64s(struct mcx_params *params, const int64_t *items, size_t count)
{
    char *at = array_begin(params, 'l', count, 8 * count);

    for (size_t i = 0; at && i < count; i++) {
        uint64_t network = htobe64((uint64_t)items[i]);

        at = put32(at, 8);
        memcpy(at, &network, 8);
        at += 8;
    }
}

void mcx_params_i32s(struct mcx_params *params, const int32_t *items, size_t count)
{
    char *at = array_begin(params, 'i', count, 4 * count);

    for (size_t i = 0; at && i < count; i++) {
        at = put32(at, 4);
        at = put32(at, (uint32_t)items[i]);
    }
}
