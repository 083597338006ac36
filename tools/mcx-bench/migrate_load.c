/* SPDX-License-Identifier: Apache-2.0 */
/* HTTPS connections under load of POSTs, one request at a time each. A kept connection that the
 * server closes while idle is made again with the next request; nothing here waits once the load
 * runs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "connection_check.h"
#include "http_answer.h"
#include "migrants.h"
#include "mode.h"
#include "wire/dial.h"

#define FAILURES_MAX 100 /* in a row, of one connection: there is nobody */

/* What all connections share; read-only but for seen. */
struct shared {
    const struct bench_options *options;
    struct wire_tls tls;
    struct migrants migrants;
    struct seen seen;
};

enum state { STATE_CLOSED, STATE_HANDSHAKE, STATE_WRITING, STATE_READING, STATE_IDLE };

struct migrate_load {
    struct load load;
    struct shared *shared;
    char name[40];
    enum state state;
    uint64_t user;
    int64_t due_us; /* of the request under way */
    struct wire_buf out;
    size_t written; /* of out */
    unsigned failures;
    bool has_complained;
};

static struct migrate_load *of(struct load *load)
{
    return (struct migrate_load *)load; /* its first member */
}

static void hang_up(struct migrate_load *self)
{
    wire_conn_close(&self->load.conn);
    self->load.is_watched = self->load.waits_for_write = false;
    self->state = STATE_CLOSED;
}

static bool is_busy(const struct migrate_load *self)
{
    return self->load.free_count == 0;
}

static void release(struct migrate_load *self)
{
    self->load.free_count = 1;
    self->out.len = self->written = 0;
}

/* The connection broke; whatever was asked is lost. */
static void fail(struct migrate_load *self)
{
    if (is_busy(self)) {
        load_broke(&self->load, self->failures ? NULL : self->name);
        load_lost(&self->load, self->due_us);
        release(self);
        self->failures++;
    }
    hang_up(self);
    self->load.is_dead = self->failures >= FAILURES_MAX;
}

static void complain(struct migrate_load *self, const char *what)
{
    snprintf(self->load.conn.reason, sizeof(self->load.conn.reason), "%s", what);
    fail(self);
}

static bool begin_tls(struct migrate_load *self)
{
    const char *host = self->shared->options->migrate.host;
    struct wire_conn *conn = &self->load.conn;
    return wire_dial_tls_begin(conn, &self->shared->tls, false) == WIRE_OK &&
           gnutls_server_name_set(conn->tls, GNUTLS_NAME_DNS, host, strlen(host)) == 0;
}

static bool is_named(struct migrate_load *self)
{
    const struct bench_options *options = self->shared->options;
    if (options->no_verify_name || wire_dial_names(&self->load.conn, options->migrate.host))
        return true;
    snprintf(self->load.conn.reason, sizeof(self->load.conn.reason),
             "the certificate does not name %s", options->migrate.host);
    return false;
}

static void ask(struct load *load, uint64_t user, int64_t due_us)
{
    struct migrate_load *self = of(load);
    const struct bench_options *options = self->shared->options;
    load->free_count = 0;
    self->user = user;
    self->due_us = due_us;
    migrants_append(&self->shared->migrants, user, &self->out);
    if (self->state == STATE_IDLE) {
        self->state = STATE_WRITING;
        return;
    }
    load->is_watched = false;
    self->state = STATE_HANDSHAKE;
    if (wire_dial_start(&load->conn, options->connect, options->from) != WIRE_OK ||
        !begin_tls(self))
        fail(self);
}

static void shake_hands(struct migrate_load *self)
{
    enum wire_status status = wire_dial_tls_step(&self->load.conn);
    self->load.waits_for_write = status == WIRE_TIMEOUT && wire_dial_wants_write(&self->load.conn);
    if (status == WIRE_OK && is_named(self))
        self->state = STATE_WRITING;
    else if (status != WIRE_TIMEOUT)
        fail(self);
}

static void write_out(struct migrate_load *self)
{
    struct wire_conn *conn = &self->load.conn;
    self->load.waits_for_write = false;
    while (self->written < self->out.len) {
        struct mcx_span rest =
            mcx_span(self->out.octets + self->written, self->out.len - self->written);
        ssize_t rc = wire_conn_write(conn, rest);
        self->load.waits_for_write = rc == 0;
        if (rc < 0)
            fail(self);
        if (rc <= 0)
            return;
        self->written += (size_t)rc;
    }
    self->state = STATE_READING;
}

static void flush(struct load *load)
{
    struct migrate_load *self = of(load);
    if (self->state == STATE_HANDSHAKE)
        shake_hands(self);
    if (self->state == STATE_WRITING)
        write_out(self);
}

