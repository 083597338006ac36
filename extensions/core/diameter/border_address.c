/* SPDX-License-Identifier: Apache-2.0 */
/* plain_from: the addresses and networks from which the own SIP core may connect without TLS.
 * Parsed at start, read-only afterwards; any thread; never blocks. */
#include "diameter/border_private.h"

#include <arpa/inet.h>
#include <stdlib.h>

#include "diameter/refuse.h"

struct network {
    uint8_t octets[16]; /* IPv4 as ::ffff:a.b.c.d */
    uint8_t bits;
};

static struct {
    size_t count[MCX_CORES_MAX];
    struct network network[MCX_CORES_MAX][MCX_HOSTS_MAX];
} plain;

static void map_v4(const void *four, uint8_t out[16])
{
    static const uint8_t prefix[12] = {[10] = 0xff, [11] = 0xff}; /* RFC 4291 2.5.5.2 */

    memcpy(out, prefix, sizeof prefix);
    memcpy(out + sizeof prefix, four, 4);
}

static bool parse(const char *text, struct network *out)
{
    char address[INET6_ADDRSTRLEN] = "";
    const char *slash = strchr(text, '/');
    size_t len = slash ? (size_t)(slash - text) : strlen(text);
    uint8_t four[4];
    long bits = -1;
    char *end = NULL;

    if (len >= sizeof address)
        return false;
    memcpy(address, text, len);
    if (slash) {
        bits = strtol(slash + 1, &end, 10);
        if (end == slash + 1 || *end || bits < 0 || bits > 128)
            return false;
    }
    if (inet_pton(AF_INET, address, four) == 1) {
        map_v4(four, out->octets);
        out->bits = (uint8_t)(96 + (slash ? bits : 32));
        return out->bits <= 128;
    }
    out->bits = (uint8_t)(slash ? bits : 128);
    return inet_pton(AF_INET6, address, out->octets) == 1;
}

int mcx_address_load(const struct mcx_conf *conf)
{
    for (size_t core = 0; core < conf->core_count; core++) {
        const struct mcx_host_list *list = &conf->core[core].plain_from;

        for (size_t i = 0; i < list->count; i++) {
            if (!parse(list->host[i].octets, &plain.network[core][i]))
                return mcx_refuse_setting(
                    conf, mcx_conf_label("border.sip_cores[%zu].plain_from[%zu]", core, i).text,
                    "\"%s\" is neither an address nor address/bits; write one such as "
                    "127.0.0.0/8",
                    list->host[i].octets);
        }
        plain.count[core] = list->count;
    }
    return 0;
}

static bool inside(const struct network *network, const uint8_t octets[16])
{
    size_t whole = network->bits / 8;
    uint8_t rest = (uint8_t)(0xff00 >> network->bits % 8);

    return memcmp(network->octets, octets, whole) == 0 &&
           (whole == 16 || ((network->octets[whole] ^ octets[whole]) & rest) == 0);
}

bool mcx_address_allowed(size_t core_index, const struct sockaddr_storage *from)
{
    uint8_t octets[16];

    if (from->ss_family == AF_INET)
        map_v4(&((const struct sockaddr_in *)from)->sin_addr, octets);
    else if (from->ss_family == AF_INET6)
        memcpy(octets, &((const struct sockaddr_in6 *)from)->sin6_addr, sizeof octets);
    else
        return false;
    for (size_t i = 0; i < plain.count[core_index]; i++)
        if (inside(&plain.network[core_index][i], octets))
            return true;
    return false;
}
