/* SPDX-License-Identifier: Apache-2.0 */
/* cms.token_issuers of mcx.conf: whose access tokens UEs may bring. The key files themselves are
 * read by http/, and again whenever they change. Start-up only. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/conf_private.h"

#define LIST "cms.token_issuers"

/* Where we are: a group of the list. */
struct place {
    struct mcx_conf_reader *reader;
    const config_setting_t *group;
    char label[MCX_LABEL_SIZE];
};

static enum mcx_err set_text(struct place *place, const config_setting_t *setting,
                             const char *label, struct mcx_str *out)
{
    const char *text;
    enum mcx_err err = mcx_conf_text(place->reader, setting, label, &text);

    if (err != MCX_OK)
        return err;
    if (mcx_str_set(out, mcx_span_of(text)) != MCX_OK)
        return mcx_conf_say(place->reader, setting, "%s: must be a text of at most %d octets",
                            label, MCX_STR_MAX);
    return MCX_OK;
}

static enum mcx_err read_text(struct place *place, const char *name, struct mcx_str *out)
{
    const config_setting_t *setting = config_setting_get_member(place->group, name);
    char label[MCX_LABEL_SIZE * 2];

    snprintf(label, sizeof label, "%s.%s", place->label, name);
    return setting ? set_text(place, setting, label, out) : MCX_OK;
}

static enum mcx_err read_jwks_file(struct place *place, char **out)
{
    char label[MCX_LABEL_SIZE * 2];
    const char *name;
    enum mcx_err err;

    snprintf(label, sizeof label, "%s.jwks_file", place->label);
    err = mcx_conf_text(place->reader, config_setting_get_member(place->group, "jwks_file"), label,
                        &name);
    if (err != MCX_OK)
        return err;
    *out = mcx_conf_file_name(place->reader, name);
    return *out ? MCX_OK : mcx_conf_no_memory(place->reader);
}

static enum mcx_err read_required(struct place *place, bool *out)
{
    const config_setting_t *setting = config_setting_get_member(place->group, "audience_required");

    if (setting && config_setting_type(setting) != CONFIG_TYPE_BOOL)
        return mcx_conf_say(place->reader, setting,
                            "%s.audience_required: must be true or false, without quotes",
                            place->label);
    *out = setting && config_setting_get_bool(setting);
    return MCX_OK;
}

static enum mcx_err read_clients(struct place *place, struct mcx_host_list *out)
{
    const config_setting_t *list = config_setting_get_member(place->group, "clients");
    char label[MCX_LABEL_SIZE * 2];
    enum mcx_err err;

    snprintf(label, sizeof label, "%s.clients", place->label);
    err = mcx_conf_elements(place->reader, list, label, MCX_HOSTS_MAX, &out->count);
    for (size_t i = 0; err == MCX_OK && i < out->count; i++)
        err = set_text(place, config_setting_get_elem(list, (unsigned)i), label, &out->host[i]);
    return err;
}

static enum mcx_err check_issuer(struct place *place, size_t index)
{
    const struct mcx_conf_issuer *all = place->reader->conf->issuer, *issuer = &all[index];

    if (issuer->issuer.len == 0)
        return mcx_conf_say(place->reader, place->group,
                            "%s.issuer: is empty; write the iss of its tokens", place->label);
    for (size_t i = 0; i < index; i++)
        if (mcx_str_equal(&all[i].issuer, &issuer->issuer))
            return mcx_conf_say(place->reader, place->group,
                                "%s.issuer = \"%.80s\": is " LIST "[%zu] too; join them",
                                place->label, issuer->issuer.octets, i);
    if (issuer->audience.len == 0 && (issuer->audience_required || issuer->clients.count == 0))
        return mcx_conf_say(place->reader, place->group,
                            "%s: no token could be accepted; name its audience, or clients whose "
                            "tokens have none",
                            place->label);
    return MCX_OK;
}

static enum mcx_err read_issuer(struct place *place, size_t index)
{
    struct mcx_conf_issuer *issuer = &place->reader->conf->issuer[index];
    enum mcx_err err = read_text(place, "issuer", &issuer->issuer);

    if (err == MCX_OK)
        err = read_jwks_file(place, &issuer->jwks_file);
    if (err == MCX_OK)
        err = read_text(place, "audience", &issuer->audience);
    if (err == MCX_OK)
        err = read_required(place, &issuer->audience_required);
    if (err == MCX_OK)
        err = read_clients(place, &issuer->clients);
    return err == MCX_OK ? check_issuer(place, index) : err;
}

/* issuer_count counts what was begun, so that mcx_conf_free finds everything allocated. */
enum mcx_err mcx_conf_read_issuers(struct mcx_conf_reader *reader, const config_setting_t *root)
{
    const config_setting_t *cms = config_setting_get_member(root, "cms"), *list;
    struct place place = {.reader = reader};
    size_t count;
    enum mcx_err err;

    if (!cms)
        return MCX_OK;
    list = config_setting_get_member(cms, "token_issuers");
    err = mcx_conf_elements(reader, list, LIST, MCX_ISSUERS_MAX, &count);
    for (size_t i = 0; err == MCX_OK && i < count; i++) {
        snprintf(place.label, sizeof place.label, LIST "[%zu]", i);
        err = mcx_conf_group(reader, list, "token_issuers", (unsigned)i, place.label, &place.group);
        if (err != MCX_OK)
            return err;
        reader->conf->issuer_count = i + 1;
        err = read_issuer(&place, i);
    }
    return err;
}
