/* SPDX-License-Identifier: Apache-2.0 */
/* MIR, PAR and MRR of a peer become plain structs, or a flaw with its Result-Code and Failed-AVP
 * (RFC 6733 7.1.5). The dictionary's rules are loose on purpose: what is missing, repeated, empty,
 * over-long or malformed is answered here. */
#include <string.h>

#include "diameter/mcx_codec.h"
#include "diameter/mcx_parts.h"
#include "identity/identity.h"

enum { SYSTEM_ID_MAX = 63 };

static bool read_binding_id(const struct mcx_parts *parts, char out[MCX_UUID_TEXT],
                            struct mcx_flaw *flaw)
{
    const struct mcx_avp *avp = &parts->first[MCX_AVP_MIGRATION_BINDING_ID];

    return mcx_uuid_read(avp->octets, out) || mcx_flaw_value(flaw, avp, MCX_AVP_NAMES);
}

static bool read_system(const struct mcx_parts *parts, struct mcx_str *out, struct mcx_flaw *flaw)
{
    const struct mcx_avp *avp = &parts->first[MCX_AVP_MC_SYSTEM_ID];
    bool is_label = avp->octets.len > 0 && avp->octets.len <= SYSTEM_ID_MAX;

    for (size_t i = 0; is_label && i < avp->octets.len; i++)
        is_label = avp->octets.octets[i] != 0 &&
                   strchr("abcdefghijklmnopqrstuvwxyz0123456789-", avp->octets.octets[i]);
    return (is_label && mcx_str_set(out, avp->octets) == MCX_OK) ||
           mcx_flaw_value(flaw, avp, MCX_AVP_NAMES);
}

static bool read_text(const struct mcx_avp *avp, struct mcx_str *out, struct mcx_flaw *flaw)
{
    return (avp->octets.len > 0 && mcx_identity_is_printable_utf8(avp->octets) &&
            mcx_str_set(out, avp->octets) == MCX_OK) ||
           mcx_flaw_value(flaw, avp, MCX_AVP_NAMES);
}

/* 0 to most. */
static bool read_enumerated(const struct mcx_avp *avp, uint32_t most, struct mcx_flaw *flaw)
{
    return avp->u32 <= most || mcx_flaw_value(flaw, avp, MCX_AVP_NAMES);
}

static bool read_expiry(const struct mcx_parts *parts, int64_t *out, struct mcx_flaw *flaw)
{
    const struct mcx_avp *avp = &parts->first[MCX_AVP_MIGRATION_EXPIRY];

    *out = MCX_NEVER;
    if (!avp->avp)
        return true;
    if (avp->octets.len != MCX_TIME_OCTETS)
        return mcx_flaw_length(flaw, avp, MCX_AVP_NAMES);
    return mcx_time_read(avp->octets, out) || mcx_flaw_value(flaw, avp, MCX_AVP_NAMES);
}

static bool read_source(struct msg *request, struct mcx_identities *out, struct mcx_flaw *flaw)
{
    struct mcx_avp bad = {0};
    bool is_twice = false;

    return mcx_parts_identities(request, MCX_AVP_USER_NAME, MCX_AVP_PUBLIC_IDENTITY, out, &bad,
                                &is_twice) ||
           mcx_flaw_value(flaw, &bad, MCX_AVP_NAMES);
}

static bool read_host(const struct mcx_avp *avp, struct mcx_str *out, struct mcx_flaw *flaw)
{
    out->len = 0;
    out->octets[0] = '\0';
    return !avp->avp || mcx_host_canonical(avp->octets, out) == MCX_OK ||
           mcx_flaw_value(flaw, avp, MCX_AVP_PRIMARY_SIP_DATABASE);
}

static bool read_database(const struct mcx_avp *group, struct mcx_str *realm, struct mcx_str *host,
                          struct mcx_flaw *flaw)
{
    struct mcx_parts inside;

    return mcx_parts_read(group->avp, MCX_AVP_PRIMARY_SIP_DATABASE, MCX_GRAMMAR_DATABASE, &inside,
                          flaw) &&
           read_host(&inside.first[MCX_AVP_SIP_DATABASE_REALM], realm, flaw) &&
           read_host(&inside.first[MCX_AVP_SIP_DATABASE_HOST], host, flaw);
}

