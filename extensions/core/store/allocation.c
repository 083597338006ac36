/* SPDX-License-Identifier: Apache-2.0 */
/* One statement makes or finds a grant or binding; its answer is a verdict. Rare verdicts (expired,
 * masking changed, more IMPUs than before) are mended in a transaction with the same statement at
 * its end. The caller's thread; blocks on the database. */
#include "store/allocation.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "identity/identity.h"

enum {
    TRIES_MAX = 12, /* lost races, expired ones, pools about to be refilled */
    EXHAUSTED_TRIES = 3,
    BATCH = 500 /* rows of one sweeping statement */
};

/* What the statement says, and what becomes of it. */
enum next { NEXT_DONE, NEXT_AGAIN, NEXT_EXPIRED, NEXT_REPLACE, NEXT_MORE, NEXT_EXHAUSTED };
static const struct {
    const char *word;
    enum next next;
    enum mcx_binding_verdict verdict;
} words[] = {{"new", NEXT_DONE, MCX_BINDING_NEW},
             {"repeat", NEXT_DONE, MCX_BINDING_REPEAT},
             {"no_agreement", NEXT_DONE, MCX_BINDING_NO_AGREEMENT},
             {"unknown_user", NEXT_DONE, MCX_BINDING_UNKNOWN_USER},
             {"barred", NEXT_DONE, MCX_BINDING_BARRED},
             {"past", NEXT_DONE, MCX_BINDING_PAST},
             {"other_user", NEXT_DONE, MCX_BINDING_OTHER_USER},
             {"used_id", NEXT_DONE, MCX_BINDING_USED_ID},
             {"exhausted", NEXT_EXHAUSTED, MCX_BINDING_EXHAUSTED},
             {"full", NEXT_DONE, MCX_BINDING_EXHAUSTED},
             {"expired", NEXT_EXPIRED, MCX_BINDING_EXHAUSTED},
             {"replace", NEXT_REPLACE, MCX_BINDING_EXHAUSTED},
             {"more", NEXT_MORE, MCX_BINDING_EXHAUSTED},
             {"too_many", NEXT_DONE, MCX_BINDING_TOO_MANY},
             {"again", NEXT_AGAIN, MCX_BINDING_EXHAUSTED}};

struct made {
    enum next next;
    int64_t live_id;
    char live_uuid[MCX_UUID_TEXT];
};

/* ---- the statement ---- */

/* Fresh local parts: 26 characters of 128 random bits each; the database adds the domain. */
struct locals {
    struct mcx_str text[MCX_PUBLIC_MAX + 1];
    struct mcx_span part[MCX_PUBLIC_MAX + 1];
};

static enum mcx_err draw(struct locals *locals, size_t count)
{
    enum mcx_err err = MCX_OK;

    for (size_t i = 0; i < count && err == MCX_OK; i++) {
        err = mcx_impi_generate(mcx_span_of("x"), &locals->text[i]);
        locals->part[i] = mcx_span(locals->text[i].octets, locals->text[i].len - 2U);
    }
    return err;
}

static void add_spans(struct mcx_params *params, const struct mcx_identities *ids)
{
    struct mcx_span spans[MCX_PUBLIC_MAX];

    for (size_t i = 0; i < ids->impu_count; i++)
        spans[i] = mcx_span_str(&ids->impu[i]);
    mcx_params_texts(params, spans, ids->impu_count);
}

/* Of the IMPI and every IMPU; a tel URI has none. */
static void add_domains(struct mcx_params *params, const struct mcx_identities *ids)
{
    struct mcx_span domains[MCX_PUBLIC_MAX + 1];
    size_t count = 1;

    domains[0] = mcx_identity_domain(&ids->impi);
    for (size_t i = 0; i < ids->impu_count; i++) {
        domains[count] = mcx_identity_domain(&ids->impu[i]);
        count += domains[count].len > 0;
    }
    mcx_params_texts(params, domains, count);
}

static void add_service_ids(struct mcx_params *params, const struct mcx_mc_ids *ids)
{
    struct mcx_span spans[MCX_PUBLIC_MAX];
    size_t count = ids ? ids->count : 0;

    for (size_t i = 0; i < count; i++)
        spans[i] = mcx_span_str(&ids->id[i]);
    mcx_params_texts(params, spans, count);
}

