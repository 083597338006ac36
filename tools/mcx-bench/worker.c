/* SPDX-License-Identifier: Apache-2.0 */
/* The loop: ask what is due, write, wait in epoll, read. In the open loop a request that finds no
 * free slot keeps the time at which it was due, so a slow server can't hide its latency. */
#include "worker.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/random.h"

#define EXPIRE_US 100000 /* how often old requests are looked for */

volatile sig_atomic_t worker_is_interrupted;

struct schedule {
    int64_t warm_us, end_us;         /* end 0: by count */
    uint64_t asked, counted, wanted; /* wanted 0: by duration */
    double interval_us;              /* open loop; 0: closed */
    uint64_t random;
    long next_load;
    bool is_over;
};

static struct schedule plan(const struct worker *worker)
{
    const struct bench_options *options = worker->options;
    struct schedule schedule = {0};
    schedule.warm_us = worker->start_us + (int64_t)(options->warmup_s * 1e6);
    if (options->count)
        schedule.wanted = (uint64_t)(options->count / worker->workers +
                                     (worker->number < options->count % worker->workers));
    else
        schedule.end_us = schedule.warm_us + (int64_t)(options->duration_s * 1e6);
    if (options->rate > 0)
        schedule.interval_us = 1e6 * (double)worker->workers / options->rate;
    mcx_random(&schedule.random, sizeof(schedule.random));
    schedule.random |= 1;
    return schedule;
}

static uint64_t next_user(const struct worker *worker, struct schedule *schedule)
{
    if (!worker->options->is_random)
        return ((uint64_t)worker->number + schedule->asked * (uint64_t)worker->workers) %
               worker->user_count;
    schedule->random ^= schedule->random << 13; /* xorshift64 */
    schedule->random ^= schedule->random >> 7;
    schedule->random ^= schedule->random << 17;
    return schedule->random % worker->user_count;
}

static void ask(struct worker *worker, struct schedule *schedule, struct load *load, int64_t due_us)
{
    load->ops->ask(load, next_user(worker, schedule), due_us);
    schedule->asked++;
    if (due_us < schedule->warm_us)
        return;
    worker->stats.sent++;
    schedule->counted++;
}

static bool is_over(const struct schedule *schedule, int64_t due_us)
{
    if (worker_is_interrupted)
        return true;
    return schedule->wanted ? schedule->counted >= schedule->wanted : due_us >= schedule->end_us;
}

static void ask_closed(struct worker *worker, struct schedule *schedule, int64_t now_us)
{
    schedule->is_over = is_over(schedule, now_us); /* also when a silent server holds every slot */
    for (long i = 0; i < worker->load_count; i++) {
        struct load *load = worker->loads[i];
        while (!schedule->is_over && !load->is_dead && load->free_count && !load->waits_for_write) {
            ask(worker, schedule, load, now_us);
            schedule->is_over = is_over(schedule, now_us);
        }
    }
}

static int64_t next_due(const struct worker *worker, const struct schedule *schedule)
{
    double offset = (double)worker->number / (double)worker->workers;
    return worker->start_us + (int64_t)(((double)schedule->asked + offset) * schedule->interval_us);
}

static struct load *free_load(struct worker *worker, struct schedule *schedule)
{
    for (long i = 0; i < worker->load_count; i++) {
        struct load *load = worker->loads[schedule->next_load++ % worker->load_count];
        if (!load->is_dead && load->free_count)
            return load;
    }
    return NULL;
}

/* The time of the next request, 0 when an answer must come first. */
static int64_t ask_open(struct worker *worker, struct schedule *schedule, int64_t now_us)
{
    for (;;) {
        int64_t due_us = next_due(worker, schedule);
        schedule->is_over = is_over(schedule, due_us);
        if (schedule->is_over)
            return 0;
        if (due_us > now_us)
            return due_us;
        struct load *load = free_load(worker, schedule);
        if (!load)
            return 0;
        ask(worker, schedule, load, due_us);
    }
}

