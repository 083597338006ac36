# SPDX-License-Identifier: Apache-2.0
"""One MC system's SIP database: a stock freeDiameterd with our extensions, its two configuration files, its life."""

import os
import re
import signal
from dataclasses import dataclass, field

from .processes import Child, LabError, wait_until

DAEMON = "/usr/bin/freeDiameterd"
TLS_PRIORITY = "SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"
STOP_SECONDS = 20
_OPEN = r"-> 'STATE_OPEN'\s+'{}'"


@dataclass
class System:
    """Names, addresses and files of one MC system; what lab.env tells of it."""
    id: str
    realm: str
    address: str
    port: int
    tls_port: int
    ca: str = ""
    cert: str = ""
    key: str = ""
    db: str = ""
    daemon_db: str = ""
    authority: object = field(default=None, repr=False)

    @property
    def host(self):
        return "hss." + self.realm

    @property
    def scscf_domain(self):
        return "ims." + self.realm

    @property
    def scscf(self):
        """The host name under which labs play this system's S-CSCF."""
        return "scscf." + self.scscf_domain

    @property
    def inbound_domain(self):
        return "migration." + self.realm

    @property
    def outbound_domain(self):
        return "masked." + self.realm


@dataclass
class Options:
    """What a test may want otherwise. settings: {"hss": {"answer_time_ms": 500}} for mcx.conf, over the lab's own
    (level debug, and rates per grant that do not stand in the way). daemon_lines: more lines of freeDiameter.conf.
    extensions: names of ours to load, in order. connect: False leaves ConnectPeer out. run: False leaves the daemon
    itself out, for a test that plays it. env: more environment. arguments: more of the daemon's own, as -dd."""
    settings: dict = field(default_factory=dict)
    daemon_lines: list = field(default_factory=list)
    extensions: tuple = ("acl_border", "app_hss")
    connect: bool = True
    run: bool = True
    env: dict = field(default_factory=dict)
    arguments: list = field(default_factory=list)


