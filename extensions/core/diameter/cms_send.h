/* SPDX-License-Identifier: Apache-2.0 */
/* How the configuration management server's requests leave: the ports of cms/cms.h over Diameter
 * (CR 10.1.X.1 steps 4, 7 and 9, and releases). Any thread; does not block. */
#ifndef MCX_DIAMETER_CMS_SEND_H
#define MCX_DIAMETER_CMS_SEND_H

#include "base/conf.h"
#include "cms/cms.h"

/* conf is borrowed for the life of the process. */
void mcx_cms_send_start(const struct mcx_conf *conf, struct mcx_cms_ports *ports);

#endif
