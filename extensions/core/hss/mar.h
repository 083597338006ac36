/* SPDX-License-Identifier: Apache-2.0 */
/* The MAR use case: a batch of asks becomes facts, plans, committed SQNs and outcomes (design 6).
 * Knows neither Diameter messages nor SQL. Runs on the pool's workers. */
#ifndef MCX_HSS_MAR_H
#define MCX_HSS_MAR_H

#include "aka/aka.h"
#include "aka/wrap.h"
#include "policy/mar.h"
#include "store/pool.h"

struct mcx_mar_job {
    struct mcx_job job; /* first: the pool hands it back as this */
    uint64_t number;    /* the transaction that waits for the outcome */
    struct mcx_mar_ask ask;
};

/* The MAR to send to the primary system, CR 10.6.2 step 5. */
struct mcx_mar_relay {
    enum mcx_iface iface;
    struct mcx_str system; /* system_id of the primary: names the lane and the border's party */
    struct mcx_str realm, host; /* Destination-Realm; Destination-Host, len 0: none */
    struct mcx_str impi, impu;  /* the primary's, octet for octet */
    uint32_t items;
    bool has_auts;
    uint8_t rand[16], auts[14];
    int64_t binding_id;
};

struct mcx_mar_outcome {
    enum mcx_mar_do what;
    const char *reason;
    struct mcx_result result; /* SERVE: 2001; REFUSE */
    uint32_t item_count;      /* SERVE */
    struct mcx_av item[MCX_ITEMS_MAX];
    struct mcx_mar_relay relay; /* RELAY */
};

struct mcx_mar_service {
    struct mcx_mar_policy policy;
    struct mcx_keyring ring;
    /* Does anybody still wait for it? What nobody does is not served. Worker thread; not to block.
     */
    bool (*is_awaited)(uint64_t number);
    /* Worker thread; must not block. *outcome is borrowed for the call and wiped after it. */
    void (*done)(uint64_t number, const struct mcx_mar_ask *ask,
                 const struct mcx_mar_outcome *outcome);
};

/* pool_ops for a struct mcx_mar_service as arg. Jobs are struct mcx_mar_job from malloc; freed
 * inside. */
extern const struct mcx_pool_ops mcx_mar_ops;

#endif
