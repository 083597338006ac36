/* SPDX-License-Identifier: Apache-2.0 */
/* The verdict on each peer's present connection: its name, realm, certificate or address (traps T1,
 * T7, C6, C9). Judged in the peer's own thread when a connection opens, kept by name in a small
 * table under one mutex, read for each message. Nothing here waits for a peer. */
#include "diameter/border_private.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/descriptors.h"
#include "base/log.h"
#include "base/metrics.h"

enum { BUCKETS = 512, ENTRIES_MAX = 2048, INFO_ROOM = 128 };

struct entry {
    struct entry *next;
    struct mcx_str host;
    enum mcx_standing standing;
    uint64_t connection; /* number of the last that was judged */
    bool is_present;     /* inside sweep only */
};

static struct {
    pthread_mutex_t lock; /* guards all below */
    struct entry *bucket[BUCKETS];
    size_t count;
    uint64_t judged; /* connections so far */
} table = {.lock = PTHREAD_MUTEX_INITIALIZER};

static struct entry **place_of(struct mcx_span host)
{
    struct entry **at = &table.bucket[mcx_span_hash(host) % BUCKETS];

    while (*at && !mcx_span_equal(mcx_span_str(&(*at)->host), host))
        at = &(*at)->next;
    return at;
}

static void free_forgotten(struct entry **at)
{
    while (*at) {
        struct entry *entry = *at;

        if (entry->is_present) {
            entry->is_present = false;
            at = &entry->next;
            continue;
        }
        *at = entry->next;
        free(entry);
        table.count--;
    }
}

/* Under our lock: forgets the names that freeDiameter has forgotten. It never waits for
 * freeDiameter's lock, whose holder may wait for us at shutdown; then it forgets nothing this time.
 * Peers are fewer than half of the room. */
static void sweep(void)
{
    if (pthread_rwlock_tryrdlock(&fd_g_peers_rw) != 0)
        return;
    for (struct fd_list *li = fd_g_peers.next; li != &fd_g_peers; li = li->next) {
        const struct peer_hdr *peer = (const struct peer_hdr *)li->o;
        struct entry *entry = *place_of(mcx_span(peer->info.pi_diamid, peer->info.pi_diamidlen));

        if (entry)
            entry->is_present = true;
    }
    pthread_rwlock_unlock(&fd_g_peers_rw);
    for (size_t i = 0; i < BUCKETS; i++)
        free_forgotten(&table.bucket[i]);
}

/* A name that can't be kept has no standing: it is refused. */
static bool keep(struct mcx_span host, enum mcx_standing standing)
{
    struct entry **place = NULL;
    bool is_kept = false;

    pthread_mutex_lock(&table.lock);
    place = place_of(host);
    if (!*place && table.count >= ENTRIES_MAX) {
        sweep();
        place = place_of(host);
    }
    if (!*place && table.count < ENTRIES_MAX) {
        *place = calloc(1, sizeof **place);
        if (*place && mcx_str_set(&(*place)->host, host) != MCX_OK) {
            free(*place);
            *place = NULL;
        }
        table.count += *place != NULL;
    }
    if (*place) {
        (*place)->standing = standing;
        (*place)->connection = ++table.judged;
        is_kept = true;
    }
    pthread_mutex_unlock(&table.lock);
    return is_kept;
}

enum mcx_standing mcx_peer_standing(struct mcx_span host)
{
    enum mcx_standing standing = MCX_STANDING_UNKNOWN;
    struct entry *entry = NULL;

    pthread_mutex_lock(&table.lock);
    entry = *place_of(host);
    if (entry)
        standing = entry->standing;
    pthread_mutex_unlock(&table.lock);
    return standing;
}

uint64_t mcx_peer_connection(struct mcx_span host)
{
    uint64_t connection = 0;
    struct entry *entry = NULL;

    pthread_mutex_lock(&table.lock);
    entry = *place_of(host);
    if (entry && entry->standing == MCX_STANDING_ACCEPTED)
        connection = entry->connection;
    pthread_mutex_unlock(&table.lock);
    return connection;
}

/* The descriptor of the connection, from freeDiameter's description "TCP,TLS,soc#3"; -1 if there is
 * none. */
static int socket_of(struct peer_hdr *peer)
{
    char info[INFO_ROOM] = "";
    const char *mark = NULL;

    if (fd_peer_cnx_proto_info(peer, info, sizeof info) != 0)
        return -1;
    mark = strstr(info, "soc#");
    return mark ? atoi(mark + sizeof "soc#" - 1) : -1;
}

/* Asked of the kernel: freeDiameter forgets pir_proto when it reads the CER or CEA. */
static bool is_tcp(int sock)
{
    int protocol = 0;
    socklen_t len = sizeof protocol;

    return getsockopt(sock, SOL_SOCKET, SO_PROTOCOL, &protocol, &len) == 0 &&
           protocol == IPPROTO_TCP;
}

void mcx_peer_cut(struct peer_hdr *peer)
{
    int sock = socket_of(peer);

    /* Our receiver sees the end at once; over TCP a CEA that says why still gets out. */
    if (sock >= 0)
        shutdown(sock, is_tcp(sock) ? SHUT_RD : SHUT_RDWR);
}

void mcx_peer_no_delay(struct peer_hdr *peer)
{
    int sock = socket_of(peer), on = 1;

    if (sock >= 0 && is_tcp(sock) &&
        setsockopt(sock, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0)
        mcx_log_limited(MCX_LOG_WARN, "ev=no_delay_not_set peer=%s errno=%d", peer->info.pi_diamid,
                        errno);
}

/* Where the packets come from, not what the peer says in Host-IP-Address. */
static bool is_plain_allowed(const struct mcx_named *named, int sock)
{
    struct sockaddr_storage from;
    socklen_t len = sizeof from;

    return named->party.kind == MCX_PARTY_CORE && sock >= 0 &&
           getpeername(sock, (struct sockaddr *)&from, &len) == 0 &&
           mcx_address_allowed(named->party.index, &from);
}

static const char *judge(struct peer_hdr *peer, const struct mcx_named *named, struct mcx_span host,
                         struct mcx_span realm, bool is_client)
{
    int sock = socket_of(peer);

    if (named->role == MCX_ROLE_NONE)
        return "not_listed";
    if (!mcx_party_has_realm(&named->party, realm))
        return "realm_of_another";
    if (is_client && sock >= mcx_descriptors_cap())
        return "too_many_connections";
    if (peer->info.runtime.pir_cert_list)
        return mcx_cert_check(&named->party, peer->info.runtime.pir_cert_list,
                              peer->info.runtime.pir_cert_list_size, host, is_client);
    return is_plain_allowed(named, sock) ? NULL : "no_tls";
}

enum mcx_standing mcx_peer_judge(struct peer_hdr *peer, struct mcx_span realm, bool is_client)
{
    struct mcx_span host = mcx_span(peer->info.pi_diamid, peer->info.pi_diamidlen);
    struct mcx_named named = mcx_party_named(host);
    const char *why = judge(peer, &named, host, realm, is_client);

    if (!keep(host, why ? MCX_STANDING_REFUSED : MCX_STANDING_ACCEPTED) && !why)
        why = "no_room";
    if (!why)
        return MCX_STANDING_ACCEPTED;
    mcx_metric_inc(MCX_M_PEER_REFUSED);
    mcx_log_limited(MCX_LOG_WARN, "ev=peer_refused peer=%s realm=%s party=%s side=%s reason=%s",
                    MCX_SAFE(host), MCX_SAFE(realm), mcx_party_label(&named.party),
                    is_client ? "client" : "server", why);
    return MCX_STANDING_REFUSED;
}
