/* SPDX-License-Identifier: Apache-2.0 */
/* Values of options and arguments, read and checked the same way for every command. One thread.
 * What answers false has said on standard error what is wrong; the command ends with CTL_USAGE. An
 * option that is absent leaves *out as it was, unless its line says otherwise. */
#ifndef MCX_CTL_OPTIONS_H
#define MCX_CTL_OPTIONS_H

#include "ctl.h"
#include "store/mcuser.h"

/* Absent: "". */
const char *ctl_optional(const struct ctl *ctl, int option);
/* --reason, which must be there. */
MCX_MUST_USE bool ctl_reason(const struct ctl *ctl, const char **out);
/* --expires and --for, of which one at most may be there; the first is checked by the database. */
MCX_MUST_USE bool ctl_expiry(const struct ctl *ctl, const char **expires, int64_t *for_s);

MCX_MUST_USE bool ctl_number(const struct ctl *ctl, int option, int64_t min, int64_t max,
                             int64_t *out);
/* --limit of a list; absent: 100. */
MCX_MUST_USE bool ctl_limit(const struct ctl *ctl, int64_t *out);
/* The first argument: the id of a row, as the list of this topic shows it. */
MCX_MUST_USE bool ctl_id(const struct ctl *ctl, int64_t *out);
/* "90s", "30m", "12h", "7d". */
MCX_MUST_USE bool ctl_duration(const struct ctl *ctl, int option, int64_t *seconds);
/* Numbers between commas, exactly count of them; text: the option's value, or a part of it. */
MCX_MUST_USE bool ctl_doubles(const struct ctl *ctl, int option, const char *text, double *out,
                              size_t count);

/* One of two words. */
MCX_MUST_USE bool ctl_either(const struct ctl *ctl, int option, const char *first,
                             const char *second, bool *is_second);
/* Text as mcptt, mcvideo or mcdata. */
MCX_MUST_USE bool ctl_service_named(const struct ctl *ctl, const char *text, enum mcx_service *out);

/* All values of an option, borrowed; of --service, services. */
MCX_MUST_USE bool ctl_names(const struct ctl *ctl, int option, struct mcx_names *out);
MCX_MUST_USE bool ctl_services(const struct ctl *ctl, struct mcx_names *out);
/* All values of an option, copied: at most max. */
MCX_MUST_USE bool ctl_texts(const struct ctl *ctl, int option, size_t max, struct mcx_str *out,
                            size_t *count);
/* Text, copied; the option's. */
MCX_MUST_USE bool ctl_text(const char *text, struct mcx_str *out);
MCX_MUST_USE bool ctl_text_option(const struct ctl *ctl, int option, struct mcx_str *out);

#endif
