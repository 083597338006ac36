/* SPDX-License-Identifier: Apache-2.0 */
/* Facts for a batch of MARs: one statement for what the own SIP core asks, one for what partners
 * ask. Joins and decodes, decides nothing. Worker thread; blocks on the database. */
#include "store/mar.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "store/session.h"

/* A batch of one side (own or partner): which asks it holds. */
struct side {
    bool is_partner;
    size_t count;
    size_t *ask; /* indices */
};

static enum mcx_kind kind_of(struct mcx_span text)
{
    static const struct {
        const char *text;
        enum mcx_kind kind;
    } kinds[] = {
        {"own", MCX_KIND_OWN}, {"inbound", MCX_KIND_INBOUND}, {"outbound", MCX_KIND_OUTBOUND}};

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (mcx_span_equal(text, mcx_span_of(kinds[i].text)))
            return kinds[i].kind;
    }
    return MCX_KIND_NONE;
}

/* A wrapped key of another length is kept as absent: it never unwraps. */
static uint8_t wrapped(const struct mcx_rows *rows, size_t row, int column, uint8_t out[49])
{
    struct mcx_span stored = mcx_cell_span(rows, row, column);

    if (stored.len > 49)
        return 0;
    memcpy(out, stored.octets, stored.len);
    return (uint8_t)stored.len;
}

static enum mcx_err read_credential(const struct mcx_rows *rows, size_t row, int id_column,
                                    int impi_column, int amf_column, struct mcx_mar_facts *facts)
{
    struct mcx_span amf = mcx_cell_span(rows, row, amf_column);

    facts->has_credential = !mcx_cell_is_null(rows, row, id_column);
    if (!facts->has_credential)
        return MCX_OK;
    if (amf.len != sizeof facts->amf)
        return MCX_DB_ERROR;
    memcpy(facts->amf, amf.octets, sizeof facts->amf);
    facts->subscriber_id = mcx_cell_i64(rows, row, id_column);
    facts->wrapped_k_len = wrapped(rows, row, amf_column + 1, facts->wrapped_k);
    facts->wrapped_opc_len = wrapped(rows, row, amf_column + 2, facts->wrapped_opc);
    return mcx_cell_str(rows, row, impi_column, &facts->credential_impi);
}

/* Columns of MAR_FACTS_OWN. */
static enum mcx_err read_own(const struct mcx_rows *rows, size_t row, struct mcx_mar_facts *facts)
{
    enum mcx_err err;

    facts->impi_kind = kind_of(mcx_cell_span(rows, row, 1));
    facts->impu_kind = kind_of(mcx_cell_span(rows, row, 2));
    facts->belongs = mcx_cell_bool(rows, row, 3);
    err = read_credential(rows, row, 4, 5, 6, facts);
    facts->binding_live = !mcx_cell_is_null(rows, row, 9);
    if (err != MCX_OK || !facts->binding_live)
        return err;
    facts->binding_id = mcx_cell_i64(rows, row, 9);
    facts->relay_iface =
        mcx_span_equal(mcx_cell_span(rows, row, 10), mcx_span_of("zh")) ? MCX_ZH : MCX_CX;
    err = mcx_cell_str(rows, row, 11, &facts->primary_system);
    if (err == MCX_OK)
        err = mcx_cell_str(rows, row, 12, &facts->primary_realm);
    if (err == MCX_OK)
        err = mcx_cell_str(rows, row, 13, &facts->primary_host);
    if (err == MCX_OK)
        err = mcx_cell_str(rows, row, 14, &facts->primary_impi);
    if (err == MCX_OK)
        err = mcx_cell_str(rows, row, 15, &facts->primary_impu);
    return err;
}

/* Columns of MAR_FACTS_PARTNER. */
static enum mcx_err read_partner(const struct mcx_rows *rows, size_t row,
                                 struct mcx_mar_facts *facts)
{
    int64_t ind = mcx_cell_i64(rows, row, 4);

    facts->impi_kind = kind_of(mcx_cell_span(rows, row, 1));
    facts->impu_kind = kind_of(mcx_cell_span(rows, row, 2));
    facts->partner_id = mcx_cell_i64(rows, row, 3);
    facts->partner_known = mcx_cell_bool(rows, row, 5) && ind >= 2 && ind <= 31;
    facts->ind = facts->partner_known ? (uint8_t)ind : 0;
    facts->grant_live = !mcx_cell_is_null(rows, row, 6);
    facts->grant_id = mcx_cell_i64(rows, row, 6);
    facts->belongs = mcx_cell_bool(rows, row, 7);
    return read_credential(rows, row, 8, 12, 9, facts);
}

static struct mcx_span text_of(const struct mcx_str *text)
{
    return mcx_span(text->octets, text->len);
}

/* Hosts and realms come from the wire: what is not ASCII is in no row, and must not spoil the
 * statement for others. */
