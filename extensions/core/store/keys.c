/* SPDX-License-Identifier: Apache-2.0 */
/* Table key_check, and wrapping again what lies in the database encrypted. The caller's thread;
 * blocks on the database. */
#include "store/keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void mcx_keyring_from(const struct mcx_conf *conf, struct mcx_keyring *ring)
{
    memset(ring, 0, sizeof *ring);
    for (size_t i = 0; i < conf->key_count && i < 2; i++) {
        ring->kek[i].id = conf->key[i].id;
        memcpy(ring->kek[i].key, conf->key[i].key, sizeof ring->kek[i].key);
        ring->count++;
    }
}

static enum mcx_err other_key(uint32_t id, struct mcx_conf_problem *problem)
{
    return mcx_admin_refuse(
        problem, MCX_AUTH,
        "key %u of mcx.conf is not the key %u that this database knows: put the "
        "right file in its place, or give a new key a new id",
        id, id);
}

static enum mcx_err register_one(struct mcx_session *session, const struct mcx_kek *kek,
                                 bool *is_retired, struct mcx_conf_problem *problem)
{
    uint8_t value[8];
    MCX_PARAMS params = {0};
    MCX_ROWS known = {0};
    MCX_ROWS made = {0};
    enum mcx_err err;

    mcx_kek_check(kek, value);
    mcx_params_i64(&params, kek->id);
    mcx_params_span(&params, mcx_span(value, sizeof value));
    err = mcx_admin_one(session, MCX_STMT_KEY_HOLD, &params, &known, problem);
    *is_retired = err == MCX_OK && mcx_cell_bool(&known, 0, 1);
    if (err == MCX_OK && !mcx_cell_bool(&known, 0, 0))
        return other_key(kek->id, problem);
    if (err != MCX_NOT_FOUND)
        return err;
    err = mcx_admin_one(session, MCX_STMT_KEY_REGISTER, &params, &made, problem);
    return err == MCX_NOT_FOUND ? other_key(kek->id, problem) : err;
}

enum mcx_err mcx_store_keys_register(struct mcx_session *session, const struct mcx_keyring *ring,
                                     struct mcx_conf_problem *problem)
{
    enum mcx_err err = MCX_OK;
    bool is_retired;

    for (uint8_t i = 0; err == MCX_OK && i < ring->count; i++)
        err = register_one(session, &ring->kek[i], &is_retired, problem);
    return err;
}

enum mcx_err mcx_store_key_hold(struct mcx_session *session, const struct mcx_keyring *ring,
                                struct mcx_conf_problem *problem)
{
    bool is_retired = false;
    enum mcx_err err = register_one(session, &ring->kek[0], &is_retired, problem);

    if (err == MCX_OK && is_retired)
        return mcx_admin_refuse(
            problem, MCX_NOT_LIVE,
            "key %u is retired: put the key in use first in keys of mcx.conf, see mcxctl key list",
            ring->kek[0].id);
    return err;
}

/* ---- rotation ---- */

enum { ROTATE_BATCH = 500 };

struct batch {
    const struct mcx_keyring *ring;
    struct mcx_rotation *rotation;
    int64_t after; /* subscriber_id; rows up to here were looked at */
    size_t seen;
};

struct rewrapped {
    size_t count;
    int64_t id[ROTATE_BATCH];
    uint8_t k[ROTATE_BATCH][MCX_WRAP_LEN], opc[ROTATE_BATCH][MCX_WRAP_LEN];
};

static enum mcx_err rewrap(const struct mcx_keyring *ring, enum mcx_wrap_field field,
                           struct mcx_span impi, struct mcx_span stored, uint8_t out[MCX_WRAP_LEN])
{
    MCX_SECRET_KEY128 secret = {0};
    enum mcx_err err = mcx_unwrap(ring, field, impi, stored, &secret);

    return err == MCX_OK ? mcx_wrap(ring, field, impi, &secret, out) : err;
}

static enum mcx_err write_batch(struct mcx_session *session, const struct batch *batch,
                                const struct rewrapped *done, struct mcx_conf_problem *problem)
{
    struct mcx_span k[ROTATE_BATCH], opc[ROTATE_BATCH];
    MCX_PARAMS params = {0};

    for (size_t i = 0; i < done->count; i++) {
        k[i] = mcx_span(done->k[i], MCX_WRAP_LEN);
        opc[i] = mcx_span(done->opc[i], MCX_WRAP_LEN);
    }
    mcx_params_i64s(&params, done->id, done->count);
    mcx_params_blobs(&params, k, done->count);
    mcx_params_blobs(&params, opc, done->count);
    mcx_params_i64(&params, batch->ring->kek[0].id);
    return mcx_admin_run(session, MCX_STMT_KEY_REWRAP, &params, NULL, problem);
}

