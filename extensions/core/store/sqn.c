/* SPDX-License-Identifier: Apache-2.0 */
/* Advances SEQ for a batch: wants are folded into groups of one subscriber (and one grant), written
 * in rounds of at most one group per subscriber, and what came back is handed out in order.
 * TS 33.102 C.3.2, design 5 and 6. Worker thread; blocks on the database. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "policy/mar.h"
#include "store/mar.h"
#include "store/session.h"

enum { RETRIES_MAX = 3, COLUMNS_MAX = 7 };

struct group {
    int64_t subscriber_id, grant_id, partner_id;
    bool is_resync; /* a partner's is a group by itself: it has a rate of its own */
    int64_t seq_ms, items;
    size_t first, count; /* in the sorted wants */
    bool is_done;
    enum mcx_err err;
    int64_t allowed, first_seq;
};

static int compare(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

/* Subscriber first: rounds and lock order are by subscriber. Ties stay in the order of arrival. */
static int by_group(const void *left, const void *right)
{
    const struct mcx_sqn_want *a = *(struct mcx_sqn_want *const *)left;
    const struct mcx_sqn_want *b = *(struct mcx_sqn_want *const *)right;
    int order = compare(a->subscriber_id, b->subscriber_id);

    if (order == 0)
        order = compare(a->grant_id, b->grant_id);
    return order != 0 ? order : compare((intptr_t)a, (intptr_t)b);
}

static bool goes_with(const struct group *group, const struct mcx_sqn_want *want)
{
    if (group->subscriber_id != want->subscriber_id || group->grant_id != want->grant_id)
        return false;
    return want->grant_id == 0 || (!want->is_resync && !group->is_resync);
}

static size_t fold(struct mcx_sqn_want **sorted, size_t count, struct group *groups)
{
    size_t made = 0;

    for (size_t i = 0; i < count; i++) {
        struct mcx_sqn_want *want = sorted[i];

        if (made == 0 || !goes_with(&groups[made - 1], want))
            groups[made++] = (struct group){.subscriber_id = want->subscriber_id,
                                            .grant_id = want->grant_id,
                                            .partner_id = want->partner_id,
                                            .is_resync = want->is_resync,
                                            .first = i,
                                            .err = MCX_NOT_FOUND};
        groups[made - 1].items += want->items;
        groups[made - 1].count++;
        if (want->seq_ms > groups[made - 1].seq_ms)
            groups[made - 1].seq_ms = want->seq_ms;
    }
    return made;
}

/* ---- one statement ---- */

static void add_partner_limits(struct mcx_params *params, struct mcx_session *session,
                               struct group *const *round, size_t count, int64_t *scratch)
{
    const struct mcx_conf *conf = mcx_session_conf(session);
    size_t partners = 0;

    for (size_t i = 0; i < count; i++) {
        size_t at = 0;

        while (at < partners && scratch[at] != round[i]->partner_id)
            at++;
        if (at == partners)
            scratch[partners++] = round[i]->partner_id;
    }
    mcx_params_i64s(params, scratch, partners);
    mcx_params_i32(params, conf->hss_partner_rate_per_grant);
    mcx_params_i32(params, conf->hss_partner_rate_total);
    mcx_params_i32(params, conf->hss_resync_rate_per_grant);
    mcx_params_span(params, mcx_session_writer(session));
    mcx_params_text(params, mcx_session_actor(session));
}

static bool is_of_partner(struct group *const *round)
{
    return round[0]->grant_id != 0;
}

static enum mcx_err add_params(struct mcx_params *params, struct mcx_session *session,
                               struct group *const *round, size_t count)
{
    bool is_partner = is_of_partner(round);
    int64_t *columns = calloc(count, COLUMNS_MAX * sizeof *columns);
    int64_t *subscriber = columns, *grant = columns + count, *partner = columns + 2 * count,
            *seq_ms = columns + 3 * count, *scratch = columns + 4 * count;
    int32_t *items = (int32_t *)(columns + 5 * count), *resyncs = (int32_t *)(columns + 6 * count);

    if (!columns)
        return MCX_NO_MEMORY;
    for (size_t i = 0; i < count; i++) {
        subscriber[i] = round[i]->subscriber_id;
        grant[i] = round[i]->grant_id;
        partner[i] = round[i]->partner_id;
        seq_ms[i] = round[i]->seq_ms;
        items[i] = (int32_t)round[i]->items;
        resyncs[i] = round[i]->is_resync;
    }
    mcx_params_i64s(params, subscriber, count);
    if (is_partner) {
        mcx_params_i64s(params, grant, count);
        mcx_params_i64s(params, partner, count);
    }
    mcx_params_i32s(params, items, count);
    if (is_partner)
        mcx_params_i32s(params, resyncs, count);
    mcx_params_i64s(params, seq_ms, count);
    if (is_partner)
        add_partner_limits(params, session, round, count, scratch);
    free(columns);
    return params->err;
}

static void read_answers(const struct mcx_rows *rows, struct group *const *round, size_t count)
{
    bool is_partner = is_of_partner(round);
    int seq_column = is_partner ? 2 : 1;

    for (size_t row = 0; row < mcx_rows_count(rows); row++) {
        int64_t n = mcx_cell_i64(rows, row, 0);
        struct group *group = n >= 1 && (size_t)n <= count ? round[n - 1] : NULL;

        if (!group)
            continue;
        group->err = MCX_LIMIT;
        if (mcx_cell_is_null(rows, row, seq_column))
            continue;
        group->err = MCX_OK;
        group->first_seq = mcx_cell_i64(rows, row, seq_column);
        group->allowed = is_partner ? mcx_cell_i64(rows, row, 1) : group->items;
    }
}

/* Deadlock and serialization failure undo the whole statement: it is run again. */
static bool is_transient(const struct mcx_session *session)
{
    return strcmp(mcx_session_sqlstate(session), "40P01") == 0 ||
           strcmp(mcx_session_sqlstate(session), "40001") == 0;
}

static enum mcx_err write_round(struct mcx_session *session, struct group *const *round,
                                size_t count)
{
    enum mcx_stmt stmt =
        is_of_partner(round) ? MCX_STMT_SQN_ADVANCE_PARTNER : MCX_STMT_SQN_ADVANCE_OWN;
    MCX_PARAMS params = {0};
    MCX_ROWS rows = {0};
    enum mcx_err err = add_params(&params, session, round, count);

    for (int i = 0; err == MCX_OK && i <= RETRIES_MAX; i++) {
        err = mcx_session_run(session, stmt, &params, &rows);
        if (err != MCX_DB_ERROR || !is_transient(session) || i == RETRIES_MAX)
            break;
        mcx_metric_inc(MCX_M_DB_RETRIES);
        err = MCX_OK;
    }
    if (err == MCX_OK)
        read_answers(&rows, round, count);
    return err == MCX_OK || err == MCX_DB_AWAY ? err : MCX_DB_ERROR;
}

/* ---- rounds ---- */

static bool is_locked_out(const struct mcx_session *session)
{
    return strcmp(mcx_session_sqlstate(session), "55P03") == 0;
}

static bool holds(const struct mcx_rows *rows, int64_t id)
{
    for (size_t row = 0; row < mcx_rows_count(rows); row++)
        if (mcx_cell_i64(rows, row, 0) == id)
            return true;
    return false;
}

/* Subscribers; of partners, grants and partners too. */
static enum mcx_err add_ids(struct mcx_params *params, struct group *const *round, size_t count,
                            bool is_partner)
{
    int64_t *ids = calloc(count, 3 * sizeof *ids);

    if (!ids)
        return MCX_NO_MEMORY;
    for (size_t i = 0; i < count; i++) {
        ids[i] = round[i]->subscriber_id;
        ids[count + i] = round[i]->grant_id;
        ids[2 * count + i] = round[i]->partner_id;
    }
    for (size_t column = 0; column < (is_partner ? 3 : 1); column++)
        mcx_params_i64s(params, ids + column * count, count);
    free(ids);
    return params->err;
}

/* Somebody holds rows of this round: those are given up at once, so that whoever is asked for with
 * them does not wait for them again. Leaves the others in *count. */
static enum mcx_err give_up_locked(struct mcx_session *session, struct group **round, size_t *count)
{
    bool is_partner = is_of_partner(round);
    size_t asked = *count;
    MCX_PARAMS params = {0};
    MCX_ROWS rows = {0};
    enum mcx_err err = add_ids(&params, round, asked, is_partner);

    if (err == MCX_OK)
        err = mcx_session_run(session, is_partner ? MCX_STMT_SQN_FREE_PARTNER : MCX_STMT_SQN_FREE,
                              &params, &rows);
    if (err != MCX_OK)
        return err;
    *count = 0;
    for (size_t i = 0; i < asked; i++) {
        if (holds(&rows, round[i]->subscriber_id))
            round[(*count)++] = round[i];
        else
            round[i]->err = MCX_DB_ERROR;
    }
    mcx_log_limited(MCX_LOG_WARN, "ev=db_rows_locked what=sqn rows=%zu of=%zu", asked - *count,
                    asked);
    return MCX_OK;
}

static enum mcx_err write_alone(struct mcx_session *session, struct group *const *round,
                                size_t count)
{
    int64_t until_ms = mcx_clock_mono_ms() + mcx_session_statement_ms(session);

    mcx_log_limited(MCX_LOG_WARN, "ev=db_batch_refused what=sqn rows=%zu sqlstate=%s", count,
                    mcx_session_sqlstate(session));
    for (size_t i = 0; i < count; i++) {
        enum mcx_err err = MCX_DB_ERROR;

        if (mcx_clock_mono_ms() < until_ms)
            err = write_round(session, &round[i], 1);
        if (err == MCX_DB_AWAY)
            return err;
        if (err != MCX_OK)
            round[i]->err = err;
    }
    return MCX_OK;
}

/* The next round: of one side, at most one group of each subscriber. */
static size_t pick(struct group *groups, size_t count, bool is_partner, struct group **round)
{
    size_t picked = 0;

    for (size_t i = 0; i < count; i++) {
        if (groups[i].is_done || (groups[i].grant_id != 0) != is_partner)
            continue;
        if (picked > 0 && round[picked - 1]->subscriber_id == groups[i].subscriber_id)
            continue;
        groups[i].is_done = true;
        round[picked++] = &groups[i];
    }
    return picked;
}

static bool is_refused_like(const struct group *later, const struct group *refused)
{
    return refused->err == MCX_DB_ERROR ||
           (refused->err == MCX_LIMIT && refused->is_resync && later->is_resync &&
            later->grant_id == refused->grant_id);
}

/* What one group was refused, later ones of its subscriber are not asked for: rows that somebody
 * holds, or a resynchronisation beyond the rate of the grant. A partner that repeats one AUTS makes
 * few transactions, and whoever holds a row holds the others of the batch up once. */
static void give_up_later(struct group *groups, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t k = i + 1;
             groups[i].is_done && k < count && groups[k].subscriber_id == groups[i].subscriber_id;
             k++)
            if (!groups[k].is_done && is_refused_like(&groups[k], &groups[i])) {
                groups[k].is_done = true;
                groups[k].err = groups[i].err;
            }
}

