/* SPDX-License-Identifier: Apache-2.0 */
/* Keeps threads of freeDiameter from writing to one TLS session at the same time, which GnuTLS does
 * not allow. 1.2.1 does so when a peer says close_notify while we write to it or close as well: its
 * receiving thread answers by gnutls_bye, beside the thread that sends or the state machine's own
 * gnutls_bye. Both send what stands in the session's one queue, and free it: freed memory goes out,
 * or the daemon ends. A KeyUpdate of the peer (TLS 1.3) waits for writers as well, and is answered
 * at once; our own key is renewed between messages that we receive, and not by the thread that
 * sends, as GnuTLS would: that costs the connection. A renegotiation (TLS 1.2), which 1.2.1 grants
 * in the receiving thread and which also frees the certificate that the border judged, ends the
 * connection instead. */
#ifndef MCX_DIAMETER_TLS_SHIELD_H
#define MCX_DIAMETER_TLS_SHIELD_H

#include <stdbool.h>
#include <stdint.h>

/* Once, in the configuration thread, before the first connection. records_max: that one key of ours
 * protects, and those that are sent until the peer sends one (RFC 8446 5.5 allows 2^24.5 full ones
 * with AES-GCM). false if this freeDiameter is built in a way that leaves no place between it and
 * GnuTLS: then some or all of it is as before. Does not block. */
bool mcx_tls_shield_start(uint64_t records_max);

#endif