class Hss:
    """Written by Lab; start() and stop() may be called again and again."""

    def __init__(self, lab, system, options=None):
        self.lab, self.system, self.options = lab, system, options or Options()
        self.folder = lab.folder.join(system.id)
        os.makedirs(self.folder, exist_ok=True)
        self.daemon_conf = os.path.join(self.folder, "freeDiameter.conf")
        self.mcx_conf = os.path.join(self.folder, "mcx.conf")
        self.log = os.path.join(self.folder, "daemon.log")
        self.child = None
        self.statuses = []  # of every run that was asked to end; None: it had to be killed
        self.key = os.path.join(self.folder, "kek-1.key")
        lab.build_run("mcxctl", "key", "create", self.key)

    @property
    def pid(self):
        return self.child.pid

    def write_conf(self):
        """Writes both files anew from system, options and the lab's other systems."""
        with open(self.mcx_conf, "w", encoding="utf-8") as conf:
            conf.write(self._mcx_text())
        with open(self.daemon_conf, "w", encoding="utf-8") as conf:
            conf.write(self._daemon_text())

    def _others(self):
        return [other for other in self.lab.systems.values() if other is not self.system]

    def _daemon_text(self):
        mine = self.system
        lines = [f'Identity = "{mine.host}";', f'Realm = "{mine.realm}";', f"Port = {mine.port};",
                 f"SecPort = {mine.tls_port};", "No_IPv6;", "No_SCTP;", "NoRelay;", "TcTimer = 2;", "TwTimer = 10;",
                 "AppServThreads = 4;", "ThreadsPerServer = 20;", f'TLS_Cred = "{mine.cert}", "{mine.key}";']
        lines += [f'TLS_CA = "{system.ca}";' for system in self.lab.systems.values()]
        lines += [f'TLS_Prio = "{TLS_PRIORITY}";', "TLS_DH_Bits = 2048;"]
        load = self.lab.build.extension
        lines.append(f'LoadExtension = "{load("lab_listen")}" : "{mine.address}";')
        lines.append(f'LoadExtension = "{load("dict_cx")}";')
        lines.append(f'LoadExtension = "{load("dict_mcx")}";')
        lines += [f'LoadExtension = "{load(name)}" : "{self.mcx_conf}";' for name in self.options.extensions]
        if self.options.connect:
            for other in self._others():
                lines.append(f'ConnectPeer = "{other.host}" {{ ConnectTo = "{other.address}"; Port = {other.tls_port}; '
                             f'Realm = "{other.realm}"; No_IPv6; }};')
        return "\n".join(lines + self.options.daemon_lines) + "\n"

    def _mcx_text(self):
        mine = self.system
        sections = {"database": {"conninfo": mine.daemon_db}, "log": {"level": "debug"},
                    "hss": dict.fromkeys(("partner_rate_per_grant", "resync_rate_per_grant"), 100000), "border": {}}
        for section, values in self.options.settings.items():
            sections.setdefault(section, {}).update(values)
        border = "".join(f"  {name} = {_value(value)};\n" for name, value in sections.pop("border").items())
        partners = ",\n".join(
            f'    {{ system_id = "{other.id}"; realms = ("{other.realm}"); sip_databases = ("{other.host}"); '
            f'cms = (); agents = (); ca_file = "{other.ca}"; }}' for other in self._others())
        text = 'keys = ( { id = 1; file = "kek-1.key"; } );\n'
        for section, values in sections.items():
            text += f"{section} = {{\n" + "".join(f"  {n} = {_value(v)};\n" for n, v in values.items()) + "};\n"
        return text + (
            "border = {\n" + border
            + f'  sip_cores = (\n    {{ domain = ".{mine.scscf_domain}"; realm = "{mine.realm}"; '
            f'plain_from = ("127.0.0.0/8"); ca_file = "{mine.ca}"; }} );\n  partners = (\n{partners} );\n}};\n')

    def start(self, wait=True):
        """Runs the daemon. wait: until it takes connections."""
        self.write_conf()
        env = {**self.lab.build.daemon_env(self.folder), **self.lab.daemon_env, **self.options.env}
        self.child = Child(self.system.host, [DAEMON, "-c", self.daemon_conf, *self.options.arguments], self.log,
                           env=env, cwd=self.folder)
        self.lab.folder.add_child(self.child)
        if wait:
            self.child.wait_line(r"freeDiameterd daemon initialized", timeout=30)

    def wait_open(self, host, timeout=20, count=1):
        """Until the connection with that peer is open (for the count-th time since the start)."""
        return self.child.wait_line(_OPEN.format(re.escape(host)), timeout, count)

    def wait_log(self, pattern, timeout=10, count=1):
        return self.child.wait_line(pattern, timeout, count)

    def stop(self, number=signal.SIGTERM, timeout=STOP_SECONDS):
        """Asks the daemon to end; its exit status, None if it had to be killed."""
        if self.child is None:
            return None
        if not self.child.alive():
            return self.child.process.returncode
        self.child.send_signal(number)
        return self.await_end(timeout)

    def await_end(self, timeout=STOP_SECONDS):
        """For a daemon that was told to end: its exit status, None if it had to be killed. Kept in `statuses`."""
        status = self.child.wait(timeout)
        if status is None:
            self.child.kill()
        self.statuses.append(status)
        return status

    def kill(self):
        """kill -9; not counted as a bad end."""
        self.child.kill()

    def is_running(self):
        return self.child is not None and self.child.alive()

    def text(self):
        """Its log since the lab began, all runs."""
        try:
            with open(self.log, encoding="utf-8", errors="backslashreplace") as log:
                return log.read()
        except FileNotFoundError:
            return ""

    def events(self, name, since=0):
        """Its own lines `ev=<name> key=value ...` from the character `since` of the log on, as dictionaries."""
        found = []
        for line in self.text()[since:].splitlines():
            at = line.find(f"ev={name} ")
            if at >= 0:
                pairs = re.findall(r'([a-z_]+)=("[^"]*"|\S*)', line[at:])
                found.append({key: value.strip('"') for key, value in pairs})
        return found

    def wait_event(self, name, since=0, timeout=5, **wanted):
        """The first such line whose values are as wanted."""
        def look():
            if not self.is_running():
                raise LabError(f"{self.system.host} has ended; {self.log} ends with:\n{self.child.tail()}")
            return next((e for e in self.events(name, since) if all(e.get(k) == v for k, v in wanted.items())), None)
        return wait_until(look, timeout, f"{self.system.host}: waiting for ev={name} {wanted}; see {self.log}")


def _value(value):
    """A libconfig scalar."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'
