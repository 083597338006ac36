/* SPDX-License-Identifier: Apache-2.0 */
/* The sender under threads (run under TSan by the tsan preset), with freeDiameter's side replaced:
 * no party ever has more inside than its window, a peer that is stuck holds up nobody else, lost
 * connections cost no places, and every message ends exactly once. */
#include <check.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "diameter/border.h"
#include "diameter/gate.h"
#include "diameter/lane.h"
#include "diameter/sender.h"

enum { PEERS = 5, PARTNER_PEERS = 2, PRODUCERS = 3, ANSWERS_MAX = 1000, EACH = 4000, ROOM = 64 };

/* What stands for a struct msg. */
struct fake {
    int peer;
    struct msg_hdr header;
};

static atomic_long made, freed, sent, failed;
static atomic_uint octets_each = 500;
static atomic_int over_window;
static struct mcx_conf_partner partner = {.system_id = {.len = 7, .octets = "partner"}};

static struct net {
    struct peer_hdr peer; /* first: freeDiameter's view */
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t wake;
    struct fake *queue[ROOM];
    size_t count;
    bool is_open, is_stuck, is_ending, is_another;
    pthread_t thread;
} nets[PEERS];

static char names[PEERS][32] = {"hss.partner.example", "slf.partner.example",
                                "a.ims.primary.example", "b.ims.primary.example",
                                "c.ims.primary.example"};

/* ---- freeDiameter, replaced ---- */

int fd_msg_free(msg_or_avp *msg)
{
    atomic_fetch_add(&freed, 1);
    free(msg);
    return 0;
}

int fd_msg_update_length(msg_or_avp *msg)
{
    return 0; /* its maker said it */
}

int fd_msg_hdr(struct msg *msg, struct msg_hdr **header)
{
    *header = &((struct fake *)msg)->header;
    return 0;
}

int fd_msg_answ_getq(struct msg *answer, struct msg **request)
{
    *request = answer;
    return 0;
}

int fd_msg_source_get(struct msg *msg, DiamId_t *host, size_t *len)
{
    *host = names[((struct fake *)msg)->peer];
    *len = strlen(*host);
    return 0;
}

int fd_peer_get_state(struct peer_hdr *peer)
{
    struct net *net = (struct net *)peer;
    bool is_open;

    pthread_mutex_lock(&net->lock);
    is_open = net->is_open;
    pthread_mutex_unlock(&net->lock);
    return is_open ? STATE_OPEN : STATE_CLOSED;
}

int fd_stat_getstats(enum fd_stat_type stat, struct peer_hdr *peer, int *current_count,
                     int *limit_count, int *highest_count, long long *total_count,
                     struct timespec *total, struct timespec *blocking, struct timespec *last)
{
    struct net *net = (struct net *)peer;

    *current_count = 0;
    if (stat == STAT_P_TOSEND) {
        pthread_mutex_lock(&net->lock);
        *current_count = (int)net->count;
        pthread_mutex_unlock(&net->lock);
    }
    return 0;
}

/* Under net->lock. */
static void lose_all(struct net *net)
{
    while (net->count > 0)
        fd_msg_free((struct msg *)net->queue[--net->count]);
}

int fd_msg_send(struct msg **msg, void (*anscb)(void *, struct msg **), void *data)
{
    struct fake *fake = (struct fake *)*msg;
    struct net *net = &nets[fake->peer];

    pthread_mutex_lock(&net->lock);
    if (net->count >= MCX_LANE_WINDOW)
        atomic_fetch_add(&over_window, 1);
    ck_assert_uint_lt(net->count, ROOM);
    net->queue[net->count++] = fake;
    if (!net->is_open)
        lose_all(net);
    pthread_cond_signal(&net->wake);
    pthread_mutex_unlock(&net->lock);
    *msg = NULL;
    return 0;
}

