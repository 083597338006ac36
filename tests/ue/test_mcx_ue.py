#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""mcx-ue keeps what it got beside the primary's configuration, which it never touches (NOTE 4), and tells problems
apart by its exit status."""

import hashlib
import http.server
import json
import os
import ssl
import subprocess
import tempfile
import threading
import unittest

from support import pki
from support.build import SOURCE

UE = os.path.join(SOURCE, "tools", "mcx-ue")
CONNECTION = {"bindingId": "6b1c9f5e-3c27-4b52-9d0e-2f1b3a4c5d6e", "mcUserId": "sip:alice@mc.test", "device": "handset",
              "partner": {"id": "partner", "isRequested": True}, "expires": None,
              "sip": {"privateIdentity": "in@partner.test", "publicIdentities": ["sip:in@partner.test"]},
              "ueInitialConfiguration": {"contentType": "application/xml", "document": "<?xml version=\"1.0\"?><a>ä</a>"}}


class Server(http.server.ThreadingHTTPServer):
    """Answers with `says`: (status, headers, body); keeps what it was asked."""

    def __init__(self, certificate):
        super().__init__(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate.cert, certificate.key)
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.says, self.asked = (200, {}, CONNECTION), []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_):
        """A client that does not trust us hangs up."""


class Handler(http.server.BaseHTTPRequestHandler):
    def _any(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.asked.append((self.command, self.path, dict(self.headers), json.loads(body) if body else None))
        status, headers, content = self.server.says
        octets = json.dumps(content).encode() if content is not None else b""
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": len(octets), **headers}.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(octets)

    do_GET = do_POST = do_DELETE = _any

    def log_message(self, *_):
        pass


def digest(folder):
    """What stands in a folder, names and times of change included."""
    found = {}
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        with open(path, "rb") as file:
            found[name] = hashlib.sha256(file.read()).hexdigest(), os.stat(path).st_mtime_ns, os.stat(path).st_ino
    return found


class Ue(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        authority = pki.Authority(os.path.join(cls.folder, "pki"), "test")
        cls.ca = authority.ca
        cls.server = Server(authority.issue("cms.test"))
        cls.addClassCleanup(cls.server.server_close)
        cls.addClassCleanup(cls.server.shutdown)

    def setUp(self):
        self.store = os.path.join(self.folder, self.id())
        self.server.says = 200, {}, CONNECTION
        self.server.asked.clear()
        self.document = os.path.join(self.folder, "primary.xml")
        with open(self.document, "w", encoding="utf-8") as text:
            text.write("<primary/>")
        self.ue("setup", "--server", f"https://cms.test:{self.server.server_port}", "--resolve", "127.0.0.1", "--ca",
                self.ca, "--service", "mcptt=sip:alice@mc.test", "--impi", "alice@test", "--impu", "sip:alice@test",
                "--document", self.document)

    def ue(self, *words, status=0, token="secret-token"):
        done = subprocess.run([UE, "--store", self.store, "--json", *words], stdout=subprocess.PIPE, text=True,
                              stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, check=False,
                              env={"PATH": os.environ["PATH"], "MCX_UE_TOKEN": token})
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        self.assertNotIn(token, done.stdout + done.stderr)
        return json.loads(done.stdout) if done.stdout else None

    def _read(self, *names):
        with open(os.path.join(self.store, *names), encoding="utf-8") as text:
            return text.read()

    def test_partner_is_stored_beside_an_untouched_primary(self):
        before = digest(os.path.join(self.store, "primary"))
        self.ue("connect", "--partner", "partner", "--plmn", "00101", "--eci", "7")
        method, path, headers, body = self.server.asked[0]
        self.assertEqual((method, path), ("POST", "/mcx/v1/partner-connections"))
        self.assertEqual(headers["Authorization"], "Bearer secret-token")
        self.assertEqual(body, {"mcServiceIds": {"mcptt": "sip:alice@mc.test"}, "partner": "partner",
                                "location": {"plmn": "00101", "ecgi": {"plmn": "00101", "eci": 7}}})
        self.assertEqual(self._read("partners", "partner", "initial-configuration.xml"),
                         CONNECTION["ueInitialConfiguration"]["document"])
        self.assertEqual(json.loads(self._read("partners", "partner", "details.json"))["sip"], CONNECTION["sip"])
        self.server.says = 200, {}, {**CONNECTION, "ueInitialConfiguration": None}
        self.ue("connect", "--latitude", "48.1", "--longitude", "11.5")
        self.assertEqual(os.listdir(os.path.join(self.store, "partners", "partner")), ["details.json"])
        self.server.says = 204, {}, None
        self.ue("end", "partner")
        self.assertEqual(self.server.asked[-1][:2], ("DELETE", f"/mcx/v1/partner-connections/{CONNECTION['bindingId']}"))
        self.assertEqual(self.ue("status")["partners"], [])
        self.assertEqual(digest(os.path.join(self.store, "primary")), before)

    def test_set_up_happens_once(self):
        self.ue("setup", "--server", "https://other.test", "--ca", self.ca, "--service", "mcptt=sip:b@test", "--impi",
                "b@test", "--impu", "sip:b@test", status=4)
        self.assertEqual(self.ue("status")["primary"]["sip"]["privateIdentity"], "alice@test")
        self.assertEqual(sorted(os.listdir(self.store)), ["primary"])

    def test_problems_are_told_apart(self):
        problem = {"type": "urn:mcx-hss:problem:several-devices", "title": "Conflict", "status": 409,
                   "detail": "Choose one.", "devices": ["handset", "tablet"]}
        kind = {"Content-Type": "application/problem+json"}
        self.server.says = 409, kind, problem
        said = self.ue("connect", "--plmn", "00101", status=1)
        self.assertEqual((said["http_status"], said["problem"]), (409, problem))
        self.assertIn("handset, tablet", said["error"])
        self.server.says = 503, {**kind, "Retry-After": "7"}, {"detail": "Later."}
        self.assertEqual(self.ue("connect", "--plmn", "00101", status=3)["retry_after"], "7")
        self.assertFalse(os.path.exists(os.path.join(self.store, "partners")))

    def test_partner_name_cannot_lead_out_of_the_store(self):
        for name in ("../primary", "", "a/b", ".", "A", None, 7):
            self.server.says = 200, {}, {**CONNECTION, "partner": {"id": name, "isRequested": False}}
            self.ue("connect", "--plmn", "00101", status=1)
        self.assertEqual(sorted(os.listdir(self.store)), ["primary"])

    def test_server_that_is_not_trusted_gets_no_token(self):
        self.store += "-2"
        other = pki.Authority(os.path.join(self.folder, "other"), "test")
        self.ue("setup", "--server", f"https://cms.test:{self.server.server_port}", "--resolve", "127.0.0.1", "--ca",
                other.ca, "--service", "mcptt=sip:alice@mc.test", "--impi", "a@test", "--impu", "sip:a@test")
        self.ue("list", status=3)
        self.assertEqual(self.server.asked, [])

    def test_wrong_use(self):
        self.ue("connect", status=2)
        self.ue("connect", "--latitude", "1", status=2)
        self.ue("connect", "--location", "{", status=2)
        self.ue("show", status=2)
        self.ue("register", "nowhere", "--core", "127.0.0.1:1", "--core-host", "s.test", "--core-realm", "test", "--keys",
                "/dev/null", "--usim", "/dev/null", status=4)


if __name__ == "__main__":
    unittest.main()
