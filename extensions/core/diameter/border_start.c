/* SPDX-License-Identifier: Apache-2.0 */
/* What of freeDiameter's own configuration the border can't live with, warns of, or has to reckon
 * with (traps C9, C10, R6, R12). Configuration thread, once; reads freeDiameter.conf. */
#include "diameter/border_private.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/descriptors.h"
#include "base/log.h"
#include "diameter/refuse.h"

enum { THREADS_WANTED = 20 }; /* trap C10 */

/* The lowest free one: what comes next will be numbered so. */
static int descriptor_in_use(void)
{
    int next = dup(STDIN_FILENO);

    if (next < 0)
        next = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (next >= 0)
        close(next);
    return next >= 0 ? next : FD_SETSIZE;
}

static int refuse_descriptors(rlim_t limit, int cap)
{
    (void)mcx_refuse_daemon("ThreadsPerServer",
                            "ThreadsPerServer = %d: with %lu descriptors peers may use those below "
                            "%d only, and these are taken; raise LimitNOFILE to 1024 or lower "
                            "ThreadsPerServer",
                            fd_g_config->cnf_thr_srv, (unsigned long)limit, cap);
    return EMFILE;
}

/* A socket numbered 1024 or more aborts the daemon at its TLS handshake (trap C9), and one accept
 * that fails for want of descriptors ends it. So new peers are refused early enough that neither
 * can come: connections that have not yet said who they are need at most a few per server thread.
 */
static int limit_descriptors(void)
{
    enum { OTHERS = 64, QUEUED_PER_SERVER = 16, ROOM_MIN = 8 };
    struct rlimit limit = {0};
    int servers = 0, cap = 0;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return errno;
    if (limit.rlim_cur < FD_SETSIZE && limit.rlim_max > limit.rlim_cur) {
        limit.rlim_cur = limit.rlim_max < FD_SETSIZE ? limit.rlim_max : FD_SETSIZE;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    for (struct fd_list *li = fd_g_config->cnf_endpoints.next; li != &fd_g_config->cnf_endpoints;
         li = li->next)
        servers++;
    servers =
        (servers ? servers : 2) * ((fd_g_config->cnf_port != 0) + (fd_g_config->cnf_port_tls != 0));
    cap = limit.rlim_cur < FD_SETSIZE ? (int)limit.rlim_cur : FD_SETSIZE;
    cap -= OTHERS + servers * (fd_g_config->cnf_thr_srv + QUEUED_PER_SERVER);
    mcx_descriptors_set_cap(cap);
    return descriptor_in_use() + ROOM_MIN <= cap ? 0 : refuse_descriptors(limit.rlim_cur, cap);
}

static int check_daemon(void)
{
    /* It follows 3006 on its own, before our check of realms (trap R6). */
    if (mcx_daemon_line("rt_redirect") > 0)
        return mcx_refuse_daemon("rt_redirect",
                                 "LoadExtension rt_redirect.fdx: sends requests to hosts that a "
                                 "redirect names; take this line out");
    if (!fd_g_config->cnf_flags.no_fwd)
        mcx_log(MCX_LOG_WARN, "ev=no_relay_missing remedy=\"write NoRelay; into freeDiameter's "
                              "configuration: this node announces itself as a relay\"");
    if (fd_g_config->cnf_thr_srv < THREADS_WANTED)
        mcx_log(MCX_LOG_WARN,
                "ev=few_threads threads_per_server=%d remedy=\"ThreadsPerServer = %d; idle "
                "connections hold one each for 20 s\"",
                fd_g_config->cnf_thr_srv, THREADS_WANTED);
    return 0;
}

static void check_configured_peers(void)
{
    if (pthread_rwlock_rdlock(&fd_g_peers_rw) != 0)
        return;
    for (struct fd_list *li = fd_g_peers.next; li != &fd_g_peers; li = li->next) {
        struct peer_hdr *peer = (struct peer_hdr *)li->o;

        if (mcx_border_party(mcx_span(peer->info.pi_diamid, peer->info.pi_diamidlen)).kind ==
            MCX_PARTY_NONE)
            mcx_log(MCX_LOG_WARN,
                    "ev=peer_not_listed peer=%s remedy=\"ConnectPeer names a host that border in "
                    "mcx.conf does not: it will be refused\"",
                    MCX_SAFE(mcx_span(peer->info.pi_diamid, peer->info.pi_diamidlen)));
    }
    pthread_rwlock_unlock(&fd_g_peers_rw);
}

int mcx_border_check_daemon(void)
{
    int ret = check_daemon();

    if (ret != 0)
        return ret;
    check_configured_peers();
    return limit_descriptors();
}
