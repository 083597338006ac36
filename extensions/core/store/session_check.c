/* SPDX-License-Identifier: Apache-2.0 */
/* Is this database ours? Its schema must be one that this code reads, and be encrypted with the
 * keys that are loaded: better not to start than to refuse every user. The session's thread; blocks
 * on the database. */
#include <stdio.h>
#include <string.h>

#include "aka/wrap.h"
#include "base/log.h"
#include "store/session_private.h"

/* database.conninfo leads to a database that is not as it must be. */
#define BLAME(session, problem, ...)                                                               \
    mcx_conf_blame((session)->options.conf, problem, "database.conninfo", __VA_ARGS__)

static enum mcx_err refused(struct mcx_session *session, enum mcx_err err,
                            struct mcx_conf_problem *problem)
{
    if (err != MCX_DB_ERROR) {
        snprintf(problem->text, sizeof problem->text, "database: connection lost during checks");
        return MCX_DB_AWAY;
    }
    if (strcmp(session->sqlstate, "42P01") == 0) /* undefined_table */
        return BLAME(session, problem,
                     "database %s has no tables of ours; as its owner run mcxctl db upgrade",
                     PQdb(session->conn));
    if (strcmp(session->sqlstate, "42501") == 0) /* insufficient_privilege */
        return BLAME(session, problem,
                     "database %s: role %s may not read; as its owner run mcxctl db upgrade "
                     "--daemon-role %s",
                     PQdb(session->conn), PQuser(session->conn), PQuser(session->conn));
    snprintf(problem->text, sizeof problem->text, "database %s: checks refused with SQLSTATE %s",
             PQdb(session->conn), session->sqlstate);
    return MCX_DB_AWAY;
}

static enum mcx_err check_version(struct mcx_session *session, struct mcx_conf_problem *problem)
{
    MCX_ROWS rows = {0};
    enum mcx_err err = mcx_session_run(session, MCX_STMT_SCHEMA_NEWEST, NULL, &rows);
    long version, readable_from;

    if (err != MCX_OK)
        return refused(session, err, problem);
    version = mcx_rows_count(&rows) == 1 ? (long)mcx_cell_i64(&rows, 0, 0) : 0;
    readable_from = version > 0 ? (long)mcx_cell_i64(&rows, 0, 1) : 0;
    if (version < MCX_SCHEMA_VERSION)
        return BLAME(session, problem,
                     "database %s has schema version %ld, this program needs %d; as its owner run "
                     "mcxctl db upgrade",
                     PQdb(session->conn), version, MCX_SCHEMA_VERSION);
    if (readable_from > MCX_SCHEMA_VERSION)
        return BLAME(session, problem,
                     "database %s has schema version %ld, readable from version %ld of the program "
                     "on, and this one knows %d; install a newer release",
                     PQdb(session->conn), version, readable_from, MCX_SCHEMA_VERSION);
    return MCX_OK;
}

static const struct mcx_conf_key *find_key(const struct mcx_conf *conf, int64_t key_id)
{
    for (size_t i = 0; i < conf->key_count; i++) {
        if ((int64_t)conf->key[i].id == key_id)
            return &conf->key[i];
    }
    return NULL;
}

static bool is_the_key(const struct mcx_conf_key *key, struct mcx_span stored)
{
    struct mcx_kek kek = {.id = key->id};
    uint8_t value[8];

    memcpy(kek.key, key->key, sizeof kek.key);
    mcx_kek_check(&kek, value);
    mcx_wipe(&kek, sizeof kek);
    return stored.len == sizeof value && mcx_secret_equal(stored.octets, value, sizeof value);
}

static enum mcx_err check_keys(struct mcx_session *session, struct mcx_conf_problem *problem)
{
    const struct mcx_conf *conf = session->options.conf;
    MCX_ROWS rows = {0};
    enum mcx_err err = mcx_session_run(session, MCX_STMT_KEY_CHECKS, NULL, &rows);
    size_t in_use = 0, loaded = 0;
    long missing = 0;

    if (err != MCX_OK)
        return refused(session, err, problem);
    for (size_t row = 0; row < mcx_rows_count(&rows); row++) {
        const struct mcx_conf_key *key = find_key(conf, mcx_cell_i64(&rows, row, 0));
        bool is_retired = mcx_cell_bool(&rows, row, 2);

        if (key && !is_the_key(key, mcx_cell_span(&rows, row, 1)))
            return mcx_conf_blame(conf, problem,
                                  mcx_conf_label("keys[%zu].file", (size_t)(key - conf->key)).text,
                                  "%s: is not the key %u that database %s was encrypted with; put "
                                  "the right file in its place",
                                  key->file_name.octets, key->id, PQdb(session->conn));
        in_use += !is_retired;
        loaded += !is_retired && key;
        if (!is_retired && !key)
            missing = (long)mcx_cell_i64(&rows, row, 0);
    }
    if (in_use > 0 && loaded == 0)
        return mcx_conf_blame(conf, problem, "keys",
                              "database %s is encrypted with key %ld, which is not loaded; add "
                              "{ id = %ld; file = \"...\"; } to the list",
                              PQdb(session->conn), missing, missing);
    if (loaded < in_use)
        mcx_log(MCX_LOG_WARN,
                "ev=key_missing key=%ld text=\"some users may be encrypted with a key that is not "
                "loaded\"",
                missing);
    return MCX_OK;
}

enum mcx_err mcx_session_check(struct mcx_session *session, struct mcx_conf_problem *problem)
{
    enum mcx_err err = check_version(session, problem);

    return err == MCX_OK ? check_keys(session, problem) : err;
}
