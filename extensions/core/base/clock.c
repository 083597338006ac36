/* SPDX-License-Identifier: Apache-2.0 */
/* The only callers of clock_gettime. A test links its own file instead. Any thread; does not block.
 */
#include "base/clock.h"

static struct timespec now(clockid_t clock)
{
    struct timespec ts = {0, 0};

    (void)clock_gettime(clock, &ts); /* cannot fail for the two clocks used here */
    return ts;
}

int64_t mcx_clock_mono_us(void)
{
    struct timespec ts = now(CLOCK_MONOTONIC);

    return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t mcx_clock_mono_ms(void)
{
    return mcx_clock_mono_us() / 1000;
}

struct timespec mcx_clock_real_after_ms(uint32_t ms)
{
    struct timespec ts = now(CLOCK_REALTIME);

    ts.tv_sec += ms / 1000;
    ts.tv_nsec += (long)(ms % 1000) * 1000000;
    if (ts.tv_nsec >= 1000000000) {
        ts.tv_sec++;
        ts.tv_nsec -= 1000000000;
    }
    return ts;
}

struct timespec mcx_clock_mono_timespec(int64_t mono_ms)
{
    if (mono_ms < 0)
        mono_ms = 0;
    return (struct timespec){.tv_sec = (time_t)(mono_ms / 1000),
                             .tv_nsec = (long)(mono_ms % 1000) * 1000000};
}
