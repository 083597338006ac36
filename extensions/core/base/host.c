/* SPDX-License-Identifier: Apache-2.0 */
/* The one check of host names, shared by configuration and identities. Pure; any thread. */
#include "base/host.h"

#define LABEL_MAX 63 /* RFC 1035 2.3.4 */

static bool is_alnum(uint8_t octet)
{
    return (octet >= '0' && octet <= '9') || (octet >= 'a' && octet <= 'z') ||
           (octet >= 'A' && octet <= 'Z');
}

static bool label_is_sound(const uint8_t *label, size_t len)
{
    if (len == 0 || len > LABEL_MAX || !is_alnum(label[0]) || !is_alnum(label[len - 1]))
        return false;
    for (size_t i = 0; i < len; i++)
        if (!is_alnum(label[i]) && label[i] != '-')
            return false;
    return true;
}

enum mcx_err mcx_host_lower(struct mcx_span host, struct mcx_str *out)
{
    size_t start = 0;

    if (host.len > MCX_STR_MAX)
        return MCX_TOO_LONG;
    if (host.len == 0)
        return MCX_INVALID;
    for (size_t i = 0; i <= host.len; i++) {
        if (i < host.len && host.octets[i] != '.')
            continue;
        if (!label_is_sound(host.octets + start, i - start))
            return MCX_INVALID;
        start = i + 1;
    }
    if (mcx_str_set(out, host) != MCX_OK)
        return MCX_INVALID;
    for (size_t i = 0; i < host.len; i++)
        if (out->octets[i] >= 'A' && out->octets[i] <= 'Z')
            out->octets[i] = (char)(out->octets[i] + ('a' - 'A'));
    return MCX_OK;
}
