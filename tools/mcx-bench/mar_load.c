/* SPDX-License-Identifier: Apache-2.0 */
/* Diameter connections under load of MARs. Hop-by-Hop is slot number and generation, so that an
 * answer finds its request by an index and a stale one is known. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "mar.h"
#include "mode.h"
#include "vector.h"
#include "wire/dial.h"
#include "wire/peer.h"

/* What all connections share; read-only but for sqns, which stdio locks. */
struct shared {
    const struct bench_options *options;
    struct wire_tls tls;
    struct wire_keys keys;
    struct mar_users users;
    FILE *sqns; /* of --sqn-file; NULL: none */
};

struct slot {
    int64_t due_us; /* when the request should have left; latency counts from there */
    uint16_t generation;
    bool is_busy;
};

struct mar_load {
    struct load load;
    const struct shared *shared;
    struct wire_identity identity;
    char host[300];
    struct mar mar;
    struct wire_buf out;
    size_t written; /* of out */
    struct slot *slots;
    uint16_t *free;
};

static struct mar_load *of(struct load *load)
{
    return (struct mar_load *)load; /* its first member */
}

static void ask(struct load *load, uint64_t user, int64_t due_us)
{
    struct mar_load *self = of(load);
    uint16_t index = self->free[--load->free_count];
    struct slot *slot = &self->slots[index];
    slot->generation++;
    slot->is_busy = true;
    slot->due_us = due_us;
    mar_append(&self->mar, &self->shared->users, user, (uint32_t)slot->generation << 16 | index,
               &self->out);
}

static void release(struct mar_load *self, uint16_t index)
{
    self->slots[index].is_busy = false;
    self->free[self->load.free_count++] = index;
}

/* All requests that were due at or before then are lost. */
static void give_up(struct mar_load *self, int64_t oldest_us)
{
    for (uint32_t i = 0; i < self->load.window; i++) {
        if (!self->slots[i].is_busy || self->slots[i].due_us > oldest_us)
            continue;
        load_lost(&self->load, self->slots[i].due_us);
        release(self, (uint16_t)i);
    }
}

static void die(struct mar_load *self)
{
    if (self->load.is_dead)
        return;
    self->load.is_dead = true;
    load_broke(&self->load, self->host);
    give_up(self, INT64_MAX);
}

static void flush(struct load *load)
{
    struct mar_load *self = of(load);
    load->waits_for_write = false;
    while (!load->is_dead && self->written < self->out.len) {
        struct mcx_span rest =
            mcx_span(self->out.octets + self->written, self->out.len - self->written);
        ssize_t rc = wire_conn_write(&load->conn, rest);
        if (rc < 0)
            die(self);
        if (rc <= 0) {
            load->waits_for_write = true;
            return;
        }
        self->written += (size_t)rc;
    }
    self->out.len = self->written = 0;
}

static void check(struct mar_load *self, struct mcx_span avps)
{
    struct stats *stats = self->load.context->stats;
    stats->checked++;
    stats->bad += !vector_check(&self->shared->keys, avps, self->shared->sqns);
}

static void judge(struct mar_load *self, struct mcx_span message, int64_t due_us, int64_t now_us)
{
    struct load_context *context = self->load.context;
    struct mcx_span avps = wire_msg_avps(message);
    struct wire_result result = wire_msg_result(avps);
    long one_in = context->options->check;
    load_answered(&self->load, result.code, result.is_experimental, due_us, now_us);
    if (one_in && due_us >= context->counted_from_us && result.code == 2001 &&
        !result.is_experimental && context->answers % (uint64_t)one_in == 0)
        check(self, avps);
}

static void on_answer(struct mar_load *self, const struct wire_header *header,
                      struct mcx_span message, int64_t now_us)
{
    uint16_t index = (uint16_t)header->hop_by_hop,
             generation = (uint16_t)(header->hop_by_hop >> 16);
    if (index >= self->load.window || !self->slots[index].is_busy ||
        self->slots[index].generation != generation) {
        self->load.context->stats->late++;
        return;
    }
    int64_t due_us = self->slots[index].due_us;
    release(self, index);
    judge(self, message, due_us, now_us);
}

static void on_message(struct mar_load *self, struct mcx_span message, int64_t now_us)
{
    struct wire_header header;
    struct wire_conn *conn = &self->load.conn;
    wire_msg_header(message, &header);
    if (!(header.flags & WIRE_FLAG_R)) {
        on_answer(self, &header, message, now_us);
        return;
    }
    bool is_known = header.command == WIRE_CMD_DW || header.command == WIRE_CMD_DP;
    wire_peer_put_answer(&self->out, &self->identity, message, is_known ? 2001 : 3001);
    if (header.command != WIRE_CMD_DP)
        return;
    snprintf(conn->reason, sizeof(conn->reason), "the peer disconnects (DPR)");
    flush(&self->load);
    die(self);
}

