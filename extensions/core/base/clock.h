/* SPDX-License-Identifier: Apache-2.0 */
/* Time, replaceable at link time in tests. Any thread; does not block. */
#ifndef MCX_BASE_CLOCK_H
#define MCX_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

/* CLOCK_MONOTONIC. */
int64_t mcx_clock_mono_ms(void);
int64_t mcx_clock_mono_us(void);

/* CLOCK_REALTIME + ms, with tv_nsec < 1e9 (trap C3). */
struct timespec mcx_clock_real_after_ms(uint32_t ms);

/* For pthread_cond_clockwait on CLOCK_MONOTONIC. */
struct timespec mcx_clock_mono_timespec(int64_t mono_ms);

#endif
