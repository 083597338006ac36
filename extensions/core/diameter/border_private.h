/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of the border: certificates, addresses, connections. */
#ifndef MCX_DIAMETER_BORDER_PRIVATE_H
#define MCX_DIAMETER_BORDER_PRIVATE_H

#include "diameter/border.h"
#include "diameter/border_party.h"
#include "diameter/border_screen.h"

/* border_cert.c: may block for the milliseconds of a signature check; only when a connection opens.
 */
int mcx_cert_load(const struct mcx_conf *conf);
/* NULL when the chain ends at this party's CA alone, is valid now and names this host; else one
 * word why not. */
const char *mcx_cert_check(const struct mcx_party *party, const gnutls_datum_t *chain,
                           unsigned int length, struct mcx_span host, bool is_client);

/* border_address.c: plain_from. */
int mcx_address_load(const struct mcx_conf *conf);
bool mcx_address_allowed(size_t core_index, const struct sockaddr_storage *from);

/* border_peer.c: the verdict on each peer's present connection. */
enum mcx_standing { MCX_STANDING_UNKNOWN, MCX_STANDING_REFUSED, MCX_STANDING_ACCEPTED };

/* Judges the connection that this peer has now. realm: as claimed in CER or CEA. is_client: it
 * connected to us. ACCEPTED or REFUSED, kept for the name and logged. Peer's own thread. */
enum mcx_standing mcx_peer_judge(struct peer_hdr *peer, struct mcx_span realm, bool is_client);
/* Any thread; a short mutex. */
enum mcx_standing mcx_peer_standing(struct mcx_span host);
/* The number of its present connection, one for each that was judged in this process; 0: refused or
 * never seen. Any thread; a short mutex. */
uint64_t mcx_peer_connection(struct mcx_span host);
/* Ends the connection at once, without waiting. Peer's own thread. */
void mcx_peer_cut(struct peer_hdr *peer);
/* Switches Nagle's algorithm off on its TCP connection: freeDiameter leaves it on (RFC 3539 3.2),
 * and then an answer waits for the acknowledgement of the last one, which comes with the next
 * request. Peer's own thread. */
void mcx_peer_no_delay(struct peer_hdr *peer);

/* border_connection.c: remembers for mcx_border_is_past by which connection this request has just
 * come. Peer's own thread. */
void mcx_connection_mark(struct msg *request, struct mcx_span host);

/* border_start.c: 0, or errno after a logged sentence. Sets the cap on descriptors. */
int mcx_border_check_daemon(void);

#endif
