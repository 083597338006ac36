/* SPDX-License-Identifier: Apache-2.0 */
/* MARs from freeDiameter's dispatch to the pool and back to the sender: the glue of app_hss. */
#ifndef MCX_DIAMETER_MAR_SERVICE_H
#define MCX_DIAMETER_MAR_SERVICE_H

#include "base/conf.h"

/* Starts pool, transactions and callbacks; advertises Cx and Zh with vendor 3GPP. 0, or errno after
 * a logged sentence. */
int mcx_mar_service_start(const struct mcx_conf *conf);
/* Stops the pool and the timer, frees what waits. Idempotent. */
void mcx_mar_service_stop(void);

#endif
