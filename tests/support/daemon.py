# SPDX-License-Identifier: Apache-2.0
"""One stock freeDiameterd with our extensions: its two configuration files, its life, its log."""

import os
import re
import signal
from dataclasses import dataclass, field

from .addresses import listens
from .build import SOURCE
from .processes import Child, LabError, wait_until

DAEMON = "/usr/bin/freeDiameterd"
TLS_PRIORITY = "SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"
DH_FILE = os.path.join(SOURCE, "conf", "ffdhe2048.pem")
STOP_SECONDS = 20
DICTIONARIES = ("dict_cx", "dict_mcx")
_OPEN = r"-> 'STATE_OPEN'\s+'{}'"


@dataclass
class Options:
    """What a test may want otherwise. settings: {"hss": {"answer_time_ms": 500}} for mcx.conf, over the lab's own
    (level debug, and rates per grant that do not stand in the way). daemon_lines: more lines of freeDiameter.conf.
    extensions: names of ours to load, in order; default: those of this kind of daemon. connect: False leaves
    ConnectPeer out. edits: (old, new) of the finished mcx.conf, for faults. run: False leaves the daemon itself out, for a test that plays it. env: more environment.
    arguments: more of the daemon's own, as -dd."""
    settings: dict = field(default_factory=dict)
    daemon_lines: list = field(default_factory=list)
    extensions: tuple = None
    connect: bool = True
    edits: list = field(default_factory=list)
    run: bool = True
    env: dict = field(default_factory=dict)
    arguments: list = field(default_factory=list)