/* Of the primary system, so only and always when that is another one. */
static bool read_mir_database(const struct mcx_parts *parts, struct mcx_mir *out,
                              struct mcx_flaw *flaw)
{
    const struct mcx_avp *group = &parts->first[MCX_AVP_PRIMARY_SIP_DATABASE];

    out->database_realm = out->database_host = (struct mcx_str){0};
    if (out->direction == MCX_OUTBOUND)
        return !group->avp || mcx_flaw_not_allowed(flaw, group);
    if (!group->avp)
        return mcx_flaw_missing(flaw, MCX_AVP_PRIMARY_SIP_DATABASE, MCX_AVP_NAMES);
    return read_database(group, &out->database_realm, &out->database_host, flaw);
}

static bool read_mir_choices(const struct mcx_parts *parts, struct mcx_mir *out,
                             struct mcx_flaw *flaw)
{
    const struct mcx_avp *direction = &parts->first[MCX_AVP_MIGRATION_DIRECTION];
    const struct mcx_avp *masking = &parts->first[MCX_AVP_MASKING];

    if (!read_enumerated(direction, MCX_INBOUND, flaw) || !read_enumerated(masking, 1, flaw))
        return false;
    out->direction = (enum mcx_direction)direction->u32;
    out->has_masking = masking->avp != NULL;
    out->mask = masking->u32 == 1;
    return true;
}

static bool read_services(struct msg *request, struct mcx_mc_ids *out, struct mcx_flaw *flaw)
{
    struct mcx_avp step = {0};

    out->count = 0;
    while (mcx_avp_next(request, &step))
        if (step.name == MCX_AVP_MC_SERVICE_ID && !read_text(&step, &out->id[out->count++], flaw))
            return false;
    return true;
}

bool mcx_mir_decode(struct msg *request, struct mcx_mir *out, struct mcx_flaw *flaw)
{
    struct mcx_parts parts;

    return mcx_parts_read(request, MCX_AVP_NAMES, MCX_GRAMMAR_MIR, &parts, flaw) &&
           read_binding_id(&parts, out->binding_id, flaw) && read_mir_choices(&parts, out, flaw) &&
           read_system(&parts, &out->system, flaw) &&
           read_text(&parts.first[MCX_AVP_MC_USER_ID], &out->mc_user_id, flaw) &&
           read_services(request, &out->service_ids, flaw) &&
           read_source(request, &out->source, flaw) && read_mir_database(&parts, out, flaw) &&
           read_expiry(&parts, &out->expires_s, flaw);
}

bool mcx_par_decode(struct msg *request, struct mcx_par *out, struct mcx_flaw *flaw)
{
    struct mcx_parts parts;

    return mcx_parts_read(request, MCX_AVP_NAMES, MCX_GRAMMAR_PAR, &parts, flaw) &&
           read_binding_id(&parts, out->binding_id, flaw) &&
           read_system(&parts, &out->system, flaw) &&
           read_text(&parts.first[MCX_AVP_MC_USER_ID], &out->mc_user_id, flaw) &&
           read_services(request, &out->service_ids, flaw) &&
           read_database(&parts.first[MCX_AVP_PRIMARY_SIP_DATABASE], &out->database_realm,
                         &out->database_host, flaw) &&
           read_source(request, &out->source, flaw) && read_expiry(&parts, &out->expires_s, flaw);
}

bool mcx_mrr_decode(struct msg *request, struct mcx_mrr *out, struct mcx_flaw *flaw)
{
    const struct mcx_avp *cause = NULL;
    struct mcx_parts parts;

    if (!mcx_parts_read(request, MCX_AVP_NAMES, MCX_GRAMMAR_MRR, &parts, flaw) ||
        !read_binding_id(&parts, out->binding_id, flaw) || !read_system(&parts, &out->system, flaw))
        return false;
    cause = &parts.first[MCX_AVP_RELEASE_CAUSE];
    if (!read_enumerated(cause, MCX_REPLACED, flaw))
        return false;
    out->cause = (enum mcx_release_cause)cause->u32;
    return true;
}
