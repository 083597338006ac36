/* SPDX-License-Identifier: Apache-2.0 */
/* Computes each vector again from RAND and the SQN that AUTN hides. */
#include "vector.h"

#include <string.h>

#include "aka/milenage.h"
#include "aka/sqn.h"

static bool same(struct mcx_span item, enum wire_id id, const uint8_t *own, size_t len)
{
    struct wire_avp avp;
    return wire_msg_find(item, id, 0, &avp) && avp.body.len == len &&
           mcx_secret_equal(avp.body.octets, own, len);
}

static bool check_item(const struct wire_keys *keys, struct mcx_span item, uint8_t sqn[6])
{
    struct wire_avp authenticate;
    struct mcx_milenage_out own;
    if (!wire_msg_find(item, WIRE_SIP_AUTHENTICATE, 0, &authenticate) ||
        authenticate.body.len != 32)
        return false;
    const uint8_t *rand = authenticate.body.octets,
                  *autn = rand + 16; /* AUTN: SQN xor AK, AMF, MAC */
    mcx_milenage(&keys->k, &keys->opc, rand, sqn, autn + 6, &own);
    mcx_sqn_conceal(autn, own.ak, sqn);
    mcx_milenage(&keys->k, &keys->opc, rand, sqn, autn + 6, &own);
    bool is_right = mcx_secret_equal(own.mac_a, autn + 8, 8) &&
                    same(item, WIRE_SIP_AUTHORIZATION, own.res, 8) &&
                    same(item, WIRE_CONFIDENTIALITY_KEY, own.ck.octets, 16) &&
                    same(item, WIRE_INTEGRITY_KEY, own.ik.octets, 16);
    mcx_milenage_out_wipe(&own);
    return is_right;
}

static void write_sqn(FILE *sqns, struct mcx_span avps, const uint8_t sqn[6])
{
    struct wire_avp name = {0};
    int64_t seq;
    uint8_t ind;
    mcx_sqn_decode(sqn, &seq, &ind);
    if (wire_msg_find(avps, WIRE_USER_NAME, 0, &name))
        fprintf(sqns, "%.*s %lld %u\n", (int)name.body.len, (const char *)name.body.octets,
                (long long)seq, ind);
}

bool vector_check(const struct wire_keys *keys, struct mcx_span avps, FILE *sqns)
{
    struct wire_avp item;
    unsigned n = 0;
    for (; wire_msg_find(avps, WIRE_SIP_AUTH_DATA_ITEM, n, &item); n++) {
        uint8_t sqn[6] = {0};
        if (!check_item(keys, item.body, sqn))
            return false;
        if (sqns)
            write_sqn(sqns, avps, sqn);
    }
    return n > 0;
}
