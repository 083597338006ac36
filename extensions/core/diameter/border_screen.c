/* SPDX-License-Identifier: Apache-2.0 */
/* Default deny between systems (design 7): rights come from the peer that delivered the request,
 * and what the request says of its origin must agree with that peer. Pure; any thread. */
#include "diameter/border_private.h"
#include "diameter/dict.h"

/* Who may send what. */
static const struct {
    enum mcx_role role;
    uint32_t application, command;
} rights[] = {
    {MCX_ROLE_CORE, MCX_APP_CX, 300},         /* User-Authorization, TS 29.229 6.1.1 */
    {MCX_ROLE_CORE, MCX_APP_CX, 301},         /* Server-Assignment, 6.1.3 */
    {MCX_ROLE_CORE, MCX_APP_CX, 302},         /* Location-Info, 6.1.5 */
    {MCX_ROLE_CORE, MCX_APP_CX, 303},         /* Multimedia-Auth, 6.1.7 */
    {MCX_ROLE_CORE, MCX_APP_ZH, 303},         /* Multimedia-Auth, TS 29.109 5.2 */
    {MCX_ROLE_SIP_DATABASE, MCX_APP_CX, 303}, /* the relay, CR 10.6.2 step 5 */
    {MCX_ROLE_SIP_DATABASE, MCX_APP_ZH, 303},
    {MCX_ROLE_SIP_DATABASE, MCX_APP_CX, 304}, /* Registration-Termination, as a primary */
    {MCX_ROLE_SIP_DATABASE, MCX_APP_CX, 305}, /* Push-Profile, as a primary */
};

static bool has_right(enum mcx_role role, uint32_t application, uint32_t command)
{
    for (size_t i = 0; i < sizeof rights / sizeof *rights; i++)
        if (rights[i].role == role && rights[i].application == application &&
            rights[i].command == command)
            return true;
    return false;
}

/* The peer itself; or, behind an agent of the same partner or inside the own core, another host of
 * that party. */
static bool origin_fits(const struct mcx_named *peer, const struct mcx_named *origin,
                        struct mcx_span peer_host, struct mcx_span origin_host)
{
    if (mcx_span_equal_nocase(peer_host, origin_host))
        return true;
    if (!mcx_party_same(&peer->party, &origin->party))
        return false;
    return peer->role == MCX_ROLE_AGENT || peer->role == MCX_ROLE_CORE;
}

static enum mcx_rule check_realm(const struct mcx_party *party, struct mcx_span realm,
                                 struct mcx_span own_realm)
{
    if (party->kind == MCX_PARTY_PARTNER && mcx_span_equal_nocase(realm, own_realm))
        return MCX_RULE_OWN_REALM;
    return mcx_party_has_realm(party, realm) ? MCX_RULE_NONE : MCX_RULE_ORIGIN_REALM;
}

static enum mcx_rule check_route(const struct mcx_heard *heard, const struct mcx_party *party,
                                 struct mcx_span own_host)
{
    for (size_t i = 0; i < heard->route_count && i < MCX_ROUTES_MAX; i++) {
        struct mcx_party passed = mcx_border_party(heard->route[i]);

        if (mcx_span_equal_nocase(heard->route[i], own_host))
            return MCX_RULE_LOOP;
        if (!mcx_party_same(party, &passed))
            return MCX_RULE_ROUTE;
    }
    return heard->route_count > MCX_ROUTES_MAX ? MCX_RULE_ROUTE : MCX_RULE_NONE;
}

static bool is_for_us(const struct mcx_heard *heard, struct mcx_span own_host,
                      struct mcx_span own_realm)
{
    if (heard->destination_host.octets && !mcx_span_equal_nocase(heard->destination_host, own_host))
        return false;
    return mcx_span_equal_nocase(heard->destination_realm, own_realm);
}

enum mcx_rule mcx_screen(const struct mcx_heard *heard, struct mcx_span peer_host, size_t max_avps,
                         struct mcx_span own_host, struct mcx_span own_realm)
{
    struct mcx_named peer = mcx_party_named(peer_host);
    struct mcx_span origin_host = heard->origin_host.octets ? heard->origin_host : peer_host;
    struct mcx_named origin = mcx_party_named(origin_host);
    enum mcx_rule rule = MCX_RULE_NONE;

    if (heard->avp_count > max_avps)
        return MCX_RULE_AVPS;
    if (!origin_fits(&peer, &origin, peer_host, origin_host))
        return MCX_RULE_ORIGIN_HOST;
    if (!has_right(origin.role, heard->application, heard->command))
        return MCX_RULE_RIGHT;
    if (heard->origin_realm.octets) /* absent: freeDiameter answers 5005 by the rules of dict_cx */
        rule = check_realm(&peer.party, heard->origin_realm, own_realm);
    if (rule == MCX_RULE_NONE)
        rule = check_route(heard, &peer.party, own_host);
    if (rule == MCX_RULE_NONE && heard->user_name.octets &&
        memchr(heard->user_name.octets, '!', heard->user_name.len))
        rule = MCX_RULE_DECORATED; /* before freeDiameter rewrites it, trap R5 */
    if (rule == MCX_RULE_NONE && !heard->destination_realm.octets)
        rule = MCX_RULE_MISSING; /* freeDiameter would say 3001 */
    if (rule == MCX_RULE_NONE && !is_for_us(heard, own_host, own_realm))
        rule = MCX_RULE_FORWARD;
    return rule;
}
