/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of mcx.conf's reader share: conf.c (file), conf_scalars.c (settings.def),
 * conf_lists.c (border), conf_issuers.c (tokens), conf_keys.c (key files), conf_say.c (problems),
 * conf_places.c (lines, for later). Runs once, in the thread that starts the process. */
#ifndef MCX_BASE_CONF_PRIVATE_H
#define MCX_BASE_CONF_PRIVATE_H

#include <libconfig.h>
#include <limits.h>

#include "base/conf.h"

struct mcx_conf_reader {
    const char *path;   /* of mcx.conf, as given */
    char dir[PATH_MAX]; /* its folder, "." if path names none */
    struct mcx_conf *conf;
    struct mcx_conf_problem *problem;
};

#define MCX_LABEL_SIZE 128 /* "border.partners[12].sip_databases[3]" with room to spare */

/* A list of groups in mcx.conf, and the members of such a group. */
struct mcx_conf_list {
    const char *section; /* "": at top level */
    const char *name, *help;
};
struct mcx_conf_field {
    const char *list; /* name of the mcx_conf_list */
    const char *name;
    bool is_required;
    const char *help;
};
extern const struct mcx_conf_list mcx_conf_lists[];
extern const size_t mcx_conf_list_count;
extern const struct mcx_conf_field mcx_conf_fields[];
extern const size_t mcx_conf_field_count;

/* "mcx.conf:12", or of the file that it includes. where: NULL if there is no line to name. */
void mcx_conf_place(const struct mcx_conf_reader *reader, const config_setting_t *where, char *out,
                    size_t size);

/* Writes "file:line: sentence" and answers CONF. where: NULL if there is no line to name. */
MCX_MUST_USE enum mcx_err mcx_conf_say(struct mcx_conf_reader *reader,
                                       const config_setting_t *where, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
MCX_MUST_USE enum mcx_err mcx_conf_no_memory(struct mcx_conf_reader *reader);

/* "unknown setting; did you mean X?", or what is known here. prefix: what stands before the name,
 * with its dot, or "". */
MCX_MUST_USE enum mcx_err mcx_conf_say_unknown(struct mcx_conf_reader *reader,
                                               const config_setting_t *where, const char *prefix,
                                               const char *const *names, size_t count);

/* The text of a setting, or CONF if it is of another type. *out is libconfig's. */
MCX_MUST_USE enum mcx_err mcx_conf_text(struct mcx_conf_reader *reader,
                                        const config_setting_t *setting, const char *label,
                                        const char **out);

/* A whole number within min..max, or CONF. */
MCX_MUST_USE enum mcx_err mcx_conf_number(struct mcx_conf_reader *reader,
                                          const config_setting_t *setting, const char *label,
                                          int64_t min, int64_t max, int64_t *out);

/* Copy of a file name, relative ones put under the folder of mcx.conf. NULL: out of memory. */
char *mcx_conf_file_name(const struct mcx_conf_reader *reader, const char *name);

/* Element index of a list of groups: CONF unless it is a group with known members only and all
 * required ones. label: "border.partners[1]". */
MCX_MUST_USE enum mcx_err mcx_conf_group(struct mcx_conf_reader *reader,
                                         const config_setting_t *list, const char *list_name,
                                         unsigned index, const char *label,
                                         const config_setting_t **out);

/* The elements of a list setting: CONF unless it is a list of at most max. NULL setting: none. */
MCX_MUST_USE enum mcx_err mcx_conf_elements(struct mcx_conf_reader *reader,
                                            const config_setting_t *setting, const char *label,
                                            size_t max, size_t *count);

/* Names that settings.def and the lists do not know are CONF. */
MCX_MUST_USE enum mcx_err mcx_conf_check_names(struct mcx_conf_reader *reader,
                                               const config_setting_t *root);
MCX_MUST_USE enum mcx_err mcx_conf_read_scalars(struct mcx_conf_reader *reader,
                                                const config_setting_t *root);
/* Wipes and frees the texts. */
void mcx_conf_free_scalars(struct mcx_conf *conf);
void mcx_conf_free_text(char **text);

MCX_MUST_USE enum mcx_err mcx_conf_read_keys(struct mcx_conf_reader *reader,
                                             const config_setting_t *root);
MCX_MUST_USE enum mcx_err mcx_conf_read_border(struct mcx_conf_reader *reader,
                                               const config_setting_t *root);
MCX_MUST_USE enum mcx_err mcx_conf_read_issuers(struct mcx_conf_reader *reader,
                                                const config_setting_t *root);

/* After all were read: known settings only, so of bounded number and depth. */
MCX_MUST_USE enum mcx_err mcx_conf_record_places(struct mcx_conf_reader *reader,
                                                 const config_setting_t *root);
void mcx_conf_free_places(struct mcx_conf_places **places);

#endif
