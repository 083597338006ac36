/* SPDX-License-Identifier: Apache-2.0 */
/* MIR, PAR and MRR of ours, and the answers to those of others, in the order of mcx.ccf. */
#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "diameter/mcx_codec.h"
#include "diameter/mcx_parts.h"
#include "diameter/request.h"

static int add_text(msg_or_avp *parent, enum mcx_avp_name name, const struct mcx_str *text)
{
    return mcx_avp_add(parent, name, mcx_span_str(text));
}

static int add_expiry(struct msg *msg, int64_t unix_s)
{
    uint8_t octets[MCX_TIME_OCTETS];

    mcx_time_write(unix_s, octets);
    return mcx_avp_add(msg, MCX_AVP_MIGRATION_EXPIRY, mcx_span(octets, sizeof octets));
}

static int add_identities(struct msg *msg, enum mcx_avp_name impi, enum mcx_avp_name impu,
                          const struct mcx_identities *identities)
{
    int ret = EINVAL;

    if (identities->impu_count > 0 && identities->impu_count <= MCX_PUBLIC_MAX)
        ret = add_text(msg, impi, &identities->impi);
    for (size_t i = 0; i < identities->impu_count && ret == 0; i++)
        ret = add_text(msg, impu, &identities->impu[i]);
    return ret;
}

static int add_source(struct msg *msg, const struct mcx_identities *source)
{
    return add_identities(msg, MCX_AVP_USER_NAME, MCX_AVP_PUBLIC_IDENTITY, source);
}

static int add_database(struct msg *msg, const struct mcx_str *realm, const struct mcx_str *host)
{
    struct avp *group = NULL;
    int ret = mcx_avp_add_group(msg, MCX_AVP_PRIMARY_SIP_DATABASE, &group);

    if (ret == 0)
        ret = add_text(group, MCX_AVP_SIP_DATABASE_REALM, realm);
    if (ret == 0 && host->len > 0)
        ret = add_text(group, MCX_AVP_SIP_DATABASE_HOST, host);
    return ret;
}

/* What all three begin with. */
static int begin(uint32_t command, uint32_t application, const struct mcx_destination *to,
                 const char *binding_id, struct msg **out)
{
    int ret = EINVAL;

    *out = NULL;
    if (to->realm.len > 0 && to->host.len > 0)
        ret = mcx_request_make(command, application, &to->realm, &to->host, out);
    if (ret == 0)
        ret = mcx_avp_add(*out, MCX_AVP_MIGRATION_BINDING_ID, mcx_span_of(binding_id));
    return ret;
}

/* *out goes with an error. */
static int finish(int ret, struct msg **out)
{
    if (ret != 0 && *out) {
        fd_msg_free(*out);
        *out = NULL;
    }
    return ret;
}

int mcx_mir_encode(const struct mcx_mir *mir, const struct mcx_destination *to, struct msg **out)
{
    int ret = begin(MCX_CMD_MIR, mcx_dict_sdb(), to, mir->binding_id, out);

    if (ret == 0)
        ret = mcx_avp_add_u32(*out, MCX_AVP_MIGRATION_DIRECTION, mir->direction);
    if (ret == 0)
        ret = add_text(*out, MCX_AVP_MC_SYSTEM_ID, &mir->system);
    if (ret == 0)
        ret = add_text(*out, MCX_AVP_MC_USER_ID, &mir->mc_user_id);
    if (ret == 0)
        ret = add_source(*out, &mir->source);
    if (ret == 0 && mir->direction == MCX_INBOUND)
        ret = add_database(*out, &mir->database_realm, &mir->database_host);
    if (ret == 0 && mir->has_masking)
        ret = mcx_avp_add_u32(*out, MCX_AVP_MASKING, mir->mask);
    if (ret == 0 && mir->expires_s != MCX_NEVER)
        ret = add_expiry(*out, mir->expires_s);
    return finish(ret, out);
}

int mcx_par_encode(const struct mcx_par *par, const struct mcx_destination *to, struct msg **out)
{
    int ret = begin(MCX_CMD_PAR, mcx_dict_ss(), to, par->binding_id, out);

    if (ret == 0)
        ret = add_text(*out, MCX_AVP_MC_SYSTEM_ID, &par->system);
    if (ret == 0)
        ret = add_text(*out, MCX_AVP_MC_USER_ID, &par->mc_user_id);
    if (ret == 0 && par->service_id_count > MCX_PUBLIC_MAX)
        ret = EINVAL;
    for (size_t i = 0; ret == 0 && i < par->service_id_count; i++)
        ret = add_text(*out, MCX_AVP_MC_SERVICE_ID, &par->service_id[i]);
    if (ret == 0)
        ret = add_database(*out, &par->database_realm, &par->database_host);
    if (ret == 0)
        ret = add_source(*out, &par->source);
    if (ret == 0 && par->expires_s != MCX_NEVER)
        ret = add_expiry(*out, par->expires_s);
    return finish(ret, out);
}

int mcx_mrr_encode(const struct mcx_mrr *mrr, uint32_t application,
                   const struct mcx_destination *to, struct msg **out)
{
    int ret = begin(MCX_CMD_MRR, application, to, mrr->binding_id, out);

    if (ret == 0)
        ret = add_text(*out, MCX_AVP_MC_SYSTEM_ID, &mrr->system);
    if (ret == 0)
        ret = mcx_avp_add_u32(*out, MCX_AVP_RELEASE_CAUSE, mrr->cause);
    return finish(ret, out);
}

static int add_given(struct msg *answer, const struct mcx_given *given)
{
    struct msg_hdr *header = NULL;
    int ret = fd_msg_hdr(answer, &header);

    if (ret == 0)
        ret = add_identities(answer, MCX_AVP_MIGRATION_PRIVATE_IDENTITY,
                             MCX_AVP_MIGRATION_PUBLIC_IDENTITY, &given->given);
    if (ret == 0 && given->document && header->msg_code == MCX_CMD_PAR)
        ret = given->document_len > MCX_DOCUMENT_MAX
                  ? EMSGSIZE
                  : mcx_avp_add(answer, MCX_AVP_UE_INITIAL_CONFIGURATION,
                                mcx_span(given->document, given->document_len));
    if (ret == 0)
        ret = add_expiry(answer, given->expires_s);
    return ret;
}

int mcx_given_encode(struct msg **msg, const struct mcx_given *given,
                     const struct mcx_failed_avp *failed, const char *error_message)
{
    int ret = mcx_answer_make(msg, given->result, failed, error_message);

    if (ret == 0 && mcx_result_is_success(given->result))
        ret = add_given(*msg, given);
    if (ret != 0)
        mcx_log_limited(MCX_LOG_ERROR, "ev=answer_not_built result=%u errno=%d", given->result.code,
                        ret);
    return finish(ret, msg);
}
