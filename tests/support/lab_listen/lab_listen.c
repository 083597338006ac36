/* SPDX-License-Identifier: Apache-2.0 */
/* For labs only: makes a stock freeDiameterd listen on one loopback address. The daemon ignores a
 * loopback address in ListenOn without a word and then listens on every address of the machine,
 * which a lab with known keys must not. Runs once, in the configuration thread, before the daemon
 * opens its sockets. */
#include "extension_entry.h"

#include <arpa/inet.h>
#include <string.h>

/* address: the IPv4 address, written where other extensions have their configuration file. */
static int lab_listen_entry(char *address)
{
    struct sockaddr_in endpoint = {.sin_family = AF_INET};

    if (address == NULL || inet_pton(AF_INET, address, &endpoint.sin_addr) != 1) {
        fd_log_error("lab_listen: \"%s\" is no IPv4 address", address ? address : "");
        return EINVAL;
    }
    return fd_ep_add_merge(&fd_g_config->cnf_endpoints, (struct sockaddr *)&endpoint,
                           sizeof(endpoint), EP_FL_CONF | EP_ACCEPTALL);
}

EXTENSION_ENTRY("lab_listen", lab_listen_entry)
