/* SPDX-License-Identifier: Apache-2.0 */
/* border.sip_cores, border.own_nodes and border.partners of mcx.conf: who may connect, and that no
 * name belongs to two parties. Start-up only. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/conf_private.h"
#include "base/host.h"

const struct mcx_conf_list mcx_conf_lists[] = {
    {"", "keys", "key-encryption keys of K and OPc: the first wraps, all unwrap; at most 2"},
    {"border", "sip_cores", "the own system's Diameter clients (CSCFs, BSF)"},
    {"border", "own_nodes", "the own system's SIP databases and configuration management servers"},
    {"border", "partners", "the other MC systems"},
    {"cms", "token_issuers", "identity management servers whose access tokens UEs may bring"},
};
const size_t mcx_conf_list_count = sizeof mcx_conf_lists / sizeof mcx_conf_lists[0];

const struct mcx_conf_field mcx_conf_fields[] = {
    {"keys", "id", true, "number of the key, 1 to 2147483647, never used for another key"},
    {"keys", "file", true, "file with 64 hexadecimal digits, not readable by others"},
    {"sip_cores", "domain", true, "\".ims.example\" for every host below it, or one host name"},
    {"sip_cores", "realm", true, "Origin-Realm that these hosts use"},
    {"sip_cores", "plain_from", false, "addresses or networks that may connect without TLS"},
    {"sip_cores", "ca_file", false, "PEM file of the CA of those that connect with TLS"},
    {"own_nodes", "sip_databases", false, "hosts that may send MRR; this host itself is ignored"},
    {"own_nodes", "cms", false, "hosts that may send MIR and MRR; this host itself is ignored"},
    {"own_nodes", "ca_file", true, "PEM file of the one CA of these hosts"},
    {"partners", "system_id", true, "label of the MC system: lower-case letters, digits, hyphens"},
    {"partners", "realms", true, "its Diameter realms, at least one"},
    {"partners", "sip_databases", false, "hosts that may send MAR, RTR and PPR"},
    {"partners", "cms", false, "hosts of its configuration management servers"},
    {"partners", "agents", false, "hosts of its agents, which may deliver what the others sent"},
    {"partners", "ca_file", true, "PEM file of the one CA of its hosts"},
    {"token_issuers", "issuer", true, "iss of its tokens, usually an https URL"},
    {"token_issuers", "jwks_file", true, "its public keys (RFC 7517), read again when it changes"},
    {"token_issuers", "audience", false, "aud that its tokens must name if they have one"},
    {"token_issuers", "audience_required", false, "true: refuse its tokens without aud"},
    {"token_issuers", "clients", false, "client_id of tokens without aud that are accepted"},
};
const size_t mcx_conf_field_count = sizeof mcx_conf_fields / sizeof mcx_conf_fields[0];

/* One text inside mcx.conf into a mcx_str: how, and what to say if it is not so. */
struct kind {
    enum mcx_err (*parse)(struct mcx_span text, struct mcx_str *out);
    const char *must;
};

static enum mcx_err parse_network(struct mcx_span text, struct mcx_str *out)
{
    struct mcx_str whole;
    char address[MCX_STR_MAX + 1];
    uint8_t octets[16];
    unsigned long bits;
    char *slash, *end;
    bool is_v4;

    if (mcx_str_set(&whole, text) != MCX_OK)
        return MCX_INVALID;
    memcpy(address, whole.octets, whole.len + (size_t)1);
    slash = strchr(address, '/');
    if (slash)
        *slash = '\0';
    is_v4 = inet_pton(AF_INET, address, octets) == 1;
    if (!is_v4 && inet_pton(AF_INET6, address, octets) != 1)
        return MCX_INVALID;
    if (slash) {
        if (slash[1] < '0' || slash[1] > '9')
            return MCX_INVALID;
        bits = strtoul(slash + 1, &end, 10);
        if (*end != '\0' || bits > (is_v4 ? 32 : 128))
            return MCX_INVALID;
    }
    *out = whole;
    return MCX_OK;
}

/* ".domain" or a host name. */
static enum mcx_err parse_domain(struct mcx_span text, struct mcx_str *out)
{
    struct mcx_str below;
    char dotted[MCX_STR_MAX + 1] = ".";

    if (text.len == 0 || text.octets[0] != '.')
        return mcx_host_lower(text, out);
    if (text.len > MCX_STR_MAX ||
        mcx_host_lower(mcx_span(text.octets + 1, text.len - 1), &below) != MCX_OK)
        return MCX_INVALID;
    memcpy(dotted + 1, below.octets, below.len);
    return mcx_str_set(out, mcx_span(dotted, text.len));
}