static enum mcx_err write_groups(struct mcx_session *session, struct group *groups, size_t count,
                                 struct group **round)
{
    for (int is_partner = 0; is_partner < 2; is_partner++) {
        size_t picked;

        while ((picked = pick(groups, count, is_partner, round)) > 0) {
            enum mcx_err err = write_round(session, round, picked);

            if (err == MCX_DB_ERROR && is_locked_out(session)) {
                err = give_up_locked(session, round, &picked);
                if (err == MCX_OK && picked > 0)
                    err = write_round(session, round, picked);
            }
            if (err == MCX_DB_ERROR)
                err = write_alone(session, round, picked);
            if (err != MCX_OK)
                return err;
            give_up_later(groups, count);
            mcx_metric_inc(MCX_M_DB_BATCHES);
        }
    }
    return MCX_OK;
}

/* What was not found although its grant lives has lost a row that belongs to it: no fault of who
 * asked. Where that cannot be asked, it is not said that a grant ended; nobody else is concerned.
 */
static void tell_lost_rows(struct mcx_session *session, struct group *groups, size_t count)
{
    int64_t *grants = calloc(count + 1, sizeof *grants);
    MCX_PARAMS params = {0};
    MCX_ROWS rows = {0};
    size_t asked = 0;
    enum mcx_err err = MCX_NO_MEMORY;

    for (size_t i = 0; grants && i < count; i++)
        if (groups[i].err == MCX_NOT_FOUND && groups[i].grant_id != 0)
            grants[asked++] = groups[i].grant_id;
    if (asked > 0) {
        mcx_params_i64s(&params, grants, asked);
        err = mcx_session_run(session, MCX_STMT_GRANTS_LIVE, &params, &rows);
    }
    free(grants);
    for (size_t i = 0; i < count; i++) {
        if (groups[i].err != MCX_NOT_FOUND || groups[i].grant_id == 0)
            continue;
        if (err == MCX_OK && !holds(&rows, groups[i].grant_id))
            continue;
        groups[i].err = MCX_DB_ERROR;
        if (err == MCX_OK)
            mcx_log_limited(MCX_LOG_ERROR, "ev=db_row_missing what=sqn_or_usage grant=%lld",
                            (long long)groups[i].grant_id);
    }
}

