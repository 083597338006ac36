/* SPDX-License-Identifier: Apache-2.0 */
/* The start of a connection: name, socket, TLS handshake, and whom the certificate names. */
#include "wire/dial.h"

#include <errno.h>
#include <fcntl.h>
#include <gnutls/x509.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static bool split(const char *host_port, char host[256], char port[16])
{
    const char *colon = strrchr(host_port, ':');
    if (!colon || colon == host_port || strlen(colon + 1) == 0 || strlen(colon + 1) > 15)
        return false;
    size_t len = (size_t)(colon - host_port);
    if (host_port[0] == '[' && colon[-1] == ']') {
        host_port++;
        len -= 2;
    }
    if (len > 255)
        return false;
    memcpy(host, host_port, len);
    host[len] = '\0';
    strcpy(port, colon + 1);
    return true;
}

static struct addrinfo *resolve(const char *host_port, bool to_listen, char *reason, size_t size)
{
    char host[256], port[16];
    if (!split(host_port, host, port)) {
        snprintf(reason, size, "%s: not of the form host:port", host_port);
        return NULL;
    }
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = to_listen ? AI_PASSIVE : 0},
                    *found;
    int rc = getaddrinfo(host, port, &hints, &found);
    if (rc == 0)
        return found;
    snprintf(reason, size, "%s: %s", host_port, gai_strerror(rc));
    return NULL;
}

static bool bind_to(int fd, const char *from, char *reason, size_t size)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST}, *found;
    if (getaddrinfo(from, NULL, &hints, &found) != 0) {
        snprintf(reason, size, "%s: not a local address", from);
        return false;
    }
    int rc = bind(fd, found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    if (rc == 0)
        return true;
    snprintf(reason, size, "%s: %s", from, strerror(errno));
    return false;
}

void wire_dial_adopt(struct wire_conn *conn, int fd)
{
    int one = 1;
    *conn = (struct wire_conn){.fd = fd};
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
}

static enum wire_status finish_connect(struct wire_conn *conn, int64_t deadline_us)
{
    enum wire_status status = wire_conn_wait(conn, true, deadline_us);
    if (status != WIRE_OK)
        return status;
    int error = 0;
    socklen_t len = sizeof(error);
    getsockopt(conn->fd, SOL_SOCKET, SO_ERROR, &error, &len);
    if (!error)
        return WIRE_OK;
    snprintf(conn->reason, sizeof(conn->reason), "%s", strerror(error));
    return WIRE_CLOSED;
}

/* TIMEOUT: under way. */
static enum wire_status start_one(struct wire_conn *conn, const struct addrinfo *to,
                                  const char *from)
{
    int fd = socket(to->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0)
        wire_dial_adopt(conn, fd);
    if (fd < 0) {
        snprintf(conn->reason, sizeof(conn->reason), "%s", strerror(errno));
        return WIRE_CLOSED;
    }
    if (from && !bind_to(fd, from, conn->reason, sizeof(conn->reason)))
        return WIRE_CLOSED;
    if (connect(fd, to->ai_addr, to->ai_addrlen) == 0)
        return WIRE_OK;
    if (errno == EINPROGRESS)
        return WIRE_TIMEOUT;
    snprintf(conn->reason, sizeof(conn->reason), "%s", strerror(errno));
    return WIRE_CLOSED;
}

static enum wire_status try_one(struct wire_conn *conn, const struct addrinfo *to, const char *from,
                                int64_t deadline_us)
{
    enum wire_status status = start_one(conn, to, from);
    return status == WIRE_TIMEOUT ? finish_connect(conn, deadline_us) : status;
}

enum wire_status wire_dial_open(struct wire_conn *conn, const char *host_port, const char *from,
                                int64_t deadline_us)
{
    *conn = (struct wire_conn)WIRE_CONN_NONE;
    struct addrinfo *found = resolve(host_port, false, conn->reason, sizeof(conn->reason));
    enum wire_status status = WIRE_CLOSED;
    for (const struct addrinfo *to = found; to && status == WIRE_CLOSED; to = to->ai_next) {
        status = try_one(conn, to, from, deadline_us);
        if (status != WIRE_OK)
            wire_conn_close(conn);
    }
    if (found)
        freeaddrinfo(found);
    return status;
}

enum wire_status wire_dial_start(struct wire_conn *conn, const char *host_port, const char *from)
{
    *conn = (struct wire_conn)WIRE_CONN_NONE;
    struct addrinfo *found = resolve(host_port, false, conn->reason, sizeof(conn->reason));
    enum wire_status status = found ? start_one(conn, found, from) : WIRE_CLOSED;
    if (found)
        freeaddrinfo(found);
    if (status == WIRE_TIMEOUT || status == WIRE_OK)
        return WIRE_OK;
    wire_conn_close(conn);
    return status;
}

