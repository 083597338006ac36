/* SPDX-License-Identifier: Apache-2.0 */
/* Puts the node together. Link seams: sender, pool, the socket of a connection, and freeDiameter's
 * own end of the process, which is a failure here. */
#define _GNU_SOURCE /* RTLD_NEXT */
#include "node.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "ca.h"
#include "diameter/border.h"
#include "diameter/guard.h"
#include "diameter/hooks.h"
#include "diameter/mar_service.h"
#include "diameter/relay.h"
#include "diameter/sender.h"

/* Exported by libfdcore 1.2.1, in no header: what freeDiameterd starts after its configuration. */
int fd_queues_init(void);
int fd_rtdisp_init(void);
extern struct fifo *fd_g_incoming;

enum { EVENTS = 8, SILENCE_S = 10 };

typedef void hook_callback(enum fd_hook_type, struct msg *, struct peer_hdr *, void *,
                           struct fd_hook_permsgdata *, void *);

static struct {
    pthread_mutex_t lock; /* guards event and count */
    pthread_cond_t wake;
    struct node_event event[EVENTS];
    size_t count;
    _Atomic enum node_outcome outcome;
    int sock;
    struct peer_hdr peer;
    struct mcx_mar_service *service;
    hook_callback *hook; /* of hooks.c */
} node = {.lock = PTHREAD_MUTEX_INITIALIZER, .wake = PTHREAD_COND_INITIALIZER};

/* In freeDiameter's threads, where Check must not be called. */
static void must(bool is_so)
{
    if (!is_so)
        abort();
}

static void happen(enum node_event_kind kind, struct msg *msg, uint64_t number)
{
    pthread_mutex_lock(&node.lock);
    must(node.count < EVENTS);

    node.event[node.count++] = (struct node_event){.kind = kind, .msg = msg, .number = number};
    pthread_cond_signal(&node.wake);
    pthread_mutex_unlock(&node.lock);
}

struct node_event node_wait(void)
{
    struct node_event event = {.kind = NODE_SILENCE};
    struct timespec until;
    int ret = 0;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += SILENCE_S;
    pthread_mutex_lock(&node.lock);
    while (node.count == 0 && ret == 0)
        ret = pthread_cond_timedwait(&node.wake, &node.lock, &until);
    if (node.count > 0) {
        event = node.event[0];
        memmove(node.event, node.event + 1, --node.count * sizeof node.event[0]);
    }
    pthread_mutex_unlock(&node.lock);
    return event;
}

/* diameter/sender.c */
int mcx_sender_start(size_t answers_max)
{
    return 0;
}

void mcx_sender_stop(void)
{
}

void mcx_sender_sent(struct peer_hdr *peer, const struct msg *msg)
{
}

void mcx_sender_answer(struct msg **answer)
{
    happen(NODE_ANSWER, *answer, 0);
    *answer = NULL;
}

enum mcx_err mcx_sender_request(struct msg **request, const struct mcx_party *party,
                                struct mcx_span host, const struct mcx_reply_ops *ops,
                                uint64_t number, uint32_t timeout_ms)
{
    happen(NODE_REQUEST, *request, number);
    *request = NULL;
    return MCX_OK;
}

/* store/pool.c */
enum mcx_err mcx_pool_start(const struct mcx_conf *conf, const struct mcx_pool_ops *ops, void *arg,
                            struct mcx_pool **out, struct mcx_conf_problem *problem)
{
    node.service = arg;
    *out = (struct mcx_pool *)&node;
    return MCX_OK;
}

void mcx_pool_stop(struct mcx_pool **pool)
{
    *pool = NULL;
}

static void fill_relay(struct mcx_mar_relay *relay, const struct mcx_mar_ask *ask)
{
    relay->iface = ask->iface;
    relay->items = ask->items < 5 ? ask->items : 5;
    must(mcx_str_set(&relay->system, LITERAL("primary")) == MCX_OK);
    must(mcx_str_set(&relay->realm, LITERAL("primary.example")) == MCX_OK);
    must(mcx_str_set(&relay->impi, LITERAL("user@primary.example")) == MCX_OK);
    must(mcx_str_set(&relay->impu, LITERAL("sip:user@primary.example")) == MCX_OK);
}

enum mcx_err mcx_pool_post(struct mcx_pool *pool, struct mcx_job *queued)
{
    struct mcx_mar_job *job = (struct mcx_mar_job *)queued;
    struct mcx_mar_outcome outcome = {.what = MCX_MAR_REFUSE,
                                      .reason = "test",
                                      .result = mcx_result_experimental(MCX_EXP_USER_UNKNOWN)};