/* First come, first served, as far as the group's allowance goes; the last gets what is left. */
static void hand_out(const struct group *group, struct mcx_sqn_want **sorted)
{
    int64_t seq = group->first_seq, left = group->allowed;

    for (size_t i = group->first; i < group->first + group->count; i++) {
        struct mcx_sqn_want *want = sorted[i];

        want->err = group->err == MCX_OK && left == 0 ? MCX_LIMIT : group->err;
        if (want->err != MCX_OK)
            continue;
        if (want->items > left)
            want->items = (uint32_t)left;
        want->first_seq = seq;
        seq += want->items;
        left -= want->items;
    }
}

enum mcx_err mcx_store_sqn_advance(struct mcx_session *session, struct mcx_sqn_want *wants,
                                   size_t count)
{
    struct mcx_sqn_want **sorted = calloc(count + 1, sizeof *sorted);
    struct group *groups = calloc(count + 1, sizeof *groups);
    struct group **round = calloc(count + 1, sizeof *round);
    enum mcx_err err = sorted && groups && round ? MCX_OK : MCX_NO_MEMORY;
    size_t sound = 0, made;

    for (size_t i = 0; i < count; i++) {
        wants[i].err = MCX_DB_ERROR;
        if (err == MCX_OK && wants[i].items >= 1 && wants[i].items <= MCX_ITEMS_MAX)
            sorted[sound++] = &wants[i];
    }
    if (err == MCX_OK) {
        qsort(sorted, sound, sizeof *sorted, by_group);
        made = fold(sorted, sound, groups);
        err = write_groups(session, groups, made, round);
        if (err == MCX_OK)
            tell_lost_rows(session, groups, made);
        for (size_t i = 0; err == MCX_OK && i < made; i++)
            hand_out(&groups[i], sorted);
        if (err == MCX_OK)
            mcx_metric_add(MCX_M_DB_ROWS, (int64_t)count);
    }
    free(sorted);
    free(groups);
    free(round);
    return err == MCX_DB_AWAY ? err : MCX_OK;
}
