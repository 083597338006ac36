/* SPDX-License-Identifier: Apache-2.0 */
/* Stands in for diameter/sender.c at link time: an answer that would be sent is kept
 * instead. One sender at a time. */
#ifndef MCX_FAKE_SENDER_H
#define MCX_FAKE_SENDER_H

#include "diameter/fd.h"

/* The answer given since the last call, now the caller's; NULL: none. */
struct msg *fake_sender_answer(void);

#endif
