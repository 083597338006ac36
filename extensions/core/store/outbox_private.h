/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the outbox share: outbox.c is the thread, outbox_claims.c what is under way and
 * what was completed. Nobody else includes this. */
#ifndef MCX_STORE_OUTBOX_PRIVATE_H
#define MCX_STORE_OUTBOX_PRIVATE_H

#include <pthread.h>

#include "store/outbox.h"

/* A task that a handler was called for. */
struct mcx_claim {
    char id[MCX_TASK_ID_MAX];
    size_t kind; /* index of its handler */
    int32_t attempts;
    int64_t until_ms; /* the lease, by our clock */
};

/* What is to be written of one. */
struct mcx_completion {
    struct mcx_completion *next;
    char id[MCX_TASK_ID_MAX];
    bool is_done;     /* else: again, after_ms from then */
    int32_t attempts; /* of the claim; 0: its lease was over, nobody knows */
    int64_t after_ms;
};

/* The mutex guards all of it; no statement runs under it. */
struct mcx_claims {
    pthread_mutex_t mutex;
    struct mcx_claim *claim;
    size_t count, room; /* room: of each kind */
    struct mcx_completion *first, **last;
};

MCX_MUST_USE enum mcx_err mcx_claims_init(struct mcx_claims *claims, size_t kinds, size_t room);
void mcx_claims_free(struct mcx_claims *claims);

/* How many more of each kind may be claimed; forgets what the lease of is over. */
void mcx_claims_room(struct mcx_claims *claims, size_t kinds, int32_t *room, int64_t now_ms);
/* Only as many as mcx_claims_room said. */
void mcx_claims_add(struct mcx_claims *claims, const struct mcx_claim *claim);
/* Done counts also when the lease was over: it was done. A retry then is somebody else's. */
void mcx_claims_complete(struct mcx_claims *claims, const char *id, bool is_done, int64_t after_ms);
/* All that is claimed goes back. */
void mcx_claims_give_back(struct mcx_claims *claims);
/* Writes what was completed. On error the rest stays for the next time. owner: who holds the
 * leases. */
MCX_MUST_USE enum mcx_err mcx_claims_write(struct mcx_claims *claims, struct mcx_session *session,
                                           const char *owner);

#endif
