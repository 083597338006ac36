/* SPDX-License-Identifier: Apache-2.0 */
/* What every command of mcxctl has: its options and arguments, the database, mcx.conf, and output
 * for people and programs. One thread. */
#ifndef MCX_CTL_H
#define MCX_CTL_H

#include <argp.h>

#include "aka/wrap.h"
#include "store/session.h"

enum ctl_exit { CTL_OK = 0, CTL_REFUSED = 1, CTL_USAGE = 2, CTL_DB_AWAY = 3 };

/* Long options, each once for all commands. */
enum ctl_option {
    OPT_DB = 256,
    OPT_CONF,
    OPT_JSON,
    OPT_SCHEMA_DIR,
    OPT_DAEMON_ROLE,
    OPT_READ_ROLE,
    OPT_SYSTEM_ID,
    OPT_REALM,
    OPT_SIP_DATABASE,
    OPT_PURPOSE,
    OPT_DEFAULT,
    OPT_IMPI,
    OPT_IMPU,
    OPT_SHARED,
    OPT_K,
    OPT_OPC,
    OPT_OP,
    OPT_SECRETS,
    OPT_AMF,
    OPT_SEQ,
    OPT_FORCE,
    OPT_REASON,
    OPT_LIMIT,
    OPT_AFTER,
    OPT_COUNT,
    OPT_FIRST,
    OPT_THREADS,
    OPT_SLF,
    OPT_CMS,
    OPT_AGENT,
    OPT_DOMAIN,
    OPT_RELAY,
    OPT_INBOUND_DOMAIN,
    OPT_OUTBOUND_DOMAIN,
    OPT_CA_NOTE,
    OPT_SIDE,
    OPT_PARTNER,
    OPT_MASKED,
    OPT_EXPIRES,
    OPT_FOR,
    OPT_MC_USER,
    OPT_MC_REALM,
    OPT_ID,
    OPT_HOST,
    OPT_ALL,
    OPT_CAUSE,
    OPT_DATABASE,
    OPT_GENERATOR,
    OPT_MAY_MIGRATE,
    OPT_MASK,
    OPT_MCPTT,
    OPT_MCVIDEO,
    OPT_MCDATA,
    OPT_NO_SERVICE_ID,
    OPT_GROUP,
    OPT_NO_GROUP,
    OPT_SERVICE,
    OPT_SERVICE_ID,
    OPT_DIRECTION,
    OPT_USER_DOMAIN,
    OPT_FROM,
    OPT_UNTIL,
    OPT_PRIORITY,
    OPT_MAX_DURATION,
    OPT_PROFILE,
    OPT_MAX_BINDINGS,
    OPT_NAME,
    OPT_PLMN,
    OPT_ECGI_PREFIX,
    OPT_BOX,
    OPT_POLYGON,
    OPT_CIRCLE,
    OPT_PDN,
    OPT_ECGI,
    OPT_LATITUDE,
    OPT_LONGITUDE,
    OPT_LOCATION_FILE,
    OPT_DEVICE,
    OPT_DOCUMENT,
    OPT_TIMEOUT,
    OPT_OUTPUT,
    OPT_LAST
};

enum { CTL_VALUES_MAX = 128, CTL_ARGS_MAX = 4 };

struct ctl;
struct ctl_command {
    const char *topic, *verb; /* verb "": the topic is all of the command's name */
    const char *args;         /* "IMPI" */
    int args_min, args_max;
    const char *doc; /* one sentence; what stands after \v goes below the options */
    const struct argp_option *options;
    int (*run)(struct ctl *ctl); /* enum ctl_exit */
};

struct ctl {
    const struct ctl_command *command;
    size_t value_count;
    struct {
        int option;
        const char *text;
    } value[CTL_VALUES_MAX];
    int arg_count;
    const char *arg[CTL_ARGS_MAX];
    struct mcx_conf *conf;
    struct mcx_session *session;
};

/* The nth value of an option; NULL: not given so often. options.h reads what is in it. */
const char *ctl_value(const struct ctl *ctl, int option, size_t nth);
bool ctl_has(const struct ctl *ctl, int option);
size_t ctl_count(const struct ctl *ctl, int option);
/* A whole file, or standard input for "-"; malloc, wiped by ctl_free_file. False said: over max, or
 * not to be read. */
struct ctl_file {
    uint8_t *octets; /* a NUL follows */
    size_t len;
};
MCX_MUST_USE bool ctl_read_file(const char *path, size_t max, struct ctl_file *out);
void ctl_free_file(struct ctl_file *file);
#define CTL_FILE __attribute__((cleanup(ctl_free_file))) struct ctl_file
/* Into a file of mode 0600, or standard output for "-"; false said. */
MCX_MUST_USE bool ctl_write_file(const char *path, const void *octets, size_t len);

/* mcx.conf from --conf or MCX_CONF, into ctl->conf. CTL_OK or what to exit with, said: CTL_USAGE if
 * none is named, CTL_REFUSED if it or a file of it is no good. */
MCX_MUST_USE int ctl_conf(struct ctl *ctl);
/* A session with --db, MCX_DB or database.conninfo of mcx.conf. CTL_OK or what to exit with, said.
 */
MCX_MUST_USE int ctl_connect(struct ctl *ctl);
MCX_MUST_USE int ctl_conninfo(struct ctl *ctl,
                              const char **out); /* likewise; *out lives with ctl */

/* Says the problem on standard error and answers the exit status of err. */
int ctl_refused(enum mcx_err err, const struct mcx_conf_problem *problem);
int ctl_usage(const struct ctl *ctl, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Runs a statement and shows its rows, by the names that the SQL gives its columns: a table, or
 * --json an array of objects. is_record: the only row as lines "name: value", or one object; none
 * is NOT_FOUND, said with missing. */
int ctl_show(struct ctl *ctl, enum mcx_stmt stmt, const struct mcx_params *params);
int ctl_show_record(struct ctl *ctl, enum mcx_stmt stmt, const struct mcx_params *params,
                    const char *missing);

/* Names and values by turns, ended by NULL: lines, or one JSON object. NULL values are left out of
 * lines. */
void ctl_say(const struct ctl *ctl, ...) __attribute__((sentinel));
/* One name and its number, likewise. */
void ctl_say_number(const struct ctl *ctl, const char *name, int64_t number);

/* K, OPc or OP, AMF from --secrets, or from --k, --opc, --op, --amf. CTL_OK or what to exit with,
 * said: CTL_REFUSED for what a file holds, or lacks. Wipe after use. */
struct ctl_secrets {
    struct mcx_key128 k, opc;
    uint8_t amf[2];
};
MCX_MUST_USE int ctl_secrets(struct ctl *ctl, struct ctl_secrets *out);
void ctl_secrets_wipe(struct ctl_secrets *secrets);
#define CTL_SECRETS __attribute__((cleanup(ctl_secrets_wipe))) struct ctl_secrets

extern const struct argp_option ctl_no_options[];

/* Each topic's commands, ended by a row without topic. */
extern const struct ctl_command ctl_db[], ctl_conf_commands[], ctl_system[], ctl_domain[],
    ctl_subscriber[], ctl_partner[], ctl_binding[], ctl_pool[], ctl_key[], ctl_audit[], ctl_user[],
    ctl_user_load[], ctl_group[], ctl_service[], ctl_device[], ctl_agreement[], ctl_area[],
    ctl_document[], ctl_credential[], ctl_explain[], ctl_migrate[], ctl_migration[];

#endif
