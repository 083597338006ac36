/* SPDX-License-Identifier: Apache-2.0 */
/* Hop-by-Hop is slot number and generation, so that an answer finds its request by an index and a
 * stale one is known. */
#include "load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "vector.h"

bool load_open(struct load *load, const struct bench_options *options, const struct wire_tls *tls,
               const struct mar_users *users, long number, char *reason, size_t size)
{
    struct wire_cea cea;
    int64_t deadline_us = mcx_clock_mono_us() + options->timeout_ms * 1000;
    *load = (struct load){.window = (uint32_t)options->window};
    snprintf(load->host, sizeof(load->host), "bench-%ld.%s", number, options->origin_domain);
    load->identity = (struct wire_identity){load->host, options->origin_realm, "mcx-bench"};
    mar_init(&load->mar, options, users, load->host);
    load->slots = wire_alloc(load->window * sizeof(*load->slots));
    load->free = wire_alloc(load->window * sizeof(*load->free));
    while (load->free_count < load->window) {
        load->free[load->free_count] = (uint16_t)load->free_count;
        load->free_count++;
    }
    enum wire_status status =
        wire_dial_open(&load->conn, options->connect, options->from, deadline_us);
    if (status == WIRE_OK && options->use_tls)
        status = wire_dial_tls(&load->conn, tls, false, deadline_us);
    if (status == WIRE_OK)
        status =
            wire_peer_exchange(&load->conn, &load->identity, tls->verify_name, &cea, deadline_us);
    if (status == WIRE_OK)
        return true;
    snprintf(reason, size, "%s: %s", load->host, load->conn.reason);
    load->is_dead = true;
    return false;
}

void load_ask(struct load *load, const struct mar_users *users, uint64_t user, int64_t due_us)
{
    uint16_t index = load->free[--load->free_count];
    struct load_slot *slot = &load->slots[index];
    slot->generation++;
    slot->is_busy = true;
    slot->due_us = due_us;
    mar_append(&load->mar, users, user, (uint32_t)slot->generation << 16 | index, &load->out);
}

static void release(struct load *load, uint16_t index)
{
    load->slots[index].is_busy = false;
    load->free[load->free_count++] = index;
}

static void die(struct load *load, struct load_context *context)
{
    if (load->is_dead)
        return;
    load->is_dead = true;
    context->stats->connections_lost++;
    fprintf(stderr, "%s: %s\n", load->host, load->conn.reason);
    for (uint32_t i = 0; i < load->window; i++) {
        if (!load->slots[i].is_busy)
            continue;
        context->stats->lost += load->slots[i].due_us >= context->counted_from_us;
        release(load, (uint16_t)i);
    }
}

void load_flush(struct load *load, struct load_context *context)
{
    load->waits_for_write = false;
    while (!load->is_dead && load->written < load->out.len) {
        struct mcx_span rest =
            mcx_span(load->out.octets + load->written, load->out.len - load->written);
        ssize_t rc = wire_conn_write(&load->conn, rest);
        if (rc < 0)
            die(load, context);
        if (rc <= 0) {
            load->waits_for_write = true;
            return;
        }
        load->written += (size_t)rc;
    }
    load->out.len = load->written = 0;
}

static void judge(struct load_context *context, struct mcx_span message, int64_t due_us,
                  int64_t now_us)
{
    struct stats *stats = context->stats;
    struct mcx_span avps = wire_msg_avps(message);
    struct wire_result result = wire_msg_result(avps);
    long check = context->options->check;
    context->answers++;
    if (due_us < context->counted_from_us)
        return;
    stats->answered++;
    stats->last_us = now_us;
    histogram_add(&stats->latency, now_us - due_us);
    stats_result(stats, result.code, result.is_experimental);
    if (!check || result.code != 2001 || result.is_experimental ||
        context->answers % (uint64_t)check)
        return;
    stats->checked++;
    stats->bad += !vector_check(context->keys, avps, context->sqns);
}

static void on_answer(struct load *load, struct load_context *context,
                      const struct wire_header *header, struct mcx_span message, int64_t now_us)
{
    uint16_t index = (uint16_t)header->hop_by_hop,
             generation = (uint16_t)(header->hop_by_hop >> 16);
    if (index >= load->window || !load->slots[index].is_busy ||
        load->slots[index].generation != generation) {
        context->stats->late++;
        return;
    }
    int64_t due_us = load->slots[index].due_us;
    release(load, index);
    judge(context, message, due_us, now_us);
}

static void on_message(struct load *load, struct load_context *context, struct mcx_span message,
                       int64_t now_us)
{
    struct wire_header header;
    wire_msg_header(message, &header);
    if (!(header.flags & WIRE_FLAG_R)) {
        on_answer(load, context, &header, message, now_us);
        return;
    }
    bool is_known = header.command == WIRE_CMD_DW || header.command == WIRE_CMD_DP;
    wire_peer_put_answer(&load->out, &load->identity, message, is_known ? 2001 : 3001);
    if (header.command != WIRE_CMD_DP)
        return;
    snprintf(load->conn.reason, sizeof(load->conn.reason), "the peer disconnects (DPR)");
    load_flush(load, context);
    die(load, context);
}

/* Like wire_conn_take, but the buffer moves once per read and not once per message. */
static void take_all(struct load *load, struct load_context *context, int64_t now_us)
{
    struct wire_buf *in = &load->conn.in;
    size_t at = 0;
    while (!load->is_dead && in->len - at >= WIRE_HEADER_LEN) {
        size_t length = wire_get_u24(in->octets + at + 1);
        if (in->octets[at] != 1 || length < WIRE_HEADER_LEN || length > WIRE_MESSAGE_MAX) {
            snprintf(load->conn.reason, sizeof(load->conn.reason), "what came is not Diameter");
            die(load, context);
            return;
        }
        if (in->len - at < length)
            break;
        on_message(load, context, mcx_span(in->octets + at, length), now_us);
        at += length;
    }
    load->conn.taken = at;
}

void load_read(struct load *load, struct load_context *context)
{
    enum wire_status status = WIRE_OK;
    while (!load->is_dead && status == WIRE_OK) {
        wire_buf_reserve(&load->conn.in, 65536);
        status = wire_conn_fill(&load->conn);
        if (status == WIRE_OK)
            take_all(load, context, mcx_clock_mono_us());
        else if (status != WIRE_TIMEOUT)
            die(load, context);
    }
}

void load_expire(struct load *load, struct load_context *context, int64_t now_us)
{
    int64_t oldest_us = now_us - context->options->timeout_ms * 1000;
    for (uint32_t i = 0; i < load->window; i++) {
        if (!load->slots[i].is_busy || load->slots[i].due_us > oldest_us)
            continue;
        context->stats->lost += load->slots[i].due_us >= context->counted_from_us;
        release(load, (uint16_t)i);
    }
}

void load_close(struct load *load)
{
    if (load->is_dead)
        wire_conn_close(&load->conn);
    else
        wire_peer_leave(&load->conn, &load->identity);
    mar_free(&load->mar);
    wire_buf_free(&load->out);
    free(load->slots);
    free(load->free);
}
