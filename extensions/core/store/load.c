/* SPDX-License-Identifier: Apache-2.0 */
/* Subscribers by the hundred thousand: several connections, each loading chunks by binary COPY, one
 * transaction a chunk. Its own threads, joined before it returns; blocks on the database. */
#include <endian.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "identity/identity.h"
#include "store/keys.h"
#include "store/subscriber.h"
#include "store/system.h"

enum { CHUNK = 20000, THREADS_MAX = 8, TABLES = 6 };

struct buffer {
    char *octets;
    size_t len, size;
    bool failed;
};

struct loader {
    struct mcx_bulk_load *load;
    int64_t first_subscriber, first_set;
    atomic_uint_fast64_t next; /* the next chunk's first subscriber */
    atomic_uint_fast64_t loaded;
    atomic_bool failed;
    pthread_mutex_t mutex; /* guards problem and err */
    enum mcx_err err;
    struct mcx_conf_problem *problem;
};

struct chunk {
    struct loader *loader;
    uint64_t from, count;
    struct buffer table[TABLES];
};

/* ---- binary COPY: COPY(7), "Binary Format" ---- */

static void put(struct buffer *buffer, const void *octets, size_t len)
{
    if (buffer->len + len > buffer->size) {
        size_t size = 2 * buffer->size + len + 4096;
        char *larger = realloc(buffer->octets, size);

        if (!larger) {
            buffer->failed = true;
            return;
        }
        buffer->octets = larger;
        buffer->size = size;
    }
    memcpy(buffer->octets + buffer->len, octets, len);
    buffer->len += len;
}

static void put_field(struct buffer *buffer, const void *octets, size_t len)
{
    uint32_t network = htobe32((uint32_t)len);

    put(buffer, &network, sizeof network);
    put(buffer, octets, len);
}

static void put_i64(struct buffer *buffer, int64_t number)
{
    uint64_t network = htobe64((uint64_t)number);

    put_field(buffer, &network, sizeof network);
}

static void put_row(struct buffer *buffer, uint16_t fields)
{
    uint16_t network = htobe16(fields);

    put(buffer, &network, sizeof network);
}

static void begin_copy(struct buffer *buffer)
{
    static const char head[19] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0";

    buffer->len = 0;
    put(buffer, head, sizeof head);
}

/* ---- one chunk ---- */

static const enum mcx_stmt tables[TABLES] = {MCX_STMT_COPY_IDENTITY,   MCX_STMT_COPY_PUBLIC,
                                             MCX_STMT_COPY_SET,        MCX_STMT_COPY_IMPI_IMPU,
                                             MCX_STMT_COPY_CREDENTIAL, MCX_STMT_COPY_SQN};

/* Columns in the order of the COPY statements. */
static enum mcx_err add_rows(struct chunk *chunk, uint64_t number)
{
    const struct mcx_bulk_load *load = chunk->loader->load;
    int64_t subscriber_id = chunk->loader->first_subscriber + (int64_t)(number - load->first);
    int64_t set_id = chunk->loader->first_set + (int64_t)(number - load->first);
    struct buffer *table = chunk->table;
    uint8_t k[MCX_WRAP_LEN], opc[MCX_WRAP_LEN];
    char impu[4 + MCX_STR_MAX + 20];
    char *impi = impu + 4;
    size_t len =
        (size_t)snprintf(impu, sizeof impu, "sip:%015" PRIu64 "@%s", number, load->realm.octets);
    enum mcx_err err = mcx_wrap(load->ring, MCX_WRAP_K, mcx_span(impi, len - 4), load->k, k);

    if (err == MCX_OK)
        err = mcx_wrap(load->ring, MCX_WRAP_OPC, mcx_span(impi, len - 4), load->opc, opc);
    put_row(&table[0], 3);
    put_field(&table[0], impi, len - 4);
    put_field(&table[0], "own", 3);
    put_i64(&table[0], subscriber_id);
    put_row(&table[1], 4);
    put_field(&table[1], impu, len);
    put_field(&table[1], "own", 3);
    put_i64(&table[1], set_id);
    put_field(&table[1], "\1", 1);
    put_row(&table[2], 1);
    put_i64(&table[2], set_id);
    put_row(&table[3], 2);
    put_field(&table[3], impi, len - 4);
    put_field(&table[3], impu, len);
    put_row(&table[4], 6);
    put_i64(&table[4], subscriber_id);
    put_field(&table[4], impi, len - 4);
    put_i64(&table[4], load->ring->kek[0].id);
    put_field(&table[4], k, sizeof k);
    put_field(&table[4], opc, sizeof opc);
    put_field(&table[4], load->amf, sizeof load->amf);
    put_row(&table[5], 2);
    put_i64(&table[5], subscriber_id);
    put_i64(&table[5], 0);
    return err;
}

static enum mcx_err copy_table(struct mcx_session *session, enum mcx_stmt stmt,
                               struct buffer *buffer, struct mcx_conf_problem *problem)
{
    enum mcx_err err;

    put(buffer, "\377\377", 2); /* no more rows */
    if (buffer->failed)
        return mcx_admin_refuse(problem, MCX_NO_MEMORY, "out of memory");
    err = mcx_session_copy_begin(session, stmt);
    if (err == MCX_OK)
        err = mcx_session_copy_put(session, buffer->octets, buffer->len);
    if (err == MCX_OK)
        err = mcx_session_copy_end(session, true);
    if (err == MCX_OK)
        return MCX_OK;
    return mcx_admin_refuse(problem, err,
                            "load: %s %s: some of these subscribers may be there already",
                            mcx_err_text(err), mcx_session_constraint(session));
}

static enum mcx_err chunk_steps(struct mcx_session *session, void *change,
                                struct mcx_conf_problem *problem)
{
    struct chunk *chunk = change;
    enum mcx_err err = MCX_OK;