static void check(struct migrate_load *self, struct mcx_span body)
{
    struct stats *stats = self->load.context->stats;
    const char *wrong =
        connection_check(body, &self->shared->options->migrate, &self->shared->seen, self->user);
    stats->checked++;
    stats->bad += wrong != NULL;
    if (wrong && !self->has_complained)
        fprintf(stderr, "%s: user %llu: %s\n", self->name, (unsigned long long)self->user, wrong);
    self->has_complained |= wrong != NULL;
}

static void on_answer(struct migrate_load *self, const struct http_answer *answer, int64_t now_us)
{
    load_answered(&self->load, answer->status, false, self->due_us, now_us);
    if (answer->status == 200)
        check(self, answer->body);
    self->failures = 0;
    self->state = STATE_IDLE;
    self->load.conn.taken = answer->len;
    release(self);
    if (answer->closes || self->shared->options->migrate.connect_per_request)
        hang_up(self);
}

static void take(struct migrate_load *self)
{
    struct http_answer answer;
    switch (http_answer_read(wire_buf_span(&self->load.conn.in), &answer)) {
    case HTTP_WHOLE:
        on_answer(self, &answer, mcx_clock_mono_us());
        return;
    case HTTP_PART:
        return;
    case HTTP_GARBLED:
        complain(self, "what came is not an HTTP answer with Content-Length");
        return;
    }
}

static void read_all(struct load *load)
{
    struct migrate_load *self = of(load);
    enum wire_status status = WIRE_OK;
    if (self->state == STATE_HANDSHAKE)
        return; /* flush goes on with it */
    while (self->state != STATE_CLOSED && status == WIRE_OK) {
        status = wire_conn_fill(&load->conn);
        if (status == WIRE_OK && self->state == STATE_READING)
            take(self);
        else if (status == WIRE_OK)
            complain(self, "an answer without a request");
        else if (status != WIRE_TIMEOUT)
            fail(self);
    }
}

static void expire(struct load *load, int64_t oldest_us)
{
    struct migrate_load *self = of(load);
    if (!is_busy(self) || self->due_us > oldest_us)
        return;
    load_lost(load, self->due_us);
    release(self);
    hang_up(self); /* its answer may still come */
}

static void close_load(struct load *load)
{
    struct migrate_load *self = of(load);
    wire_conn_close(&load->conn);
    wire_buf_free(&self->out);
    free(self);
}

static const struct load_ops ops = {ask, flush, read_all, expire, close_load};

static bool connect_now(struct migrate_load *self)
{
    const struct bench_options *options = self->shared->options;
    struct wire_conn *conn = &self->load.conn;
    int64_t deadline_us = mcx_clock_mono_us() + options->timeout_ms * 1000;
    enum wire_status status = wire_dial_open(conn, options->connect, options->from, deadline_us);
    if (status != WIRE_OK || !begin_tls(self))
        return false;
    while ((status = wire_dial_tls_step(conn)) == WIRE_TIMEOUT)
        if (wire_conn_wait(conn, wire_dial_wants_write(conn), deadline_us) != WIRE_OK)
            return false;
    self->state = STATE_IDLE;
    return status == WIRE_OK && is_named(self);
}

static struct load *open_load(void *all, long number, char *reason, size_t size)
{
    struct shared *shared = all;
    struct migrate_load *self = wire_alloc(sizeof(*self));
    self->load = (struct load){.ops = &ops, .conn = WIRE_CONN_NONE, .window = 1, .free_count = 1};
    self->shared = shared;
    snprintf(self->name, sizeof(self->name), "connection %ld", number);
    if (shared->options->migrate.connect_per_request || connect_now(self))
        return &self->load;
    snprintf(reason, size, "%s: %s", self->name, self->load.conn.reason);
    close_load(&self->load);
    return NULL;
}

static void clean_up(void *all)
{
    struct shared *shared = all;
    if (!shared)
        return;
    migrants_free(&shared->migrants);
    seen_free(&shared->seen);
    wire_tls_free(&shared->tls);
    free(shared);
}

static void *prepare(struct bench_options *options, uint64_t *user_count, char *reason, size_t size)
{
    struct shared *shared = wire_alloc(sizeof(*shared));
    shared->options = options;
    if (!wire_tls_load(&shared->tls, &options->files, reason, size) ||
        !migrants_load(&shared->migrants, options, reason, size)) {
        clean_up(shared);
        return NULL;
    }
    *user_count = shared->migrants.count;
    seen_init(&shared->seen, *user_count);
    return shared;
}

const struct bench_mode migrate_mode = {.name = "migrate",
                                        .usage = &migrate_usage,
                                        .prepare = prepare,
                                        .clean_up = clean_up,
                                        .open = open_load,
                                        .form = {.ok = 200, .judged = "answers"}};
