# SPDX-License-Identifier: Apache-2.0
"""Lab: two (or more) whole MC systems on loopback: PKI, cluster, databases, daemons, provisioning."""

import os

from . import pki
from .addresses import Reservations
from .build import Build
from .folders import Folder
from .hss import Hss, Options, System
from .pg import Cluster
from .processes import run

# TS 35.208 4.3, test set 1.
K = "465b5ce8b199b49faa5f0a2ee238a6bc"
OP = "cdc202d5123e20f62b6d676ac72cb318"
OPC = "cd63cb71954a9f4e48a5994e37a02baf"
AMF = "0000"

DAEMON_ROLE = "mcx_daemon"


class Lab:
    """A `with` block around running systems. Members: systems and hss (by system id), cluster, build, folder.

    names: system ids; realms are <id>.example. ports="private": each lab has its own 127.x.y.0/24 and the standard
    ports; ports="local": all on 127.0.0.1 with reserved ports. options: {system id: hss.Options}."""

    def __init__(self, path, names=("primary", "partner"), build=None, durable=False, ports="private", options=None,
                 capture=False):
        self.build = build or Build()
        self.names, self._durable, self._ports = names, durable, ports
        self._options = options or {}
        self._want_capture = capture
        self._path = path
        self.systems, self.hss = {}, {}
        self.folder = self.cluster = self.reservations = self.capture = None
        self.daemon_env = {}

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
        for hss in self.hss.values():
            hss.write_conf()
        if self._want_capture:
            self._start_capture()
        for system in self.systems.values():
            self._provision_names(system)

    def _new_system(self, name):
        number = len(self.systems) + 1
        if self._ports == "private":
            network = self.systems and next(iter(self.systems.values())).address.rpartition(".")[0]
            address = f"{network or self.reservations.network()}.{number}"
            port, tls_port = 3868, 5868
        else:
            address = "127.0.0.1"
            port, tls_port = self.reservations.ports(2)
        system = System(name, name + ".example", address, port, tls_port)
        system.authority = pki.Authority(self.folder.join("pki", name), system.realm)
        made = system.authority.issue(system.host)
        system.ca, system.cert, system.key = system.authority.ca, made.cert, made.key
        return system

    def _start_capture(self):
        from .capture import Capture
        self.capture = Capture(self)
        self.daemon_env["SSLKEYLOGFILE"] = self.capture.keys

    def start(self):
        """Runs every daemon, one after the other, until all connections between the systems are open."""
        started = []
        for name, hss in self.hss.items():
            hss.start()
            if hss.options.connect:
                for other in started:
                    hss.wait_open(self.systems[other].host)
                    self.hss[other].wait_open(self.systems[name].host)
            started.append(name)

    def stop_daemons(self):
        """Asks every running daemon to end, all at once. {system id: exit status}"""
        running = {name: hss for name, hss in self.hss.items() if hss.is_running()}
        for hss in running.values():
            hss.child.send_signal(15)
        return {name: hss.stop() for name, hss in running.items()}

    def close(self):
        """Peers before databases, then what they used. Harmless when repeated."""
        self.stop_daemons()
        if self.capture:
            self.capture.stop()
        if self.cluster and self.cluster.server:
            self.cluster.stop()
        if self.reservations:
            self.reservations.close()
        if self.folder:
            self.folder.close()
            self.folder = None

    # Provisioning, the way an operator does it.

    def mcxctl(self, name, *arguments, **options):
        """Runs mcxctl against a system's database; its output."""
        env = {**self.build.tool_env(), "MCX_DB": self.systems[name].db, "MCX_CONF": self.hss[name].mcx_conf}
        return run([self.build.tool("mcxctl"), *arguments], f"mcxctl {' '.join(map(str, arguments))}", env=env,
                   **options)

    def _provision_names(self, system):
        self.mcxctl(system.id, "db", "upgrade")