    if (atomic_load(&node.outcome) == NODE_SERVE) {
        outcome.what = MCX_MAR_SERVE;
        outcome.result = mcx_result_code(MCX_RC_SUCCESS);
        outcome.item_count = 1;
        outcome.item[0].xres_len = 8;
    } else if (atomic_load(&node.outcome) == NODE_RELAY) {
        outcome.what = MCX_MAR_RELAY;
        fill_relay(&outcome.relay, &job->ask);
    }
    node.service->done(job->number, &job->ask, &outcome);
    free(job);
    return MCX_OK;
}

/* libfdcore's: the connection of our one peer, and the end of the daemon. */
int fd_peer_cnx_proto_info(struct peer_hdr *peer, char *buf, size_t len)
{
    snprintf(buf, len, "TCP,soc#%d", node.sock);
    return 0;
}

__attribute__((visibility("default"))) int fd_core_shutdown(void)
{
    fputs("freeDiameter gave up: a peer could have ended the daemon\n", stderr);
    abort();
}

/* The first to register is hooks.c. */
int fd_hook_register(uint32_t mask, hook_callback *callback, void *arg,
                     struct fd_hook_data_hdl *data, struct fd_hook_hdl **handle)
{
    int (*real)(uint32_t, hook_callback *, void *, struct fd_hook_data_hdl *,
                struct fd_hook_hdl **) = dlsym(RTLD_NEXT, "fd_hook_register");

    if (!node.hook)
        node.hook = callback;
    return real(mask, callback, arg, data, handle);
}

/* freeDiameter finds no open connection for its own answers and drops them: on a real node they
 * would leave. */
static void on_dropped(enum fd_hook_type type, struct msg *msg, struct peer_hdr *peer, void *other,
                       struct fd_hook_permsgdata *per_message, void *arg)
{
    struct msg_hdr *header = NULL;
    struct msg *request = NULL;
    DiamId_t source = NULL;
    uint8_t *octets = NULL;
    size_t len = 0;

    must(fd_msg_hdr(msg, &header) == 0);
    if (!(header->msg_flags & CMD_FLAG_REQUEST) && fd_msg_answ_getq(msg, &request) == 0 &&
        request && fd_msg_source_get(request, &source, NULL) == 0 && source) {
        node_sending(msg);
        must(fd_msg_bufferize(msg, &octets, &len) == 0 && len < 65536);
        free(octets);
        happen(NODE_ERROR, NULL, 0);
    } else {
        happen(NODE_LOST, NULL, 0);
    }
}

void node_sending(struct msg *msg)
{
    node.hook(HOOK_MESSAGE_SENDING, msg, &node.peer, NULL, NULL, NULL);
}

void node_set_outcome(enum node_outcome outcome)
{
    atomic_store(&node.outcome, outcome);
}

static void write_file(const char *folder, const char *name, const char *text)
{
    char path[256];
    FILE *file = NULL;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert(fputs(text, file) >= 0);
    ck_assert_int_eq(fclose(file), 0);
    ck_assert_int_eq(chmod(path, 0600), 0);
}

static const char settings[] =
    "database = { conninfo = \"dbname=none\"; };\n"
    "hss = { answer_time_ms = 30000; };\n"
    "keys = ( { id = 1; file = \"kek.key\"; } );\n"
    "border = { sip_cores = ( { domain = \".ims.partner.example\"; realm = \"partner.example\";\n"
    "                           plain_from = (\"127.0.0.0/8\"); } );\n"
    "           partners = ( { system_id = \"primary\"; realms = (\"primary.example\");\n"
    "                          sip_databases = (\"hss.primary.example\");\n"
    "                          ca_file = \"ca.pem\"; } ); };\n";

static struct mcx_conf *load_settings(char *folder)
{
    static const char *const names[] = {"mcx.conf", "kek.key", "ca.pem"};
    struct mcx_conf_problem problem = {{0}};
    struct mcx_conf *conf = NULL;
    char path[256], key[65];

    memset(key, '7', 64);
    key[64] = 0;
    ck_assert_ptr_nonnull(mkdtemp(folder));
    write_file(folder, names[0], settings);
    write_file(folder, names[1], key);
    write_file(folder, names[2], ca_pem);
    snprintf(path, sizeof path, "%s/mcx.conf", folder);
    ck_assert_msg(mcx_conf_load(path, &conf, &problem) == MCX_OK, "%s", problem.text);
    ck_assert_int_eq(mcx_border_start(conf), 0);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        ck_assert_int_eq(unlink(path), 0);
    }
    ck_assert_int_eq(rmdir(folder), 0);
    return conf;
}

