/* SPDX-License-Identifier: Apache-2.0 */
/* Stands in for base/clock.c at link time. One thread. */
#include "fake_clock.h"

static int64_t mono_ms = 1000;
static struct timespec real;

void fake_clock_set_mono_ms(int64_t ms)
{
    mono_ms = ms;
}

void fake_clock_set_real(struct timespec now)
{
    real = now;
}

int64_t mcx_clock_mono_ms(void)
{
    return mono_ms;
}

int64_t mcx_clock_mono_us(void)
{
    return mono_ms * 1000;
}

struct timespec mcx_clock_real_after_ms(uint32_t ms)
{
    struct timespec after = real;

    after.tv_sec += ms / 1000;
    return after;
}

struct timespec mcx_clock_mono_timespec(int64_t ms)
{
    return (struct timespec){.tv_sec = (time_t)(ms / 1000), .tv_nsec = (ms % 1000) * 1000000};
}
