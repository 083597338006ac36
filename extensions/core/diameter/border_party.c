/* SPDX-License-Identifier: Apache-2.0 */
/* Names to parties: a table of the hosts that mcx.conf lists, and the domains of the own SIP core.
 * Built at start, read-only afterwards; any thread; never blocks. */
#include "diameter/border_party.h"

#include <stdlib.h>

#include "diameter/refuse.h"

/* More than twice the names that mcx.conf can hold. */
enum { SLOTS = 8192, PARTNER_LISTS = 3, OWN_LISTS = 2 };
_Static_assert(SLOTS >
                   2 * MCX_HOSTS_MAX * (PARTNER_LISTS * MCX_PARTNERS_MAX + OWN_LISTS * MCX_OWN_MAX),
               "hash table too small");

struct slot {
    const struct mcx_str *host; /* NULL: free */
    enum mcx_party_kind kind;   /* OWN or PARTNER */
    uint16_t index;
    enum mcx_role role;
};

static struct {
    const struct mcx_conf *conf;
    struct mcx_span own_host, own_realm;
    struct slot slot[SLOTS];
} names;

static struct mcx_str lower(struct mcx_span host)
{
    struct mcx_str out = {0};

    if (mcx_str_set(&out, host) != MCX_OK)
        return (struct mcx_str){0};
    for (size_t i = 0; i < out.len; i++)
        if (out.octets[i] >= 'A' && out.octets[i] <= 'Z')
            out.octets[i] = (char)(out.octets[i] + ('a' - 'A'));
    return out;
}

/* The slot with this host, or the free one where it would go. */
static struct slot *place_of(struct mcx_span host)
{
    struct mcx_str key = lower(host);
    size_t at = mcx_span_hash(mcx_span_str(&key)) % SLOTS;

    while (names.slot[at].host && !mcx_span_equal_nocase(mcx_span_str(names.slot[at].host), host))
        at = (at + 1) % SLOTS;
    return &names.slot[at];
}

static bool in_domain(struct mcx_span host, const struct mcx_str *domain)
{
    struct mcx_span tail = mcx_span_str(domain);

    if (domain->octets[0] != '.')
        return mcx_span_equal_nocase(host, tail);
    return host.len > tail.len && mcx_span_ends_nocase(host, tail);
}

static struct mcx_named named_by(const struct slot *slot)
{
    struct mcx_named named = {.party = {.kind = slot->kind, .index = slot->index},
                              .role = slot->role};

    if (slot->kind == MCX_PARTY_OWN)
        named.party.own = &names.conf->own[slot->index];
    else
        named.party.partner = &names.conf->partner[slot->index];
    return named;
}

struct mcx_named mcx_party_named(struct mcx_span host)
{
    struct mcx_named none = {0};
    const struct slot *slot = NULL;

    if (!names.conf || host.len == 0 || host.len > MCX_STR_MAX)
        return none;
    slot = place_of(host);
    if (slot->host)
        return named_by(slot);
    for (size_t i = 0; i < names.conf->core_count; i++)
        if (in_domain(host, &names.conf->core[i].domain))
            return (struct mcx_named){
                .party = {.kind = MCX_PARTY_CORE, .index = i, .core = &names.conf->core[i]},
                .role = MCX_ROLE_CORE};
    return none;
}

struct mcx_party mcx_border_party(struct mcx_span peer_host)
{
    return mcx_party_named(peer_host).party;
}

bool mcx_party_same(const struct mcx_party *a, const struct mcx_party *b)
{
    return a->kind != MCX_PARTY_NONE && a->kind == b->kind && a->index == b->index;
}

static bool list_has(const struct mcx_host_list *list, struct mcx_span name)
{
    for (size_t i = 0; i < list->count; i++)
        if (mcx_span_equal_nocase(mcx_span_str(&list->host[i]), name))
            return true;
    return false;
}

bool mcx_party_has_realm(const struct mcx_party *party, struct mcx_span realm)
{
    if (realm.len == 0)
        return false;
    switch (party->kind) {
    case MCX_PARTY_CORE:
        return mcx_span_equal_nocase(mcx_span_str(&party->core->realm), realm);
    case MCX_PARTY_OWN:
        return mcx_span_equal_nocase(names.own_realm, realm);
    case MCX_PARTY_PARTNER:
        return list_has(&party->partner->realms, realm);
    case MCX_PARTY_NONE:
        break;
    }
    return false;
}

const char *mcx_party_label(const struct mcx_party *party)
{
    switch (party->kind) {
    case MCX_PARTY_CORE:
        return "core";
    case MCX_PARTY_OWN:
        return "own";
    case MCX_PARTY_PARTNER:
        return party->partner->system_id.octets;
    case MCX_PARTY_NONE:
        break;
    }
    return "none";
}