static enum mcx_err run_statement(struct mcx_session *session, const struct mcx_binding_ask *ask,
                                  struct mcx_rows *rows)
{
    bool is_inbound = ask->direction == MCX_INBOUND;
    MCX_PARAMS params = {0};
    struct locals locals;
    enum mcx_err err = draw(&locals, ask->source.impu_count + 1);

    if (err != MCX_OK)
        return err;
    mcx_params_text(&params, ask->binding_id);
    mcx_params_text(&params, ask->system);
    mcx_params_text(&params, ask->mc_user_id);
    mcx_params_str(&params, &ask->source.impi);
    add_spans(&params, &ask->source);
    if (is_inbound) {
        mcx_params_str(&params, &ask->received->impi);
        add_spans(&params, ask->received);
        add_domains(&params, &ask->source);
        mcx_params_text(&params, ask->database_realm);
        mcx_params_text(&params, ask->database_host);
    } else {
        mcx_params_bool(&params, ask->mask);
    }
    mcx_params_i64(&params, ask->expires_s);
    mcx_params_i64(&params, ask->max_s);
    mcx_params_span(&params, locals.part[0]);
    mcx_params_texts(&params, locals.part + 1, ask->source.impu_count);
    mcx_params_text(&params, mcx_session_actor(session));
    mcx_params_span(&params, mcx_session_writer(session));
    if (is_inbound) {
        mcx_params_bool(&params, ask->must_agree);
        add_service_ids(&params, ask->service_ids);
    }
    return mcx_session_run(session, is_inbound ? MCX_STMT_MIR_INBOUND : MCX_STMT_MIR_OUTBOUND,
                           &params, rows);
}

static enum mcx_err read_given(const struct mcx_rows *rows, size_t wanted,
                               struct mcx_binding_outcome *out)
{
    enum mcx_err err = mcx_cell_str(rows, 0, 3, &out->given.impi);

    out->given.impu_count = mcx_rows_count(rows);
    if (out->given.impu_count != wanted)
        return MCX_DB_ERROR;
    for (size_t i = 0; i < wanted && err == MCX_OK; i++)
        err = mcx_cell_str(rows, i, 4, &out->given.impu[i]);
    if (err == MCX_OK)
        err = mcx_cell_str(rows, 0, 7, &out->database_realm);
    out->expires_s = mcx_cell_is_null(rows, 0, 5) ? MCX_NEVER : mcx_cell_i64(rows, 0, 5);
    return err;
}

static enum mcx_err make(struct mcx_session *session, const struct mcx_binding_ask *ask,
                         struct made *made, struct mcx_binding_outcome *out)
{
    MCX_ROWS rows = {0};
    enum mcx_err err = run_statement(session, ask, &rows);
    size_t i = 0;

    if (err != MCX_OK)
        return err;
    if (mcx_rows_count(&rows) == 0)
        return MCX_DB_ERROR;
    while (i < sizeof words / sizeof words[0] &&
           strcmp(words[i].word, mcx_cell_text(&rows, 0, 0)) != 0)
        i++;
    if (i == sizeof words / sizeof words[0])
        return MCX_DB_ERROR;
    made->next = words[i].next;
    made->live_id = mcx_cell_i64(&rows, 0, 1);
    snprintf(made->live_uuid, sizeof made->live_uuid, "%s", mcx_cell_text(&rows, 0, 6));
    out->verdict = words[i].verdict;
    out->reason = words[i].word;
    snprintf(out->detail, sizeof out->detail, "%s", mcx_cell_text(&rows, 0, 2));
    memcpy(out->binding_id, made->live_uuid, sizeof out->binding_id);
    if (out->verdict == MCX_BINDING_NEW || out->verdict == MCX_BINDING_REPEAT)
        return read_given(&rows, ask->source.impu_count, out);
    return MCX_OK;
}

/* ---- rare cases ---- */

static enum mcx_err end_expired(struct mcx_session *session, const struct mcx_binding_ask *ask,
                                int64_t id)
{
    MCX_PARAMS params = {0};

    mcx_params_i64(&params, id);
    mcx_params_text(&params, mcx_session_actor(session));
    return mcx_session_run(
        session, ask->direction == MCX_INBOUND ? MCX_STMT_BINDING_EXPIRED : MCX_STMT_GRANT_EXPIRED,
        &params, NULL);
}

