/* SPDX-License-Identifier: Apache-2.0 */
/* mcx.conf (libconfig): one file for every .fdx and for mcxctl. Read once at start; may block on
 * the file. Any problem is one sentence with file, line and remedy; unknown settings are problems.
 * Layout: conf/mcx.conf.example. */
#ifndef MCX_BASE_CONF_H
#define MCX_BASE_CONF_H

#include <stdarg.h>
#include <stdio.h>

#include "base/span.h"

#define MCX_PARTNERS_MAX 64 /* border.partners */
#define MCX_CORES_MAX    16 /* border.sip_cores */
#define MCX_OWN_MAX      4  /* border.own_nodes */
#define MCX_HOSTS_MAX    16 /* names in one list */
#define MCX_KEYS_MAX     2  /* old and new during rotation */
#define MCX_ISSUERS_MAX  8  /* cms.token_issuers */

struct mcx_host_list {
    size_t count;
    struct mcx_str host[MCX_HOSTS_MAX];
};

/* border.partners: another MC system, as the guard knows it. Must agree with the row of the same
 * system_id. */
struct mcx_conf_partner {
    struct mcx_str system_id;
    struct mcx_host_list realms;        /* at least one */
    struct mcx_host_list sip_databases; /* Diameter identities that may send Cx/Zh MAR, RTR, PPR */
    struct mcx_host_list cms;           /* its configuration management servers */
    struct mcx_host_list agents;        /* its agents: may deliver what the above sent */
    char *ca_file; /* PEM; its hosts' certificates must chain to this CA alone */
};

/* border.sip_cores: the own system's clients (CSCFs, BSF, ...). */
struct mcx_conf_core {
    struct mcx_str domain; /* ".ims.primary.example": any host below; or one exact host name */
    struct mcx_str realm;  /* Origin-Realm that it must use */
    struct mcx_host_list plain_from; /* addresses or networks (a.b.c.d/n, IPv6 too) allowed without
                                        TLS; may be empty */
    char *ca_file;                   /* PEM for TLS clients; NULL: no TLS client */
};

/* border.own_nodes: the own system's SIP databases and configuration management servers. */
struct mcx_conf_own {
    struct mcx_host_list sip_databases;
    struct mcx_host_list cms;
    char *ca_file; /* PEM; their certificates must chain to this CA alone */
};

struct mcx_conf_key {
    uint32_t id;
    struct mcx_str file_name; /* for messages; 64 hex digits inside, mode 0600 or 0640 */
    uint8_t key[32];
};

/* cms.token_issuers: an identity management server whose access tokens UEs may bring (TS 33.180 B).
 */
struct mcx_conf_issuer {
    struct mcx_str issuer; /* iss, octet for octet */
    char *jwks_file;       /* its public keys, RFC 7517; may be replaced at any time */
    struct mcx_str audience;
    bool audience_required;
    struct mcx_host_list clients; /* client_id of tokens without aud */
};

struct mcx_conf {
#define MCX_INT(section, name, def, min, max, help)  int section##_##name;
#define MCX_UINT(section, name, def, min, max, help) uint32_t section##_##name;
#define MCX_TEXT(section, name, def, help)           char *section##_##name;
#define MCX_WORD(section, name, def, words, help)    char *section##_##name;
#define MCX_FLAG(section, name, def, help)           bool section##_##name;
#include "base/settings.def"
#undef MCX_INT
#undef MCX_UINT
#undef MCX_TEXT
#undef MCX_WORD
#undef MCX_FLAG
    size_t key_count; /* keys = ( { id = 1; file = "..."; } ); the first wraps, all unwrap */
    struct mcx_conf_key key[MCX_KEYS_MAX];
    size_t core_count;
    struct mcx_conf_core core[MCX_CORES_MAX];
    size_t own_count;
    struct mcx_conf_own own[MCX_OWN_MAX];
    size_t partner_count;
    struct mcx_conf_partner partner[MCX_PARTNERS_MAX];
    size_t issuer_count;
    struct mcx_conf_issuer issuer[MCX_ISSUERS_MAX];
    struct mcx_conf_places *places; /* for mcx_conf_blame; NULL: not read from a file */
};

struct mcx_conf_problem {
    char text[1024]; /* "mcx.conf:12: hss.vectors_max = 9: must be 1 to 5" */
};

/* CONF: *problem says what, where and what to do; *out is NULL. Relative files are relative to
 * mcx.conf. Key files are read here: missing, wrong length, world-readable are problems. The caller
 * frees with mcx_conf_free, which wipes. */
MCX_MUST_USE enum mcx_err mcx_conf_load(const char *path, struct mcx_conf **out,
                                        struct mcx_conf_problem *problem);
void mcx_conf_free(struct mcx_conf **conf);

/* For what shows only when a setting is used: "mcx.conf:12: metrics.port: 9100 on ::1: Address
 * already in use; give each daemon its own port". setting: as in messages, "keys[0].file"; if it is
 * not set, the line is that of what it would stand in, or the file alone. format: what is wrong, a
 * semicolon, what to do; never a secret. conf NULL: no line. Answers CONF. */
enum mcx_err mcx_conf_blame(const struct mcx_conf *conf, struct mcx_conf_problem *problem,
                            const char *setting, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
enum mcx_err mcx_conf_vblame(const struct mcx_conf *conf, struct mcx_conf_problem *problem,
                             const char *setting, const char *format, va_list args)
    __attribute__((format(printf, 4, 0)));

/* mcx_conf_label("border.partners[%zu].ca_file", i).text, for `setting`. */
struct mcx_conf_label {
    char text[128];
};
struct mcx_conf_label mcx_conf_label(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* All settings with default, range and help, for `mcxctl conf`: from the tables that the parser
 * uses. */
void mcx_conf_print_settings(FILE *to);

#endif
