/* SPDX-License-Identifier: Apache-2.0 */
/* Keeps freeDiameter from making a session object of each Session-Id that a peer sends. When the
 * last message of a session is freed while the next one with the same Session-Id arrives, 1.2.1
 * frees the object and then touches it (trap R8): a peer that repeats one Session-Id ends the
 * daemon in time. All requests belong to one object instead, which is never freed; answers say the
 * Session-Id of their requests. Does not block. */
#ifndef MCX_DIAMETER_SESSION_SHIELD_H
#define MCX_DIAMETER_SESSION_SHIELD_H

#include "diameter/fd.h"

/* Once, before the first message. 0 or errno. */
int mcx_session_shield_start(void);

/* On a request just received, which nobody has asked for its session. Answers, and requests without
 * a Session-Id, stay as they are. Peer's receiving thread. */
void mcx_session_shield(struct msg *msg);

/* On an answer that is about to be sent: freeDiameter has written the one object's Session-Id into
 * it. One that says another already stays as it is; if memory is short it says none. */
void mcx_session_unshield(struct msg *answer);

#endif
