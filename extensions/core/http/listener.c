/* SPDX-License-Identifier: Apache-2.0 */
/* One thread accepts and keeps time; libmicrohttpd serves, in daemons of one thread each that get
 * connections in turn (its own pool does not go with a port of ours). libmicrohttpd would stop
 * accepting at its limit and let clients hang; we refuse them. The accepting thread starts the
 * daemons, so that their threads inherit its priority. */
#define _GNU_SOURCE /* accept4 */
#include "http/listener_private.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"

#define TLS_PRIORITY                                                                               \
    "SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2" /* as conf/ has it for Diameter */

enum {
    THREADS_MAX = 16,
    NICE = 5,           /* Diameter goes first */
    BACKLOG = 512,      /* connections that the kernel holds for us */
    AT_ONCE = 64,       /* accepted before time is kept again */
    TICK_MS = 100,      /* how late a late connection may be noticed */
    STACK_SIZE = 524288 /* of a serving thread: GnuTLS and two tokens' worth of buffers */
};

struct mcx_listener {
    struct mcx_listener_options options;
    int fd, wake;
    pthread_t thread;
    bool is_joined;
    int daemon_count, next;
    struct MHD_Daemon *daemon[THREADS_MAX];
    int64_t allowance_ms; /* when the allowance of new connections was last counted */
    double allowance;
    struct mcx_connections connections;
    pthread_mutex_t lock; /* guards state */
    pthread_cond_t changed;
    enum { STARTING, RUNNING, FAILED } state;
};

static void count(const struct mcx_listener *listener, enum mcx_metric metric, int64_t delta)
{
    if (listener->options.is_counted)
        mcx_metric_add(metric, delta);
}

static void on_connection(void *arg, struct MHD_Connection *connection, void **context,
                          enum MHD_ConnectionNotificationCode code)
{
    struct mcx_listener *listener = arg;
    const union MHD_ConnectionInfo *info;

    if (code != MHD_CONNECTION_NOTIFY_CLOSED)
        return;
    info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    mcx_connections_closed(&listener->connections, info ? (int)info->connect_fd : -1);
    count(listener, MCX_M_HTTPS_CONNECTIONS, -1);
}

static void on_notice(void *arg, const char *format, va_list args)
{
    char text[256];

    vsnprintf(text, sizeof text, format, args);
    text[strcspn(text, "\n")] = '\0';
    mcx_log_limited(MCX_LOG_DEBUG, "ev=http_notice text=%s", MCX_SAFE(mcx_span_of(text)));
}

void mcx_listener_due(struct mcx_listener *listener, struct MHD_Connection *connection,
                      enum mcx_due due)
{
    const struct mcx_listener_options *options = &listener->options;
    const int64_t now = mcx_clock_mono_ms();
    const int64_t due_ms[] = {[MCX_DUE_REQUEST] = now + options->request_ms,
                              [MCX_DUE_ANSWER] = 0,
                              [MCX_DUE_TAKING] = now + options->request_ms,
                              [MCX_DUE_NEXT] = now + options->idle_ms};
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);

    if (info)
        mcx_connections_due(&listener->connections, (int)info->connect_fd, due_ms[due]);
}

static struct MHD_Daemon *start_daemon(struct mcx_listener *listener)
{
    const struct mcx_listener_options *options = &listener->options;
    struct MHD_OptionItem tls[] = {
        {MHD_OPTION_HTTPS_CERT_CALLBACK2, 0, (void *)options->certificate},
        {MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t)TLS_PRIORITY},
        {MHD_OPTION_END, 0, NULL}};
    /* poll: with epoll, libmicrohttpd 0.9.75 spins while a client has sent part of a handshake. */
    unsigned flags = MHD_USE_POLL_INTERNAL_THREAD | MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ITC |
                     MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;

    return MHD_start_daemon(
        options->certificate ? flags | MHD_USE_TLS : flags, 0, NULL, NULL, options->handle,
        options->arg, MHD_OPTION_EXTERNAL_LOGGER, on_notice, NULL, MHD_OPTION_NOTIFY_COMPLETED,
        options->completed, options->arg, MHD_OPTION_NOTIFY_CONNECTION, on_connection, listener,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)options->connections_max * 2 + 16,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, options->head_max, MHD_OPTION_CONNECTION_TIMEOUT, 0U,
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_THREAD_STACK_SIZE, (size_t)STACK_SIZE,
        MHD_OPTION_ARRAY, options->certificate ? tls : tls + 2, MHD_OPTION_END);
}

