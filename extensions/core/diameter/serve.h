/* SPDX-License-Identifier: Apache-2.0 */
/* What freeDiameter's dispatch threads do with requests for services of ours: hand them over with
 * cancellation off, and queue them for a pool. */
#ifndef MCX_DIAMETER_SERVE_H
#define MCX_DIAMETER_SERVE_H

#include "diameter/txn.h"
#include "store/pool.h"

/* Takes the request *msg over (*msg NULL then) or answers it; does not block. */
typedef void mcx_take_fn(struct msg **msg, const struct msg_hdr *header);

/* The body of a callback for fd_disp_register: requests go to take, with cancellation of the thread
 * disabled (trap R14); answers are let pass, since they have callbacks of their own. Always 0. */
int mcx_serve(struct msg **msg, mcx_take_fn *take);

/* A mcx_take_fn: 3001 (RFC 6733 7.1.3), for commands of our applications that nothing here serves.
 */
mcx_take_fn mcx_take_unsupported;

/* Opens a transaction for *msg, of which only what its answer echoes stays (kept.h), tells its
 * number through *number, and posts job. BUSY: there is no room for either; the request is answered
 * (3004), the job still the caller's. */
MCX_MUST_USE enum mcx_err mcx_serve_queue(struct msg **msg, struct mcx_txn *txn,
                                          struct mcx_pool *pool, struct mcx_job *job,
                                          uint64_t *number);

#endif