    for (int i = 0; i < TABLES; i++)
        begin_copy(&chunk->table[i]);
    for (uint64_t i = 0; err == MCX_OK && i < chunk->count; i++)
        err = add_rows(chunk, chunk->from + i);
    if (err != MCX_OK)
        return mcx_admin_refuse(problem, err, "load: %s", mcx_err_text(err));
    err = mcx_store_key_hold(session, chunk->loader->load->ring, problem);
    for (int i = 0; err == MCX_OK && i < TABLES; i++)
        err = copy_table(session, tables[i], &chunk->table[i], problem);
    return err;
}

/* ---- threads ---- */

static void fail(struct loader *loader, enum mcx_err err, const struct mcx_conf_problem *problem)
{
    pthread_mutex_lock(&loader->mutex);
    if (loader->err == MCX_OK) {
        loader->err = err;
        *loader->problem = *problem;
    }
    pthread_mutex_unlock(&loader->mutex);
    atomic_store(&loader->failed, true);
}

static void *work(void *arg)
{
    struct loader *loader = arg;
    struct mcx_session_options options = {.conninfo = loader->load->conninfo,
                                          .connect_timeout_ms = 10000,
                                          .stop_fd = -1,
                                          .actor = "mcxctl"};
    struct mcx_session *session = NULL;
    struct chunk chunk = {.loader = loader};
    uint64_t end = loader->load->first + loader->load->count;
    struct mcx_conf_problem problem = {""};
    enum mcx_err err = mcx_session_open(&options, &session, &problem);

    while (err == MCX_OK && !atomic_load(&loader->failed)) {
        chunk.from = atomic_fetch_add(&loader->next, CHUNK);
        if (chunk.from >= end)
            break;
        chunk.count = end - chunk.from < CHUNK ? end - chunk.from : CHUNK;
        err = mcx_admin_change(session, chunk_steps, &chunk, &problem);
        if (err == MCX_OK)
            atomic_fetch_add(&loader->loaded, chunk.count);
    }
    if (err != MCX_OK)
        fail(loader, err, &problem);
    for (int i = 0; i < TABLES; i++)
        free(chunk.table[i].octets);
    mcx_session_close(&session);
    return NULL;
}

static void run_threads(struct loader *loader)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    int count = loader->load->threads > 0 ? loader->load->threads : (int)processors, started = 0;
    pthread_t thread[THREADS_MAX];

    if (count > THREADS_MAX)
        count = THREADS_MAX;
    while (started < count && pthread_create(&thread[started], NULL, work, loader) == 0)
        started++;
    if (started == 0)
        (void)work(loader);
    for (int i = 0; i < started; i++)
        pthread_join(thread[i], NULL);
}

/* Before anything is loaded: keys known, numbers taken, domain ours. */
static enum mcx_err prepare_steps(struct mcx_session *session, void *change,
                                  struct mcx_conf_problem *problem)
{
    struct loader *loader = change;
    const struct mcx_bulk_load *load = loader->load;
    char count[24];
    MCX_PARAMS params = {0};
    MCX_ROWS rows = {0};
    enum mcx_err err = mcx_store_key_hold(session, load->ring, problem);

    mcx_params_str(&params, &load->realm);
    if (err == MCX_OK)
        err = mcx_admin_one(session, MCX_STMT_DOMAIN_PURPOSE, &params, &rows, problem);
    if (err == MCX_NOT_FOUND || (err == MCX_OK && strcmp(mcx_cell_text(&rows, 0, 0), "own") != 0))
        return mcx_admin_refuse(
            problem, MCX_NOT_LIVE,
            "%s is not a domain of own identities: mcxctl domain add %s --purpose own",
            load->realm.octets, load->realm.octets);
    if (err == MCX_OK)
        err = mcx_admin_take_ids(session, "subscriber", (int64_t)load->count,
                                 &loader->first_subscriber, problem);
    if (err == MCX_OK)
        err = mcx_admin_take_ids(session, "implicit_set", (int64_t)load->count, &loader->first_set,
                                 problem);
    snprintf(count, sizeof count, "%" PRIu64, load->count);
    if (err == MCX_OK)
        err = mcx_admin_audit(session, "subscribers_loaded", problem, "realm", load->realm.octets,
                              "count", count, NULL);
    return err;
}

static enum mcx_err analyze(struct mcx_session *session, struct mcx_conf_problem *problem)
{
    return mcx_admin_run(session, MCX_STMT_ANALYZE, NULL, NULL, problem);
}

enum mcx_err mcx_store_subscriber_load(struct mcx_session *session, struct mcx_bulk_load *load,
                                       struct mcx_conf_problem *problem)
{
    struct loader loader = {.load = load, .problem = problem};
    enum mcx_err err;

    load->loaded = 0;
    if (load->ring->count == 0)
        return mcx_admin_refuse(problem, MCX_NO_KEY,
                                "no key to encrypt with: see mcxctl key create");
    if (load->count == 0 || load->count > 1000000000 || load->first > 999999999999999 - load->count)
        return mcx_admin_refuse(problem, MCX_INVALID,
                                "count must be 1 to 1000000000, numbers of 15 digits at most");
    err = mcx_store_host("realm", mcx_span_str(&load->realm), &load->realm, problem);
    if (err == MCX_OK)
        err = mcx_admin_change(session, prepare_steps, &loader, problem);
    if (err != MCX_OK)
        return err;
    atomic_init(&loader.next, load->first);
    pthread_mutex_init(&loader.mutex, NULL);
    run_threads(&loader);
    pthread_mutex_destroy(&loader.mutex);
    load->loaded = atomic_load(&loader.loaded);
    return loader.err == MCX_OK ? analyze(session, problem) : loader.err;
}