static struct mcx_span host_of(const struct mcx_str *host)
{
    for (size_t i = 0; i < host->len; i++) {
        if ((unsigned char)host->octets[i] >= 0x80)
            return mcx_span("", 0);
    }
    return text_of(host);
}

static enum mcx_err add_params(struct mcx_params *params, const struct side *side,
                               const struct mcx_mar_ask *const *asks)
{
    struct mcx_span *column = calloc(side->count, 5 * sizeof *column);
    size_t n = side->count;

    if (!column)
        return MCX_NO_MEMORY;
    for (size_t i = 0; i < n; i++) {
        const struct mcx_mar_ask *ask = asks[side->ask[i]];

        column[i] = text_of(&ask->impi);
        column[n + i] = text_of(&ask->impu);
        column[2 * n + i] = host_of(&ask->partner);
        column[3 * n + i] = host_of(&ask->origin_realm);
        column[4 * n + i] = host_of(&ask->origin_host);
    }
    for (size_t i = 0; i < (side->is_partner ? 5u : 2u); i++)
        mcx_params_texts(params, column + i * n, n);
    free(column);
    return params->err;
}

/* One statement. Every ask of the side gets its err; DB_AWAY and DB_ERROR are of the statement. */
static enum mcx_err read_side(struct mcx_session *session, const struct side *side,
                              const struct mcx_mar_ask *const *asks, struct mcx_mar_facts *facts,
                              enum mcx_err *errs)
{
    MCX_PARAMS params = {0};
    MCX_ROWS rows = {0};
    enum mcx_err err = add_params(&params, side, asks);

    if (err == MCX_OK)
        err = mcx_session_run(
            session, side->is_partner ? MCX_STMT_MAR_FACTS_PARTNER : MCX_STMT_MAR_FACTS_OWN,
            &params, &rows);
    for (size_t i = 0; i < side->count; i++)
        errs[side->ask[i]] = MCX_DB_ERROR;
    for (size_t row = 0; row < mcx_rows_count(&rows); row++) {
        int64_t n = mcx_cell_i64(&rows, row, 0);
        size_t ask;

        if (n < 1 || (size_t)n > side->count)
            continue;
        ask = side->ask[n - 1];
        memset(&facts[ask], 0, sizeof facts[ask]);
        errs[ask] = side->is_partner ? read_partner(&rows, row, &facts[ask])
                                     : read_own(&rows, row, &facts[ask]);
        if (errs[ask] != MCX_OK)
            errs[ask] = MCX_DB_ERROR;
    }
    return err;
}

/* Design 6: refused as a batch, each is run alone, once; as long as one statement may last in all.
 */
static enum mcx_err read_alone(struct mcx_session *session, const struct side *side,
                               const struct mcx_mar_ask *const *asks, struct mcx_mar_facts *facts,
                               enum mcx_err *errs)
{
    int64_t until_ms = mcx_clock_mono_ms() + mcx_session_statement_ms(session);

    mcx_log_limited(MCX_LOG_WARN, "ev=db_batch_refused what=facts rows=%zu sqlstate=%s",
                    side->count, mcx_session_sqlstate(session));
    for (size_t i = 0; i < side->count && mcx_clock_mono_ms() < until_ms; i++) {
        struct side one = {.is_partner = side->is_partner, .count = 1, .ask = &side->ask[i]};

        if (read_side(session, &one, asks, facts, errs) == MCX_DB_AWAY)
            return MCX_DB_AWAY;
    }
    return MCX_DB_ERROR;
}

enum mcx_err mcx_store_mar_facts(struct mcx_session *session, const struct mcx_mar_ask *const *asks,
                                 size_t count, struct mcx_mar_facts *facts, enum mcx_err *errs)
{
    size_t *indices = calloc(count + 1, sizeof *indices);
    struct side sides[2] = {{.is_partner = false, .ask = indices}, {.is_partner = true}};
    enum mcx_err answer = MCX_OK;

    if (!indices) {
        for (size_t i = 0; i < count; i++)
            errs[i] = MCX_DB_ERROR;
        return MCX_DB_ERROR;
    }
    for (int is_partner = 0; is_partner < 2; is_partner++) {
        if (is_partner)
            sides[1].ask = indices + sides[0].count;
        for (size_t i = 0; i < count; i++) {
            if (asks[i]->from_partner == (bool)is_partner)
                sides[is_partner].ask[sides[is_partner].count++] = i;
        }
    }
    for (int i = 0; i < 2 && answer != MCX_DB_AWAY; i++) {
        enum mcx_err err =
            sides[i].count > 0 ? read_side(session, &sides[i], asks, facts, errs) : MCX_OK;

        if (err != MCX_OK && err != MCX_DB_AWAY)
            err = read_alone(session, &sides[i], asks, facts, errs);
        if (err != MCX_OK)
            answer = err;
    }
    free(indices);
    return answer;
}