static enum mcx_err replace(struct mcx_session *session, const struct mcx_binding_ask *ask,
                            const struct made *made)
{
    MCX_PARAMS params = {0};

    mcx_params_i64(&params, made->live_id);
    mcx_params_text(&params, mcx_session_actor(session));
    mcx_params_text(&params, ask->binding_id);
    return mcx_session_run(session, MCX_STMT_GRANT_REPLACED, &params, NULL);
}

static void refuse(struct mcx_binding_outcome *out, enum mcx_binding_verdict verdict)
{
    size_t i = 0;

    while (words[i].verdict != verdict)
        i++;
    out->verdict = verdict;
    out->reason = words[i].word;
    out->detail[0] = '\0';
}

/* Others who bring the same IMPUs come before or after. */
static enum mcx_err hold(struct mcx_session *session, const struct mcx_binding_ask *ask, int64_t id)
{
    MCX_PARAMS params = {0};

    mcx_params_i64(&params, id);
    return mcx_session_run(
        session, ask->direction == MCX_INBOUND ? MCX_STMT_BINDING_HOLD : MCX_STMT_GRANT_HOLD,
        &params, NULL);
}

/* *is_done false: refused. */
static enum mcx_err add_impus(struct mcx_session *session, const struct mcx_binding_ask *ask,
                              const struct made *made, bool *is_done,
                              struct mcx_binding_outcome *out)
{
    bool is_inbound = ask->direction == MCX_INBOUND;
    MCX_PARAMS params = {0};
    MCX_ROWS rows = {0};
    struct locals locals;
    enum mcx_err err = draw(&locals, ask->source.impu_count);

    if (err == MCX_OK)
        err = hold(session, ask, made->live_id);
    if (err != MCX_OK)
        return err;
    mcx_params_i64(&params, made->live_id);
    add_spans(&params, &ask->source);
    if (is_inbound)
        add_spans(&params, ask->received);
    mcx_params_texts(&params, locals.part, ask->source.impu_count);
    err = mcx_session_run(session,
                          is_inbound ? MCX_STMT_BINDING_MORE_IMPUS : MCX_STMT_GRANT_MORE_IMPUS,
                          &params, &rows);
    if (err != MCX_OK)
        return err;
    *is_done = mcx_rows_count(&rows) == 0 || mcx_cell_i64(&rows, 0, 0) == 0;
    if (!*is_done)
        refuse(out, mcx_cell_i64(&rows, 0, 1) > MCX_PUBLIC_MAX ? MCX_BINDING_TOO_MANY
                                                               : MCX_BINDING_EXHAUSTED);
    return MCX_OK;
}

/* In one transaction: what makes the common statement fit, and that statement; unless both succeed,
 * nothing. */
static enum mcx_err mend(struct mcx_session *session, const struct mcx_binding_ask *ask,
                         struct made *made, struct mcx_binding_outcome *out)
{
    bool is_done = true, replaces = made->next == NEXT_REPLACE;
    enum mcx_err err = mcx_session_script(session, "BEGIN");

    if (err != MCX_OK)
        return err;
    if (replaces)
        err = replace(session, ask, made);
    else
        err = add_impus(session, ask, made, &is_done, out);
    made->next = NEXT_DONE;
    if (err == MCX_OK && is_done)
        err = make(session, ask, made, out);
    out->replaced = replaces;
    if (err == MCX_OK && is_done &&
        (out->verdict == MCX_BINDING_NEW || out->verdict == MCX_BINDING_REPEAT))
        return mcx_session_script(session, "COMMIT");
    if (err != MCX_OK)
        made->next = NEXT_AGAIN; /* if what stood in the way is passing */
    mcx_session_rollback(session);
    return err;
}

static enum mcx_err release_pools(struct mcx_session *session, int64_t quarantine_s, size_t *count)
{
    MCX_PARAMS params = {0};
    MCX_ROWS rows = {0};
    enum mcx_err err;

    mcx_params_i32(&params, BATCH);
    mcx_params_i64(&params, quarantine_s);
    err = mcx_session_run(session, MCX_STMT_SWEEP_POOLS, &params, &rows);
    *count = err == MCX_OK ? (size_t)mcx_cell_i64(&rows, 0, 0) : 0;
    return err;
}

