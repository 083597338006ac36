#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""GET /metrics and GET /healthz: text that Prometheus takes (promtool says so where it is installed), health, and
clients that have no business there."""

import shutil
import socket
import subprocess

from support.processes import wait_until
from support.ue_server import REQUEST, Server, equal, expect


def main():
    with Server("metrics") as server:
        server.ask()
        server.ask(Authorization=None)
        answer = server.metrics()
        equal((answer.status, answer.headers["Content-Type"]), (200, "text/plain; version=0.0.4; charset=utf-8"), "text")
        text = answer.body.decode()
        for line in ('mcx_ue_answers_total{status="2xx"} 1', 'mcx_ue_answers_total{status="4xx"} 1', "mcx_in_flight 0"):
            expect(line + "\n" in text, f"{line} in {text}")
        for name in ("process_open_fds", "process_resident_memory_bytes", "process_start_time_seconds"):
            expect(server.metric(name) > 0, name)
        if shutil.which("promtool"):
            judged = subprocess.run(["promtool", "check", "metrics"], input=text, text=True, capture_output=True)
            equal((judged.returncode, judged.stdout + judged.stderr), (0, ""), "promtool")
        equal((server.metrics("/healthz").status, server.metrics("/healthz").body), (200, b"ok\n"), "health")
        holds_open = server.raw()
        holds_open.sendall(server.whole("held"))
        wait_until(lambda: server.metrics("/healthz").status == 503, 10, "not well")
        equal(server.metrics("/healthz").body, b"held\n", "why")
        equal(server.ask(body={**REQUEST, "partner": "release"}).status, 200, "release")
        expect(holds_open.recv(4096).startswith(b"HTTP/1.1 200 "), "the held one is answered")
        equal(server.metrics("/metrics", "HEAD").body, b"", "HEAD")
        equal((server.metrics("/x").status, server.metrics("/metrics", "POST").status), (404, 405), "others")
        idle = [socket.create_connection(("127.0.0.1", server.metrics_port)) for _ in range(40)]
        for sock in idle:
            sock.close()
        wait_until(lambda: healthy(server), 10, "served again after idle clients")
        equal(server.ask(body=REQUEST).status, 200, "and the UE interface")


def healthy(server):
    try:
        return server.metrics("/healthz").status == 200
    except OSError:
        return False


main()
