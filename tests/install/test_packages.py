#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""tools/packages lets Debian start nothing while it installs, and leaves no trace: with an apt-get that only asks
policy-rc.d what Debian's scripts would ask, in a mount namespace with a /usr/sbin of its own. What it finds missing, and
whom it asks, is test_missing.py's."""

import os
import signal
import subprocess
import sys
import tempfile

from support.build import SOURCE
from support.processes import exit_on_signals
from support.scenario import equal, run_alone

POLICY = "/usr/sbin/policy-rc.d"
NAMESPACE = ["unshare", "--mount", *([] if os.getuid() == 0 else ["--map-root-user"]), "sh", "-c"]
HIDE = "mount -t tmpfs none /usr/sbin || exit 1\n"
# What is installed when apt-get runs; "update" comes first and asks nothing.
APT_GET = f"""#!/bin/sh
case " $* " in *" update "*) exit 0 ;; esac
echo "$*"
for service in postgresql postgresql@15-main freediameter ssh; do
    {POLICY} "$service" start
    echo "$service $?"
done
eval "$AFTER"
"""
HELD = "postgresql 101\npostgresql@15-main 101\nfreediameter 101\nssh 0\n"


def installs(before="true", after="", command="apt-install some-package", stubs=None):
    """What apt-get is asked, and all else: output and exit status of the installation of one package, then what stands in
    /usr/sbin. before, after: shell commands before it, and at the end of apt-get. stubs: {name: text} of more."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in {"apt-get": APT_GET, **(stubs or {})}.items():
            with open(os.open(os.path.join(folder, name), os.O_WRONLY | os.O_CREAT, 0o755), "w", encoding="ascii") as stub:
                stub.write(text)
        script = (f'{HIDE}{before}\n"$0" {command}\necho "status $?"\nls /usr/sbin\n'
                  f"[ ! -e {POLICY} ] || cat {POLICY}")
        return subprocess.run([*NAMESPACE, script, os.path.join(SOURCE, "tools", "packages")], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True,
                              env={"PATH": f"{folder}:/usr/bin:/bin", "AFTER": after}).stdout.partition("\n")


def test_services_stay_down_and_the_policy_goes():
    command, _, said = installs()
    equal(command, "-q install -y --no-install-recommends some-package", "apt-get's arguments")
    equal(said, HELD + "status 0\n", "what policy-rc.d says, and what is left")


def test_root_installs_what_is_missing_without_sudo():
    stubs = {"dpkg-query": '#!/bin/sh\ncase $4 in tshark) exit 1 ;; esac\nprintf installed\n',
             "id": "#!/bin/sh\necho 0\n", "sudo": "#!/bin/sh\necho sudo is asked\n"}
    first, _, said = installs(command="install build test", stubs=stubs)
    equal(first, "Installing Debian packages: tshark", "the first word")
    equal(said, "-q install -y --no-install-recommends tshark\n" + HELD + "tools/packages: still missing: tshark\nstatus 1\n",
          "apt-get, and what it has not brought")


def test_policy_goes_when_the_installation_fails_or_is_ended():
    equal(installs(after="exit 100")[2], HELD + "status 100\n", "a failure")
    equal(installs(after="kill -TERM $PPID")[2], HELD + f"status {128 + signal.SIGTERM}\n", "SIGTERM")


def test_policy_of_one_that_was_killed_is_replaced():
    killed = f"echo '# made by mcx-hss tools/packages' >{POLICY}"
    equal(installs(before=killed)[2], HELD + "status 0\n", "after kill -9")


def test_policy_of_the_machine_is_left_alone():
    own = f"printf '#!/bin/sh\\nexit 104\\n' >{POLICY}; chmod 755 {POLICY}"
    equal(installs(before=own)[2], HELD.replace("101", "104").replace("ssh 0", "ssh 104")
          + "status 0\npolicy-rc.d\n#!/bin/sh\nexit 104\n", "the machine's own")


if __name__ == "__main__":
    exit_on_signals()
    if subprocess.run([*NAMESPACE, HIDE + "true"], check=False).returncode:
        print("skipped: no mount namespace is to be had here")
        sys.exit(77)
    sys.exit(run_alone(globals()))
