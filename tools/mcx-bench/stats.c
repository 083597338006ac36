/* SPDX-License-Identifier: Apache-2.0 */
/* Counting, merging and showing. */
#include "stats.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

static void add_result(struct stats *stats, uint32_t code, bool is_experimental, uint64_t count)
{
    for (size_t i = 0; i < STATS_RESULTS_MAX; i++) {
        if (stats->results[i].count && (stats->results[i].code != code ||
                                        stats->results[i].is_experimental != is_experimental))
            continue;
        stats->results[i].code = code;
        stats->results[i].is_experimental = is_experimental;
        stats->results[i].count += count;
        return;
    }
}

void stats_result(struct stats *stats, uint32_t code, bool is_experimental)
{
    add_result(stats, code, is_experimental, 1);
}

void stats_merge(struct stats *into, const struct stats *from)
{
    histogram_merge(&into->latency, &from->latency);
    for (size_t i = 0; i < STATS_RESULTS_MAX && from->results[i].count; i++)
        add_result(into, from->results[i].code, from->results[i].is_experimental,
                   from->results[i].count);
    into->sent += from->sent;
    into->answered += from->answered;
    into->lost += from->lost;
    into->late += from->late;
    into->checked += from->checked;
    into->bad += from->bad;
    into->connections_lost += from->connections_lost;
    if (!into->first_us || from->first_us < into->first_us)
        into->first_us = from->first_us;
    if (from->last_us > into->last_us)
        into->last_us = from->last_us;
}

long stats_rss_kb(long pid)
{
    char path[64], line[256];
    long kb = -1;
    snprintf(path, sizeof(path), "/proc/%ld/status", pid);
    FILE *file = fopen(path, "re");
    if (!file)
        return -1;
    while (fgets(line, sizeof(line), file))
        if (sscanf(line, "VmRSS: %ld", &kb) == 1)
            break;
    fclose(file);
    return kb;
}

static int exit_status(const struct stats *stats, const struct stats_form *form)
{
    if (stats->connections_lost)
        return 5;
    if (stats->bad)
        return 6;
    if (stats->lost || stats->answered == 0)
        return 4;
    for (size_t i = 0; i < STATS_RESULTS_MAX && stats->results[i].count; i++)
        if (stats->results[i].code != form->ok || stats->results[i].is_experimental)
            return 3;
    return 0;
}

static double ms_at(const struct stats *stats, double part)
{
    return (double)histogram_at(&stats->latency, part) / 1000;
}

static json_t *latencies(const struct stats *stats)
{
    return json_pack("{s:f, s:f, s:f, s:f, s:f}", "p50", ms_at(stats, 0.5), "p95",
                     ms_at(stats, 0.95), "p99", ms_at(stats, 0.99), "p99_9", ms_at(stats, 0.999),
                     "max", (double)stats->latency.max_us / 1000);
}

static json_t *to_json(const struct stats *stats, const struct bench_options *options,
                       const struct stats_form *form, double rate, double seconds)
{
    char bad[32];
    snprintf(bad, sizeof(bad), "bad_%s", form->judged);
    json_t *results = json_object(), *memory = json_array();
    for (size_t i = 0; i < STATS_RESULTS_MAX && stats->results[i].count; i++) {
        char name[24];
        snprintf(name, sizeof(name), "%s%u", stats->results[i].is_experimental ? "exp:" : "",
                 stats->results[i].code);
        json_object_set_new(results, name, json_integer((json_int_t)stats->results[i].count));
    }
    for (long i = 0; i < options->pid_count; i++)
        json_array_append_new(memory,
                              json_pack("{s:I, s:I, s:I}", "pid", (json_int_t)options->pids[i],
                                        "before_kb", (json_int_t)stats->rss_before_kb[i],
                                        "after_kb", (json_int_t)stats->rss_after_kb[i]));
    return json_pack("{s:f, s:f, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:i}", "rate",
                     rate, "seconds", seconds, "sent", (json_int_t)stats->sent, "answered",
                     (json_int_t)stats->answered, "lost", (json_int_t)stats->lost, "late",
                     (json_int_t)stats->late, "connections_lost",
                     (json_int_t)stats->connections_lost, "checked", (json_int_t)stats->checked,
                     bad, (json_int_t)stats->bad, "latency_ms", latencies(stats), "results",
                     results, "memory", memory, "exit", exit_status(stats, form));
}

static void print(const struct stats *stats, const struct bench_options *options,
                  const struct stats_form *form, double rate, double seconds)
{
    printf("rate      %.0f/s over %.1f s\n", rate, seconds);
    printf("latency   p50 %.3f  p95 %.3f  p99 %.3f  p99.9 %.3f  max %.3f ms\n", ms_at(stats, 0.5),
           ms_at(stats, 0.95), ms_at(stats, 0.99), ms_at(stats, 0.999),
           (double)stats->latency.max_us / 1000);
    printf("requests  %llu sent, %llu answered, %llu lost, %llu late\n",
           (unsigned long long)stats->sent, (unsigned long long)stats->answered,
           (unsigned long long)stats->lost, (unsigned long long)stats->late);
    for (size_t i = 0; i < STATS_RESULTS_MAX && stats->results[i].count; i++)
        printf("result    %s%u: %llu\n", stats->results[i].is_experimental ? "experimental " : "",
               stats->results[i].code, (unsigned long long)stats->results[i].count);
    if (stats->checked)
        printf("%-9s %llu checked, %llu wrong\n", form->judged, (unsigned long long)stats->checked,
               (unsigned long long)stats->bad);
    for (long i = 0; i < options->pid_count; i++)
        printf("memory    of %ld: %ld kB before, %ld kB after\n", options->pids[i],
               stats->rss_before_kb[i], stats->rss_after_kb[i]);
    if (stats->connections_lost)
        printf("lost      %llu connections\n", (unsigned long long)stats->connections_lost);
}

int stats_report(const struct stats *stats, const struct bench_options *options,
                 const struct stats_form *form)
{
    double seconds = (double)(stats->last_us - stats->first_us) / 1e6;
    if (seconds <= 0)
        seconds = 0;
    double rate = seconds > 0 ? (double)stats->answered / seconds : 0;
    if (options->json) {
        json_t *json = to_json(stats, options, form, rate, seconds);
        json_dumpf(json, stdout, JSON_COMPACT | JSON_REAL_PRECISION(9));
        printf("\n");
        json_decref(json);
    } else {
        print(stats, options, form, rate, seconds);
    }
    return exit_status(stats, form);
}
