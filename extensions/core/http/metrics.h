/* SPDX-License-Identifier: Apache-2.0 */
/* GET /metrics (Prometheus text 0.0.4) and GET /healthz over plain HTTP, for the operator's
 * network; one thread of its own, few connections. In any daemon. */
#ifndef MCX_HTTP_METRICS_H
#define MCX_HTTP_METRICS_H

#include "base/conf.h"

struct mcx_metrics_endpoint;

/* NULL: well, 200. Else one word that /healthz answers with 503. Must not block; any thread. */
typedef const char *(*mcx_health)(void);

/* Serves metrics.address and metrics.port until stop. version: of the build, for mcx_info; health
 * may be NULL. CONF: *problem says why the port cannot be served. metrics.port 0: OK, *out NULL. */
MCX_MUST_USE enum mcx_err mcx_metrics_start(const struct mcx_conf *conf, const char *version,
                                            mcx_health health, struct mcx_metrics_endpoint **out,
                                            struct mcx_conf_problem *problem);
void mcx_metrics_stop(struct mcx_metrics_endpoint **endpoint); /* *endpoint may be NULL */

#endif