int fd_msg_send_timeout(struct msg **msg, void (*anscb)(void *, struct msg **), void *data,
                        void (*expirecb)(void *, DiamId_t, size_t, struct msg **),
                        const struct timespec *timeout)
{
    return fd_msg_send(msg, anscb, data);
}

/* ---- our other modules, replaced ---- */

struct mcx_party mcx_border_party(struct mcx_span host)
{
    if (mcx_span_ends_nocase(host, mcx_span_of(".partner.example")))
        return (struct mcx_party){.kind = MCX_PARTY_PARTNER, .partner = &partner};
    return (struct mcx_party){.kind = MCX_PARTY_CORE};
}

bool mcx_border_is_past(struct msg *request)
{
    struct net *net = &nets[((struct fake *)request)->peer];
    bool is_past;

    pthread_mutex_lock(&net->lock);
    is_past = net->is_another;
    pthread_mutex_unlock(&net->lock);
    return is_past;
}

static void request_failed(uint64_t number, const char *reason)
{
    atomic_fetch_add(&failed, 1);
}

static void request_answered(void *data, struct msg **answer)
{
}

static void request_expired(void *data, DiamId_t peer, size_t len, struct msg **request)
{
}

static atomic_bool nobody_waits;

static bool request_is_awaited(uint64_t number)
{
    return !atomic_load(&nobody_waits);
}

static const struct mcx_reply_ops request_ops = {.answered = request_answered,
                                                 .expired = request_expired,
                                                 .failed = request_failed,
                                                 .is_awaited = request_is_awaited};

/* ---- players ---- */

static void *net_main(void *arg)
{
    struct net *net = arg;

    pthread_mutex_lock(&net->lock);
    while (!net->is_ending) {
        struct fake *fake = NULL;

        if (net->count == 0 || net->is_stuck) {
            pthread_cond_wait(&net->wake, &net->lock);
            continue;
        }
        fake = net->queue[0];
        memmove(net->queue, net->queue + 1, --net->count * sizeof fake);
        pthread_mutex_unlock(&net->lock);
        mcx_sender_sent(&net->peer, (struct msg *)fake);
        atomic_fetch_add(&sent, 1);
        free(fake);
        pthread_mutex_lock(&net->lock);
    }
    lose_all(net);
    pthread_mutex_unlock(&net->lock);
    return NULL;
}

static void set(int number, bool is_open, bool is_stuck)
{
    struct net *net = &nets[number];

    pthread_mutex_lock(&net->lock);
    net->is_open = is_open;
    net->is_stuck = is_stuck;
    if (!is_open)
        lose_all(net);
    pthread_cond_signal(&net->wake);
    pthread_mutex_unlock(&net->lock);
}

static void post(int peer)
{
    const struct mcx_party party = {.kind = MCX_PARTY_PARTNER, .partner = &partner};
    struct fake *fake = malloc(sizeof *fake);
    struct msg *msg = (struct msg *)fake;

    *fake = (struct fake){.peer = peer, .header.msg_length = atomic_load(&octets_each)};
    atomic_fetch_add(&made, 1);
    if (peer != 0) {
        mcx_sender_answer(&msg);
    } else if (mcx_sender_request(&msg, &party, mcx_span(NULL, 0), &request_ops, 1, 1000) !=
               MCX_OK) {
        fd_msg_free(msg);
    }
}

static long ended(void)
{
    return atomic_load(&sent) + atomic_load(&freed);
}

static void *produce(void *arg)
{
    for (int i = 0; i < EACH; i++) {
        post((i + (int)(uintptr_t)arg) % PEERS);
        while (atomic_load(&made) - ended() > 2000) /* far below what a lane takes */
            sched_yield();
    }
    return NULL;
}