static enum mcx_err batch_steps(struct mcx_session *session, void *change,
                                struct mcx_conf_problem *problem)
{
    struct batch *batch = change;
    struct rewrapped done = {0};
    MCX_PARAMS params = {0};
    MCX_ROWS rows = {0};
    enum mcx_err err;

    mcx_params_i64(&params, batch->ring->kek[0].id);
    mcx_params_i64(&params, batch->after);
    mcx_params_i32(&params, ROTATE_BATCH);
    err = mcx_admin_run(session, MCX_STMT_KEY_TO_ROTATE, &params, &rows, problem);
    if (err != MCX_OK)
        return err;
    batch->seen = mcx_rows_count(&rows);
    for (size_t row = 0; row < batch->seen && row < ROTATE_BATCH; row++) {
        struct mcx_span impi = mcx_cell_span(&rows, row, 1);
        size_t at = done.count;

        batch->after = mcx_cell_i64(&rows, row, 0);
        done.id[at] = batch->after;
        if (rewrap(batch->ring, MCX_WRAP_K, impi, mcx_cell_span(&rows, row, 2), done.k[at]) ==
                MCX_OK &&
            rewrap(batch->ring, MCX_WRAP_OPC, impi, mcx_cell_span(&rows, row, 3), done.opc[at]) ==
                MCX_OK)
            done.count++;
        else
            batch->rotation->failed++;
    }
    batch->rotation->wrapped += done.count;
    return done.count > 0 ? write_batch(session, batch, &done, problem) : MCX_OK;
}

/* ---- PDN access credentials and documents: octets of any length ---- */

enum { OCTETS_BATCH = 64 }; /* documents are up to 48 KiB each */

/* A table whose rows hold wrapped octets. */
struct octets_table {
    enum mcx_stmt to_rotate, rewrap;
    enum mcx_wrap_field field;
    bool is_numbered; /* its key is a number, else text */
    bool has_key_id;  /* rewrap takes the new key id, too */
};
static const struct octets_table octets_tables[] = {
    {MCX_STMT_ACCESS_TO_ROTATE, MCX_STMT_ACCESS_REWRAP, MCX_WRAP_ACCESS, true, true},
    {MCX_STMT_DOCUMENT_TO_ROTATE, MCX_STMT_DOCUMENT_REWRAP, MCX_WRAP_DOCUMENT, false, false}};

struct octets_batch {
    const struct mcx_keyring *ring;
    struct mcx_rotation *rotation;
    const struct octets_table *table;
    char after[MCX_STR_MAX + 1]; /* key; rows up to here were looked at */
    size_t seen;
    /* done */
    size_t count;
    int64_t id[OCTETS_BATCH];
    struct mcx_span key[OCTETS_BATCH], wrapped[OCTETS_BATCH];
    uint8_t *owned[OCTETS_BATCH];
};

static void free_batch(struct octets_batch *batch)
{
    for (size_t i = 0; i < OCTETS_BATCH; i++) {
        free(batch->owned[i]);
        batch->owned[i] = NULL;
    }
    batch->count = 0;
}

static enum mcx_err rewrap_octets(struct octets_batch *batch, struct mcx_span key,
                                  struct mcx_span stored)
{
    size_t len = stored.len > MCX_WRAP_EXTRA ? stored.len - MCX_WRAP_EXTRA : 0;
    uint8_t *plain = malloc(len + 1), *wrapped = malloc(len + MCX_WRAP_EXTRA);
    enum mcx_err err = plain && wrapped
                           ? mcx_unwrap_octets(batch->ring, batch->table->field, key, stored, plain)
                           : MCX_NO_MEMORY;

    if (err == MCX_OK)
        err = mcx_wrap_octets(batch->ring, batch->table->field, key, mcx_span(plain, len), wrapped);
    if (plain)
        mcx_wipe(plain, len);
    free(plain);
    if (err != MCX_OK) {
        free(wrapped);
        return err;
    }
    batch->owned[batch->count] = wrapped;
    batch->wrapped[batch->count] = mcx_span(wrapped, len + MCX_WRAP_EXTRA);
    return MCX_OK;
}

static void rewrap_rows(struct octets_batch *batch, const struct mcx_rows *rows)
{
    for (size_t row = 0; row < batch->seen && row < OCTETS_BATCH; row++) {
        if (batch->table->is_numbered)
            snprintf(batch->after, sizeof batch->after, "%lld",
                     (long long)mcx_cell_i64(rows, row, 0));
        else
            snprintf(batch->after, sizeof batch->after, "%s", mcx_cell_text(rows, row, 0));
        if (rewrap_octets(batch, mcx_span_of(batch->after), mcx_cell_span(rows, row, 1)) !=
            MCX_OK) {
            batch->rotation->failed++;
            continue;
        }
        batch->id[batch->count] = mcx_cell_i64(rows, row, 0);
        batch->key[batch->count++] = mcx_cell_span(rows, row, 0);
    }
    batch->rotation->wrapped += batch->count;
}

