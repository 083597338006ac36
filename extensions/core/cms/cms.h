/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration management server (CR 10.1.X.1): at the primary, a UE's request becomes MIR,
 * PAR and an answer; at the partner, a PAR becomes MIR and an answer. Knows neither Diameter
 * messages nor HTTP. What it begins is in the database before it is asked of others, so that the
 * outbox goes on with it after any crash. */
#ifndef MCX_CMS_CMS_H
#define MCX_CMS_CMS_H

#include "cms/ue.h"
#include "store/migration.h"

struct mcx_cms_peer {           /* who is asked */
    struct mcx_str system;      /* a partner's system id; len 0: the own system's SIP database */
    struct mcx_str realm, host; /* Destination; host len 0: any of that party */
};

/* Exactly once. OK: *answer is borrowed, its document may be taken over by setting it NULL.
 * TIMEOUT, NOT_LIVE (no open connection), INVALID (the answer is unsound), CLOSING: answer is NULL.
 * Any thread; must not block. */
typedef void (*mcx_cms_answered)(void *arg, enum mcx_err err, struct mcx_given *answer);

/* How requests leave. OK: `done` will be called. Else not, and nothing was sent. Do not block. */
struct mcx_cms_ports {
    /* May a request to that partner's configuration management server leave now? NOT_LIVE: no
     * connection is open. NOT_FOUND: this daemon's configuration has no such partner. Any thread.
     */
    enum mcx_err (*reach)(const struct mcx_str *system);
    enum mcx_err (*mir)(const struct mcx_mir *mir, const struct mcx_cms_peer *to,
                        mcx_cms_answered done, void *arg);
    enum mcx_err (*par)(const struct mcx_par *par, const struct mcx_cms_peer *to,
                        mcx_cms_answered done, void *arg);
    enum mcx_err (*mrr)(const struct mcx_mrr *mrr, const struct mcx_cms_peer *to,
                        mcx_cms_answered done, void *arg);
};

/* Starts pool and outbox. conf is borrowed for the life of the process. CONF: *problem says what an
 * operator must do. */
MCX_MUST_USE enum mcx_err mcx_cms_start(const struct mcx_conf *conf,
                                        const struct mcx_cms_ports *ports,
                                        struct mcx_conf_problem *problem);
/* Ends what waits; after the ports have answered CLOSING to all that they hold. Idempotent. */
void mcx_cms_stop(void);

/* The UE interface's port: mcx_ue_port.ask. */
MCX_MUST_USE enum mcx_err mcx_cms_ask(const struct mcx_ue_ask *ask, mcx_ue_done done, void *arg);

/* A partner's PAR, and an MRR of a partner (system) or of the own system's SIP database (system len
 * 0). done exactly once if the answer is OK; BUSY, CLOSING, NO_MEMORY: not taken. */
MCX_MUST_USE enum mcx_err mcx_cms_par(const struct mcx_par *par, const struct mcx_str *system,
                                      mcx_cms_answered done, void *arg);
MCX_MUST_USE enum mcx_err mcx_cms_mrr(const struct mcx_mrr *mrr, const struct mcx_str *system,
                                      mcx_cms_answered done, void *arg);

#endif
