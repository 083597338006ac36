/* SPDX-License-Identifier: Apache-2.0 */
/* base/clock.h with a time that stands still until the test moves it. */
#ifndef MCX_FAKE_CLOCK_H
#define MCX_FAKE_CLOCK_H

#include "base/clock.h"

void fake_clock_set_mono_ms(int64_t ms);
void fake_clock_set_real(struct timespec now);

#endif
