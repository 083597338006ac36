/* SPDX-License-Identifier: Apache-2.0 */
/* Time, replaceable at link time in tests. Any thread; does not block. */
#ifndef MCX_BASE_CLOCK_H
#define MCX_BASE_CLOCK_H

#include <pthread.h>
#include <stdint.h>
#include <time.h>

/* CLOCK_MONOTONIC. */
int64_t mcx_clock_mono_ms(void);
int64_t mcx_clock_mono_us(void);

/* CLOCK_REALTIME + ms, with tv_nsec < 1e9 (trap C3). */
struct timespec mcx_clock_real_after_ms(uint32_t ms);

/* A condition whose timed waits are by mcx_clock_mono_timespec. */
static inline void mcx_clock_cond_init(pthread_cond_t *cond)
{
    pthread_condattr_t attr;

    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(cond, &attr);
    pthread_condattr_destroy(&attr);
}
struct timespec mcx_clock_mono_timespec(int64_t mono_ms);

#endif
