#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""mcx@.service leaves a daemon what it needs: one without ListenOn, as in the examples, starts with the unit's address
families, and would not without AF_NETLINK. In a network namespace, since it listens on every address."""

import os
import re
import subprocess
import sys

from support import families
from support.bare import PRIMARY, Site
from support.build import SOURCE
from support.daemon import DAEMON, DH_FILE, STOP_SECONDS
from support.processes import Child, exit_on_signals
from support.scenario import equal, expect, run_alone

# With an address that is not loopback's, which freeDiameter would pass over.
NAMESPACE = ["unshare", "--net", *([] if os.getuid() == 0 else ["--map-root-user"]), "sh", "-c",
             'ip link add v0 type veth peer name v1 && ip address add 192.0.2.1/24 dev v0 && ip link set v0 up && exec "$@"',
             "sh"]
SITE = []


def setting(name):
    with open(os.path.join(SOURCE, "conf", "mcx@.service"), encoding="utf-8") as unit:
        return re.search(rf"^{name}=(.*)$", unit.read(), re.M).group(1)


def daemon(allowed):
    """A daemon that nobody told where to listen, with these families of addresses."""
    site = SITE[0]
    with open(site.folder.join("freeDiameter.conf"), "w", encoding="ascii") as conf:
        conf.write(f'Identity = "hss.{PRIMARY}";\nRealm = "{PRIMARY}";\nNo_SCTP;\nNoRelay;\n'
                   f'TLS_Cred = "{site.own.cert}", "{site.own.key}";\nTLS_CA = "{site.authorities[PRIMARY].ca}";\n'
                   f'TLS_DH_File = "{DH_FILE}";\n')
    child = Child("daemon", [sys.executable, "-m", "support.families", " ".join(allowed), DAEMON, "-c",
                             site.folder.join("freeDiameter.conf")], site.folder.join("daemon.log"), cwd=site.folder.path)
    site.folder.add_child(child)
    return child


def test_daemon_without_listen_on_starts():
    child = daemon(setting("RestrictAddressFamilies").split())
    child.wait_line("freeDiameterd daemon initialized", timeout=30)
    equal(child.stop(), 0, "exit status")


def test_netlink_is_what_it_needs():
    allowed = [name for name in setting("RestrictAddressFamilies").split() if name != "AF_NETLINK"]
    child = daemon(allowed)
    expect(child.wait(30) not in (None, 0), "it ends, and says so")
    expect("Address family not supported" in child.text(), f"for this reason: {child.tail()}")


def test_daemon_has_the_time_to_end():
    expect(int(setting("TimeoutStopSec")) > STOP_SECONDS, "before systemd kills it")


def main():
    if families.SOCKET_CALL is None or subprocess.run([*NAMESPACE, "true"], check=False).returncode:
        print("skipped: no network namespace, or no filter of system calls, is to be had here")
        return 77
    if "--inside" not in sys.argv:
        return subprocess.run([*NAMESPACE, sys.executable, "-B", __file__, "--inside"], check=False).returncode
    exit_on_signals()
    SITE.append(Site(__file__))
    try:
        return run_alone(globals())
    finally:
        SITE[0].close()


if __name__ == "__main__":
    sys.exit(main())
