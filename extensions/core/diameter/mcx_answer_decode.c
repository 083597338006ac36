/* SPDX-License-Identifier: Apache-2.0 */
/* MIA, PAA and MRA laundered: whatever is not exactly what the request asked for is one word for
 * the log and nothing else (design 6). */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "diameter/answer_read.h"
#include "diameter/mcx_codec.h"
#include "diameter/mcx_parts.h"

static bool is_protocol_error(struct mcx_result result)
{
    return !result.is_experimental && result.code / 1000 == 3; /* RFC 6733 7.1.3 */
}

/* The realm that was asked; the host may be another one behind it. */
static bool same_realm(struct msg *answer, struct msg *request)
{
    struct mcx_avp said = {0}, asked = {0};

    return mcx_avp_find(answer, MCX_AVP_ORIGIN_REALM, &said) &&
           mcx_avp_find(request, MCX_AVP_DESTINATION_REALM, &asked) &&
           mcx_span_equal_nocase(said.octets, asked.octets);
}

/* Correlation and result. NULL: believed. */
static const char *read_result(struct msg *answer, struct msg **request, struct mcx_result *out)
{
    if (!mcx_answer_read_result(answer, mcx_dict_mcx_vendor(), out))
        return "no_single_result";
    if (out->is_experimental && out->code / 1000 != 4 && out->code / 1000 != 5)
        return "no_known_result"; /* neither a failure nor, as RFC 6733 7.6 has it, a success */
    if (fd_msg_answ_getq(answer, request) != 0 || !*request)
        return "no_request";
    if (!mcx_answer_same_session(answer))
        return "other_session";
    if (!is_protocol_error(*out) && !same_realm(answer, *request))
        return "other_realm";
    return NULL;
}

static size_t count_asked(struct msg *request)
{
    struct mcx_avp step = {0};
    size_t count = 0;

    while (mcx_avp_next(request, &step))
        count += step.name == MCX_AVP_PUBLIC_IDENTITY;
    return count;
}

static const char *read_document(const struct mcx_avp *avp, struct mcx_given *out)
{
    if (!avp->avp)
        return NULL;
    if (avp->octets.len == 0 || avp->octets.len > MCX_DOCUMENT_MAX)
        return "bad_document";
    if (!mcx_utf8_is_text(avp->octets)) /* the UE gets it as a JSON text, RFC 8259 8.1 */
        return "document_not_utf8";
    out->document = malloc(avp->octets.len);
    if (!out->document)
        return "no_memory";
    memcpy(out->document, avp->octets.octets, avp->octets.len);
    out->document_len = avp->octets.len;
    return NULL;
}

static const char *read_given(struct msg *answer, struct msg *request, enum mcx_grammar grammar,
                              struct mcx_given *out)
{
    struct mcx_parts parts;
    struct mcx_flaw flaw;
    struct mcx_avp bad = {0};
    bool is_twice = false;

    if (!mcx_parts_read(answer, MCX_AVP_NAMES, grammar, &parts, &flaw))
        return flaw.reason;
    if (parts.count[MCX_AVP_MIGRATION_PUBLIC_IDENTITY] != count_asked(request))
        return "other_number";
    if (!mcx_parts_identities(answer, MCX_AVP_MIGRATION_PRIVATE_IDENTITY,
                              MCX_AVP_MIGRATION_PUBLIC_IDENTITY, &out->given, &bad, &is_twice))
        return is_twice ? "same_identity" : "bad_identity";
    if (!mcx_time_read(parts.first[MCX_AVP_MIGRATION_EXPIRY].octets, &out->expires_s))
        return "bad_expiry";
    return read_document(&parts.first[MCX_AVP_UE_INITIAL_CONFIGURATION], out);
}

static const char *decode(struct msg *answer, enum mcx_grammar grammar, struct mcx_given *out)
{
    struct msg *request = NULL;
    const char *unsound = NULL;

    memset(out, 0, sizeof *out);
    unsound = read_result(answer, &request, &out->result);
    if (!unsound && mcx_result_is_success(out->result))
        unsound = read_given(answer, request, grammar, out);
    if (unsound) {
        mcx_given_free(out);
        memset(out, 0, sizeof *out);
    }
    return unsound;
}

const char *mcx_mia_decode(struct msg *answer, struct mcx_given *out)
{
    return decode(answer, MCX_GRAMMAR_MIA, out);
}

const char *mcx_paa_decode(struct msg *answer, struct mcx_given *out)
{
    return decode(answer, MCX_GRAMMAR_PAA, out);
}

const char *mcx_mra_decode(struct msg *answer, struct mcx_result *out)
{
    struct msg *request = NULL;
    const char *unsound = read_result(answer, &request, out);

    if (unsound)
        memset(out, 0, sizeof *out);
    return unsound;
}
