#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What the UE interface refuses, with which status, and that it serves on: bad heads and bodies over one kept
connection, tokens over HTTP (RFC 6750), lengths, media types, methods, paths."""

import contextlib
import json

from support.ue_server import ALICE, KNOWN, PATH, REQUEST, Server, equal, expect

BIG = b'{"a":"' + b"x" * 70000 + b'"}'
VIDEO = {"mcServiceIds": {"mcvideo": "sip:alice@video"}, "location": {"plmn": "00101"}}
OTHER = {**REQUEST, "mcServiceIds": {"mcptt": "sip:bob@mc.primary.example"}}
ROWS = [  # status, problem, arguments of Server.ask
    (404, "no-such-path", {"path": "/"}), (404, "no-such-path", {"path": PATH + "/"}),
    (404, "no-such-path", {"path": PATH + "/x/y"}), (404, "no-such-path", {"path": "/mcx/v2/partner-connections"}),
    (404, "no-such-connection", {"method": "GET", "path": PATH + "/x"}),
    (404, "no-such-connection", {"method": "GET", "path": PATH + "/" + KNOWN.replace("1", "2")}),
    (404, "no-such-connection", {"method": "DELETE", "path": PATH + "/" + KNOWN + "0"}),
    (405, "method", {"method": "DELETE"}), (405, "method", {"method": "PUT"}), (405, "method", {"method": "TRACE"}),
    (405, "method", {"path": PATH + "/" + KNOWN}), (405, "method", {"method": "BREW"}),
    (406, "not-acceptable", {"Accept": "text/html, application/xml;q=0.9"}),
    (401, "no-token", {"Authorization": None}), (400, "bad-authorization", {"Authorization": "Basic YTpi"}),
    (400, "bad-authorization", {"Authorization": "Bearer"}), (401, "invalid-token", {"Authorization": "Bearer x"}),
    (411, "no-length", {"Transfer_Encoding": "chunked", "body": b"2\r\n{}\r\n0\r\n\r\n"}),
    (413, "too-large", {"body": BIG}), (415, "media-type", {"Content_Type": None}),
    (415, "media-type", {"Content_Type": "application/vnd.3gpp.mcptt-location-info+xml"}),
    (415, "media-type", {"Content_Encoding": "gzip"}),
    (400, "malformed", {"body": b""}), (400, "malformed", {"body": b"{"}), (400, "malformed", {"body": b"[" * 60000}),
    (400, "malformed", {"body": {**REQUEST, "surprise": 1}}), (400, "malformed", {"body": {"location": {}}}),
    (400, "malformed", {"body": {**REQUEST, "location": None}}),
    (403, "insufficient-scope", {"body": VIDEO}), (403, "wrong-user", {"body": OTHER}),
]


def test_rows(server):
    kept = server.connection()
    for status, problem, arguments in ROWS:
        answer = server.ask(connection=kept, **arguments)
        equal((answer.status, answer.json["status"], answer.json["type"].rpartition("/")[2]), (status, status, problem),
              arguments if "body" not in arguments or len(arguments["body"]) < 999 else "long body")
        equal(answer.headers["Content-Type"], "application/problem+json", "type of a problem")
        equal("Allow" in answer.headers, status == 405, "Allow")
        challenge = answer.headers["WWW-Authenticate"] or ""
        equal(bool(challenge), status == 401 or problem == "insufficient-scope", f"challenge {challenge}")
        expect(ALICE not in answer.body.decode(), "nothing of the user in a refusal")
    equal(server.ask(connection=kept).status, 200, "the same connection still serves")


def test_tokens(server):
    for changes, error in (({"lifetime_s": -100}, "invalid_token"), ({"scope": "openid"}, "insufficient_scope"),
                           ({"scope": None}, "invalid_token"), ({"client_id": "stranger"}, "invalid_token")):
        token = server.issuer.token({"mcptt": ALICE}, **changes)
        answer = server.ask(Authorization=f"Bearer {token}")
        expect(f'error="{error}"' in answer.headers["WWW-Authenticate"], f"{changes}: {answer.headers}")
        equal(answer.status, 401 if error == "invalid_token" else 403, changes)
    both = server.issuer.token({"mcptt": ALICE, "mcvideo": "sip:alice@video"})
    ids = {"mcptt": ALICE, "mcvideo": "sip:alice@video"}
    equal(server.ask(Authorization=f"bearer {both}", body={**REQUEST, "mcServiceIds": ids}).status, 200, "two services")


def test_large_bodies_are_answered_before_they_come(server):
    for fields in (["Content-Length: 99999999"], ["Content-Length: 70000", "Expect: 100-continue"]):
        with server.raw() as sock:
            sock.sendall("\r\n".join([f"POST {PATH} HTTP/1.1", "Host: x", "Content-Type: application/json",
                                      f"Authorization: Bearer {server.token}", *fields, "", ""]).encode())
            expect(sock.recv(4096).startswith(b"HTTP/1.1 413 "), f"413 after {fields}")


def test_other_transfer_codings_are_answered_at_once(server):
    """RFC 9112 6.1: where such a body would end nobody can say; nothing more is read of this connection."""
    for coding in ("gzip", "identity", "gzip, chunked"):
        with server.raw() as sock:
            sock.settimeout(1.5)  # before request_time_ms
            sock.sendall("\r\n".join([f"POST {PATH} HTTP/1.1", "Host: x", "Content-Type: application/json",
                                      f"Authorization: Bearer {server.token}", f"Transfer-Encoding: {coding}", "",
                                      ""]).encode())
            answer = sock.recv(4096)
            expect(answer.startswith(b"HTTP/1.1 411 ") and b"connection: close" in answer.lower(), f"{coding}: {answer[:60]}")


def test_accept_in_several_lines(server):
    """RFC 9110 5.3: they are one list."""
    for ranges, status in ((["text/html", "application/json"], b"200"), (["text/html", "image/*;q=0.5, */*"], b"200"),
                           (["text/html", "image/png"], b"406")):
        with server.raw() as sock:
            sock.sendall("\r\n".join([f"GET {PATH} HTTP/1.1", "Host: x", f"Authorization: Bearer {server.token}",
                                      *(f"Accept: {one}" for one in ranges), "", ""]).encode())
            expect(sock.recv(4096).startswith(b"HTTP/1.1 " + status), f"{status} to {ranges}")


def test_ambiguous_lengths(server):
    """RFC 9112 6.1, 6.3: where the message ends is not said twice; what follows is no request."""
    behind = f"GET {PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {server.token}\r\n\r\n"
    for fields in (["Content-Length: 5", f"Content-Length: {5 + len(behind)}"], ["Content-Length: 5", "Content-Length: 5"],
                   ["Content-Length: 5", "Transfer-Encoding: chunked"]):
        with server.raw() as sock:
            sock.sendall("\r\n".join([f"POST {PATH} HTTP/1.1", "Host: x", "Content-Type: application/json",
                                      f"Authorization: Bearer {server.token}", *fields, "", "0\r\n\r\n" + behind]).encode())
            answers = b""
            with contextlib.suppress(OSError):
                while octets := sock.recv(4096):
                    answers += octets
            expect(answers.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 411 ")), f"{fields}: {answers[:60]}")
            equal(answers.count(b"HTTP/1.1 "), 1, f"answers to {fields}")


def test_broken_http(server):
    for octets in (b"\r\n\r\n\r\n", b"GET\r\n\r\n", b"\x00\xff" * 50 + b"\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n",
                   b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"a" * 60000 + b"\r\n\r\n",
                   b"GET /" + b"a" * 60000 + b" HTTP/1.1\r\n\r\n",
                   b"POST " + PATH.encode() + b" HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n"):
        answer = b""
        with server.raw() as sock, contextlib.suppress(OSError):  # refused before all of it was sent
            sock.sendall(octets)
            answer = sock.recv(4096) if octets.strip() else b"HTTP/1.1 4"
        expect(not answer or answer.startswith((b"HTTP/1.1 4", b"HTTP/1.1 5")), f"{answer[:60]}")
    with server.raw() as sock:
        sock.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n")
        sock.recv(4096)
    equal(server.ask().status, 200, "after all that")


def main():
    with Server("refusals", request_time_ms=2000) as server:
        test_rows(server)
        test_tokens(server)
        test_large_bodies_are_answered_before_they_come(server)
        test_other_transfer_codings_are_answered_at_once(server)
        test_accept_in_several_lines(server)
        test_ambiguous_lengths(server)
        test_broken_http(server)
        refused = server.metric("mcx_token_refused_total")
        expect(refused >= 4, f"tokens refused: {refused}")
        expect(json.loads(server.ask("GET").body)["partnerConnections"], "and lists")


main()
