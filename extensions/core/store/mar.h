/* SPDX-License-Identifier: Apache-2.0 */
/* The two statements of the MAR path: facts for a batch, and SQNs for what was accepted. Worker
 * thread; blocks on the database within database.statement_timeout_ms. */
#ifndef MCX_STORE_MAR_H
#define MCX_STORE_MAR_H

#include "policy/mar.h"
#include "store/pool.h"

/* One round trip for all (two if own and partner asks are mixed). DB_AWAY: connection lost or timed
 * out. DB_ERROR: refused; then every ask is tried alone once and err[i] tells which failed; err[i]
 * is OK or DB_ERROR. */
MCX_MUST_USE enum mcx_err mcx_store_mar_facts(struct mcx_session *session,
                                              const struct mcx_mar_ask *const *asks, size_t count,
                                              struct mcx_mar_facts *facts, enum mcx_err *err);

struct mcx_sqn_want {
    int64_t subscriber_id;
    uint32_t items; /* 1..MCX_ITEMS_MAX; if a rate leaves fewer, answered as what it leaves */
    bool is_resync; /* asked with an AUTS, which was verified */
    int64_t seq_ms; /* from it: SEQ becomes at least this before the advance; else 0 */
    int64_t grant_id, partner_id; /* 0: own SIP core. Else counted against the rates, and audited */
    /* answers */
    enum mcx_err err;  /* OK; NOT_FOUND: no row, or no live grant; LIMIT: SEQ exhausted or nothing
                          left of a rate; DB_ERROR: this one alone was refused, or a row of a live
                          grant is lost */
    int64_t first_seq; /* err OK: first of `items` consecutive SEQ, committed */
};

/* SEQ := max(SEQ, seq_ms) + items per subscriber, in one committed transaction with the audit row
 * of what goes to partners. Subscribers may repeat: SEQs of one grant, and of the own core, are in
 * the order of wants. OK: every want has its err. DB_AWAY: unknown
 * whether committed: answer none of them from it. Deadlock and serialization failure are retried
 * inside. */
MCX_MUST_USE enum mcx_err mcx_store_sqn_advance(struct mcx_session *session,
                                                struct mcx_sqn_want *wants, size_t count);

#endif
