#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""mcx-bench migrate against a played HTTPS server: each request is another user's with its own token, and every answer
that would not let a UE register at the partner is found out. Argument: mcx-bench."""
import base64
import http.server
import json
import os
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import unittest

BENCH = sys.argv.pop(1)
HOST, PATH, ROOT = "cms.primary.example", "/mcx/v1/partner-connections", "mcptt-UE-initial-configuration"
DOCUMENT = f'<?xml version="1.0"?><!-- x --><m:{ROOT} xmlns:m="urn:3gpp:mcptt:mcpttUEinitConfig:1.0"/>'
FILES = None


def file_of(name):
    return os.path.join(FILES, name)


def openssl(*arguments, **options):
    return subprocess.run(["openssl", *arguments], check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, **options)


def make_files():
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-keyout",
            file_of("server.key"), "-out", file_of("server.pem"), "-subj", "/CN=played", "-addext",
            "subjectAltName=DNS:" + HOST)
    openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", file_of("ec.key"))
    openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", file_of("rsa.key"))
    openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384", "-out", file_of("p384.key"))
    for name in ("ec", "rsa"):
        openssl("pkey", "-in", file_of(name + ".key"), "-pubout", "-out", file_of(name + ".pub"))


def sound(user, _):
    number = user[4:19]
    return 200, {"bindingId": "b-" + number, "mcUserId": user, "device": "handset",
                 "partner": {"id": "partner", "isRequested": True},
                 "sip": {"privateIdentity": f"in-{number}@in.partner.example",
                         "publicIdentities": [f"sip:in-{number}@in.partner.example"]},
                 "expires": None, "ueInitialConfiguration": {"document": DOCUMENT}}


def changed(**members):
    def reply(user, number):
        status, body = sound(user, number)
        for name, value in members.items():
            at = body
            *path, last = name.split("__")
            for step in path:
                at = at[step]
            at[last] = value
        return status, body
    return reply


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def setup(self):
        self.request.settimeout(20)
        self.request.do_handshake()
        super().setup()
        with self.server.lock:
            self.server.connections += 1

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        user = next(iter(body["mcServiceIds"].values()))
        with self.server.lock:
            number = len(self.server.requests)
            self.server.requests.append({"path": self.path, "user": user, "body": body, "host": self.headers["Host"],
                                         "type": self.headers["Content-Type"],
                                         "token": self.headers["Authorization"].removeprefix("Bearer ")})
        done = self.server.reply(user, number)
        if done is None:
            self.close_connection = True
            return
        if isinstance(done, bytes):
            self.wfile.write(done)
            return
        status, said = done
        said = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 64

    def __init__(self, reply=sound):
        super().__init__(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file_of("server.pem"), file_of("server.key"))
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.lock, self.requests, self.connections, self.reply = threading.Lock(), [], 0, reply
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()

    def handle_error(self, *_):
        pass

    def __exit__(self, *_):
        self.shutdown()
        self.thread.join()
        self.server_close()


def migrate(server, *options, tokens=None):
    port = server if isinstance(server, int) else server.server_address[1]
    source = ["--tokens", tokens] if tokens else ["--sign-key", file_of("ec.key"), "--mc-realm", "mc.primary.example"]
    command = [BENCH, "migrate", "--json", "--connect", f"127.0.0.1:{port}", "--ca", file_of("server.pem"), "--host", HOST,
               "--warmup", "0", *source, *map(str, options)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          timeout=60, check=False)
    return done.returncode, json.loads(done.stdout) if done.stdout else {}, done.stderr


def part(token, number):
    text = token.split(".")[number]
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def der(signature):
    numbers = b""
    for half in (signature[:32], signature[32:]):
        half = half.lstrip(b"\0")
        half = b"\0" + half if half[:1] >= b"\x80" else half
        numbers += b"\x02" + bytes([len(half)]) + half
    return b"\x30" + bytes([len(numbers)]) + numbers


def verify(token, public):
    signature = part(token, 2)
    with open(file_of("signature"), "wb") as out:
        out.write(der(signature) if public == "ec" else signature)
    openssl("dgst", "-sha256", "-verify", file_of(public + ".pub"), "-signature", file_of("signature"),
            input=token.rpartition(".")[0].encode())


class Migrate(unittest.TestCase):
    def test_each_user_asks_once_with_its_own_token(self):
        with Server() as server:
            rc, report, _ = migrate(server, "--count", 40, "--users", "7:40", "--connections", 3, "--threads", 2, "--root",
                                    ROOT, "--partner", "partner", "--device", "handset", "--location",
                                    '{"plmn": "00101", "latitude": 48.1}', "--issuer", "https://idms.primary.example",
                                    "--client", "ue", "--kid", "k1", "--audience", "cms")
        self.assertEqual((rc, report["sent"], report["answered"], report["checked"], report["bad_answers"]),
                         (0, 40, 40, 40, 0))
        self.assertEqual(report["results"], {"200": 40})
        self.assertEqual(server.connections, 3)
        users = [f"sip:{n:015d}@mc.primary.example" for n in range(7, 47)]
        self.assertEqual(sorted(request["user"] for request in server.requests), users)
        self.assertEqual(server.requests[0]["body"], {
            "mcServiceIds": {"mcptt": server.requests[0]["user"]}, "partner": "partner", "device": "handset",
            "location": {"plmn": "00101", "latitude": 48.1}})
        self.assertEqual([server.requests[0][name] for name in ("path", "host", "type")],
                         [PATH, HOST, "application/json"])
        for request in server.requests:
            token, now = request["token"], time.time()
            self.assertEqual(json.loads(part(token, 0)), {"alg": "ES256", "typ": "JWT", "kid": "k1"})
            claims = json.loads(part(token, 1))
            self.assertTrue(claims.pop("iat") <= now < claims.pop("exp"))
            self.assertEqual(claims, {"iss": "https://idms.primary.example", "sub": request["user"], "aud": "cms",
                                      "client_id": "ue", "mcptt_id": request["user"],
                                      "scope": "openid 3gpp:mc:ptt_config_management_service"})
        for request in server.requests:
            verify(request["token"], "ec")

    def test_rsa_keys_and_other_services(self):
        with Server() as server:
            rc, _, _ = migrate(server, "--sign-key", file_of("rsa.key"), "--service", "mcvideo", "--count", 1)
        token = server.requests[0]["token"]
        verify(token, "rsa")
        self.assertEqual((rc, json.loads(part(token, 0))), (0, {"alg": "RS256", "typ": "JWT"}))
        self.assertEqual(json.loads(part(token, 1))["scope"], "openid 3gpp:mc:video_config_management_service")
        self.assertEqual(list(server.requests[0]["body"]["mcServiceIds"]), ["mcvideo"])

    def test_tokens_of_a_file(self):
        with tempfile.NamedTemporaryFile("w") as lines:
            lines.write("sip:000000000000001@x.example\tone\nsip:000000000000002@x.example\ttwo\n")
            lines.flush()
            with Server() as server:
                rc, _, _ = migrate(server, "--count", 2, tokens=lines.name)
        self.assertEqual((rc, [(request["user"], request["token"]) for request in server.requests]),
                         (0, [("sip:000000000000001@x.example", "one"), ("sip:000000000000002@x.example", "two")]))

    def test_a_connection_for_each_request(self):
        with Server() as server:
            rc, report, _ = migrate(server, "--count", 12, "--users", "0:12", "--connections", 2, "--connect-per-request")
        self.assertEqual((rc, report["answered"], server.connections), (0, 12, 12))

    def test_unsound_answers_are_found(self):
        past = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 60))
        ahead = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 60))
        bad = {"no private": changed(sip__privateIdentity=""), "no public": changed(sip__publicIdentities=[]),
               "one for all": changed(sip__privateIdentity="same@in.partner.example"),
               "public for all": changed(sip__publicIdentities=["sip:same@in.partner.example"]),
               "past": changed(expires=past), "no time": changed(expires="soon"), "no expiry": changed(expires=5),
               "other partner": changed(partner__id="other"), "not as asked": changed(partner__isRequested=False),
               "no binding": changed(bindingId=None), "no document": changed(ueInitialConfiguration=None),
               "other root": changed(ueInitialConfiguration__document="<other/>"),
               "cut document": changed(ueInitialConfiguration__document="<" + ROOT), "no JSON object": lambda *_: (200, [])}
        for name, reply in bad.items():
            with self.subTest(name), Server(reply) as server:
                rc, report, said = migrate(server, "--count", 2, "--users", "0:2", "--partner", "partner", "--root", ROOT)
                self.assertEqual(rc, 6)
                self.assertGreater(report["bad_answers"], 0)
                self.assertNotIn("partner.example", said)
        with Server(changed(expires=ahead, ueInitialConfiguration=None)) as server:
            self.assertEqual(migrate(server, "--count", 2, "--users", "0:2")[0], 0)

    def test_a_user_keeps_its_identities(self):
        def another(user, number):
            return changed(sip__privateIdentity=f"{user[4:19]}-{number}@in.partner.example")(user, number)
        with Server() as server:
            self.assertEqual(migrate(server, "--count", 6, "--users", "0:2")[0], 0)
        with Server(another) as server:
            rc, report, _ = migrate(server, "--count", 6, "--users", "0:2")
        self.assertEqual((rc, report["bad_answers"]), (6, 4))

    def test_other_statuses_are_counted(self):
        with Server(lambda user, number: sound(user, number) if number % 2 else (503, {})) as server:
            rc, report, _ = migrate(server, "--count", 10, "--users", "0:10")
        self.assertEqual((rc, report["results"]), (3, {"503": 5, "200": 5}))

    def test_silence_is_lost(self):
        held = threading.Event()
        with Server(lambda *_: held.wait(10) and None) as server:
            rc, report, _ = migrate(server, "--count", 2, "--users", "0:2", "--timeout", 300)
            held.set()
        self.assertEqual((rc, report["lost"], report["answered"]), (4, 2, 0))

    def test_lost_connections_are_told_and_made_again(self):
        with Server(lambda user, number: sound(user, number) if number != 1 else None) as server:
            rc, report, _ = migrate(server, "--count", 5, "--users", "0:5")
        self.assertEqual((rc, report["connections_lost"], report["lost"], report["answered"]), (5, 1, 1, 4))

    def test_a_kept_connection_may_be_closed_between_requests(self):
        text = json.dumps(sound("sip:000000000000000@x", 0)[1])
        answer = f"HTTP/1.1 200 OK\r\nConnection: close\r\ncontent-length:{len(text)}\r\n\r\n{text}".encode()
        with Server(lambda *_: answer) as server:
            rc, report, _ = migrate(server, "--count", 3)
        self.assertEqual((rc, report["answered"], server.connections), (0, 3, 3))

    def test_garbage_is_a_lost_connection(self):
        for said in (b"220 hello\r\n\r\n", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                     b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n"):
            with self.subTest(said), Server(lambda *_, said=said: said) as server:
                self.assertEqual(migrate(server, "--count", 1)[0], 5)

    def test_open_loop_counts_the_wait(self):
        def slow_start(user, number):
            if number == 0:
                time.sleep(0.3)
            return sound(user, number)
        with Server(slow_start) as server:
            rc, report, _ = migrate(server, "--rate", 50, "--duration", 1, "--users", "0:100")
        self.assertEqual((rc, report["sent"]), (0, 50))
        self.assertGreater(report["latency_ms"]["p95"], 150)

    def test_other_servers_are_refused(self):
        with Server() as server:
            rc, _, said = migrate(server, "--host", "cms.other.example", "--count", 1)
            self.assertEqual((rc, "does not name cms.other.example" in said), (5, True))
            rc, _, _ = migrate(server, "--host", "cms.other.example", "--count", 1, "--connect-per-request")
            self.assertEqual(rc, 5)
            self.assertEqual(migrate(server, "--host", "other.example", "--no-verify-name", "--count", 1)[0], 0)

    def test_wrong_use_and_nobody_there(self):
        self.assertEqual(migrate(1, "--count", 1)[0], 5)
        self.assertEqual(migrate(1, "--connect-per-request")[0], 5)  # gives up before --duration
        for wrong in (("--location", "here"), ("--service", "ptt"), ("--sign-key", file_of("p384.key")),
                      ("--sign-key", file_of("none.key")), ("--tokens", file_of("ec.key"))):
            self.assertEqual(migrate(1, *wrong)[0], 2, wrong)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as FILES:
        make_files()
        unittest.main()
