/* SPDX-License-Identifier: Apache-2.0 */
/* MIR and MRR of the own configuration management server, and the outbox of the SIP database, which
 * sweeps each second. Part of app_hss; after mcx_mar_service_start, whose transactions and time
 * limit count here, too. */
#ifndef MCX_DIAMETER_MIGRATION_SERVICE_H
#define MCX_DIAMETER_MIGRATION_SERVICE_H

#include "base/conf.h"

/* Starts pool and outbox, advertises the MCX S-DB application. 0, or errno after a logged sentence.
 */
int mcx_migration_service_start(const struct mcx_conf *conf);
/* Stops both; what waits is answered or freed. Before mcx_mar_service_stop. Idempotent. */
void mcx_migration_service_stop(void);

#endif