static enum mcx_err octets_steps(struct mcx_session *session, void *change,
                                 struct mcx_conf_problem *problem)
{
    struct octets_batch *batch = change;
    MCX_PARAMS params = {0};
    MCX_PARAMS done = {0};
    MCX_ROWS rows = {0};
    enum mcx_err err;

    mcx_params_i64(&params, batch->ring->kek[0].id);
    if (batch->table->is_numbered)
        mcx_params_i64(&params, strtoll(batch->after, NULL, 10));
    else
        mcx_params_text(&params, batch->after);
    mcx_params_i32(&params, OCTETS_BATCH);
    err = mcx_admin_run(session, batch->table->to_rotate, &params, &rows, problem);
    if (err != MCX_OK)
        return err;
    batch->seen = mcx_rows_count(&rows);
    rewrap_rows(batch, &rows);
    if (batch->count == 0)
        return MCX_OK;
    if (batch->table->is_numbered)
        mcx_params_i64s(&done, batch->id, batch->count);
    else
        mcx_params_texts(&done, batch->key, batch->count);
    mcx_params_blobs(&done, batch->wrapped, batch->count);
    if (batch->table->has_key_id)
        mcx_params_i64(&done, batch->ring->kek[0].id);
    return mcx_admin_run(session, batch->table->rewrap, &done, NULL, problem);
}

static enum mcx_err rotate_octets(struct mcx_session *session, const struct batch *all,
                                  const struct octets_table *table,
                                  struct mcx_conf_problem *problem)
{
    struct octets_batch batch = {.ring = all->ring, .rotation = all->rotation, .table = table};
    enum mcx_err err;

    snprintf(batch.after, sizeof batch.after, "%s",
             table->is_numbered ? "0" : "00000000-0000-0000-0000-000000000000");
    do {
        err = mcx_admin_change(session, octets_steps, &batch, problem);
        free_batch(&batch);
    } while (err == MCX_OK && batch.seen > 0);
    return err;
}

/* In use again from the first row on, should the rotation not come to its end. */
static enum mcx_err begin_rotation(struct mcx_session *session, const struct mcx_keyring *ring,
                                   struct mcx_conf_problem *problem)
{
    MCX_PARAMS params = {0};
    enum mcx_err err = mcx_store_keys_register(session, ring, problem);

    mcx_params_i64(&params, ring->kek[0].id);
    return err == MCX_OK ? mcx_admin_run(session, MCX_STMT_KEY_REVIVE, &params, NULL, problem)
                         : err;
}

static enum mcx_err finish_steps(struct mcx_session *session, void *change,
                                 struct mcx_conf_problem *problem)
{
    struct batch *batch = change;
    char key_id[16], wrapped[24], failed[24];
    MCX_PARAMS params = {0};
    enum mcx_err err;

    mcx_params_i64(&params, batch->ring->kek[0].id);
    err = mcx_admin_run(session, MCX_STMT_KEYS_HOLD, NULL, NULL, problem);
    if (err == MCX_OK)
        err = mcx_admin_run(session, MCX_STMT_KEY_RETIRE_OTHERS, &params, NULL, problem);
    if (err != MCX_OK)
        return err;
    snprintf(key_id, sizeof key_id, "%u", batch->ring->kek[0].id);
    snprintf(wrapped, sizeof wrapped, "%llu", (unsigned long long)batch->rotation->wrapped);
    snprintf(failed, sizeof failed, "%llu", (unsigned long long)batch->rotation->failed);
    return mcx_admin_audit(session, "keys_rotated", problem, "key_id", key_id, "wrapped", wrapped,
                           "failed", failed, NULL);
}

enum mcx_err mcx_store_keys_rotate(struct mcx_session *session, const struct mcx_keyring *ring,
                                   struct mcx_rotation *rotation, struct mcx_conf_problem *problem)
{
    struct batch batch = {.ring = ring, .rotation = rotation, .after = 0};
    enum mcx_err err;

    *rotation = (struct mcx_rotation){0};
    if (ring->count == 0)
        return mcx_admin_refuse(problem, MCX_NO_KEY,
                                "mcx.conf names no key: see mcxctl key create");
    err = begin_rotation(session, ring, problem);
    do {
        if (err == MCX_OK)
            err = mcx_admin_change(session, batch_steps, &batch, problem);
    } while (err == MCX_OK && batch.seen > 0);
    for (size_t i = 0; err == MCX_OK && i < sizeof octets_tables / sizeof octets_tables[0]; i++)
        err = rotate_octets(session, &batch, &octets_tables[i], problem);
    return err == MCX_OK ? mcx_admin_change(session, finish_steps, &batch, problem) : err;
}
