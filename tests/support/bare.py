# SPDX-License-Identifier: Apache-2.0
"""One stock freeDiameterd that serves constant MARs (bare_maa.fdx), with or without acl_border, and no database: for
what the border and the guard must hold, and for showing what happens without them. Nothing is captured: most of what
these tests send is broken, or untrue, on purpose."""

import collections
import os
import re
import sys
import time
import traceback

from . import daemon as daemons, metrics, pki, raw
from .addresses import Reservations, listens
from .build import Build
from .folders import Folder
from .processes import Child, LabError, exit_on_signals, wait_until
from .scenario import Failed
from .sealed import Sealing

PRIMARY, PARTNER, THIRD = "primary.example", "partner.example", "third.example"
SCSCF = "scscf.ims." + PRIMARY
_OPEN_FILES = 'for ((i = 3; i < $1; i++)); do eval "exec $i</dev/null"; done; shift; exec "$@"'
_SANITIZER = re.compile(r"ERROR: (?:Address|Leak)Sanitizer|: runtime error: ")


class Site:
    """Folder, addresses and certificates of one test program."""

    def __init__(self, file):
        self.build = Build()
        name = os.path.splitext(os.path.basename(file))[0]
        self.folder = Folder(os.path.join(self.build.folder, "lab", name))
        self.reservations = Reservations()
        self.address = self.reservations.network() + ".1"
        self.authorities = {realm: pki.Authority(self.folder.join("pki", realm), realm)
                            for realm in (PRIMARY, PARTNER, THIRD)}
        self.own = self.issue(PRIMARY, "hss." + PRIMARY)
        self._issued = {}

    def issue(self, realm, identity, **options):
        return self.authorities[realm].issue(identity, **options)

    def certificate(self, identity):
        """The right one: by the CA of the realm that the name ends with."""
        if identity not in self._issued:
            realm = next(realm for realm in self.authorities if identity.endswith(realm))
            self._issued[identity] = self.issue(realm, identity)
        return self._issued[identity]

    def close(self):
        self.reservations.close()
        self.folder.close()