static enum mcx_err parse_system_id(struct mcx_span text, struct mcx_str *out)
{
    if (text.len == 0 || text.len > 63)
        return MCX_INVALID;
    for (size_t i = 0; i < text.len; i++)
        if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789-", text.octets[i]))
            return MCX_INVALID;
    return mcx_str_set(out, text);
}

static const struct kind host_kind = {mcx_host_lower, "must be a host name or realm"};
static const struct kind network_kind = {
    parse_network, "must be an address or a network such as 127.0.0.0/8 or 2001:db8::/32"};
static const struct kind domain_kind = {
    parse_domain, "must be a domain with a leading dot (every host below it) or one host name"};
static const struct kind system_id_kind = {
    parse_system_id, "must be 1 to 63 lower-case letters, digits and hyphens"};

/* Where we are: a group in a list, for reading members and for messages. */
struct place {
    struct mcx_conf_reader *reader;
    const config_setting_t *group;
    char label[MCX_LABEL_SIZE];
};

static enum mcx_err parse(struct place *place, const config_setting_t *setting, const char *label,
                          const struct kind *kind, struct mcx_str *out)
{
    const char *text;
    enum mcx_err err = mcx_conf_text(place->reader, setting, label, &text);

    if (err != MCX_OK)
        return err;
    if (kind->parse(mcx_span_of(text), out) != MCX_OK)
        return mcx_conf_say(place->reader, setting, "%s = \"%.80s\": %s", label, text, kind->must);
    return MCX_OK;
}

static enum mcx_err read_name(struct place *place, const char *name, const struct kind *kind,
                              struct mcx_str *out)
{
    char label[MCX_LABEL_SIZE * 2];

    snprintf(label, sizeof label, "%s.%s", place->label, name);
    return parse(place, config_setting_get_member(place->group, name), label, kind, out);
}

static enum mcx_err read_names(struct place *place, const char *name, const struct kind *kind,
                               struct mcx_host_list *out)
{
    const config_setting_t *list = config_setting_get_member(place->group, name);
    char label[MCX_LABEL_SIZE * 2];
    enum mcx_err err;

    snprintf(label, sizeof label, "%s.%s", place->label, name);
    err = mcx_conf_elements(place->reader, list, label, MCX_HOSTS_MAX, &out->count);
    for (size_t i = 0; err == MCX_OK && i < out->count; i++)
        err = parse(place, config_setting_get_elem(list, (unsigned)i), label, kind, &out->host[i]);
    return err;
}

/* NULL in *out if the member is absent. */
static enum mcx_err read_ca_file(struct place *place, char **out)
{
    const config_setting_t *setting = config_setting_get_member(place->group, "ca_file");
    char label[MCX_LABEL_SIZE * 2];
    const char *name;
    enum mcx_err err;

    if (!setting)
        return MCX_OK;
    snprintf(label, sizeof label, "%s.ca_file", place->label);
    err = mcx_conf_text(place->reader, setting, label, &name);
    if (err != MCX_OK)
        return err;
    *out = mcx_conf_file_name(place->reader, name);
    if (!*out)
        return mcx_conf_no_memory(place->reader);
    if (access(*out, R_OK) != 0)
        return mcx_conf_say(place->reader, setting,
                            "%s: %s cannot be read: %m; name the PEM file of the CA", label, *out);
    return MCX_OK;
}

static enum mcx_err read_core(struct place *place, size_t index)
{
    struct mcx_conf *conf = place->reader->conf;
    struct mcx_conf_core *core = &conf->core[index];
    enum mcx_err err = read_name(place, "domain", &domain_kind, &core->domain);

    if (err == MCX_OK)
        err = read_name(place, "realm", &host_kind, &core->realm);
    if (err == MCX_OK)
        err = read_names(place, "plain_from", &network_kind, &core->plain_from);
    if (err == MCX_OK)
        err = read_ca_file(place, &core->ca_file);
    for (size_t i = 0; err == MCX_OK && i < index; i++)
        if (mcx_str_equal(&conf->core[i].domain, &core->domain))
            err = mcx_conf_say(place->reader, place->group,
                               "%s.domain = \"%s\": stands in border.sip_cores[%zu] too; join them",
                               place->label, core->domain.octets, i);
    if (err == MCX_OK && !core->ca_file && core->plain_from.count == 0)
        err = mcx_conf_say(place->reader, place->group,
                           "%s: nobody could connect; add ca_file (TLS) or plain_from (addresses "
                           "without TLS)",
                           place->label);
    return err;
}

