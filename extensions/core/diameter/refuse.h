/* SPDX-License-Identifier: Apache-2.0 */
/* Why the daemon does not start: one line ev=start_refused with file, line, setting, what is wrong
 * and what to do. Configuration thread; each answers EINVAL, where
 * nothing else is said. */
#ifndef MCX_DIAMETER_REFUSE_H
#define MCX_DIAMETER_REFUSE_H

#include "base/conf.h"

int mcx_refuse(const struct mcx_conf_problem *problem);

/* A setting of mcx.conf, as mcx_conf_blame. */
int mcx_refuse_setting(const struct mcx_conf *conf, const char *setting, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* What is kept wrapped (K, OPc, PDN access credentials, documents for UEs) needs a key. 0: there is
 * one. */
int mcx_refuse_without_keys(const struct mcx_conf *conf);

/* A setting of freeDiameter.conf: the first line with the word `stands` is named; none has it, or
 * NULL: the file alone. format: begins with the setting. */
int mcx_refuse_daemon(const char *stands, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The first line of freeDiameter.conf with this word outside of a comment; 0: none has it. Blocks
 * on the file. */
int mcx_daemon_line(const char *word);

#endif