class Daemon:
    """A `with` block around the running daemon. guard: acl_border is loaded. connect: {host: port} for ConnectPeer on
    the site's second address. lines: more of freeDiameter.conf; border: settings of that section of
    mcx.conf; edit: (file, old, new); has_metrics: it can be asked for them. nofile: its limit, with all
    descriptors below open_files in use from the start; preload: more libraries of tests/support."""

    def __init__(self, site, guard=True, no_relay=True, lines=(), connect=None, border="", nofile=None, threads=20,
                 serve=True, edit=None, open_files=3, dictionary=True, preload=(), has_metrics=False):
        self.guard, self.preload = guard, preload
        self.site, self.status, self.nofile, self.open_files = site, None, nofile, open_files
        self.left = collections.Counter()  # of peers that are not configured, by name
        self.configured = connect or {}
        self.listen_address = site.address.rpartition(".")[0] + ".2"
        self._texts = {"freeDiameter.conf": self._daemon_text(guard, no_relay, lines, self.configured, threads, serve,
                                                        dictionary),
                       "mcx.conf": self._mcx_text(border, has_metrics), "kek-1.key": "00" * 32 + "\n"}
        if edit:  # (file, old text, new text)
            assert edit[1] in self._texts[edit[0]]
            self._texts[edit[0]] = self._texts[edit[0]].replace(edit[1], edit[2], 1)
        self.log = site.folder.join("daemon.log")

    def _daemon_text(self, guard, no_relay, lines, connect, threads, serve, dictionary):
        site, load = self.site, self.site.build.extension
        text = [f'Identity = "hss.{PRIMARY}";', f'Realm = "{PRIMARY}";', "Port = 3868;", "SecPort = 5868;", "No_IPv6;",
                "No_SCTP;", "TcTimer = 6;", "TwTimer = 6;", f"ThreadsPerServer = {threads};",
                f'TLS_Cred = "{site.own.cert}", "{site.own.key}";', f'TLS_DH_File = "{daemons.DH_FILE}";',
                f'TLS_Prio = "{daemons.TLS_PRIORITY}";', f'LoadExtension = "{load("lab_listen")}" : "{site.address}";']
        if dictionary:
            text.append(f'LoadExtension = "{load("dict_cx")}";')
            text.append(f'LoadExtension = "{load("dict_mcx")}";')
        text += [f'TLS_CA = "{authority.ca}";' for authority in site.authorities.values()]
        text += ["NoRelay;"] * no_relay
        if serve:
            text.append(f'LoadExtension = "{load("bare_maa")}";')  # before the border: who registers last is asked first
        if guard:
            text.append(f'LoadExtension = "{load("acl_border")}" : "{site.folder.join("mcx.conf")}";')
        text += [f'ConnectPeer = "{host}" {{ ConnectTo = "{self.listen_address}"; Port = {port}; No_IPv6; TcTimer = 1; }};'
                 for host, port in connect.items()]
        return "\n".join([*text, *lines]) + "\n"

    def _mcx_text(self, border, has_metrics):
        ca = {realm: authority.ca for realm, authority in self.site.authorities.items()}
        partners = ", ".join(
            f'{{ system_id = "{realm.partition(".")[0]}"; realms = ("{realm}"); sip_databases = ("hss.{realm}"); '
            f'cms = ("cms.{realm}"); agents = ("dra.{realm}"); ca_file = "{ca[realm]}"; }}' for realm in (PARTNER, THIRD))
        return ('keys = ( { id = 1; file = "kek-1.key"; } );\ndatabase = { conninfo = "dbname=none"; };\n'
                'log = { level = "debug"; };\nborder = { ' + border + '\n'
                f'sip_cores = ( {{ domain = ".ims.{PRIMARY}"; realm = "{PRIMARY}"; plain_from = ("{self.site.address}"); '
                f'ca_file = "{ca[PRIMARY]}"; }} );\npartners = ( {partners} ); }};\n'
                + f'metrics = {{ address = "{self.site.address}"; port = {metrics.PORT}; }};\n' * has_metrics)

    def __enter__(self):
        for name, text in self._texts.items():
            with open(os.open(self.site.folder.join(name), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w",
                      encoding="ascii") as file:
                file.write(text)
        daemon = [daemons.DAEMON, "-c", self.site.folder.join("freeDiameter.conf")]
        if self.nofile:
            daemon = ["/usr/bin/prlimit", f"--nofile={self.nofile}:{self.nofile}", "/bin/bash", "-c", _OPEN_FILES, "bash",
                      str(self.open_files), *daemon]
        env = self.site.build.daemon_env(self.site.folder.path, self.guard, self.preload)
        self.child = Child("daemon", daemon, self.log, env=env, cwd=self.site.folder.path)
        self.site.folder.add_child(self.child)
        return self

    def __exit__(self, *_):
        self.stop()

    def ready(self):
        self.child.wait_line("freeDiameterd daemon initialized", timeout=30)
        wait_until(lambda: listens(self.site.address, 3868) and listens(self.site.address, 5868), 10, "listening",
                   period_ms=5)
        return self

    def ends_by(self, peer, octets):
        """Its exit status if it ends after this message, whether at once or in order; None if it lives on."""
        peer.send(octets)
        while (got := peer.receive()) and got.command != 282:  # DPR: it is going down, and we need not answer
            pass
        peer.drop()
        return self.wait_end()

    def stop(self):
        """Its exit status; None: it had to be killed."""
        is_ours = self.guard or self.status is None  # an unguarded one may end in any way
        if self.status is None:
            self.status = self.child.stop()
        found = _SANITIZER.search(self.child.text())
        if found and is_ours:
            raise Failed(f"sanitizer report in {self.log}: {found.group(0)}")
        return self.status

    def wait_end(self, timeout=20):
        """Its exit status when it ends by itself; None if it lives on."""
        self.status = self.child.wait(timeout)
        return self.status

    def is_alive(self):
        return self.child.alive()

    def wait_log(self, pattern, timeout=10, count=1):
        return self.child.wait_line(pattern, timeout, count)

    def metric(self, name):
        """The value of a row of GET /metrics, labels included in the name."""
        return metrics.read(self.site.address)[name]

    def memory_kb(self):
        """The most that it has had in memory so far."""
        with open(f"/proc/{self.child.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))

    def wait_until(self, condition, what, timeout=10):
        return wait_until(condition, timeout, what)

    def plain(self, host=SCSCF, realm=PRIMARY, **options):
        """A peer without TLS."""
        options.setdefault("source", self.site.address)
        return self._peer(host, realm, 3868, **options)

    def _peer(self, host, realm, port, **options):
        """Who leaves waits until the daemon is done with the name: it drops a CER that comes before."""
        def forgotten():
            self.left[host] += 1
            self.wait_log(rf"STATE_ZOMBIE \(terminated\)\s+'{re.escape(host)}'", count=self.left[host])
        peer = raw.Peer(host, realm, self.site.address, port, **options)
        peer.forgotten = None if host in self.configured else forgotten
        return peer

    def tls(self, host="hss." + PARTNER, realm=PARTNER, certificate=None, sealed=False, **options):
        """A peer with TLS and, unless the test gives another, its own certificate. sealed: peer.socket is a Sealed."""
        made = certificate or self.site.certificate(host)
        context = raw.client_context(made.cert, made.key)
        return self._peer(host, realm, 5868, tls=Sealing(context) if sealed else context, **options)

    def listener(self, port, certificate):
        """Where ConnectPeer leads."""
        return raw.Listener(self.listen_address, port, raw.server_context(certificate.cert, certificate.key))


def outcome(peer, **capabilities):
    """2001: connected and served; 0: closed without a word; else the CEA's result."""
    with peer:
        cea = peer.capabilities(**capabilities)
        if cea is None or cea.result != 2001:
            return cea.result if cea else 0
        got = peer.ask(peer.mar(PRIMARY))
        return got.result if got else 0


def main(file, tests):
    """Runs the functions, each with the site; ends the program: 0 if all held. Names on the command line pick some."""
    exit_on_signals()
    chosen = [test for test in tests if not sys.argv[1:] or test.__name__ in sys.argv[1:]]
    site, failures = Site(file), 0
    try:
        for test in chosen:
            began = time.monotonic()
            try:
                test(site)
                print(f"ok - {test.__name__} ({time.monotonic() - began:.1f} s)", flush=True)
            except (Failed, LabError, OSError) as error:
                failures += 1
                traceback.print_exc()
                print(f"not ok - {test.__name__}: {error}; log: {site.folder.join('daemon.log')}", flush=True)
    finally:
        site.close()
    sys.exit(1 if failures or not chosen else 0)
