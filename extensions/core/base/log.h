/* SPDX-License-Identifier: Apache-2.0 */
/* One line per decision, key=value, for the operator at 3 a.m. Values from the wire go through
 * mcx_log_safe. Thread-safe; one write(2) a line to the sink (standard error, or log.file), which
 * may block on a full pipe. */
#ifndef MCX_BASE_LOG_H
#define MCX_BASE_LOG_H

#include "base/span.h"

enum mcx_log_level { MCX_LOG_ERROR, MCX_LOG_WARN, MCX_LOG_INFO, MCX_LOG_DEBUG };

void mcx_log_set_level(enum mcx_log_level level);
bool mcx_log_enabled(enum mcx_log_level level);
/* Opens (append, 0640) a file as the sink; SYSTEM when it cannot. NULL: standard error. */
MCX_MUST_USE enum mcx_err mcx_log_open(const char *path);

/* "ev=relay_expired cmd=MAR us=3000123 result=5012": time, level and thread are put in front, a
 * newline after. */
void mcx_log(enum mcx_log_level level, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Printable copy of wire octets for %s: other octets as \xHH, quotes and spaces escaped, cut at 96
 * characters. */
struct mcx_safe {
    char text[100];
};
struct mcx_safe mcx_log_safe(struct mcx_span span);
#define MCX_SAFE(span) (mcx_log_safe(span).text)

/* Says the same event at most once a second per call site, with suppressed=N on the next line. */
#define mcx_log_limited(level, ...)                                                                \
    do {                                                                                           \
        static struct mcx_log_gate mcx_gate_;                                                      \
        mcx_log_gated(&mcx_gate_, level, __VA_ARGS__);                                             \
    } while (0)
struct mcx_log_gate {
    int64_t next_ms;  /* atomic */
    uint32_t dropped; /* atomic */
};
void mcx_log_gated(struct mcx_log_gate *gate, enum mcx_log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