/* What must happen before the statement is run again; *goes_on false: its verdict stands. */
static enum mcx_err prepare_next(struct mcx_session *session, const struct mcx_binding_ask *ask,
                                 struct made *made, int tried, bool *goes_on,
                                 struct mcx_binding_outcome *out)
{
    const struct mcx_conf *conf = mcx_session_conf(session);
    enum mcx_err err = MCX_OK;
    size_t count;

    *goes_on = true;
    switch (made->next) {
    case NEXT_DONE:
        *goes_on = false;
        break;
    case NEXT_AGAIN:
        break;
    case NEXT_EXPIRED:
        err = end_expired(session, ask, made->live_id);
        break;
    case NEXT_REPLACE:
    case NEXT_MORE:
        err = mend(session, ask, made, out);
        *goes_on = made->next != NEXT_DONE;
        break;
    case NEXT_EXHAUSTED:
        break;
    }
    /* Maybe only because others hold some for a moment, or nobody swept. */
    if (err != MCX_OK || made->next != NEXT_EXHAUSTED)
        return err;
    *goes_on = tried < EXHAUSTED_TRIES;
    return *goes_on && conf ? release_pools(session, conf->hss_pool_quarantine_s, &count) : MCX_OK;
}

enum mcx_err mcx_store_binding_make(struct mcx_session *session, const struct mcx_binding_ask *ask,
                                    struct mcx_binding_outcome *out)
{
    enum mcx_err err = MCX_OK;
    bool goes_on = true;

    for (int tried = 0; tried < TRIES_MAX && goes_on; tried++) {
        struct made made = {.next = NEXT_AGAIN};

        *out = (struct mcx_binding_outcome){.verdict = MCX_BINDING_EXHAUSTED};
        err = make(session, ask, &made, out);
        if (err == MCX_OK)
            err = prepare_next(session, ask, &made, tried, &goes_on, out);
        if (err != MCX_OK && !(err == MCX_DB_ERROR && mcx_session_is_passing(session)))
            return err;
    }
    return goes_on ? MCX_DB_ERROR : err;
}

/* ---- ending ---- */

const char *mcx_cause_text(enum mcx_release_cause cause)
{
    switch (cause) {
    case MCX_ENDED_BY_USER:
        return "released";
    case MCX_REVOKED:
        return "revoked";
    case MCX_EXPIRED:
        return "expired";
    case MCX_REPLACED:
        return "replaced";
    }
    return "revoked";
}

enum mcx_err mcx_store_binding_release(struct mcx_session *session, const char *id,
                                       const char *primary, const char *partner,
                                       enum mcx_release_cause cause, const char *who,
                                       const char *reason)
{
    MCX_PARAMS params = {0};
    MCX_ROWS rows = {0};
    enum mcx_err err;

    mcx_params_text(&params, id);
    mcx_params_text(&params, primary);
    mcx_params_text(&params, mcx_cause_text(cause));
    mcx_params_text(&params, who);
    mcx_params_text(&params, reason);
    mcx_params_text(&params, mcx_session_actor(session));
    mcx_params_span(&params, mcx_session_writer(session));
    mcx_params_text(&params, partner);
    err = mcx_session_run(session, MCX_STMT_MRR, &params, &rows);
    if (err == MCX_OK && strcmp(mcx_cell_text(&rows, 0, 0), "unknown") == 0)
        return MCX_NOT_FOUND;
    return err;
}

static enum mcx_err sweep_expired(struct mcx_session *session, size_t *count)
{
    MCX_PARAMS params = {0};
    MCX_ROWS rows = {0};
    enum mcx_err err;

    mcx_params_i32(&params, BATCH);
    mcx_params_text(&params, mcx_session_actor(session));
    mcx_params_span(&params, mcx_session_writer(session));
    err = mcx_session_run(session, MCX_STMT_SWEEP_EXPIRED, &params, &rows);
    *count = err == MCX_OK ? (size_t)mcx_cell_i64(&rows, 0, 0) : 0;
    return err;
}

enum mcx_err mcx_store_sweep(struct mcx_session *session, int64_t quarantine_s, size_t *ended)
{
    enum mcx_err err;
    size_t count;

    *ended = 0;
    do {
        err = sweep_expired(session, &count);
        *ended += count;
    } while (err == MCX_OK && count >= BATCH);
    while (err == MCX_OK) {
        err = release_pools(session, quarantine_s, &count);
        if (count < BATCH)
            break;
    }
    return err;
}
