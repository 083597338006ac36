# SPDX-License-Identifier: Apache-2.0
"""A UE of the lab: mcx-ue with a store of its own, a card, and fresh tokens of its system's issuer. And the bare HTTPS
client for requests that no sane UE would send."""

import contextlib
import hashlib
import http.client
import json
import os
import socket
import ssl
import subprocess
import time
from dataclasses import dataclass, field

from .processes import LabError

CONNECTIONS = "/mcx/v1/partner-connections"
PLACE = {"plmn": "00101", "ecgi": {"plmn": "00101", "eci": 27447297}, "latitude": 48.1, "longitude": 11.5}
OK, REFUSED, WRONG_USE, AGAIN, NO_CONFIGURATION = 0, 1, 2, 3, 4  # mcx-ue's exit statuses


@dataclass
class Reply:
    """Of mcx-ue (exit), or of the server to a bare request (status, headers)."""
    json: dict = field(repr=False)
    exit: int = None
    status: int = None
    headers: dict = field(default_factory=dict, repr=False)
    ms: float = None

    @property
    def problem(self):
        """The last part of the problem's type, "" if it was none."""
        told = (self.json or {}).get("problem") or self.json or {}
        return str(told.get("type", "")).replace("/", ":").rpartition(":")[2]

    @property
    def http_status(self):
        return self.status or (self.json or {}).get("http_status")

    @property
    def inbound(self):
        """(IMPI, first IMPU) that the UE was given."""
        return self.json["sip"]["privateIdentity"], self.json["sip"]["publicIdentities"][0]

    @property
    def binding(self):
        return self.json["bindingId"]

    @property
    def document(self):
        return (self.json.get("ueInitialConfiguration") or {}).get("document")


class Ue:
    """card: a probe.User of the system `name`. mc_id: the MC service id for all `services`."""

    def __init__(self, lab, name, card, mc_id, services=("mcptt",)):
        self.lab, self.system, self.card, self.mc_id, self.services = lab, lab.systems[name], card, mc_id, services
        self.store = lab.folder.join("ues", mc_id.partition(":")[2])
        cms = self.system.cms
        made = self.run("setup", "--server", cms.url, "--resolve", cms.address, "--ca", cms.https_ca, "--impi", card.impi,
                        "--impu", card.impu, *(f"--service={service}={mc_id}" for service in services))
        if made.exit:
            raise LabError(f"mcx-ue setup: {made.json}")

    def token(self, **claims):
        return self.lab.issuers[self.system.id].token(self.mc_id, self.services, **claims)

    def run(self, command, *words, token=""):
        began = time.monotonic()
        done = subprocess.run([self.lab.build.tool("mcx-ue"), "--store", self.store, "--json", command, *map(str, words)],
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              check=False, env={**self.lab.build.tool_env(), "MCX_UE_TOKEN": token}, timeout=90)
        ms = (time.monotonic() - began) * 1000
        try:
            return Reply(json.loads(done.stdout), done.returncode, ms=ms)
        except ValueError:
            raise LabError(f"mcx-ue {command} ended with status {done.returncode}: {done.stderr.strip()}") from None

    # Steps 1 and 13.

    def connect(self, partner=None, place=None, token=None, device=None):
        words = ["--location", json.dumps(PLACE if place is None else place)]
        for option, value in (("--partner", partner), ("--device", device)):
            words += [option, value] if value else []
        return self.run("connect", *words, token=token or self.token())

    def migrations(self):
        return self.run("list", token=self.token()).json["partnerConnections"]

    def show(self, which):
        return self.run("show", which, token=self.token())

    def end(self, which):
        return self.run("end", which, token=self.token())

    # 10.6.

    def register(self, name):
        """At the system `name`, whose SIP core asks with the identities that the UE has stored for it."""
        return self._at_core("register", name, name)

    def go_home(self):
        return self._at_core("return", self.system.id)

    def _at_core(self, command, where, *words):
        system = self.lab.systems[where]
        name = ["primary" if word == self.system.id else word for word in words]
        return self.run(command, *name, "--core", f"{system.address}:{system.port}", "--core-host",
                        self.lab.core(where).new_host(), "--core-realm", system.realm, "--keys", self.card.keys, "--usim",
                        self.card.usim)

    def primary_digest(self):
        """Of all octets of the primary's stored configuration, names included (NOTE 4)."""
        digest, folder = hashlib.sha256(), os.path.join(self.store, "primary")
        for name in sorted(os.listdir(folder)):
            with open(os.path.join(folder, name), "rb") as file:
                digest.update(name.encode() + b"\0" + file.read() + b"\0")
        return digest.hexdigest()

    # Anything else.

    def ask(self, method, path=CONNECTIONS, body=None, token=None, headers=None):
        """One bare request. body: octets as they are, anything else as JSON. token: "" sends none."""
        token = self.token() if token is None else token
        wanted = {"Authorization": "Bearer " + token} if token else {}
        if body is not None and not isinstance(body, bytes):
            body, wanted["Content-Type"] = json.dumps(body).encode(), "application/json"
        with contextlib.closing(self.open()) as connection:
            connection.request(method, path, body, {**wanted, **(headers or {})})
            answer = connection.getresponse()
            octets = answer.read()
            return Reply(json.loads(octets) if octets else None, status=answer.status, headers=dict(answer.headers))

    def post(self, **other):
        """A sound POST but for what the test says otherwise; a member of value None is left out."""
        body = {"mcServiceIds": dict.fromkeys(self.services, self.mc_id), "location": PLACE, **other}
        return self.ask("POST", body={name: value for name, value in body.items() if value is not None})

    def open(self, timeout=30):
        """An http.client.HTTPSConnection to the server, connected and checked."""
        cms = self.system.cms
        context = ssl.create_default_context(cafile=cms.https_ca)
        connection = http.client.HTTPSConnection(cms.host, cms.https_port, timeout=timeout, context=context)
        connection.sock = context.wrap_socket(socket.create_connection((cms.address, cms.https_port), timeout),
                                              server_hostname=cms.host)
        return connection