static void setup(void)
{
    fd_list_init(&fd_g_peers, NULL);
    for (int i = 0; i < PEERS; i++) {
        struct net *net = &nets[i];

        fd_list_init(&net->peer.chain, net);
        net->peer.info.pi_diamid = names[i];
        net->peer.info.pi_diamidlen = strlen(names[i]);
        fd_list_insert_before(&fd_g_peers, &net->peer.chain);
        pthread_mutex_init(&net->lock, NULL);
        pthread_cond_init(&net->wake, NULL);
        net->is_open = true;
        ck_assert_int_eq(pthread_create(&net->thread, NULL, net_main, net), 0);
    }
    ck_assert_int_eq(mcx_sender_start(ANSWERS_MAX), 0);
}

/* All that was made has ended, once each. */
static void finish(void)
{
    mcx_gate_close();
    mcx_sender_stop();
    for (int i = 0; i < PEERS; i++) {
        pthread_mutex_lock(&nets[i].lock);
        nets[i].is_ending = true;
        pthread_cond_signal(&nets[i].wake);
        pthread_mutex_unlock(&nets[i].lock);
        pthread_join(nets[i].thread, NULL);
    }
    ck_assert_int_eq(ended(), atomic_load(&made));
    ck_assert_int_eq(atomic_load(&over_window), 0);
}

static void run_producers(void (*meanwhile)(int turn))
{
    pthread_t thread[PRODUCERS];

    for (uintptr_t i = 0; i < PRODUCERS; i++)
        ck_assert_int_eq(pthread_create(&thread[i], NULL, produce, (void *)i), 0);
    for (int turn = 0; turn < 200; turn++)
        meanwhile(turn);
    for (int i = 0; i < PRODUCERS; i++)
        pthread_join(thread[i], NULL);
}

static void nothing(int turn)
{
    sched_yield();
}

static void flap(int turn)
{
    set(turn % PEERS, turn / PEERS % 2 == 0, false);
    sched_yield();
}

static void wait_until_sent(long wanted)
{
    while (atomic_load(&sent) < wanted)
        sched_yield(); /* the test's time limit ends it */
}

START_TEST(test_all_is_sent_and_none_beyond_the_window)
{
    run_producers(nothing);
    wait_until_sent(PRODUCERS * EACH);
    finish();
    ck_assert_int_eq(atomic_load(&freed), 0);
}
END_TEST

START_TEST(test_stuck_peer_holds_up_nobody_else)
{
    set(3, true, true);
    for (int i = 0; i < 1000; i++)
        post(3);
    for (int i = 0; i < 1000; i++)
        post(4);
    wait_until_sent(1000);
    set(3, true, false);
    wait_until_sent(2000);
    finish();
}
END_TEST

static void wait_until_held(int peer, size_t wanted)
{
    size_t count = 0;

    while (count < wanted) {
        pthread_mutex_lock(&nets[peer].lock);
        count = nets[peer].count;
        pthread_mutex_unlock(&nets[peer].lock);
    }
}

START_TEST(test_what_nobody_waits_for_any_more_stays_here)
{
    set(0, true, true);
    for (int i = 0; i < 1000; i++)
        post(0);
    wait_until_held(0, MCX_LANE_WINDOW);
    atomic_store(&nobody_waits, true);
    set(0, true, false);
    while (ended() < 1000)
        sched_yield(); /* the test's time limit ends it */
    ck_assert_int_eq(atomic_load(&sent), MCX_LANE_WINDOW);
    atomic_store(&nobody_waits, false);
    post(0);
    wait_until_sent(MCX_LANE_WINDOW + 1);
    finish();
}
END_TEST

START_TEST(test_all_answers_of_a_peer_may_end_at_once)
{
    const long all = MCX_LANE_MAX + ANSWERS_MAX + MCX_LANE_WINDOW;

    set(2, true, true);
    post(2); /* the window fills before anything waits */
    post(2);
    post(2);
    post(2);
    wait_until_held(2, MCX_LANE_WINDOW);
    for (long i = MCX_LANE_WINDOW; i < all; i++)
        post(2);
    ck_assert_int_eq(atomic_load(&freed), 0);
    post(2);
    ck_assert_int_eq(atomic_load(&freed), 1);
    set(2, true, false);
    wait_until_sent(all);
    finish();
}
END_TEST

