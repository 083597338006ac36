/* SPDX-License-Identifier: Apache-2.0 */
/* Default deny between systems (design 7): rights come from the peer that delivered the request,
 * and what the request says of its origin must agree with that peer. Pure; any thread. */
#include "diameter/border_screen.h"
#include "diameter/border_party.h"
#include "diameter/dict.h"

enum app { CX, ZH, S_DB, S_S };

/* Who may send what: a party and the part that it plays there. */
static const struct {
    enum mcx_party_kind kind;
    enum mcx_role role;
    enum app app;
    uint32_t command;
} rights[] = {
    {MCX_PARTY_CORE, MCX_ROLE_CORE, CX, 300},         /* User-Authorization, TS 29.229 6.1.1 */
    {MCX_PARTY_CORE, MCX_ROLE_CORE, CX, 301},         /* Server-Assignment, 6.1.3 */
    {MCX_PARTY_CORE, MCX_ROLE_CORE, CX, 302},         /* Location-Info, 6.1.5 */
    {MCX_PARTY_CORE, MCX_ROLE_CORE, CX, MCX_CMD_MAR}, /* Multimedia-Auth, 6.1.7 */
    {MCX_PARTY_CORE, MCX_ROLE_CORE, ZH, MCX_CMD_MAR}, /* Multimedia-Auth, TS 29.109 5.2 */
    {MCX_PARTY_OWN, MCX_ROLE_CMS, S_DB, MCX_CMD_MIR}, /* CR 10.1.X.1 steps 4 and 9 */
    {MCX_PARTY_OWN, MCX_ROLE_CMS, S_DB, MCX_CMD_MRR}, /* the end of a migration, either way */
    {MCX_PARTY_OWN, MCX_ROLE_SIP_DATABASE, S_DB, MCX_CMD_MRR},
    {MCX_PARTY_PARTNER, MCX_ROLE_CMS, S_S, MCX_CMD_PAR}, /* CR 10.1.X.1 step 7 */
    {MCX_PARTY_PARTNER, MCX_ROLE_CMS, S_S, MCX_CMD_MRR},
    {MCX_PARTY_PARTNER, MCX_ROLE_SIP_DATABASE, CX, MCX_CMD_MAR}, /* the relay, 10.6.2 step 5 */
    {MCX_PARTY_PARTNER, MCX_ROLE_SIP_DATABASE, ZH, MCX_CMD_MAR},
    {MCX_PARTY_PARTNER, MCX_ROLE_SIP_DATABASE, CX,
     304}, /* Registration-Termination, as a primary */
    {MCX_PARTY_PARTNER, MCX_ROLE_SIP_DATABASE, CX, 305}, /* Push-Profile, as a primary */
};

static uint32_t number_of(enum app app)
{
    switch (app) {
    case CX:
        return MCX_APP_CX;
    case ZH:
        return MCX_APP_ZH;
    case S_DB:
        return mcx_dict_sdb();
    case S_S:
        break;
    }
    return mcx_dict_ss();
}

static bool has_right(const struct mcx_named *origin, uint32_t application, uint32_t command)
{
    for (size_t i = 0; i < sizeof rights / sizeof *rights; i++)
        if (rights[i].kind == origin->party.kind && rights[i].role == origin->role &&
            rights[i].command == command && number_of(rights[i].app) == application)
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

static enum mcx_rule check_loop(const struct mcx_heard *heard, struct mcx_span own_host)
{
    for (size_t i = 0; i < heard->route_count && i < MCX_ROUTES_MAX; i++)
        if (mcx_span_equal_nocase(heard->route[i], own_host))
            return MCX_RULE_LOOP;
    return MCX_RULE_NONE;
}

static enum mcx_rule check_route(const struct mcx_heard *heard, const struct mcx_party *party)
{
    for (size_t i = 0; i < heard->route_count && i < MCX_ROUTES_MAX; i++) {
        struct mcx_party passed = mcx_border_party(heard->route[i]);

        if (!mcx_party_same(party, &passed))
            return MCX_RULE_ROUTE;
    }
    return heard->route_count > MCX_ROUTES_MAX ? MCX_RULE_ROUTE : MCX_RULE_NONE;
}

/* Before freeDiameter rewrites it, trap R5. */
static bool is_decorated(struct mcx_span user_name)
{
    return user_name.octets && memchr(user_name.octets, '!', user_name.len);
}

/* RFC 6733 7.1.3: 3003 for a realm that is not ours, 3002 for another host in ours. */
static enum mcx_rule check_destination(const struct mcx_heard *heard, struct mcx_span own_host,
                                       struct mcx_span own_realm)
{
    if (!heard->destination_realm.octets)
        return MCX_RULE_MISSING; /* freeDiameter would say 3001 */
    if (!mcx_span_equal_nocase(heard->destination_realm, own_realm))
        return MCX_RULE_REALM;
    if (heard->destination_host.octets && !mcx_span_equal_nocase(heard->destination_host, own_host))
        return MCX_RULE_FORWARD;
    return MCX_RULE_NONE;
}

bool mcx_may_get(const struct mcx_party *party, struct mcx_span host, uint32_t application,
                 struct mcx_span destination_host)
{
    if (application == mcx_dict_sdb())
        return party->kind == MCX_PARTY_OWN && mcx_span_equal_nocase(host, destination_host);
    if (application == mcx_dict_ss())
        return party->kind == MCX_PARTY_PARTNER;
    return party->kind == MCX_PARTY_CORE || party->kind == MCX_PARTY_PARTNER;
}

enum mcx_rule mcx_screen(const struct mcx_heard *heard, struct mcx_span peer_host,
                         const struct mcx_screening *screening)
{
    struct mcx_named peer = mcx_party_named(peer_host);
    struct mcx_span origin_host = heard->origin_host.octets ? heard->origin_host : peer_host;
    struct mcx_named origin = mcx_party_named(origin_host);
    /* An absent Origin-Realm: freeDiameter answers 5005 by the rules of dict_cx. */
    const enum mcx_rule broken[] = {
        origin_fits(&peer, &origin, peer_host, origin_host) ? MCX_RULE_NONE : MCX_RULE_ORIGIN_HOST,
        has_right(&origin, heard->application, heard->command) ? MCX_RULE_NONE : MCX_RULE_RIGHT,
        heard->origin_realm.octets
            ? check_realm(&peer.party, heard->origin_realm, screening->own_realm)
            : MCX_RULE_NONE,
        check_loop(heard, screening->own_host),
        check_route(heard, &peer.party),
        is_decorated(heard->user_name) ? MCX_RULE_DECORATED : MCX_RULE_NONE,
        check_destination(heard, screening->own_host, screening->own_realm),
    };

    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++)
        if (broken[i] != MCX_RULE_NONE &&
            (!screening->is_absolute_only || mcx_rule_is_absolute(broken[i])))
            return broken[i];
    return MCX_RULE_NONE;
}
