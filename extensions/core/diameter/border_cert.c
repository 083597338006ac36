/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates against names (traps T1, T7): freeDiameter accepts any certificate of any trusted CA
 * for any identity. One trust list per party, so that a partner's CA vouches for that partner
 * alone. GnuTLS; read-only after start. */
#include "diameter/border_private.h"

#include <gnutls/x509.h>

#include "diameter/refuse.h"

enum { NAME_ROOM = 256 };

static struct {
    gnutls_x509_trust_list_t core[MCX_CORES_MAX], own[MCX_OWN_MAX], partner[MCX_PARTNERS_MAX];
} trust;

/* setting: "border.partners[0].ca_file". */
static int load_file(gnutls_x509_trust_list_t *list, const struct mcx_conf *conf, const char *file,
                     const struct mcx_conf_label *setting)
{
    int count = gnutls_x509_trust_list_init(list, 0);

    if (count == GNUTLS_E_SUCCESS)
        count = gnutls_x509_trust_list_add_trust_file(*list, file, NULL, GNUTLS_X509_FMT_PEM, 0, 0);
    if (count > 0)
        return 0;
    return mcx_refuse_setting(conf, setting->text,
                              "%s: no CA certificate could be read: %s; name the PEM file of the "
                              "CA",
                              file, count < 0 ? gnutls_strerror(count) : "the file holds none");
}

int mcx_cert_load(const struct mcx_conf *conf)
{
    struct mcx_conf_label label;
    int ret = 0;

    for (size_t i = 0; i < conf->core_count && ret == 0; i++) {
        label = mcx_conf_label("border.sip_cores[%zu].ca_file", i);
        if (conf->core[i].ca_file && conf->core[i].ca_file[0])
            ret = load_file(&trust.core[i], conf, conf->core[i].ca_file, &label);
    }
    for (size_t i = 0; i < conf->own_count && ret == 0; i++) {
        label = mcx_conf_label("border.own_nodes[%zu].ca_file", i);
        ret = load_file(&trust.own[i], conf, conf->own[i].ca_file, &label);
    }
    for (size_t i = 0; i < conf->partner_count && ret == 0; i++) {
        label = mcx_conf_label("border.partners[%zu].ca_file", i);
        if (conf->partner[i].ca_file && conf->partner[i].ca_file[0])
            ret = load_file(&trust.partner[i], conf, conf->partner[i].ca_file, &label);
    }
    return ret;
}

static gnutls_x509_trust_list_t trust_of(const struct mcx_party *party)
{
    switch (party->kind) {
    case MCX_PARTY_CORE:
        return trust.core[party->index];
    case MCX_PARTY_OWN:
        return trust.own[party->index];
    case MCX_PARTY_PARTNER:
        return trust.partner[party->index];
    case MCX_PARTY_NONE:
        break;
    }
    return NULL;
}

/* No wildcards: a certificate is for one node. The CN counts only when there is no dNSName (RFC
 * 6125 6.4.4). */
static bool names_host(gnutls_x509_crt_t leaf, struct mcx_span host)
{
    char name[NAME_ROOM];
    size_t size = sizeof name;
    bool has_dns_name = false;
    int type = 0;

    for (unsigned int i = 0; type != GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE;
         i++, size = sizeof name) {
        type = gnutls_x509_crt_get_subject_alt_name(leaf, i, name, &size, NULL);
        if (type != GNUTLS_SAN_DNSNAME && type != GNUTLS_E_SHORT_MEMORY_BUFFER)
            continue;
        has_dns_name = true;
        if (type == GNUTLS_SAN_DNSNAME && mcx_span_equal_nocase(mcx_span(name, size), host))
            return true;
    }
    if (has_dns_name)
        return false;
    size = sizeof name;
    return gnutls_x509_crt_get_dn_by_oid(leaf, GNUTLS_OID_X520_COMMON_NAME, 0, 0, name, &size) ==
               GNUTLS_E_SUCCESS &&
           mcx_span_equal_nocase(mcx_span(name, size), host);
}

static const char *status_word(unsigned int status)
{
    if (status & GNUTLS_CERT_SIGNER_NOT_FOUND)
        return "other_ca";
    if (status & (GNUTLS_CERT_EXPIRED | GNUTLS_CERT_NOT_ACTIVATED))
        return "certificate_out_of_time";
    if (status & GNUTLS_CERT_PURPOSE_MISMATCH)
        return "certificate_purpose";
    return "certificate_invalid";
}

static const char *check_chain(gnutls_x509_trust_list_t list, gnutls_x509_crt_t *chain,
                               unsigned int length, struct mcx_span host, bool is_client)
{
    gnutls_typed_vdata_st purpose = {.type = GNUTLS_DT_KEY_PURPOSE_OID};
    unsigned int status = 0;

    purpose.data =
        (unsigned char *)(is_client ? GNUTLS_KP_TLS_WWW_CLIENT : GNUTLS_KP_TLS_WWW_SERVER);
    if (gnutls_x509_trust_list_verify_crt2(list, chain, length, &purpose, 1, 0, &status, NULL) !=
        GNUTLS_E_SUCCESS)
        return "certificate_invalid";
    if (status != 0)
        return status_word(status);
    return names_host(chain[0], host) ? NULL : "certificate_names_another";
}

const char *mcx_cert_check(const struct mcx_party *party, const gnutls_datum_t *chain,
                           unsigned int length, struct mcx_span host, bool is_client)
{
    enum { CHAIN_MAX = 8 };
    gnutls_x509_trust_list_t list = trust_of(party);
    gnutls_x509_crt_t crt[CHAIN_MAX];
    unsigned int read = 0;
    const char *why = NULL;

    if (!list)
        return "no_ca_file";
    if (!chain || length == 0)
        return "no_certificate";
    if (length > CHAIN_MAX)
        return "chain_too_long";
    for (; read < length && !why; read++) {
        if (gnutls_x509_crt_init(&crt[read]) != GNUTLS_E_SUCCESS) {
            why = "no_memory";
            break;
        }
        if (gnutls_x509_crt_import(crt[read], &chain[read], GNUTLS_X509_FMT_DER) !=
            GNUTLS_E_SUCCESS)
            why = "certificate_unreadable";
    }
    if (!why)
        why = check_chain(list, crt, length, host, is_client);
    while (read > 0)
        gnutls_x509_crt_deinit(crt[--read]);
    return why;
}