class Daemon:
    """Written by Lab; start() and stop() may be called again and again. Subclasses say which extensions, peers and
    settings. node: its Diameter identity, address, ports and certificate (a System, or its Cms)."""

    def __init__(self, lab, system, node, folder, options=None):
        self.lab, self.system, self.node, self.options = lab, system, node, options or Options()
        self.folder = lab.folder.join(folder)
        os.makedirs(self.folder, exist_ok=True)
        self.daemon_conf = os.path.join(self.folder, "freeDiameter.conf")
        self.mcx_conf = os.path.join(self.folder, "mcx.conf")
        self.log = os.path.join(self.folder, "daemon.log")
        self.child = None
        self.statuses = []  # of every run that was asked to end; None: it had to be killed

    @property
    def pid(self):
        return self.child.pid

    @property
    def host(self):
        return self.node.host

    # What subclasses say.

    def _extensions(self):
        raise NotImplementedError

    def peers(self):
        """(node, its realm) of those that it connects to."""
        raise NotImplementedError

    def _settings(self):
        """{section: {name: value}} of mcx.conf, scalars only; `border` goes before the lists of that section."""
        raise NotImplementedError

    def _lists(self):
        """{section: text}: lists of mcx.conf, which go after the section's scalars."""
        return {}

    # The files.

    def write_conf(self):
        """Writes both files anew from system, options and the lab's other systems."""
        text = self._mcx_text()
        for old, new in self.options.edits:
            if old not in text:
                raise LabError(f"no {old!r} in mcx.conf")
            text = text.replace(old, new, 1)
        with open(self.mcx_conf, "w", encoding="utf-8") as conf:
            conf.write(text)
        with open(self.daemon_conf, "w", encoding="utf-8") as conf:
            conf.write(self._daemon_text())

    def extensions(self):
        return self._extensions() if self.options.extensions is None else self.options.extensions

    def others(self):
        return [other for other in self.lab.systems.values() if other is not self.system]

    def _daemon_text(self):
        mine, realm = self.node, self.system.realm
        lines = [f'Identity = "{mine.host}";', f'Realm = "{realm}";', f"Port = {mine.port};",
                 f"SecPort = {mine.tls_port};", "No_IPv6;", "No_SCTP;", "NoRelay;", "TcTimer = 2;", "TwTimer = 10;",
                 "AppServThreads = 4;", "ThreadsPerServer = 20;", f'TLS_Cred = "{mine.cert}", "{mine.key}";']
        lines += [f'TLS_CA = "{system.ca}";' for system in self.lab.systems.values()]
        lines += [f'TLS_Prio = "{TLS_PRIORITY}";', f'TLS_DH_File = "{DH_FILE}";']
        load = self.lab.build.extension
        lines.append(f'LoadExtension = "{load("lab_listen")}" : "{mine.address}";')
        lines += [f'LoadExtension = "{load(name)}";' for name in DICTIONARIES]
        lines += [f'LoadExtension = "{load(name)}" : "{self.mcx_conf}";' for name in self.extensions()]
        for other, realm in self.peers() if self.options.connect else ():
            address, port = self.lab.way(mine, other)
            lines.append(f'ConnectPeer = "{other.host}" {{ ConnectTo = "{address}"; Port = {port}; '
                         f'Realm = "{realm}"; No_IPv6; }};')
        return "\n".join(lines + self.options.daemon_lines) + "\n"

    def _mcx_text(self):
        mine = self.system
        sections = {"database": {"conninfo": mine.daemon_db}, "log": {"level": "debug"}, "border": {}}
        for more in (self._settings(), self.options.settings):
            for section, values in more.items():
                sections.setdefault(section, {}).update(values)
        border = "".join(f"  {name} = {_value(value)};\n" for name, value in sections.pop("border").items())
        text = f'keys = ( {{ id = 1; file = "{mine.kek}"; }} );\n'
        lists = self._lists()
        for section, values in sections.items():
            text += (f"{section} = {{\n" + "".join(f"  {n} = {_value(v)};\n" for n, v in values.items())
                     + lists.pop(section, "") + "};\n")
        return text + "border = {\n" + border + self._border_lists() + "};\n"

    def _border_lists(self):
        """Own SIP core, the system's other node, and the other systems."""
        mine = self.system
        partners = ",\n".join(
            f'    {{ system_id = "{other.id}"; realms = ("{other.realm}"); sip_databases = ("{other.host}"); '
            f'cms = ({_quoted(other.cms)}); agents = (); ca_file = "{other.ca}"; }}' for other in self.others())
        text = (f'  sip_cores = (\n    {{ domain = ".{mine.scscf_domain}"; realm = "{mine.realm}"; '
                f'plain_from = ("127.0.0.0/8"); ca_file = "{mine.ca}"; }} );\n  partners = (\n{partners} );\n')
        if mine.cms:
            text += (f'  own_nodes = (\n    {{ sip_databases = ("{mine.host}"); cms = ("{mine.cms.host}"); '
                     f'ca_file = "{mine.ca}"; }} );\n')
        return text

    def start(self, wait=True):
        """Runs the daemon. wait: until it takes connections."""
        self.write_conf()
        env = self.lab.build.daemon_env(self.folder, is_ours="acl_border" in self.extensions())
        env |= {**self.lab.daemon_env, **self.options.env}
        self.child = Child(self.host, [DAEMON, "-c", self.daemon_conf, *self.options.arguments], self.log,
                           env=env, cwd=self.folder)
        self.lab.folder.add_child(self.child)
        if wait:
            self.child.wait_line(r"freeDiameterd daemon initialized", timeout=30)
            mine = self.node  # it says so a moment before it listens
            wait_until(lambda: all(listens(mine.address, port) for port in (mine.port, mine.tls_port)), 20,
                       f"{self.host}: listening", period_ms=5)

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
                raise LabError(f"{self.host} has ended; {self.log} ends with:\n{self.child.tail()}")
            return next((e for e in self.events(name, since) if all(e.get(k) == v for k, v in wanted.items())), None)
        return wait_until(look, timeout, f"{self.host}: waiting for ev={name} {wanted}; see {self.log}")


def _value(value):
    """A libconfig scalar."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _quoted(node):
    """The host of a node that may be missing, as in a libconfig list."""
    return f'"{node.host}"' if node else ""
