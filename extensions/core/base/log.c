/* SPDX-License-Identifier: Apache-2.0 */
/* The log: one line, one write(2). Octets that could forge or break a line are replaced. Any
 * thread; the write may block on a full pipe, so freeDiameter's threads should log decisions, not
 * traffic. */
#define _GNU_SOURCE /* dup3, gettid */
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

#define LINE_MAX_OCTETS 1200

static _Atomic int threshold = MCX_LOG_INFO;
static _Atomic int sink = STDERR_FILENO;
static _Atomic int file_sink = -1; /* never closed: opening again replaces what stands behind it */

static const char *const level_names[] = {"error", "warn", "info", "debug"};

void mcx_log_set_level(enum mcx_log_level level)
{
    atomic_store(&threshold, (int)level);
}

bool mcx_log_enabled(enum mcx_log_level level)
{
    return (int)level <= atomic_load_explicit(&threshold, memory_order_relaxed);
}

enum mcx_err mcx_log_open(const char *path)
{
    int fd, old;

    if (!path) {
        atomic_store(&sink, STDERR_FILENO);
        return MCX_OK;
    }
    fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0640);
    if (fd < 0)
        return MCX_SYSTEM;
    old = atomic_load(&file_sink);
    if (old >= 0) {
        int moved = dup3(fd, old, O_CLOEXEC);

        (void)close(fd);
        if (moved < 0)
            return MCX_SYSTEM;
        fd = old;
    }
    atomic_store(&file_sink, fd);
    atomic_store(&sink, fd);
    return MCX_OK;
}

/* "2026-01-31T12:00:00.123Z info t=4711 " */
static size_t put_head(char *line, size_t size, enum mcx_log_level level)
{
    struct timespec now = mcx_clock_real_after_ms(0);
    struct tm utc;
    size_t used;
    int wrote;

    if (!gmtime_r(&now.tv_sec, &utc))
        memset(&utc, 0, sizeof utc);
    used = strftime(line, size, "%Y-%m-%dT%H:%M:%S", &utc);
    wrote = snprintf(line + used, size - used, ".%03ldZ %s t=%ld ", now.tv_nsec / 1000000,
                     level_names[level], (long)gettid());
    return used + (wrote > 0 ? (size_t)wrote : 0);
}

/* Appends; what does not fit is cut. Returns the new length. */
__attribute__((format(printf, 4, 0))) static size_t put(char *line, size_t used, size_t size,
                                                        const char *format, va_list args)
{
    int wrote = vsnprintf(line + used, size - used, format, args);

    if (wrote < 0)
        return used;
    return (size_t)wrote < size - used ? used + (size_t)wrote : size - 1;
}

__attribute__((format(printf, 3, 0))) static void write_line(enum mcx_log_level level,
                                                             uint32_t suppressed,
                                                             const char *format, va_list args)
{
    char line[LINE_MAX_OCTETS];
    const size_t room = sizeof line - 32; /* for suppressed= and the newline */
    const int saved_errno = errno;
    size_t used = put_head(line, room, level);

    errno = saved_errno; /* for %m */
    used = put(line, used, room, format, args);
    if (used == room - 1)
        memcpy(line + used - 3, "...", 3);
    if (suppressed > 0)
        used +=
            (size_t)snprintf(line + used, sizeof line - used, " suppressed=%" PRIu32, suppressed);
    for (size_t i = 0; i < used; i++)
        if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
            line[i] = '?';
    line[used++] = '\n';
    while (write(atomic_load(&sink), line, used) < 0 && errno == EINTR)
        ;
    errno = saved_errno;
}

void mcx_log(enum mcx_log_level level, const char *format, ...)
{
    va_list args;

    if (!mcx_log_enabled(level))
        return;
    va_start(args, format);
    write_line(level, 0, format, args);
    va_end(args);
}

void mcx_log_gated(struct mcx_log_gate *gate, enum mcx_log_level level, const char *format, ...)
{
    int64_t now = mcx_clock_mono_ms();
    int64_t next = __atomic_load_n(&gate->next_ms, __ATOMIC_RELAXED);
    va_list args;

    if (!mcx_log_enabled(level))
        return;
    /* Who moves the time on may write; all others count. */
    if (now < next || !__atomic_compare_exchange_n(&gate->next_ms, &next, now + 1000, false,
                                                   __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
        __atomic_fetch_add(&gate->dropped, 1, __ATOMIC_RELAXED);
        return;
    }
    va_start(args, format);
    write_line(level, __atomic_exchange_n(&gate->dropped, 0, __ATOMIC_RELAXED), format, args);
    va_end(args);
}

struct mcx_safe mcx_log_safe(struct mcx_span span)
{
    static const char digits[] = "0123456789abcdef";
    struct mcx_safe safe;
    size_t used = 0;

    for (size_t i = 0; i < span.len; i++) {
        uint8_t octet = span.octets[i];
        bool is_plain =
            octet > ' ' && octet < 0x7f && octet != '"' && octet != '\'' && octet != '\\';

        if (used + (is_plain ? 1 : 4) > 96) {
            memcpy(safe.text + used, "...", 3);
            used += 3;
            break;
        }
        if (is_plain) {
            safe.text[used++] = (char)octet;
            continue;
        }
        safe.text[used++] = '\\';
        safe.text[used++] = 'x';
        safe.text[used++] = digits[octet >> 4];
        safe.text[used++] = digits[octet & 0x0f];
    }
    safe.text[used] = '\0';
    return safe;
}
