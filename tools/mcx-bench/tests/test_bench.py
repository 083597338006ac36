#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""mcx-bench against mcx-probe respond: every request is counted once, wrong vectors and silence are found out, the open
loop keeps its rate and counts the time that a request had to wait for its turn. Arguments: mcx-bench mcx-probe."""
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import unittest

BENCH, PROBE = sys.argv.pop(1), sys.argv.pop(1)
K, OPC = "465b5ce8b199b49faa5f0a2ee238a6bc", "cd63cb71954a9f4e48a5994e37a02baf"
KEYS = None


class Responder:
    def __init__(self, *options):
        self.child = subprocess.Popen(
            [PROBE, "respond", "--json", "--listen", "127.0.0.1:0", "--origin-host", "hss.primary.example", "--keys", KEYS,
             *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = json.loads(self.child.stdout.readline())["port"]
        self.lines = []
        self.reader = threading.Thread(target=lambda: self.lines.extend(self.child.stdout), daemon=True)
        self.reader.start()  # a full pipe would stop the responder

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.child.stdin.close()
        self.child.wait(timeout=20)
        self.reader.join()
        self.child.stdout.close()
        events = map(json.loads, self.lines)
        self.requests = [event for event in events if event["event"] == "request"]


def show(port, *options):
    """Exit status and what it prints for people."""
    command = [BENCH, "--connect", f"127.0.0.1:{port}", "--origin-domain", "ims.primary.example", "--warmup", "0",
               *map(str, options)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, timeout=60, check=False)
    assert K not in done.stdout and OPC not in done.stdout
    return done.returncode, done.stdout


def bench(port, *options):
    status, said = show(port, "--json", *options)
    return status, json.loads(said) if said else {}


class Bench(unittest.TestCase):
    def test_each_request_is_answered_and_checked_once(self):
        with Responder() as responder:
            rc, report = bench(responder.port, "--count", 60, "--users", "5:10", "--check", 1, "--keys", KEYS, "--connections",
                               3, "--threads", 2, "--window", 4)
        self.assertEqual((rc, report["sent"], report["answered"], report["checked"]), (0, 60, 60, 60))
        self.assertEqual(report["results"], {"2001": 60})
        self.assertEqual(len(responder.requests), 60)
        asked = {(request["user_name"], request["public_identity"]) for request in responder.requests}
        self.assertEqual(asked, {(f"{n:015d}@primary.example", f"sip:{n:015d}@primary.example") for n in range(5, 15)})
        self.assertEqual(len({request["session_id"] for request in responder.requests}), 60)
        self.assertEqual({request["origin_host"] for request in responder.requests},
                         {f"bench-{n}.ims.primary.example" for n in range(3)})

    def test_identities_of_a_file(self):
        with tempfile.NamedTemporaryFile("w") as lines:
            lines.write("a@x.example sip:b@x.example\nlonger-name@y.example sip:c@y.example\n")
            lines.flush()
            with Responder() as responder:
                rc, _ = bench(responder.port, "--count", 4, "--identities", lines.name)
        self.assertEqual(rc, 0)
        self.assertEqual([request["user_name"] for request in responder.requests],
                         ["a@x.example", "longer-name@y.example"] * 2)

    def test_wrong_vectors_are_found(self):
        with Responder("--behaviour", "short-ck") as responder:
            rc, report = bench(responder.port, "--count", 10, "--check", 2, "--keys", KEYS)
        self.assertEqual((rc, report["checked"], report["bad_vectors"]), (6, 5, 5))

    def test_sqns_are_written_as_they_come(self):
        with tempfile.NamedTemporaryFile("r") as sqns:
            with Responder("--seq", "41", "--ind", "3") as responder:
                rc, _ = bench(responder.port, "--count", 3, "--check", 1, "--keys", KEYS, "--sqn-file", sqns.name)
            self.assertEqual((rc, sqns.read().splitlines()),
                             (0, [f"{0:015d}@primary.example {seq} 3" for seq in (42, 43, 44)]))

    def test_errors_are_counted_by_code(self):
        with Responder("--behaviour", "result:5012", "--behaviour", "experimental:5001", "--behaviour",
                       "vectors") as responder:
            rc, report = bench(responder.port, "--count", 10)
        self.assertEqual((rc, report["results"]), (3, {"5012": 1, "exp:5001": 1, "2001": 8}))

    def test_silence_is_lost(self):
        with Responder("--behaviour", "silence") as responder:
            rc, report = bench(responder.port, "--count", 3, "--timeout", 300)
        self.assertEqual((rc, report["lost"], report["answered"]), (4, 3, 0))

    def test_late_answers_count_as_lost(self):
        with Responder("--behaviour", "late:600", "--behaviour", "late:1500") as responder:
            rc, report = bench(responder.port, "--count", 2, "--timeout", 400, "--window", 1, "--duration", 3)
        self.assertEqual((rc, report["lost"]), (4, 2))

    def test_lost_connection_is_told(self):
        with Responder("--behaviour", "vectors", "--behaviour", "close") as responder:
            rc, report = bench(responder.port, "--count", 20, "--window", 1)
        self.assertEqual((rc, report["connections_lost"], report["lost"]), (5, 1, 1))

    def test_open_loop_keeps_its_rate_and_counts_the_wait(self):
        with Responder("--behaviour", "late:300", "--behaviour", "vectors") as responder:
            rc, report = bench(responder.port, "--rate", 50, "--duration", 1, "--window", 1, "--timeout", 2000)
        self.assertEqual((rc, report["sent"]), (0, 50))
        # 15 requests were due while the first one blocked the only slot: they waited, and it shows.
        self.assertGreater(report["latency_ms"]["max"], 290)
        self.assertGreater(report["latency_ms"]["p95"], 150)
        self.assertLess(report["latency_ms"]["p50"], 100)
        self.assert_paced(report["rate"], report["seconds"], 50)
        parts = [report["latency_ms"][name] for name in ("p50", "p95", "p99", "p99_9", "max")]
        self.assertEqual(parts, sorted(parts))
        self.assertLess(parts[1], parts[2])  # the last 5 of 100 waited longest, 20 ms more each

    def assert_paced(self, rate, seconds, count):
        """As many answers as that at 50 a second, the last one in no hurry."""
        self.assertAlmostEqual(rate * seconds, count, delta=3)
        self.assertGreater(rate, 30)
        self.assertLess(rate, 55)

    def test_percentiles_tell_one_in_a_hundred_from_one_in_a_thousand(self):
        with Responder("--behaviour", "late:300", "--behaviour", "late:300", "--behaviour", "vectors") as responder:
            rc, report = bench(responder.port, "--count", 1000, "--window", 2, "--timeout", 5000)
        self.assertEqual((rc, report["answered"]), (0, 1000))
        self.assertLess(report["latency_ms"]["p99"], 290)
        self.assertGreater(report["latency_ms"]["p99_9"], 290)

    def test_people_read_the_same_figures(self):
        with Responder("--behaviour", "late:300", "--behaviour", "vectors") as responder:
            rc, said = show(responder.port, "--rate", 50, "--duration", 1, "--window", 1, "--timeout", 2000, "--check", 2,
                            "--keys", KEYS, "--pid", os.getpid())
        self.assertEqual(rc, 0, said)
        figure = r"(\d+\.\d{3})"
        found = re.fullmatch(
            r"rate      (\d+)/s over (\d+\.\d) s\n"
            rf"latency   p50 {figure}  p95 {figure}  p99 {figure}  p99\.9 {figure}  max {figure} ms\n"
            r"requests  50 sent, 50 answered, 0 lost, 0 late\n"
            r"result    2001: 50\n"
            r"vectors   25 checked, 0 wrong\n"
            rf"memory    of {os.getpid()}: (\d+) kB before, (\d+) kB after\n", said)
        self.assertTrue(found, said)
        rate, seconds, *parts, before, after = map(float, found.groups())
        self.assert_paced(rate, seconds, 50)
        self.assertEqual(parts, sorted(parts))
        self.assertGreater(parts[1], 150)
        self.assertGreater(parts[-1], 290)
        self.assertGreater(min(before, after), 1000)

    def test_people_read_what_went_wrong(self):
        with Responder("--behaviour", "experimental:5001", "--behaviour", "silence", "--behaviour", "short-ck", "--behaviour",
                       "close") as responder:
            rc, said = show(responder.port, "--count", 4, "--window", 1, "--timeout", 300, "--check", 1, "--keys", KEYS)
        self.assertEqual(rc, 5, said)
        for line in ("requests  4 sent, 2 answered, 2 lost, 0 late", "result    experimental 5001: 1", "result    2001: 1",
                     "vectors   1 checked, 1 wrong", "lost      1 connections"):
            self.assertIn(line, said.splitlines())

    def test_memory_of_a_process_is_shown(self):
        with Responder() as responder:
            _, report = bench(responder.port, "--count", 1, "--pid", os.getpid())
        self.assertGreater(report["memory"][0]["after_kb"], 1000)

    def test_wrong_use_and_nobody_there(self):
        self.assertEqual(bench(1, "--count", 1)[0], 5)
        self.assertEqual(bench(1, "--check", 1)[0], 2)
        self.assertEqual(bench(1, "--window", 0)[0], 2)


if __name__ == "__main__":
    with tempfile.NamedTemporaryFile("w") as made:
        made.write(f"K={K}\nOPC={OPC}\n")
        made.flush()
        KEYS = made.name
        unittest.main()
