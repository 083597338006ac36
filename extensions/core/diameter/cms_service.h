/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration management server on Diameter: PAR and MRR from freeDiameter's dispatch to cms/
 * and back to the sender; the glue of app_cms (CR 10.1.X.1 steps 7 and 12). */
#ifndef MCX_DIAMETER_CMS_SERVICE_H
#define MCX_DIAMETER_CMS_SERVICE_H

#include "base/conf.h"

/* Starts it, and advertises MCX S-S and S-DB. 0, or errno after a logged sentence. */
int mcx_cms_service_start(const struct mcx_conf *conf);
/* Idempotent. After it no done callback of ours runs any more. */
void mcx_cms_service_stop(void);

#endif