static bool list_has(const struct mcx_host_list *list, const struct mcx_str *name)
{
    for (size_t i = 0; i < list->count; i++)
        if (mcx_str_equal(&list->host[i], name))
            return true;
    return false;
}

static bool core_covers(const struct mcx_conf_core *core, const struct mcx_str *host)
{
    if (core->domain.octets[0] != '.')
        return mcx_str_equal(&core->domain, host);
    return mcx_span_ends_nocase(mcx_span_str(host), mcx_span_str(&core->domain));
}

static bool own_has(const struct mcx_conf_own *own, const struct mcx_str *host)
{
    return list_has(&own->sip_databases, host) || list_has(&own->cms, host);
}

/* Neither the SIP core nor an earlier element of own_nodes has this host. */
static enum mcx_err check_own_host(struct place *place, size_t index, const char *name,
                                   const struct mcx_str *host, const config_setting_t *where)
{
    const struct mcx_conf *conf = place->reader->conf;

    for (size_t c = 0; c < conf->core_count; c++)
        if (core_covers(&conf->core[c], host))
            return mcx_conf_say(place->reader, where,
                                "%s.%s: \"%s\" belongs to border.sip_cores[%zu]; a node of the own "
                                "system needs a name outside of it",
                                place->label, name, host->octets, c);
    for (size_t i = 0; i < index; i++)
        if (own_has(&conf->own[i], host))
            return mcx_conf_say(place->reader, where,
                                "%s.%s: \"%s\" stands in border.own_nodes[%zu] too; name it once",
                                place->label, name, host->octets, i);
    return MCX_OK;
}

static enum mcx_err check_own(struct place *place, size_t index)
{
    const struct mcx_conf_own *own = &place->reader->conf->own[index];
    const struct {
        const char *name;
        const struct mcx_host_list *hosts;
    } lists[] = {{"sip_databases", &own->sip_databases}, {"cms", &own->cms}};

    for (size_t n = 0; n < 2; n++) {
        const config_setting_t *list = config_setting_get_member(place->group, lists[n].name);

        for (size_t i = 0; i < lists[n].hosts->count; i++) {
            const struct mcx_str *host = &lists[n].hosts->host[i];
            const config_setting_t *where = config_setting_get_elem(list, (unsigned)i);
            enum mcx_err err = check_own_host(place, index, lists[n].name, host, where);

            if (err != MCX_OK)
                return err;
            if (n == 1 && list_has(&own->sip_databases, host))
                return mcx_conf_say(place->reader, where,
                                    "%s.cms: \"%s\" stands in sip_databases too; a node has one "
                                    "part",
                                    place->label, host->octets);
        }
    }
    return MCX_OK;
}

/* *place is at one element of own_nodes. */
static enum mcx_err read_own(struct place *place, size_t index)
{
    struct mcx_conf_own *own = &place->reader->conf->own[index];
    enum mcx_err err = read_names(place, "sip_databases", &host_kind, &own->sip_databases);

    if (err == MCX_OK)
        err = read_names(place, "cms", &host_kind, &own->cms);
    if (err == MCX_OK)
        err = read_ca_file(place, &own->ca_file);
    return err == MCX_OK ? check_own(place, index) : err;
}

/* Each name of the list `name` belongs to this partner alone. */
static enum mcx_err check_claims(struct place *place, size_t index, const char *name,
                                 const struct mcx_host_list *claimed, bool is_realm)
{
    const struct mcx_conf *conf = place->reader->conf;
    const config_setting_t *list = config_setting_get_member(place->group, name);

    for (size_t i = 0; i < claimed->count; i++) {
        const struct mcx_str *host = &claimed->host[i];
        const config_setting_t *where = config_setting_get_elem(list, (unsigned)i);

        for (size_t c = 0; c < conf->core_count; c++)
            if (is_realm ? mcx_str_equal(&conf->core[c].realm, host)
                         : core_covers(&conf->core[c], host))
                return mcx_conf_say(place->reader, where,
                                    "%s.%s: \"%s\" belongs to border.sip_cores[%zu]; name the "
                                    "partner's own",
                                    place->label, name, host->octets, c);
        for (size_t n = 0; n < conf->own_count && !is_realm; n++)
            if (own_has(&conf->own[n], host))
                return mcx_conf_say(place->reader, where,
                                    "%s.%s: \"%s\" belongs to border.own_nodes[%zu]; name the "
                                    "partner's own",
                                    place->label, name, host->octets, n);
        for (size_t p = 0; p < index; p++) {
            const struct mcx_conf_partner *other = &conf->partner[p];

            if (is_realm ? list_has(&other->realms, host)
                         : list_has(&other->sip_databases, host) || list_has(&other->cms, host) ||
                               list_has(&other->agents, host))
                return mcx_conf_say(place->reader, where,
                                    "%s.%s: \"%s\" belongs to partner %s too; a name may stand in "
                                    "one partner only",
                                    place->label, name, host->octets, other->system_id.octets);
        }
    }
    return MCX_OK;
}