/* Like wire_conn_take, but the buffer moves once per read and not once per message. */
static void take_all(struct mar_load *self, int64_t now_us)
{
    struct wire_conn *conn = &self->load.conn;
    size_t at = 0;
    while (!self->load.is_dead && conn->in.len - at >= WIRE_HEADER_LEN) {
        size_t length = wire_get_u24(conn->in.octets + at + 1);
        if (conn->in.octets[at] != 1 || length < WIRE_HEADER_LEN || length > WIRE_MESSAGE_MAX) {
            snprintf(conn->reason, sizeof(conn->reason), "what came is not Diameter");
            die(self);
            return;
        }
        if (conn->in.len - at < length)
            break;
        on_message(self, mcx_span(conn->in.octets + at, length), now_us);
        at += length;
    }
    conn->taken = at;
}

static void read_all(struct load *load)
{
    struct mar_load *self = of(load);
    enum wire_status status = WIRE_OK;
    while (!load->is_dead && status == WIRE_OK) {
        wire_buf_reserve(&load->conn.in, 65536);
        status = wire_conn_fill(&load->conn);
        if (status == WIRE_OK)
            take_all(self, mcx_clock_mono_us());
        else if (status != WIRE_TIMEOUT)
            die(self);
    }
}

static void expire(struct load *load, int64_t oldest_us)
{
    give_up(of(load), oldest_us);
}

static void close_load(struct load *load)
{
    struct mar_load *self = of(load);
    if (load->is_dead)
        wire_conn_close(&load->conn);
    else
        wire_peer_leave(&load->conn, &self->identity);
    mar_free(&self->mar);
    wire_buf_free(&self->out);
    free(self->slots);
    free(self->free);
    free(self);
}

static const struct load_ops ops = {ask, flush, read_all, expire, close_load};

static struct mar_load *make(const struct shared *shared, long number)
{
    const struct bench_options *options = shared->options;
    struct mar_load *self = wire_alloc(sizeof(*self));
    self->load =
        (struct load){.ops = &ops, .conn = WIRE_CONN_NONE, .window = (uint32_t)options->window};
    self->shared = shared;
    snprintf(self->host, sizeof(self->host), "bench-%ld.%s", number, options->origin_domain);
    self->identity = (struct wire_identity){self->host, options->origin_realm, "mcx-bench"};
    mar_init(&self->mar, options, &shared->users, self->host);
    self->slots = wire_alloc(self->load.window * sizeof(*self->slots));
    self->free = wire_alloc(self->load.window * sizeof(*self->free));
    for (uint32_t i = 0; i < self->load.window; i++)
        self->free[i] = (uint16_t)i;
    self->load.free_count = self->load.window;
    return self;
}

static struct load *open_load(void *all, long number, char *reason, size_t size)
{
    const struct shared *shared = all;
    const struct bench_options *options = shared->options;
    struct mar_load *self = make(shared, number);
    struct wire_conn *conn = &self->load.conn;
    struct wire_cea cea;
    int64_t deadline_us = mcx_clock_mono_us() + options->timeout_ms * 1000;
    enum wire_status status = wire_dial_open(conn, options->connect, options->from, deadline_us);
    if (status == WIRE_OK && options->use_tls)
        status = wire_dial_tls(conn, &shared->tls, false, deadline_us);
    if (status == WIRE_OK)
        status =
            wire_peer_exchange(conn, &self->identity, shared->tls.verify_name, &cea, deadline_us);
    if (status == WIRE_OK)
        return &self->load;
    snprintf(reason, size, "%s: %s", self->host, conn->reason);
    self->load.is_dead = true;
    close_load(&self->load);
    return NULL;
}

static bool load_files(struct shared *shared, struct bench_options *options, char *reason,
                       size_t size)
{
    if (!wire_keys_load(&options->keys, &shared->keys, reason, size))
        return false;
    if (options->check && !shared->keys.present) {
        snprintf(reason, size, "--check needs the card's keys");
        return false;
    }
    if (options->sqn_file && !(shared->sqns = fopen(options->sqn_file, "w"))) {
        snprintf(reason, size, "%s: cannot be written", options->sqn_file);
        return false;
    }
    if (options->use_tls && !wire_tls_load(&shared->tls, &options->files, reason, size))
        return false;
    shared->tls.verify_name = options->use_tls && !options->no_verify_name;
    return mar_users_load(&shared->users, options, reason, size);
}

static void clean_up(void *all)
{
    struct shared *shared = all;
    if (!shared)
        return;
    if (shared->sqns)
        fclose(shared->sqns);
    mar_users_free(&shared->users);
    wire_tls_free(&shared->tls);
    wire_keys_wipe(&shared->keys);
    free(shared);
}

static void *prepare(struct bench_options *options, uint64_t *user_count, char *reason, size_t size)
{
    struct shared *shared = wire_alloc(sizeof(*shared));
    shared->options = options;
    if (!load_files(shared, options, reason, size)) {
        clean_up(shared);
        return NULL;
    }
    *user_count = shared->users.count;
    return shared;
}

const struct bench_mode mar_mode = {.name = "mar",
                                    .usage = &mar_usage,
                                    .prepare = prepare,
                                    .clean_up = clean_up,
                                    .open = open_load,
                                    .form = {.ok = 2001, .judged = "vectors"}};