static void arm(int timer, int64_t at_us)
{
    struct itimerspec spec = {.it_value = {at_us / 1000000, at_us % 1000000 * 1000}};
    timerfd_settime(timer, TFD_TIMER_ABSTIME, &spec, NULL);
}

/* A load may have another socket than before; a closed one left the epoll by itself. */
static void watch(struct load *load, int epoll)
{
    struct epoll_event event = {.events = EPOLLIN | (load->waits_for_write ? EPOLLOUT : 0),
                                .data = {.ptr = load}};
    if (load->conn.fd < 0 || load->is_dead ||
        (load->is_watched && load->waits_for_write == load->is_watched_for_write))
        return;
    epoll_ctl(epoll, load->is_watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, load->conn.fd, &event);
    load->is_watched = true;
    load->is_watched_for_write = load->waits_for_write;
}

static void flush_all(struct worker *worker, int epoll)
{
    for (long i = 0; i < worker->load_count; i++) {
        struct load *load = worker->loads[i];
        if (!load->is_dead)
            load->ops->flush(load);
        watch(load, epoll);
    }
}

static void wait_and_read(struct worker *worker, int epoll, int timer)
{
    struct epoll_event events[64];
    uint64_t ticks;
    int count = epoll_wait(epoll, events, 64, 50);
    for (int i = 0; i < count; i++) {
        struct load *load = events[i].data.ptr;
        if (!load && read(timer, &ticks, sizeof(ticks)) < 0)
            continue;
        if (load && !load->is_dead)
            load->ops->read(load);
        if (load && load->is_dead && load->conn.fd >= 0)
            epoll_ctl(epoll, EPOLL_CTL_DEL, load->conn.fd, NULL);
    }
}

static uint64_t in_flight(const struct worker *worker, bool *is_anyone_left)
{
    uint64_t sum = 0;
    *is_anyone_left = false;
    for (long i = 0; i < worker->load_count; i++) {
        const struct load *load = worker->loads[i];
        sum += load->window - load->free_count;
        *is_anyone_left |= !load->is_dead;
    }
    return sum;
}

static bool set_up(struct worker *worker, int *epoll, int *timer)
{
    *epoll = epoll_create1(EPOLL_CLOEXEC);
    *timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN, .data = {.ptr = NULL}};
    for (long i = 0; i < worker->load_count; i++)
        worker->loads[i]->context = &worker->context;
    return *epoll >= 0 && *timer >= 0 && epoll_ctl(*epoll, EPOLL_CTL_ADD, *timer, &event) == 0;
}

static void loop(struct worker *worker, int epoll, int timer)
{
    struct schedule schedule = plan(worker);
    int64_t next_expiry_us = worker->start_us + EXPIRE_US;
    bool is_anyone_left = true;
    worker->context.counted_from_us = schedule.warm_us;
    worker->stats.first_us = schedule.warm_us;
    while (is_anyone_left) {
        int64_t now_us = mcx_clock_mono_us();
        if (!schedule.is_over && schedule.interval_us > 0)
            arm(timer, ask_open(worker, &schedule, now_us));
        else if (!schedule.is_over)
            ask_closed(worker, &schedule, now_us);
        flush_all(worker, epoll);
        if (in_flight(worker, &is_anyone_left) == 0 && schedule.is_over)
            return;
        wait_and_read(worker, epoll, timer);
        if (now_us < next_expiry_us)
            continue;
        next_expiry_us = now_us + EXPIRE_US;
        for (long i = 0; i < worker->load_count; i++)
            worker->loads[i]->ops->expire(worker->loads[i],
                                          now_us - worker->options->timeout_ms * 1000);
    }
}

void worker_run(struct worker *worker)
{
    int epoll, timer;
    worker->context.stats = &worker->stats;
    if (set_up(worker, &epoll, &timer))
        loop(worker, epoll, timer);
    else
        worker->stats.connections_lost++;
    close(timer);
    close(epoll);
}