/* A bucket that holds one second's worth. */
static bool is_allowed_now(struct mcx_listener *listener)
{
    const int64_t now = mcx_clock_mono_ms();
    const double most = listener->options.per_s;

    listener->allowance += (double)(now - listener->allowance_ms) * most / 1000;
    listener->allowance_ms = now;
    if (listener->allowance > most)
        listener->allowance = most;
    if (listener->allowance < 1)
        return false;
    listener->allowance -= 1;
    return true;
}

static const char *why_refused(struct mcx_listener *listener, int fd)
{
    int cap = mcx_descriptors_cap() - listener->options.leave_free;

    if (fd >= cap)
        return "descriptors";
    if (mcx_connections_count(&listener->connections) >= listener->options.connections_max)
        return "connections_max";
    return is_allowed_now(listener) ? NULL : "connections_per_s";
}

/* A reset, which the client sees at once and which leaves nothing behind here. */
static void refuse(struct mcx_listener *listener, int fd, const char *why)
{
    struct linger at_once = {.l_onoff = 1, .l_linger = 0};

    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    (void)close(fd);
    count(listener, MCX_M_HTTPS_REFUSED, 1);
    mcx_log_limited(MCX_LOG_WARN, "ev=connection_refused port=%sport reason=%s",
                    listener->options.name, why);
}

static void take(struct mcx_listener *listener, int fd, const struct sockaddr_storage *from,
                 socklen_t from_len)
{
    const char *why = why_refused(listener, fd);

    if (why) {
        refuse(listener, fd, why);
        return;
    }
    mcx_connections_open(&listener->connections, fd,
                         mcx_clock_mono_ms() + listener->options.request_ms);
    count(listener, MCX_M_HTTPS_CONNECTIONS, 1);
    listener->next = (listener->next + 1) % listener->daemon_count;
    if (MHD_add_connection(listener->daemon[listener->next], fd, (const struct sockaddr *)from,
                           from_len) == MHD_YES)
        return;
    mcx_connections_closed(&listener->connections, fd); /* libmicrohttpd has closed it */
    count(listener, MCX_M_HTTPS_CONNECTIONS, -1);
}

/* false: nothing more to accept now. */
static bool accept_one(struct mcx_listener *listener)
{
    struct sockaddr_storage from;
    socklen_t from_len = sizeof from;
    int fd =
        accept4(listener->fd, (struct sockaddr *)&from, &from_len, SOCK_NONBLOCK | SOCK_CLOEXEC);

    if (fd >= 0) {
        take(listener, fd, &from, from_len);
        return true;
    }
    if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
        mcx_log_limited(MCX_LOG_ERROR, "ev=accept_failed port=%sport reason=\"%m\"",
                        listener->options.name);
        (void)poll(NULL, 0, TICK_MS); /* or it would be asked again at once, for ever */
        return false;
    }
    return errno == ECONNABORTED || errno == EINTR;
}

static void serve(struct mcx_listener *listener)
{
    struct pollfd on[] = {{.fd = listener->fd, .events = POLLIN},
                          {.fd = listener->wake, .events = POLLIN}};
    int64_t next_look = 0;

    while (!on[1].revents) {
        int64_t now = mcx_clock_mono_ms();

        if (now >= next_look) {
            mcx_connections_end_late(&listener->connections, now);
            next_look = now + TICK_MS;
        }
        if (poll(on, 2, TICK_MS) < 0)
            on[0].revents = on[1].revents = 0;
        for (int i = 0; on[0].revents && i < AT_ONCE && accept_one(listener); i++)
            ;
    }
}

static void say_state(struct mcx_listener *listener, int state)
{
    pthread_mutex_lock(&listener->lock);
    listener->state = state;
    pthread_cond_broadcast(&listener->changed);
    pthread_mutex_unlock(&listener->lock);
}

static void *run(void *arg)
{
    struct mcx_listener *listener = arg;

    (void)setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), NICE);
    while (listener->daemon_count < listener->options.threads) {
        struct MHD_Daemon *daemon = start_daemon(listener);

        if (!daemon) {
            say_state(listener, FAILED);
            return NULL;
        }
        listener->daemon[listener->daemon_count++] = daemon;
    }
    say_state(listener, RUNNING);
    serve(listener);
    return NULL;
}

#define NO_ROOM                                                                                    \
    "cannot be served: the system is out of memory, threads or descriptors; raise their limits"

/* Either the address or the port is to blame. */
static enum mcx_err blame(struct mcx_conf_problem *problem,
                          const struct mcx_listener_options *options, const char *what)
{
    return mcx_conf_blame(options->conf, problem,
                          mcx_conf_label("%s%s", options->name, "port").text, "%d: %s",
                          options->port, what);
}

