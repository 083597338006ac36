# SPDX-License-Identifier: Apache-2.0
"""tests/http/ue_server with its PKI and token issuer, and an HTTPS client for it that shows what a library would hide."""

import contextlib
import http.client
import json
import os
import socket
import ssl

from .addresses import Reservations
from .build import Build
from .pki import Authority
from .processes import Child, LabError
from .scenario import equal, expect
from .tokens import Issuer

ALICE = "sip:alice@mc.primary.example"
PATH = "/mcx/v1/partner-connections"
KNOWN = "12345678-9abc-4def-8123-456789abcdef"
REQUEST = {"mcServiceIds": {"mcptt": ALICE}, "location": {"plmn": "00101"}}
HEAD = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
_SANITIZER = "ERROR: AddressSanitizer", "ERROR: LeakSanitizer", "runtime error:", "ThreadSanitizer"


class Answer:
    def __init__(self, response):
        self.status, self.headers, self.body = response.status, response.headers, response.read()

    @property
    def json(self):
        return json.loads(self.body)


class Server:
    """Runs until the end of the `with` block, and then must have ended in order."""

    def __init__(self, name, nofile=None, **settings):
        self._build = Build()
        self.folder = os.path.join(self._build.folder, "lab", f"http-{name}")
        os.makedirs(self.folder, mode=0o700, exist_ok=True)
        self.settings, self._nofile = settings, nofile
        self._held = Reservations()
        self.port, self.metrics_port = self._held.ports(2)
        self.issuer = Issuer(self.folder, "https://idms.primary.example")
        self.authority = Authority(os.path.join(self.folder, "ca"), "primary.example")
        self.certificate = self.authority.issue("cms.primary.example", names=["localhost"])
        self.token = self.issuer.token({"mcptt": ALICE})
        self.child = None

    def _write_conf(self):
        lines = [f"{name} = {json.dumps(value)};" for name, value in self.settings.items()]
        with open(os.path.join(self.folder, "mcx.conf"), "w", encoding="utf-8") as text:
            text.write(f"""database = {{ conninfo = "dbname=none"; }};
cms = {{ https_port = {self.port}; https_cert = "{self.certificate.cert}"; https_key = "{self.certificate.key}";
  {" ".join(lines)}
  token_issuers = ( {{ issuer = "{self.issuer.issuer}"; jwks_file = "jwks.json"; clients = ("ue"); }} ); }};
metrics = {{ port = {self.metrics_port}; }};
""")

    def _start(self):
        self._write_conf()
        log = os.path.join(self.folder, "log")
        with contextlib.suppress(FileNotFoundError):
            os.remove(log)
        program = os.path.join(self._build.folder, "tests", "http", "ue_server")
        limit = ["prlimit", f"--nofile={self._nofile}"] if self._nofile else []
        self.child = Child("ue_server", [*limit, program, os.path.join(self.folder, "mcx.conf")], log,
                           env=self._build.tool_env(), cwd=self.folder)

    def problem(self):
        """Why it does not start: its last words."""
        self._start()
        if self.child.wait(20) != 1:
            self.child.kill()
            raise LabError(f"ue_server did not refuse to start: {self.child.tail()}")
        return self.child.tail(1)

    def __enter__(self):
        self._start()
        self.child.wait_line("^ready$")
        return self

    def __exit__(self, kind, *_rest):
        status = self.child.stop(timeout=30)
        self._held.close()
        text = self.child.text()
        if kind is None and (status != 0 or any(sign in text for sign in _SANITIZER)):
            raise LabError(f"ue_server ended with {status}:\n{self.child.tail(60)}")
        if kind is None and self.token in text:
            raise LabError("a token stands in the log")

    def context(self):
        context = ssl.create_default_context(cafile=self.authority.ca)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context

    def raw(self, timeout=20):
        """A TLS socket."""
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=timeout)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self.context().wrap_socket(plain, server_hostname="localhost")

    def connection(self):
        """A kept http.client connection."""
        made = http.client.HTTPSConnection("localhost", self.port, timeout=20, context=self.context())
        made.sock = self.raw()
        return made

    def whole(self, partner):
        """The octets of a good POST for that partner."""
        body = json.dumps({**REQUEST, "partner": partner})
        return f"{HEAD}Authorization: Bearer {self.token}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()

    def headers(self, **changes):
        """Those of a good request; underscores stand for hyphens, None takes a field away."""
        fields = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        fields.update({name.replace("_", "-"): value for name, value in changes.items()})
        return {name: value for name, value in fields.items() if value is not None}

    def ask(self, method="POST", path=PATH, body=REQUEST, connection=None, **changes):
        """One request; body: a value for JSON, octets, or None."""
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        made = connection or self.connection()
        made.request(method, path, body if method == "POST" else None, self.headers(**changes))
        answer = Answer(made.getresponse())
        if connection is None:
            made.close()
        return answer

    def metrics(self, path="/metrics", method="GET"):
        made = http.client.HTTPConnection("127.0.0.1", self.metrics_port, timeout=20)
        made.request(method, path)
        answer = Answer(made.getresponse())
        made.close()
        return answer

    def metric(self, name):
        """The value of a counter or gauge without labels."""
        for line in self.metrics().body.decode().splitlines():
            if line.startswith(name + " "):
                return float(line.rpartition(" ")[2])
        raise LabError(f"no metric {name}")
