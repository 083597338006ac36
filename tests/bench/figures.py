# SPDX-License-Identifier: Apache-2.0
"""Saying and comparing what mcx-bench measured."""

import statistics


def say(text):
    print(text, flush=True)


def pairs(what, ours, other, count, against="bare"):
    """Interleaved; the order changes from pair to pair, so that neither always finds the warmer machine."""
    rows = []
    for number in range(count):
        first, second = (ours, other) if number % 2 == 0 else (other, ours)
        a, b = first()["rate"], second()["rate"]
        rate, reference = (a, b) if first is ours else (b, a)
        rows.append({"rate": rate, against: reference, "ratio": rate / reference})
        say(f"  pair {number + 1}: {rate:8.0f}/s  {against} {reference:8.0f}/s  ratio {rate / reference:.3f}")
    summary = {"pairs": rows}
    for key in ("rate", against, "ratio"):
        values = [row[key] for row in rows]
        summary[key] = {"median": statistics.median(values), "min": min(values), "max": max(values)}
    ratio = summary["ratio"]
    say(f"{what}: {summary['rate']['median']:.0f}/s of {summary[against]['median']:.0f}/s; ratio {ratio['median']:.3f} "
        f"({ratio['min']:.3f} to {ratio['max']:.3f})")
    return summary


def show_latency(what, result):
    latency = result["latency_ms"]
    say(f"{what} at {result['rate']:.0f}/s: p50 {latency['p50']:.2f}  p95 {latency['p95']:.2f}  p99 {latency['p99']:.2f}  "
        f"p99.9 {latency['p99_9']:.2f}  max {latency['max']:.2f} ms")
    return {"rate": result["rate"], **latency}


def judge(goal, is_met):
    """A goal of the project; on a small or busy machine a missed one is a figure, not a fault."""
    say(f"  goal {goal}: {'met' if is_met else 'MISSED'}")
    return {"goal": goal, "is_met": is_met}