/* One name of mcx.conf: host[i] of a list that a party has. setting: "border.partners[1].realms".
 */
static int refuse(const struct mcx_str *name, const struct mcx_conf_label *setting, size_t i,
                  const char *what)
{
    return mcx_refuse_setting(names.conf, mcx_conf_label("%.100s[%zu]", setting->text, i).text,
                              "\"%s\" %s", name->octets, what);
}

/* Of own nodes this host itself is left out: both daemons of a system may share one file. */
static int add_hosts(const struct slot *as, const struct mcx_host_list *list,
                     struct mcx_conf_label setting)
{
    for (size_t i = 0; i < list->count; i++) {
        struct mcx_span host = mcx_span_str(&list->host[i]);
        struct slot *slot = place_of(host);

        if (mcx_span_equal_nocase(host, names.own_host) && as->kind == MCX_PARTY_OWN)
            continue;
        if (mcx_span_equal_nocase(host, names.own_host))
            return refuse(&list->host[i], &setting, i,
                          "is our own Identity; a partner's host must have another name");
        if (mcx_party_named(host).role != MCX_ROLE_NONE)
            return refuse(&list->host[i], &setting, i,
                          "is named twice; one host belongs to one party, in one list: leave it in "
                          "the right one");
        *slot = *as;
        slot->host = &list->host[i];
    }
    return 0;
}

static int check_realms(const struct mcx_conf *conf, size_t partner)
{
    const struct mcx_host_list *realms = &conf->partner[partner].realms;
    const struct mcx_conf_label setting = mcx_conf_label("border.partners[%zu].realms", partner);

    for (size_t i = 0; i < realms->count; i++) {
        struct mcx_span realm = mcx_span_str(&realms->host[i]);

        if (mcx_span_equal_nocase(realm, names.own_realm))
            return refuse(&realms->host[i], &setting, i,
                          "is our own Realm; no partner may have it: name the partner's");
        for (size_t other = 0; other < partner; other++)
            if (list_has(&conf->partner[other].realms, realm))
                return refuse(&realms->host[i], &setting, i,
                              "is claimed by two partners; leave it with the one that has it");
    }
    return 0;
}

static int load_own(const struct mcx_conf_own *own, size_t index)
{
    struct slot slot = {
        .kind = MCX_PARTY_OWN, .index = (uint16_t)index, .role = MCX_ROLE_SIP_DATABASE};
    int ret = add_hosts(&slot, &own->sip_databases,
                        mcx_conf_label("border.own_nodes[%zu].sip_databases", index));

    slot.role = MCX_ROLE_CMS;
    return ret != 0
               ? ret
               : add_hosts(&slot, &own->cms, mcx_conf_label("border.own_nodes[%zu].cms", index));
}

static int load_partner(const struct mcx_conf *conf, size_t index)
{
    const struct mcx_conf_partner *partner = &conf->partner[index];
    const struct {
        const char *name;
        const struct mcx_host_list *hosts;
        enum mcx_role role;
    } lists[] = {{"sip_databases", &partner->sip_databases, MCX_ROLE_SIP_DATABASE},
                 {"cms", &partner->cms, MCX_ROLE_CMS},
                 {"agents", &partner->agents, MCX_ROLE_AGENT}};
    int ret = check_realms(conf, index);

    for (size_t i = 0; i < sizeof lists / sizeof *lists && ret == 0; i++) {
        const struct slot slot = {
            .kind = MCX_PARTY_PARTNER, .index = (uint16_t)index, .role = lists[i].role};

        ret = add_hosts(&slot, lists[i].hosts,
                        mcx_conf_label("border.partners[%zu].%s", index, lists[i].name));
    }
    return ret;
}

int mcx_party_load(const struct mcx_conf *conf, struct mcx_span own_host, struct mcx_span own_realm)
{
    int ret = 0;

    names.conf = conf;
    names.own_host = own_host;
    names.own_realm = own_realm;
    for (size_t i = 0; i < conf->core_count && ret == 0; i++)
        if (in_domain(own_host, &conf->core[i].domain) && conf->core[i].domain.octets[0] != '.')
            ret = mcx_refuse_setting(conf, mcx_conf_label("border.sip_cores[%zu].domain", i).text,
                                     "\"%s\" is our own Identity; name a host or domain of the SIP "
                                     "core",
                                     conf->core[i].domain.octets);
    for (size_t i = 0; i < conf->own_count && ret == 0; i++)
        ret = load_own(&conf->own[i], i);
    for (size_t i = 0; i < conf->partner_count && ret == 0; i++)
        ret = load_partner(conf, i);
    return ret;
}