static enum mcx_err blame_address(struct mcx_conf_problem *problem,
                                  const struct mcx_listener_options *options, const char *what)
{
    return mcx_conf_blame(
        options->conf, problem, mcx_conf_label("%s%s", options->name, "address").text,
        "\"%s\": %s; write a numeric address of this host", options->address, what);
}

static enum mcx_err blame_bind(struct mcx_conf_problem *problem,
                               const struct mcx_listener_options *options, int error)
{
    if (error == EADDRNOTAVAIL || error == EAFNOSUPPORT)
        return blame_address(problem, options, strerror(error));
    return mcx_conf_blame(options->conf, problem,
                          mcx_conf_label("%s%s", options->name, "port").text,
                          "%d on %s: %s; give each daemon its own port, one that its user may bind "
                          "and nobody has",
                          options->port, options->address, strerror(error));
}

/* -1 with errno, or -2: no address. */
static int bind_port(const struct mcx_listener_options *options)
{
    const struct addrinfo hints = {.ai_family = AF_UNSPEC,
                                   .ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE};
    struct addrinfo *found = NULL;
    char service[16];
    const int on = 1, off = 0;
    int fd, saved;

    snprintf(service, sizeof service, "%d", options->port);
    if (getaddrinfo(options->address, service, &hints, &found) != 0)
        return -2;
    fd = socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd >= 0) {
        (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        if (found->ai_family == AF_INET6)
            (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
        if (bind(fd, found->ai_addr, found->ai_addrlen) != 0 || listen(fd, BACKLOG) != 0) {
            saved = errno;
            close(fd);
            errno = saved;
            fd = -1;
        }
    }
    freeaddrinfo(found);
    return fd;
}

static enum mcx_err open_port(struct mcx_listener *listener, struct mcx_conf_problem *problem)
{
    listener->fd = bind_port(&listener->options);
    if (listener->fd == -2)
        return blame_address(problem, &listener->options, "is not numeric");
    if (listener->fd < 0)
        return blame_bind(problem, &listener->options, errno);
    listener->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return listener->wake >= 0 ? MCX_OK : blame(problem, &listener->options, NO_ROOM);
}

static enum mcx_err start_threads(struct mcx_listener *listener, struct mcx_conf_problem *problem)
{
    sigset_t all, before;
    bool is_running;
    int ret;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before); /* signals are for freeDiameter's threads */
    ret = pthread_create(&listener->thread, NULL, run, listener);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (ret != 0)
        return blame(problem, &listener->options, NO_ROOM);
    listener->is_joined = false;
    pthread_mutex_lock(&listener->lock);
    while (listener->state == STARTING)
        pthread_cond_wait(&listener->changed, &listener->lock);
    is_running = listener->state == RUNNING;
    pthread_mutex_unlock(&listener->lock);
    return is_running ? MCX_OK : blame(problem, &listener->options, NO_ROOM);
}

enum mcx_err mcx_listener_start(const struct mcx_listener_options *options,
                                struct mcx_listener **out, struct mcx_conf_problem *problem)
{
    struct mcx_listener *listener = calloc(1, sizeof *listener);
    enum mcx_err err;

    *out = NULL;
    if (!listener)
        return blame(problem, options, NO_ROOM);
    listener->options = *options;
    listener->connections.is_counted = options->is_counted;
    listener->fd = listener->wake = -1;
    listener->is_joined = true;
    listener->allowance = options->per_s;
    listener->allowance_ms = mcx_clock_mono_ms();
    pthread_mutex_init(&listener->connections.lock, NULL);
    pthread_mutex_init(&listener->lock, NULL);
    pthread_cond_init(&listener->changed, NULL);
    err = open_port(listener, problem);
    *out = listener; /* callbacks use it from the first connection on */
    if (err == MCX_OK)
        err = start_threads(listener, problem);
    if (err != MCX_OK)
        mcx_listener_stop(out);
    return err;
}

void mcx_listener_close(struct mcx_listener *listener)
{
    const uint64_t one = 1;

    if (!listener->is_joined) {
        (void)!write(listener->wake, &one, sizeof one);
        pthread_join(listener->thread, NULL);
        listener->is_joined = true;
    }
    if (listener->fd >= 0)
        close(listener->fd);
    listener->fd = -1;
}

void mcx_listener_stop(struct mcx_listener **listener)
{
    struct mcx_listener *gone = *listener;

    if (!gone)
        return;
    mcx_listener_close(gone);
    for (int i = 0; i < gone->daemon_count; i++)
        MHD_stop_daemon(gone->daemon[i]);
    if (gone->wake >= 0)
        close(gone->wake);
    free(gone);
    *listener = NULL;
}