START_TEST(test_what_waits_for_a_peer_is_bounded_in_octets)
{
    enum { EACH_OCTETS = 65532, MOST = MCX_LANE_OCTETS / EACH_OCTETS, MORE = 10 };

    atomic_store(&octets_each, EACH_OCTETS);
    set(2, true, true);
    for (int i = 0; i < MCX_LANE_WINDOW; i++)
        post(2);
    wait_until_held(2, MCX_LANE_WINDOW);
    for (int i = 0; i < MOST + MORE; i++)
        post(2);
    ck_assert_int_eq(atomic_load(&freed), MORE);
    post(3);
    wait_until_sent(1);
    set(2, true, false);
    wait_until_sent(1 + MCX_LANE_WINDOW + MOST);
    for (int i = 0; i < MOST; i++) /* what has left makes room */
        post(2);
    wait_until_sent(1 + MCX_LANE_WINDOW + 2L * MOST);
    finish();
}
END_TEST

/* freeDiameter holds so many for that peer, and then its connection is lost. */
static void lose(int peer, size_t held)
{
    set(peer, true, true);
    for (size_t i = 0; i < held; i++)
        post(peer);
    wait_until_held(peer, held);
    set(peer, false, false);
    set(peer, true, false);
}

START_TEST(test_lost_connections_cost_no_places)
{
    for (size_t held = 1; held <= MCX_LANE_WINDOW; held++) {
        long before = atomic_load(&sent);

        for (int peer = PARTNER_PEERS; peer < PEERS; peer++)
            lose(peer, held);
        for (int i = 0; i < 50; i++)
            for (int peer = PARTNER_PEERS; peer < PEERS; peer++)
                post(peer);
        wait_until_sent(before + 50L * (PEERS - PARTNER_PEERS));
    }
    finish();
}
END_TEST

START_TEST(test_answers_of_another_connection_stay_here)
{
    set(2, true, true);
    post(2);
    post(2);
    post(2);
    post(2);
    wait_until_held(2, MCX_LANE_WINDOW);
    for (int i = 0; i < 50; i++)
        post(2);
    pthread_mutex_lock(&nets[2].lock);
    nets[2].is_another = true;
    pthread_mutex_unlock(&nets[2].lock);
    set(2, true, false);
    while (ended() < MCX_LANE_WINDOW + 50)
        sched_yield(); /* the test's time limit ends it */
    ck_assert_int_eq(atomic_load(&freed), 50);
    finish();
}
END_TEST

START_TEST(test_request_without_a_connection_fails_at_once)
{
    set(0, false, false);
    set(1, false, false);
    post(0);
    while (atomic_load(&failed) == 0)
        sched_yield();
    finish();
}
END_TEST

START_TEST(test_stop_in_the_middle_ends_every_message)
{
    set(2, true, true);
    run_producers(flap);
    finish();
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("sender");
    Suite *suite = suite_create("diameter/sender");
    SRunner *runner = srunner_create(suite);
    int failures = 0;

    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, setup, NULL);
    tcase_add_test(tcase, test_all_is_sent_and_none_beyond_the_window);
    tcase_add_test(tcase, test_stuck_peer_holds_up_nobody_else);
    tcase_add_test(tcase, test_what_nobody_waits_for_any_more_stays_here);
    tcase_add_test(tcase, test_all_answers_of_a_peer_may_end_at_once);
    tcase_add_test(tcase, test_what_waits_for_a_peer_is_bounded_in_octets);
    tcase_add_test(tcase, test_lost_connections_cost_no_places);
    tcase_add_test(tcase, test_answers_of_another_connection_stay_here);
    tcase_add_test(tcase, test_request_without_a_connection_fails_at_once);
    tcase_add_test(tcase, test_stop_in_the_middle_ends_every_message);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
