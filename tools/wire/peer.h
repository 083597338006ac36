/* SPDX-License-Identifier: Apache-2.0 */
/* The peer's part of Diameter, RFC 6733 5: capabilities exchange, watchdog, disconnection, and one
 * request at a time. One thread per connection. */
#ifndef WIRE_PEER_H
#define WIRE_PEER_H

#include "wire/dial.h"
#include "wire/msg.h"

struct wire_identity {
    const char *host, *realm; /* Origin-Host, Origin-Realm */
    const char *product;
};

struct wire_cea {
    struct wire_result result;
    char host[256], realm[256], product[256], error_message[256];
    uint32_t applications[32]; /* Auth-Application-Ids, also those inside
                                  Vendor-Specific-Application-Id */
    size_t application_count;
};

/* Fresh identifiers, RFC 6733 3: random start, then counted. */
uint32_t wire_peer_next_id(void);
/* "host;high;low;n", RFC 6733 8.8. */
void wire_peer_session_id(const char *host, char *out, size_t size);

void wire_peer_put_cea(struct wire_buf *out, const struct wire_conn *conn,
                       const struct wire_identity *identity, const struct wire_header *cer,
                       uint32_t result_code);
/* Header and Result-Code, Origin-*: enough for DWA and DPA, and to refuse any other request. */
void wire_peer_put_answer(struct wire_buf *out, const struct wire_identity *identity,
                          struct mcx_span request, uint32_t result_code);
void wire_peer_put_dpr(struct wire_buf *out, const struct wire_identity *identity, uint32_t cause);

/* Sends the CER and takes the CEA. REFUSED: not 2001 or 2002, or (with verify_name) the certificate
 * does not name the CEA's Origin-Host. *cea is filled as far as it was there. */
enum wire_status wire_peer_exchange(struct wire_conn *conn, const struct wire_identity *identity,
                                    bool verify_name, struct wire_cea *cea, int64_t deadline_us);
void wire_peer_read_cea(struct mcx_span message, struct wire_cea *cea);

/* Answers DWR and DPR; any other request gets 3001. true: it was a request and was dealt with. */
bool wire_peer_serve(struct wire_conn *conn, const struct wire_identity *identity,
                     struct mcx_span message, int64_t deadline_us);
/* The next message that is no request; requests are served on the way. CLOSED after a DPR of the
 * other side. */
enum wire_status wire_peer_answer(struct wire_conn *conn, const struct wire_identity *identity,
                                  struct mcx_span *message, int64_t deadline_us);
/* DPR, a short wait for the DPA, close. Harmless on a closed connection. */
void wire_peer_leave(struct wire_conn *conn, const struct wire_identity *identity);

#endif