/* A connection from 127.0.0.1, accepted by the border at its CEA. */
static void connect_peer(void)
{
    struct sockaddr_in there = {.sin_family = AF_INET, .sin_port = htons(9)};
    struct msg *cea = NULL;

    there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    node.sock = socket(AF_INET, SOCK_DGRAM, 0);
    ck_assert_int_ge(node.sock, 0);
    ck_assert_int_eq(connect(node.sock, (struct sockaddr *)&there, sizeof there), 0);
    node.peer.info.pi_diamid = "scscf.ims.partner.example";
    node.peer.info.pi_diamidlen = strlen(node.peer.info.pi_diamid);
    node.peer.info.runtime.pir_realm = OWN_REALM;
    node.peer.info.runtime.pir_realmlen = strlen(OWN_REALM);
    ck_assert_int_eq(fd_msg_new(mcx_dict_request(MCX_CMD_MAR), 0, &cea), 0);
    ck_assert_int_eq(mcx_avp_add(cea, MCX_AVP_ORIGIN_HOST, LITERAL(OWN_HOST)), 0);
    ck_assert(mcx_border_connected(cea, &node.peer));
    fd_msg_free(cea);
}

void node_start(void)
{
    static struct fd_hook_hdl *handle;
    char folder[] = "/tmp/mcx-fuzz-XXXXXX";
    struct mcx_conf *conf = NULL;

    core_start();
    fd_g_config->cnf_flags.no_fwd = 1;
    if (!fd_g_incoming)
        ck_assert_int_eq(fd_queues_init(), 0);
    ck_assert_int_eq(fd_rtdisp_init(), 0);
    ck_assert_int_eq(mcx_hooks_start(), 0);
    ck_assert_int_eq(
        fd_hook_register(HOOK_MASK(HOOK_MESSAGE_DROPPED), on_dropped, NULL, NULL, &handle), 0);
    conf = load_settings(folder);
    ck_assert_int_eq(mcx_mar_service_start(conf), 0);
    connect_peer();
}

bool node_receive_request(struct mcx_span octets)
{
    struct msg *msg = core_parse(octets);

    if (!msg)
        return false;
    node.hook(HOOK_MESSAGE_RECEIVED, msg, &node.peer, NULL, NULL, NULL);
    if (!(core_flags(msg) & CMD_FLAG_REQUEST) || !fd_msg_is_routable(msg)) {
        fd_msg_free(msg);
        return false;
    }
    ck_assert_int_eq(fd_msg_source_set(msg, node.peer.info.pi_diamid, node.peer.info.pi_diamidlen),
                     0);
    ck_assert_int_eq(fd_fifo_post(fd_g_incoming, &msg), 0);
    return true;
}

/* As border.c does with a verified partner: its verdict on connections needs certificates. */
static void guard_answer(struct msg *answer)
{
    struct mcx_heard heard;
    struct mcx_verdict verdict;
    struct fd_pei error = {0};

    mcx_guard_read(answer, &heard, &verdict);
    if (verdict.rule != MCX_RULE_NONE ||
        fd_msg_parse_rules(answer, fd_g_config->cnf_dict, &error) != 0)
        mcx_guard_blank_answer(answer);
    if (error.pei_avp_free && error.pei_avp)
        fd_msg_free(error.pei_avp);
}

bool node_receive_answer(struct mcx_span octets, struct msg **request, uint64_t number)
{
    struct msg *msg = core_parse(octets);

    if (msg && (core_flags(msg) & CMD_FLAG_REQUEST || !fd_msg_is_routable(msg))) {
        fd_msg_free(msg);
        msg = NULL;
    }
    if (!msg) {
        fd_msg_free(*request);
        *request = NULL;
        return false;
    }
    guard_answer(msg);
    ck_assert_int_eq(fd_msg_anscb_associate(*request, mcx_relay_ops.answered,
                                            (void *)(uintptr_t)number, mcx_relay_ops.expired, NULL),
                     0);
    ck_assert_int_eq(fd_msg_answ_associate(msg, *request), 0);
    *request = NULL;
    ck_assert_int_eq(fd_msg_source_set(msg, "hss.primary.example", strlen("hss.primary.example")),
                     0);
    ck_assert_int_eq(fd_fifo_post(fd_g_incoming, &msg), 0);
    return true;
}
