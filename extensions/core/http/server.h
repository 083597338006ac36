/* SPDX-License-Identifier: Apache-2.0 */
/* The UE interface of the configuration management server (CSC-4; CR 10.1.X.1 steps 1 and 13;
 * design 8): HTTPS in threads of its own, described in conf/openapi.json. */
#ifndef MCX_HTTP_SERVER_H
#define MCX_HTTP_SERVER_H

#include "base/conf.h"
#include "cms/ue.h"

struct mcx_http;

/* Serves cms.https_address and cms.https_port until mcx_http_stop. conf and port are borrowed until
 * then; port->ask is called from the threads of the interface. CONF: *problem says what is wrong
 * with address, port, certificate, key or JWKS files. With https_port 0: OK and *out is NULL. */
MCX_MUST_USE enum mcx_err mcx_http_start(const struct mcx_conf *conf,
                                         const struct mcx_ue_port *port, struct mcx_http **out,
                                         struct mcx_conf_problem *problem);

/* Closes the port, answers 503 to what waits, gives clients a second to take it, ends all threads.
 * done callbacks of asks that are still out may come later, even after the return: they find nobody
 * and free what is theirs. *http may be NULL. */
void mcx_http_stop(struct mcx_http **http);

#endif
