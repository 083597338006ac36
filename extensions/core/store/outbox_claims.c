/* SPDX-License-Identifier: Apache-2.0 */
/* What is under way, and what was completed and not yet written. Completing: any thread; writing:
 * the outbox's, blocks on the database. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/outbox_private.h"

enum { WRITE_MAX = 128 }; /* completions in one statement */

enum mcx_err mcx_claims_init(struct mcx_claims *claims, size_t kinds, size_t room)
{
    pthread_mutex_init(&claims->mutex, NULL);
    claims->room = room;
    claims->last = &claims->first;
    claims->claim = calloc(kinds > 0 ? kinds * room : 1, sizeof *claims->claim);
    return claims->claim ? MCX_OK : MCX_NO_MEMORY;
}

void mcx_claims_free(struct mcx_claims *claims)
{
    while (claims->first) {
        struct mcx_completion *next = claims->first->next;

        free(claims->first);
        claims->first = next;
    }
    free(claims->claim);
    pthread_mutex_destroy(&claims->mutex);
}

void mcx_claims_room(struct mcx_claims *claims, size_t kinds, int32_t *room, int64_t now_ms)
{
    for (size_t kind = 0; kind < kinds; kind++)
        room[kind] = (int32_t)claims->room;
    pthread_mutex_lock(&claims->mutex);
    for (size_t i = claims->count; i-- > 0;) {
        if (claims->claim[i].until_ms <= now_ms)
            claims->claim[i] = claims->claim[--claims->count];
        else
            room[claims->claim[i].kind]--;
    }
    pthread_mutex_unlock(&claims->mutex);
}

void mcx_claims_add(struct mcx_claims *claims, const struct mcx_claim *claim)
{
    pthread_mutex_lock(&claims->mutex);
    claims->claim[claims->count++] = *claim;
    pthread_mutex_unlock(&claims->mutex);
}

/* Under the lock. */
static struct mcx_claim *find(struct mcx_claims *claims, const char *id)
{
    for (size_t i = 0; i < claims->count; i++) {
        if (strcmp(claims->claim[i].id, id) == 0)
            return &claims->claim[i];
    }
    return NULL;
}

static void append(struct mcx_claims *claims, struct mcx_completion *completion)
{
    *claims->last = completion;
    claims->last = &completion->next;
}

void mcx_claims_complete(struct mcx_claims *claims, const char *id, bool is_done, int64_t after_ms)
{
    struct mcx_completion *completion = calloc(1, sizeof *completion);
    struct mcx_claim *claim;

    if (!completion) /* the lease ends by itself */
        return;
    snprintf(completion->id, sizeof completion->id, "%s", id);
    completion->is_done = is_done;
    completion->after_ms = after_ms;
    pthread_mutex_lock(&claims->mutex);
    claim = find(claims, id);
    if (claim) {
        completion->attempts = claim->attempts;
        *claim = claims->claim[--claims->count];
    }
    if (claim || is_done) {
        append(claims, completion);
        completion = NULL;
    }
    pthread_mutex_unlock(&claims->mutex);
    free(completion);
}

void mcx_claims_give_back(struct mcx_claims *claims)
{
    for (;;) {
        char id[MCX_TASK_ID_MAX] = "";

        pthread_mutex_lock(&claims->mutex);
        if (claims->count > 0)
            memcpy(id, claims->claim[claims->count - 1].id, sizeof id);
        pthread_mutex_unlock(&claims->mutex);
        if (!id[0])
            return;
        mcx_claims_complete(claims, id, false, 0);
    }
}

static enum mcx_err write_list(const struct mcx_completion *list, struct mcx_session *session,
                               const char *owner)
{
    struct mcx_span done[WRITE_MAX] = {{0}}, retry[WRITE_MAX] = {{0}};
    int32_t done_attempts[WRITE_MAX], attempts[WRITE_MAX];
    int64_t after_ms[WRITE_MAX];
    size_t done_count = 0, retry_count = 0;
    MCX_PARAMS params = {0};
    MCX_PARAMS retries = {0};
    enum mcx_err err = MCX_OK;

    for (const struct mcx_completion *at = list; at; at = at->next) {
        if (at->is_done) {
            done_attempts[done_count] = at->attempts;
            done[done_count++] = mcx_span_of(at->id);
            continue;
        }
        attempts[retry_count] = at->attempts;
        after_ms[retry_count] = at->after_ms;
        retry[retry_count++] = mcx_span_of(at->id);
    }
    mcx_params_texts(&params, done, done_count);
    mcx_params_i32s(&params, done_attempts, done_count);
    if (done_count > 0)
        err = mcx_session_run(session, MCX_STMT_TASKS_DONE, &params, NULL);
    mcx_params_text(&retries, owner);
    mcx_params_texts(&retries, retry, retry_count);
    mcx_params_i32s(&retries, attempts, retry_count);
    mcx_params_i64s(&retries, after_ms, retry_count);
    if (err == MCX_OK && retry_count > 0)
        err = mcx_session_run(session, MCX_STMT_TASKS_RETRY, &retries, NULL);
    return err;
}

/* The front of the list, cut off. */
static struct mcx_completion *take(struct mcx_claims *claims)
{
    struct mcx_completion *list, **end;

    pthread_mutex_lock(&claims->mutex);
    list = claims->first;
    end = &list;
    for (size_t i = 0; i < WRITE_MAX && *end; i++)
        end = &(*end)->next;
    claims->first = *end;
    if (!claims->first)
        claims->last = &claims->first;
    *end = NULL;
    pthread_mutex_unlock(&claims->mutex);
    return list;
}

static void put_back(struct mcx_claims *claims, struct mcx_completion *list)
{
    pthread_mutex_lock(&claims->mutex);
    while (list) {
        struct mcx_completion *next = list->next;

        list->next = NULL;
        append(claims, list);
        list = next;
    }
    pthread_mutex_unlock(&claims->mutex);
}

enum mcx_err mcx_claims_write(struct mcx_claims *claims, struct mcx_session *session,
                              const char *owner)
{
    struct mcx_completion *list;

    while ((list = take(claims)) != NULL) {
        enum mcx_err err = write_list(list, session, owner);

        if (err != MCX_OK) {
            put_back(claims, list);
            return err;
        }
        while (list) {
            struct mcx_completion *next = list->next;

            free(list);
            list = next;
        }
    }
    return MCX_OK;
}