static enum mcx_err check_partner(struct place *place, size_t index)
{
    const struct mcx_conf *conf = place->reader->conf;
    const struct mcx_conf_partner *partner = &conf->partner[index];
    enum mcx_err err = MCX_OK;

    for (size_t i = 0; i < index; i++)
        if (mcx_str_equal(&conf->partner[i].system_id, &partner->system_id))
            return mcx_conf_say(place->reader, place->group,
                                "%s.system_id = \"%s\": is border.partners[%zu] too; join them",
                                place->label, partner->system_id.octets, i);
    if (partner->realms.count == 0)
        return mcx_conf_say(place->reader, place->group,
                            "%s.realms: is empty; name at least one realm", place->label);
    err = check_claims(place, index, "realms", &partner->realms, true);
    if (err == MCX_OK)
        err = check_claims(place, index, "sip_databases", &partner->sip_databases, false);
    if (err == MCX_OK)
        err = check_claims(place, index, "cms", &partner->cms, false);
    if (err == MCX_OK)
        err = check_claims(place, index, "agents", &partner->agents, false);
    return err;
}

static enum mcx_err read_partner(struct place *place, size_t index)
{
    struct mcx_conf_partner *partner = &place->reader->conf->partner[index];
    enum mcx_err err = read_name(place, "system_id", &system_id_kind, &partner->system_id);

    if (err == MCX_OK)
        err = read_names(place, "realms", &host_kind, &partner->realms);
    if (err == MCX_OK)
        err = read_names(place, "sip_databases", &host_kind, &partner->sip_databases);
    if (err == MCX_OK)
        err = read_names(place, "cms", &host_kind, &partner->cms);
    if (err == MCX_OK)
        err = read_names(place, "agents", &host_kind, &partner->agents);
    if (err == MCX_OK)
        err = read_ca_file(place, &partner->ca_file);
    return err == MCX_OK ? check_partner(place, index) : err;
}

/* *count counts what was begun, so that mcx_conf_free finds everything allocated. */
static enum mcx_err read_list(struct mcx_conf_reader *reader, const config_setting_t *border,
                              const char *name, size_t max, size_t *count,
                              enum mcx_err (*read_one)(struct place *place, size_t index))
{
    const config_setting_t *list = config_setting_get_member(border, name);
    struct place place = {.reader = reader};
    size_t found;
    enum mcx_err err;

    snprintf(place.label, sizeof place.label, "border.%s", name);
    err = mcx_conf_elements(reader, list, place.label, max, &found);
    for (size_t i = 0; err == MCX_OK && i < found; i++) {
        snprintf(place.label, sizeof place.label, "border.%s[%zu]", name, i);
        err = mcx_conf_group(reader, list, name, (unsigned)i, place.label, &place.group);
        if (err != MCX_OK)
            return err;
        *count = i + 1;
        err = read_one(&place, i);
    }
    return err;
}

enum mcx_err mcx_conf_read_border(struct mcx_conf_reader *reader, const config_setting_t *root)
{
    const config_setting_t *border = config_setting_get_member(root, "border");
    struct mcx_conf *conf = reader->conf;
    enum mcx_err err;

    if (!border)
        return MCX_OK;
    err = read_list(reader, border, "sip_cores", MCX_CORES_MAX, &conf->core_count, read_core);
    if (err == MCX_OK)
        err = read_list(reader, border, "own_nodes", MCX_OWN_MAX, &conf->own_count, read_own);
    if (err == MCX_OK)
        err = read_list(reader, border, "partners", MCX_PARTNERS_MAX, &conf->partner_count,
                        read_partner);
    return err;
}
