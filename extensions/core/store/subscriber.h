/* SPDX-License-Identifier: Apache-2.0 */
/* Own subscribers: added one by one or by the million, barred, deleted. Every change ends in the
 * audit trail. Blocks on the database. */
#ifndef MCX_STORE_SUBSCRIBER_H
#define MCX_STORE_SUBSCRIBER_H

#include "aka/wrap.h"
#include "store/admin.h"

struct mcx_new_subscriber {
    struct mcx_str impi; /* canonical */
    size_t impu_count;   /* 1..MCX_IMPUS_MAX; one implicit set */
    struct mcx_str impu[MCX_IMPUS_MAX];
    bool may_share; /* an IMPU may already be another own IMPI's: then it keeps its set */
    const struct mcx_key128 *k, *opc;
    uint8_t amf[2];
    int64_t seq; /* highest SEQ ever used with this K; at least what is stored for this IMPI */
};

/* EXISTS: the IMPI or an IMPU is taken, whatever its kind. NOT_LIVE: its domain is not ours. All
 * said. An IMPI that was deleted comes back with its SEQ. */
MCX_MUST_USE enum mcx_err mcx_store_subscriber_add(struct mcx_session *session,
                                                   const struct mcx_keyring *ring,
                                                   const struct mcx_new_subscriber *subscriber,
                                                   struct mcx_conf_problem *problem);

/* Each ends the subscriber's grants with cause revoked: design 4, "Ending". NOT_FOUND said. */
MCX_MUST_USE enum mcx_err mcx_store_subscriber_delete(struct mcx_session *session,
                                                      const struct mcx_str *impi,
                                                      const char *reason,
                                                      struct mcx_conf_problem *problem);
MCX_MUST_USE enum mcx_err mcx_store_subscriber_bar(struct mcx_session *session,
                                                   const struct mcx_str *impi, bool is_barred,
                                                   const char *reason,
                                                   struct mcx_conf_problem *problem);

/* The only way to lower SEQ (design 5): INVALID without force. */
MCX_MUST_USE enum mcx_err mcx_store_subscriber_set_seq(struct mcx_session *session,
                                                       const struct mcx_str *impi, int64_t seq,
                                                       bool force, const char *reason,
                                                       struct mcx_conf_problem *problem);

struct mcx_bulk_load {
    const char *conninfo;
    const struct mcx_keyring *ring;
    struct mcx_str realm; /* IMPI %015llu@realm, IMPU sip: and the same */
    uint64_t first, count;
    const struct mcx_key128 *k, *opc;
    uint8_t amf[2];
    int threads;     /* connections; 0: one per processor, at most 8 */
    uint64_t loaded; /* answer: committed, also when it failed */
};
/* By COPY, 20,000 subscribers a transaction. A chunk that fails leaves nothing; those before it
 * stay. */
MCX_MUST_USE enum mcx_err mcx_store_subscriber_load(struct mcx_session *session,
                                                    struct mcx_bulk_load *load,
                                                    struct mcx_conf_problem *problem);

#endif
