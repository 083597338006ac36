/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs for a pool under test: each draws one SEQ of one subscriber; a board counts how they end. */
#ifndef MCX_TEST_JOBS_H
#define MCX_TEST_JOBS_H

#include <pthread.h>

#include "fixture.h"

struct draw {
    struct mcx_job job;
    enum mcx_err err; /* of the draw, or why it was dropped */
    int64_t seq;
};

struct board {
    long long subscriber_id;
    void (*before_first)(struct mcx_session *session); /* of all runs; may be NULL */
    pthread_mutex_t mutex;                             /* guards what follows */
    pthread_cond_t changed;
    int done, dropped, runs;
    enum mcx_err last_drop;
};

extern const struct mcx_pool_ops jobs_ops;
void board_init(struct board *board, long long subscriber_id);
/* Waits until so many jobs came to an end, one way or the other; Check's own timeout is the limit.
 */
void board_wait(struct board *board, int count);

struct mcx_pool *jobs_start(const struct mcx_conf *conf, struct board *board);
/* One draw by a pool of its own, which must serve it. */
void jobs_draw_once(const struct mcx_conf *conf, struct board *board);
void jobs_post(struct mcx_pool *pool, struct draw *draw, uint64_t shard);

#endif
