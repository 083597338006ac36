/* SPDX-License-Identifier: Apache-2.0 */
/* How a connection comes about: name, socket, TLS handshake, and whom the certificate names. */
#ifndef WIRE_DIAL_H
#define WIRE_DIAL_H

#include "wire/conn.h"

/* host:port, IPv6 in brackets; from: local address without port, NULL any. */
enum wire_status wire_dial_open(struct wire_conn *conn, const char *host_port, const char *from,
                                int64_t deadline_us);
/* The same without waiting: the connection is under way; writing to it answers 0 until it stands,
 * and -1 if it was refused. */
enum wire_status wire_dial_start(struct wire_conn *conn, const char *host_port, const char *from);
/* An accepted socket; made non-blocking. */
void wire_dial_adopt(struct wire_conn *conn, int fd);
/* Handshake; the chain is verified, the name is not (wire_dial_names). */
enum wire_status wire_dial_tls(struct wire_conn *conn, const struct wire_tls *tls, bool is_server,
                               int64_t deadline_us);
/* Its two halves without waiting: begin once, then step until it is not TIMEOUT; meanwhile
 * wire_dial_wants_write tells what the socket must be ready for. */
enum wire_status wire_dial_tls_begin(struct wire_conn *conn, const struct wire_tls *tls,
                                     bool is_server);
enum wire_status wire_dial_tls_step(struct wire_conn *conn);
bool wire_dial_wants_write(const struct wire_conn *conn);
/* Does the other side's certificate say this host? true without TLS. */
bool wire_dial_names(const struct wire_conn *conn, const char *host);

/* Address of our end, 4 or 16 octets; 0: none. */
size_t wire_dial_local(const struct wire_conn *conn, uint8_t address[16]);

/* A listening socket on host:port (port 0: any); -1 with reason. bound_port is what it got. */
int wire_dial_listen(const char *host_port, unsigned *bound_port, char *reason, size_t size);

#endif