static enum wire_status tls_failed(struct wire_conn *conn, int rc)
{
    if (rc == GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR) {
        gnutls_datum_t text = {0};
        unsigned bits = gnutls_session_get_verify_cert_status(conn->tls);
        gnutls_certificate_verification_status_print(bits, GNUTLS_CRT_X509, &text, 0);
        snprintf(conn->reason, sizeof(conn->reason), "TLS: %s",
                 text.data ? (char *)text.data : "certificate refused");
        gnutls_free(text.data);
    } else if (rc == GNUTLS_E_FATAL_ALERT_RECEIVED) {
        snprintf(conn->reason, sizeof(conn->reason), "TLS: the other side says: %s",
                 gnutls_alert_get_name(gnutls_alert_get(conn->tls)));
    } else {
        snprintf(conn->reason, sizeof(conn->reason), "TLS: %s", gnutls_strerror(rc));
    }
    gnutls_alert_send_appropriate(conn->tls, rc);
    return WIRE_REFUSED;
}

enum wire_status wire_dial_tls_begin(struct wire_conn *conn, const struct wire_tls *tls,
                                     bool is_server)
{
    unsigned flags =
        GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL | (is_server ? GNUTLS_SERVER : GNUTLS_CLIENT);
    int rc = gnutls_init(&conn->tls, flags);
    if (rc < 0) {
        conn->tls = NULL;
        snprintf(conn->reason, sizeof(conn->reason), "TLS: %s", gnutls_strerror(rc));
        return WIRE_REFUSED;
    }
    gnutls_priority_set(conn->tls, tls->priority);
    gnutls_credentials_set(conn->tls, GNUTLS_CRD_CERTIFICATE, tls->credentials);
    gnutls_certificate_server_set_request(conn->tls, GNUTLS_CERT_REQUIRE);
    gnutls_session_set_verify_cert(conn->tls, NULL, 0);
    gnutls_transport_set_int(conn->tls, conn->fd);
    gnutls_handshake_set_timeout(conn->tls, 0);
    return WIRE_OK;
}

enum wire_status wire_dial_tls_step(struct wire_conn *conn)
{
    int rc;
    while ((rc = gnutls_handshake(conn->tls)) < 0) {
        if (gnutls_error_is_fatal(rc))
            return tls_failed(conn, rc);
        if (rc == GNUTLS_E_AGAIN)
            return WIRE_TIMEOUT;
    }
    return WIRE_OK;
}

bool wire_dial_wants_write(const struct wire_conn *conn)
{
    return gnutls_record_get_direction(conn->tls);
}

enum wire_status wire_dial_tls(struct wire_conn *conn, const struct wire_tls *tls, bool is_server,
                               int64_t deadline_us)
{
    enum wire_status status = wire_dial_tls_begin(conn, tls, is_server);
    if (status != WIRE_OK)
        return status;
    while ((status = wire_dial_tls_step(conn)) == WIRE_TIMEOUT) {
        status = wire_conn_wait(conn, wire_dial_wants_write(conn), deadline_us);
        if (status != WIRE_OK)
            return status;
    }
    return status;
}

bool wire_dial_names(const struct wire_conn *conn, const char *host)
{
    if (!conn->tls)
        return true;
    unsigned count = 0;
    const gnutls_datum_t *chain = gnutls_certificate_get_peers(conn->tls, &count);
    gnutls_x509_crt_t certificate;
    if (!chain || count == 0 || gnutls_x509_crt_init(&certificate) < 0)
        return false;
    bool names =
        gnutls_x509_crt_import(certificate, &chain[0], GNUTLS_X509_FMT_DER) == 0 &&
        gnutls_x509_crt_check_hostname2(certificate, host, GNUTLS_VERIFY_DO_NOT_ALLOW_WILDCARDS);
    gnutls_x509_crt_deinit(certificate);
    return names;
}

size_t wire_dial_local(const struct wire_conn *conn, uint8_t address[16])
{
    struct sockaddr_storage storage;
    socklen_t len = sizeof(storage);
    if (getsockname(conn->fd, (struct sockaddr *)&storage, &len) != 0)
        return 0;
    if (storage.ss_family == AF_INET) {
        memcpy(address, &((struct sockaddr_in *)&storage)->sin_addr, 4);
        return 4;
    }
    if (storage.ss_family != AF_INET6)
        return 0;
    memcpy(address, &((struct sockaddr_in6 *)&storage)->sin6_addr, 16);
    return 16;
}

static unsigned port_of(int fd)
{
    struct sockaddr_storage storage;
    socklen_t len = sizeof(storage);
    if (getsockname(fd, (struct sockaddr *)&storage, &len) != 0)
        return 0;
    if (storage.ss_family == AF_INET)
        return ntohs(((struct sockaddr_in *)&storage)->sin_port);
    return ntohs(((struct sockaddr_in6 *)&storage)->sin6_port);
}

int wire_dial_listen(const char *host_port, unsigned *bound_port, char *reason, size_t size)
{
    struct addrinfo *at = resolve(host_port, true, reason, size);
    if (!at)
        return -1;
    int one = 1;
    int fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0)
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    int rc = fd < 0 ? -1 : bind(fd, at->ai_addr, at->ai_addrlen);
    if (rc == 0)
        rc = listen(fd, 64);
    freeaddrinfo(at);
    if (rc == 0) {
        *bound_port = port_of(fd);
        return fd;
    }
    snprintf(reason, size, "%s: %s", host_port, strerror(errno));
    if (fd >= 0)
        close(fd);
    return -1;
}
