/* SPDX-License-Identifier: Apache-2.0 */
/* The counters of base/metrics and a few facts of the process under the names that Prometheus'
 * own client libraries use. A thread of its own; reads /proc. */
#include "http/metrics.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/descriptors.h"
#include "base/log.h"
#include "base/metrics.h"
#include "http/listener.h"

enum { TEXT_MAX = 65536, CONNECTIONS = 16, PER_S = 100, TIME_MS = 5000, HEAD_MAX = 8192 };

struct mcx_metrics_endpoint {
    struct mcx_listener *listener;
    mcx_health health;
    char version[64];
    int64_t started_s;
};

static int open_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    int count = -3; /* ".", ".." and the folder's own */

    while (folder && readdir(folder))
        count++;
    if (folder)
        (void)closedir(folder);
    return count > 0 ? count : 0;
}

static int64_t resident_octets(void)
{
    FILE *file = fopen("/proc/self/statm", "re");
    int64_t pages = 0;

    if (file && fscanf(file, "%*d %" SCNd64, &pages) != 1)
        pages = 0;
    if (file)
        (void)fclose(file);
    return pages * sysconf(_SC_PAGESIZE);
}

static double cpu_seconds(void)
{
    struct rusage usage = {0};

    (void)getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_utime.tv_sec + (double)usage.ru_stime.tv_sec +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/* The length, 0 if it does not fit. */
static size_t process_text(const struct mcx_metrics_endpoint *endpoint, char *out, size_t size)
{
    struct rlimit limit = {0};
    int len;

    (void)getrlimit(RLIMIT_NOFILE, &limit);
    len = snprintf(out, size,
                   "# HELP mcx_info the build that runs\n# TYPE mcx_info gauge\n"
                   "mcx_info{version=\"%s\"} 1\n"
                   "# HELP process_start_time_seconds start, Unix time\n"
                   "# TYPE process_start_time_seconds gauge\n"
                   "process_start_time_seconds %" PRId64 "\n"
                   "# HELP process_cpu_seconds_total processor time used\n"
                   "# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total %.2f\n"
                   "# HELP process_resident_memory_bytes resident memory\n"
                   "# TYPE process_resident_memory_bytes gauge\n"
                   "process_resident_memory_bytes %" PRId64 "\n"
                   "# HELP process_open_fds open descriptors; peers are refused before 1024\n"
                   "# TYPE process_open_fds gauge\nprocess_open_fds %d\n"
                   "# HELP process_max_fds limit of open descriptors\n"
                   "# TYPE process_max_fds gauge\nprocess_max_fds %ju\n",
                   endpoint->version, endpoint->started_s, cpu_seconds(), resident_octets(),
                   open_descriptors(), (uintmax_t)limit.rlim_cur);
    return len > 0 && (size_t)len < size ? (size_t)len : 0;
}

static enum MHD_Result reply(struct MHD_Connection *connection, unsigned status, const char *type,
                             const char *text, size_t len)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(len, (void *)(uintptr_t)text, MHD_RESPMEM_MUST_COPY);
    enum MHD_Result result;

    if (!response)
        return MHD_NO;
    (void)MHD_add_response_header(response, "Content-Type", type);
    if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
        (void)MHD_add_response_header(response, "Allow", "GET, HEAD");
    result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result reply_words(struct MHD_Connection *connection, unsigned status,
                                   const char *words)
{
    char line[128];

    snprintf(line, sizeof line, "%s\n", words);
    return reply(connection, status, "text/plain; charset=utf-8", line, strlen(line));
}

static enum MHD_Result reply_metrics(const struct mcx_metrics_endpoint *endpoint,
                                     struct MHD_Connection *connection)
{
    char *text = malloc(TEXT_MAX);
    size_t len = text ? mcx_metrics_text(text, TEXT_MAX) : 0;
    enum MHD_Result result;

    if (len > 0)
        len += process_text(endpoint, text + len, TEXT_MAX - len);
    if (len > 0)
        result =
            reply(connection, MHD_HTTP_OK, "text/plain; version=0.0.4; charset=utf-8", text, len);
    else
        result = reply_words(connection, MHD_HTTP_INTERNAL_SERVER_ERROR, "no_memory");
    free(text);
    return result;
}

static enum MHD_Result handle(void *arg, struct MHD_Connection *connection, const char *path,
                              const char *method, const char *version, const char *upload,
                              size_t *upload_len, void **context)
{
    const struct mcx_metrics_endpoint *endpoint = arg;
    const char *trouble;

    if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
        return reply_words(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "method");
    if (strcmp(path, "/metrics") == 0)
        return reply_metrics(endpoint, connection);
    if (strcmp(path, "/healthz") != 0)
        return reply_words(connection, MHD_HTTP_NOT_FOUND, "there are /metrics and /healthz");
    trouble = endpoint->health ? endpoint->health() : NULL;
    return reply_words(connection, trouble ? MHD_HTTP_SERVICE_UNAVAILABLE : MHD_HTTP_OK,
                       trouble ? trouble : "ok");
}

enum mcx_err mcx_metrics_start(const struct mcx_conf *conf, const char *version, mcx_health health,
                               struct mcx_metrics_endpoint **out, struct mcx_conf_problem *problem)
{
    struct mcx_metrics_endpoint *endpoint;
    struct mcx_listener_options options = {.conf = conf,
                                           .name = "metrics.",
                                           .address = conf->metrics_address,
                                           .port = conf->metrics_port,
                                           .threads = 1,
                                           .connections_max = CONNECTIONS,
                                           .per_s = PER_S,
                                           .request_ms = TIME_MS,
                                           .idle_ms = TIME_MS * 12,
                                           .leave_free = MCX_DESCRIPTORS_FOR_PEERS,
                                           .head_max = HEAD_MAX,
                                           .handle = handle};
    enum mcx_err err;

    *out = NULL;
    if (conf->metrics_port == 0)
        return MCX_OK;
    endpoint = calloc(1, sizeof *endpoint);
    if (!endpoint) {
        snprintf(problem->text, sizeof problem->text, "metrics: %s", mcx_err_text(MCX_NO_MEMORY));
        return MCX_NO_MEMORY;
    }
    options.arg = endpoint;
    endpoint->health = health;
    endpoint->started_s = mcx_clock_real_after_ms(0).tv_sec;
    snprintf(endpoint->version, sizeof endpoint->version, "%s", version);
    err = mcx_listener_start(&options, &endpoint->listener, problem);
    if (err != MCX_OK) {
        free(endpoint);
        return err;
    }
    mcx_log(MCX_LOG_INFO, "ev=metrics_started address=%s port=%d", conf->metrics_address,
            conf->metrics_port);
    *out = endpoint;
    return MCX_OK;
}

void mcx_metrics_stop(struct mcx_metrics_endpoint **endpoint)
{
    if (!*endpoint)
        return;
    mcx_listener_stop(&(*endpoint)->listener);
    free(*endpoint);
    *endpoint = NULL;
}
