/* SPDX-License-Identifier: Apache-2.0 */
/* The jobs of pool tests. run and drop are called by the pool's workers. */
#include "jobs.h"

#include <stdlib.h>
#include <string.h>

void board_init(struct board *board, long long subscriber_id)
{
    memset(board, 0, sizeof *board);
    board->subscriber_id = subscriber_id;
    pthread_mutex_init(&board->mutex, NULL);
    pthread_cond_init(&board->changed, NULL);
}

static enum mcx_err run(void *arg, struct mcx_session *session, struct mcx_job **jobs, size_t count)
{
    struct board *board = arg;
    struct mcx_sqn_want *want = calloc(count, sizeof *want);
    enum mcx_err err;

    for (size_t i = 0; i < count; i++)
        want[i] = (struct mcx_sqn_want){.subscriber_id = board->subscriber_id, .items = 1};
    if (board->before_first && board->runs == 0) /* one worker: nobody else writes runs */
        board->before_first(session);
    err = mcx_store_sqn_advance(session, want, count);
    pthread_mutex_lock(&board->mutex);
    board->runs++;
    for (size_t i = 0; err == MCX_OK && i < count; i++) {
        struct draw *draw = (struct draw *)jobs[i];

        draw->err = want[i].err;
        draw->seq = want[i].first_seq;
        board->done++;
    }
    pthread_cond_broadcast(&board->changed);
    pthread_mutex_unlock(&board->mutex);
    free(want);
    return err == MCX_DB_AWAY ? MCX_DB_AWAY : MCX_OK;
}

static void drop(void *arg, struct mcx_job **jobs, size_t count, enum mcx_err why)
{
    struct board *board = arg;

    pthread_mutex_lock(&board->mutex);
    for (size_t i = 0; i < count; i++)
        ((struct draw *)jobs[i])->err = why;
    board->dropped += (int)count;
    board->last_drop = why;
    pthread_cond_broadcast(&board->changed);
    pthread_mutex_unlock(&board->mutex);
}

const struct mcx_pool_ops jobs_ops = {.actor = "test", .run = run, .drop = drop};

void board_wait(struct board *board, int count)
{
    pthread_mutex_lock(&board->mutex);
    while (board->done + board->dropped < count)
        pthread_cond_wait(&board->changed, &board->mutex);
    pthread_mutex_unlock(&board->mutex);
}

struct mcx_pool *jobs_start(const struct mcx_conf *conf, struct board *board)
{
    struct mcx_pool *pool = NULL;
    struct mcx_conf_problem problem = {""};

    ck_assert_msg(mcx_pool_start(conf, &jobs_ops, board, &pool, &problem) == MCX_OK, "%s",
                  problem.text);
    return pool;
}

void jobs_post(struct mcx_pool *pool, struct draw *draw, uint64_t shard)
{
    draw->job.shard = shard;
    ck_ok(mcx_pool_post(pool, &draw->job));
}

void jobs_draw_once(const struct mcx_conf *conf, struct board *board)
{
    struct draw draw = {.seq = 0};
    struct mcx_pool *pool = jobs_start(conf, board);

    jobs_post(pool, &draw, 0);
    board_wait(board, 1);
    ck_ok(draw.err);
    mcx_pool_stop(&pool);
}
