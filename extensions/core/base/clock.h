/* SPDX-License-Identifier: Apache-2.0 */
/* Time, replaceable at link time in tests. Any thread; does not block. */
#ifndef MCX_BASE_CLOCK_H
#define MCX_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

int64_t mcx_clock_mono_ms(void);                              /* CLOCK_MONOTONIC, milliseconds */
int64_t mcx_clock_mono_us(void);                              /* CLOCK_MONOTONIC, microseconds */
struct timespec mcx_clock_real_after_ms(uint32_t ms);         /* CLOCK_REALTIME + ms, tv_nsec < 1e9 (trap C3) */
struct timespec mcx_clock_mono_timespec(int64_t mono_ms);     /* for pthread_cond_clockwait on CLOCK_MONOTONIC */

#endif
