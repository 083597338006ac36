#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Clients that are slow, many, gone, or ahead of themselves: each is bounded, nothing leaks, and a good client is
served all the while."""

import contextlib
import os
import socket
import time

from support.processes import wait_until
from support.ue_server import HEAD, REQUEST, Server, equal, expect

def ended_after(sock, octets, period=0.2, limit=15):
    """Seconds until the server ends a connection on which an octet is sent from time to time."""
    begun = time.monotonic()
    sock.settimeout(period)
    for octet in octets:
        try:
            if octet is not None:
                sock.sendall(bytes([octet]))
            if not sock.recv(4096):
                break
        except TimeoutError:
            pass
        except OSError:
            break
        expect(time.monotonic() - begun < limit, "a slow client is ended")
    return time.monotonic() - begun


def test_slow_senders_are_ended():
    with Server("slow", request_time_ms=1000, idle_time_ms=2000) as server:
        plain = socket.create_connection(("127.0.0.1", server.port))
        expect(ended_after(plain, [None] * 99) < 5, "no TLS at all")
        plain = socket.create_connection(("127.0.0.1", server.port))
        expect(ended_after(plain, b"\x16\x03\x01\x02" + b"\x00" * 95) < 5, "a slow handshake")
        equal(server.ask().status, 200, "a good client meanwhile")
        expect(ended_after(server.raw(), HEAD.encode()) < 5, "a slow head")
        body_due = server.raw()
        body_due.sendall(f"{HEAD}Authorization: Bearer {server.token}\r\nContent-Length: 500\r\n\r\n".encode())
        expect(ended_after(body_due, b"{" * 500) < 5, "a slow body")
        kept = server.connection()
        equal(server.ask(connection=kept).status, 200, "then idle")
        took = ended_after(kept.sock, [None] * 99)
        expect(1 < took < 6, f"an idle connection: {took:.1f} s")
        expect(server.metric("mcx_https_slow_total") >= 5, "counted")
        wait_until(lambda: server.metric("mcx_https_connections") == 0, 10, "no connection left")


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8") as text:
        user, system = text.read().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def test_half_a_handshake_costs_no_processor_time():
    with Server("half", request_time_ms=2000) as server:
        held = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(20)]
        for sock in held:
            sock.sendall(b"\x16\x03\x01\x02\x00")
        equal(server.ask().status, 200, "a good client meanwhile")
        begun = cpu_seconds(server.child.pid)
        for sock in held:
            equal(sock.recv(1), b"", "what comes when the time is over")
        spent = cpu_seconds(server.child.pid) - begun
        expect(spent < 0.4, f"{spent} s of processor time until then")
        for sock in held:
            sock.close()


def is_served(server):
    with contextlib.suppress(ConnectionError):
        return server.ask().status == 200
    return False


def test_many_attempts_are_refused():
    with Server("many", connections_max=100, connections_per_s=5000) as server:
        kept, held, refused = server.connection(), [], 0
        begun = time.monotonic()
        for count in range(10000):
            sock = socket.socket()
            sock.settimeout(5)
            with contextlib.suppress(ConnectionError):
                sock.connect(("127.0.0.1", server.port))
            held.append(sock)
            if len(held) > 300:
                held.pop(0).close()
            if count % 500 == 0:
                equal(server.ask(connection=kept).status, 200, "a good client meanwhile")
                expect(len(os.listdir(f"/proc/{server.child.pid}/fd")) < 160, "descriptors")
        for sock in held:
            sock.close()
        refused = server.metric("mcx_https_refused_total")
        print(f"10000 attempts in {time.monotonic() - begun:.1f} s, {refused:.0f} refused at accept")
        expect(refused > 1000, f"refused: {refused}")
        wait_until(lambda: is_served(server), 20, "a new client, once what waited to be accepted is gone")


def connect(server, count):
    """As many tries; one that is refused at once may be reset before connect() returns."""
    held = []
    for _ in range(count):
        with contextlib.suppress(ConnectionResetError):
            held.append(socket.create_connection(("127.0.0.1", server.port)))
    return held


def test_descriptors_of_peers_are_left_free():
    with Server("descriptors", nofile=200) as server:  # 96 are left to Diameter's peers, 32 to /metrics
        held = connect(server, 150)
        wait_until(lambda: server.metric("mcx_https_refused_total") > 50, 10, "refused")
        numbers = [int(name) for name in os.listdir(f"/proc/{server.child.pid}/fd")]
        expect(max(numbers) < 72 + 16, f"highest descriptor {max(numbers)}")
        for sock in held:
            sock.close()


def test_new_connections_a_second_are_bounded():
    with Server("rate", connections_per_s=20) as server:
        held = connect(server, 200)
        wait_until(lambda: server.metric("mcx_https_refused_total") > 100, 10, "refused")
        for sock in held:
            sock.close()
        wait_until(lambda: server.metric("mcx_https_connections") == 0, 10, "closed")


def test_pipelined_requests_are_answered_in_order():
    with Server("pipelined") as server, server.raw() as sock:
        sock.sendall(server.whole("unlimited") + server.whole("forbidden") + server.whole("now"))
        got = b""
        while got.count(b"HTTP/1.1 ") < 3 or got.count(b"}\n") < 3:
            octets = sock.recv(65536)
            expect(octets, f"closed after {got[-200:]}")
            got += octets
        equal([line[9:12] for line in got.split(b"\n") if b"HTTP/1.1 " in line], [b"200", b"403", b"200"], "answers")


def test_clients_that_leave_while_they_wait():
    with Server("gone") as server:
        for _ in range(3):
            waiting = [server.raw() for _ in range(20)]
            for sock in waiting:
                sock.sendall(server.whole("held"))
            wait_until(lambda: server.metric("mcx_ue_waiting") == 20, 10, "all wait")
            for sock in waiting:
                sock.close()
            equal(server.ask(body={**REQUEST, "partner": "release"}).status, 200, "release")
            wait_until(lambda: server.metric("mcx_https_connections") == 0, 10, "all gone")
        equal(server.metric("mcx_ue_waiting"), 0, "waiting")


def test_stop_answers_what_waits():
    with Server("stop") as server:
        waiting = [server.raw() for _ in range(20)]
        for sock in waiting:
            sock.sendall(server.whole("held"))
        slow = server.raw()
        slow.sendall(HEAD.encode())
        server.child.wait_line(r"ev=held count=20\b")
        server.child.send_signal(15)
        for sock in waiting:
            answer = sock.recv(4096)
            expect(answer.startswith(b"HTTP/1.1 503 ") and b"Retry-After" in answer, f"{answer[:80]}")
        expect(ended_after(slow, [None] * 99) < 8, "and ends the others")
        server.child.wait_line("^stopped$")


if __name__ == "__main__":
    for name, test in list(globals().items()):
        if name.startswith("test_"):
            began = time.monotonic()
            test()
            print(f"{name}: {time.monotonic() - began:.1f} s")
