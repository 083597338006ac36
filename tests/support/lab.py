# SPDX-License-Identifier: Apache-2.0
"""Lab: two (or more) whole MC systems on loopback: PKI, cluster, databases, daemons, provisioning."""

import concurrent.futures
import contextlib
import json
import os
import shlex
import signal
import uuid
from dataclasses import dataclass

from . import pki, tokens
from .addresses import Reservations
from .build import SOURCE, Build
from .cms import Cms, Node
from .folders import Folder
from .hss import Hss, Options, System
from .pg import Cluster
from .probe import Probe, User, write_keys
from .processes import run

# TS 35.208 4.3, test set 1.
K = "465b5ce8b199b49faa5f0a2ee238a6bc"
OP = "cdc202d5123e20f62b6d676ac72cb318"
OPC = "cd63cb71954a9f4e48a5994e37a02baf"
AMF = "0000"

DAEMON_ROLE = "mcx_daemon"


class Lab:
    """A `with` block around running systems. Members: systems, hss and cms (by system id), cluster, build, folder.

    names: system ids; realms are <id>.example. ports="private": each lab has its own 127.x.y.0/24 and the standard
    ports; ports="local": all on 127.0.0.1 with reserved ports. options: {system id: hss.Options}.
    cms: every system has a configuration management server too; cms_options: as options. gate: a gate.Gate stands in
    every Diameter connection between the daemons."""

    def __init__(self, path, names=("primary", "partner"), build=None, durable=False, ports="private", options=None,
                 capture=False, cms=False, cms_options=None, gate=False):
        self.build = build or Build()
        self.names, self._durable, self._ports = names, durable, ports
        self._options, self._cms_options = options or {}, cms_options or {}
        self._want_cms, self._want_gate = cms, gate
        self._want_capture = capture
        self._path = path
        self.systems, self.hss, self.cms, self.issuers = {}, {}, {}, {}
        self.folder = self.cluster = self.reservations = self.capture = self.gate = None
        self.daemon_env = {}
        self._network = None
        self._keys = set()

    def __enter__(self):
        try:
            self.prepare()
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    def prepare(self):
        """Everything but the daemons: folder, addresses, PKI, cluster, databases, configuration files."""
        self.folder = Folder(self._path)
        self.reservations = Reservations()
        for name in self.names:
            self.systems[name] = self._new_system(name)
        template = os.path.join(self.build.folder, "pg-template", "data")
        self.cluster = Cluster(self.folder, template, self._durable)
        self.cluster.start()
        for name, system in self.systems.items():
            self.cluster.create_database(name)
            system.db = self.cluster.conninfo(name)
            system.daemon_db = self.cluster.conninfo(name, DAEMON_ROLE)
            self.hss[name] = Hss(self, system, self._options.get(name))
            if system.cms:
                self.cms[name] = self._new_cms(system)
        if self._want_gate:
            self._start_gate()
        for daemon in self.daemons():
            daemon.write_conf()
        if self._want_capture:
            self._start_capture()
        for system in self.systems.values():
            self._provision_names(system)

    def _new_system(self, name):
        number = len(self.systems) + 1
        address, port, tls_port = self.place(number)
        system = System(name, name + ".example", address, port, tls_port)
        system.authority = pki.Authority(self.folder.join("pki", name), system.realm)
        made = system.authority.issue(system.host)
        system.ca, system.cert, system.key = system.authority.ca, made.cert, made.key
        if self._want_cms:
            system.cms = self._new_cms_node(system, number)
        return system

    def place(self, number):
        """Address, TCP port and TLS port of the number-th node (below 250) of this lab."""
        if self._ports == "local":
            return "127.0.0.1", *self.reservations.ports(2)
        if self._network is None:
            self._network = self.reservations.network()
        return f"{self._network}.{number}", 3868, 5868

    def _new_cms_node(self, system, number):
        host = "cms." + system.realm
        address, port, tls_port = self.place(100 + number)
        https_port = 8443 if self._ports == "private" else self.reservations.ports(1)[0]
        made = system.authority.issue(host)
        web = pki.Authority(self.folder.join("pki", system.id + "-https"), f"{system.realm} for UEs")
        shown = web.issue(host, names=[host, "localhost"], addresses=[address])
        return Node(host, address, port, tls_port, made.cert, made.key, https_port, web.ca, shown.cert, shown.key)

    def _new_cms(self, system):
        self.issuers[system.id] = tokens.Issuer(
            self.folder.join("idms-" + system.id), f"https://idms.{system.realm}",
            kept=os.path.join(self.build.folder, "token-keys", system.id))
        return Cms(self, system, self.issuers[system.id], self._cms_options.get(system.id))

    def daemons(self):
        """All of them, SIP databases first."""
        return [*self.hss.values(), *self.cms.values()]

    def nodes(self):
        """All that can be connected to: systems (their SIP databases), and cms.Nodes."""
        return [*self.systems.values(), *(system.cms for system in self.systems.values() if system.cms)]

    def way(self, here, there):
        """Address and TLS port by which one node connects to another."""
        return self.gate.way(here, there) if self.gate else (there.address, there.tls_port)

    def _start_gate(self):
        from .gate import Gate
        self.gate = Gate(self)

    def _start_capture(self):
        from .capture import Capture
        self.capture = Capture(self)
        self.daemon_env["SSLKEYLOGFILE"] = self.capture.keys

    def start(self):
        """Runs every daemon, one after the other, until all connections between them are open."""
        started = {}
        for daemon in self.daemons():
            if not daemon.options.run:
                continue
            daemon.start()
            if daemon.options.connect:
                for node, _realm in daemon.peers():
                    if node.host in started:
                        daemon.wait_open(node.host)
                        started[node.host].wait_open(daemon.host)
            started[daemon.host] = daemon

    def stop_daemons(self):
        """Asks every running daemon to end, all at once. {host: exit status}"""
        running = [daemon for daemon in self.daemons() if daemon.is_running()]
        for daemon in running:
            daemon.child.send_signal(signal.SIGTERM)
        return {daemon.host: daemon.await_end() for daemon in running}

    def close(self):
        """Peers before databases, then what they used. Harmless when repeated."""
        self.stop_daemons()
        if self.gate:
            self.gate.close()
        if self.capture:
            self.capture.stop()
        if self.cluster:
            self.cluster.remove()
        if self.reservations:
            self.reservations.close()
        if self.folder:
            self.folder.close()
            self.folder = None

    # Provisioning, the way an operator does it.

    def build_run(self, tool, *arguments, **options):
        """Runs a program of ours that must succeed; its output."""
        env = {**self.build.tool_env(), **options.pop("env", {})}
        said = run([self.build.tool(tool), *arguments], f"{tool} {' '.join(map(str, arguments))}", env=env, **options)
        return said

    def mcxctl(self, name, *arguments, **options):
        """Runs mcxctl for a system, as an administrator; its output."""
        env = {"MCX_DB": self.systems[name].db, "MCX_CONF": self.hss[name].mcx_conf}
        return self.build_run("mcxctl", *arguments, env=env, **options)

    def _provision_names(self, system):
        self.mcxctl(system.id, "db", "upgrade", "--schema-dir", os.path.join(SOURCE, "schema"),
                    "--daemon-role", DAEMON_ROLE)
        self.mcxctl(system.id, "key", "register")
        self.mcxctl(system.id, "system", "set", "--system-id", system.id, "--realm", system.realm, "--sip-database",
                    system.host)
        for purpose, domain in (("inbound", system.inbound_domain), ("outbound", system.outbound_domain)):
            self.mcxctl(system.id, "domain", "add", domain, "--purpose", purpose, "--default")

    def connect(self, one, other, *options):
        """Makes two systems known to each other, in both databases. options: more for `mcxctl partner add`."""
        for here, there in ((one, other), (other, one)):
            system = self.systems[there]
            self.mcxctl(here, "partner", "add", there, "--realm", system.realm, "--sip-database", system.host,
                        "--domain", system.realm, "--domain", system.outbound_domain,
                        *(["--cms", system.cms.host] if system.cms else []), *options)

    def card(self, name, impi, impu, k=K, opc=OPC):
        """A new card: keys and an array of SEQ_MS in files of this lab."""
        folder = self.folder.join("cards")
        os.makedirs(folder, mode=0o700, exist_ok=True)
        base = os.path.join(folder, name)
        self._keys |= {bytes.fromhex(k), bytes.fromhex(opc)}
        return User(impi, impu, write_keys(base + ".keys", k, opc), base + ".json")

    def add_user(self, name, user, impus=None, k=K, opc=OPC, amf=AMF):
        """A subscriber <user>@<realm> of a system, with a card. impus: its public identities, the first is the card's;
        default: sip: and the private one."""
        impi = f"{user}@{self.systems[name].realm}"
        impus = impus or [f"sip:{impi}"]
        card = self.card(f"{name}-{user}", impi, impus[0], k, opc)
        self.mcxctl(name, "subscriber", "add", impi, *_each("--impu", impus), "--secrets", "-",
                    input=f"k = {k}\nopc = {opc}\namf = {amf}\n")
        return card

    def add_subscribers(self, name, count, first=0, k=K, opc=OPC, amf=AMF):
        """Many subscribers %015d@<realm>, all with one K."""
        self.mcxctl(name, "subscriber", "load", "--count", count, "--first", first, "--realm", self.systems[name].realm,
                    "--secrets", "-", input=f"k = {k}\nopc = {opc}\namf = {amf}\n")
        self.cluster.sql(name, "ANALYZE")

    def bind(self, user, primary, partner, mask=False, grant=True, impus=None, options=()):
        """A migration binding of a user: the grant at the primary, then the line that this prints at the partner.
        grant=False: only the partner's side, as if the primary knew nothing. options: more for both, as
        ("--for", "60s")."""
        impus = impus or [user.impu]
        if grant:
            given = self._provision(primary, "primary", partner, user.impi, impus, *options,
                                    *(["--masked"] if mask else []))
            words = shlex.split(given["partner_command"])[1:]
            made = json.loads(self.mcxctl(partner, *words, "--json"))
            return Binding(given["id"], (given["given_impi"], given["given_impus"][0]),
                           (made["given_impi"], made["given_impus"][0]), made["given_impus"])
        system = self.systems[primary]
        made = self._provision(partner, "partner", primary, user.impi, impus, "--realm", system.realm, "--host",
                               system.host, "--id", str(uuid.uuid4()), *options)
        return Binding(made["id"], None, (made["given_impi"], made["given_impus"][0]), made["given_impus"])

    def ended(self, name, binding):
        """(state, cause, reason) of a binding at its partner."""
        return self.cluster.sql(name, "SELECT state, cause, reason FROM binding WHERE binding_uuid = "
                                f"'{binding.id}'")[0]

    def _provision(self, name, side, other, impi, impus, *options):
        return json.loads(self.mcxctl(name, "binding", "provision", "--side", side, "--partner", other, "--impi", impi,
                                      *_each("--impu", impus), "--json", *options))

    # Who talks to them.

    def core(self, name, *options):
        """The SIP core of a system: without TLS, under a fresh host name for each connection."""
        system = self.systems[name]
        return Probe(self.build, f"{system.address}:{system.port}", f"scscf-*.{system.scscf_domain}", system.realm,
                     options=options)

    def stranger(self, name, host, realm, certificate=None, ca=None, options=()):
        """Anybody who connects to a system's TLS port: a host name, a realm, and a pki.Certificate."""
        system = self.systems[name]
        return Probe(self.build, f"{system.address}:{system.tls_port}", host, realm, ca or system.ca, certificate,
                     ("--tls", *options))

    @staticmethod
    @contextlib.contextmanager
    def in_background(function):
        """Runs it beside the test: its Future. At the end of the block it has ended. It must start no children."""
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            yield pool.submit(function)

    def raw_peer(self, name, other=None):
        """A connection to a system in octets: as its own S-CSCF, or as the SIP database of another system whose daemon
        is left out, with that one's certificate. Capabilities are exchanged."""
        from . import raw
        system = self.systems[name]
        if other:
            who = self.systems[other]
            peer = raw.Peer(who.host, who.realm, system.address, system.tls_port,
                            tls=raw.client_context(who.cert, who.key))
        else:
            peer = raw.Peer(system.scscf, system.realm, system.address, system.port)
        peer.capabilities()
        return peer

    def watch_for(self, secrets):
        """More octets that no log may hold when the scenario ends."""
        self._keys |= secrets

    def secrets(self):
        """Octets that no log may hold: K, OP, OPc of all cards, and the key-encryption keys."""
        found = self._keys | {bytes.fromhex(OP)}
        for hss in self.hss.values():
            with open(hss.key, encoding="ascii") as key:
                found.add(bytes.fromhex(key.read().strip()))
        return found


@dataclass(frozen=True)
class Binding:
    """asked: what the partner asks the primary with (None without a grant); inbound: what the partner's SIP core asks
    with; inbound_impus: all of them, in the order of the user's."""
    id: str
    asked: tuple
    inbound: tuple
    inbound_impus: list


def _each(option, values):
    return [word for value in values for word in (option, value)]
