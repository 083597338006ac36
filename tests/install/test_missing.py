#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""tools/packages says which packages are missing, and has sudo install them where we are not root: over a dpkg-query, an
apt-get, a sudo and an id of the test's own, and no other program that could ask."""

import os
import shutil
import subprocess
import sys
import tempfile

from support.build import SOURCE
from support.processes import exit_on_signals
from support.scenario import equal, run_alone

PACKAGES = os.path.join(SOURCE, "tools", "packages")
BORROWED = ("awk", "cat", "grep", "rm", "sed", "tr")
# dpkg-query -W -f FORMAT NAME
DPKG_QUERY = '#!/bin/sh\n[ "$1 $2" = "-W -f" ] && [ -e "$STATES/$4" ] || exit 1\ncat "$STATES/$4"\n'
SUDO = """#!/bin/sh
echo "sudo $*"
[ -z "$BREAKS" ] || exit 1
shift 3
for name in "$@"; do
    [ "$name" = "$FORGOTTEN" ] || printf installed >"$STATES/$name"
done
"""
APT_GET = "#!/bin/sh\necho apt-get is asked\n"


class Machine:
    """A `with` block: a Debian on which everything is installed. without: what is not. states: {package: state that
    dpkg has}. lacks: programs that are not there. more: environment of sudo."""

    def __init__(self, without=(), states=None, lacks=(), **more):
        self._without, self._states, self._lacks, self._more = without, states or {}, lacks, more

    def __enter__(self):
        self._folder = tempfile.TemporaryDirectory()
        self._path, self._known = (os.path.join(self._folder.name, name) for name in ("bin", "states"))
        os.mkdir(self._path)
        os.mkdir(self._known)
        for name in BORROWED:
            os.symlink(shutil.which(name), os.path.join(self._path, name))
        programs = {"dpkg-query": DPKG_QUERY, "sudo": SUDO, "apt-get": APT_GET, "id": "#!/bin/sh\necho 1000\n"}
        for name, text in programs.items():
            if name not in self._lacks:
                self._write(os.path.join(self._path, name), text, 0o755)
        every = self.run("list", "build", "run", "test")[1].split()
        states = {**{name: "installed" for name in every if name not in self._without}, **self._states}
        for name, state in states.items():
            self._write(os.path.join(self._known, name), state, 0o644)
        return self

    def __exit__(self, *_):
        self._folder.cleanup()

    @staticmethod
    def _write(path, text, mode):
        with open(os.open(path, os.O_WRONLY | os.O_CREAT, mode), "w", encoding="ascii") as file:
            file.write(text)

    def run(self, *words):
        """Exit status, standard output and standard error."""
        done = subprocess.run([PACKAGES, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                              stderr=subprocess.PIPE, check=False,
                              env={"PATH": self._path, "STATES": self._known, **self._more})
        return done.returncode, done.stdout, done.stderr


def test_missing_is_what_dpkg_does_not_call_installed():
    with Machine(without=("openssl",), states={"freediameterd": "config-files", "cmake": "half-installed"}) as machine:
        equal(machine.run("missing", "run"), (0, "freediameterd\nopenssl\n", ""), "of run")
        equal(machine.run("missing", "test"), (0, "", ""), "of test")
        equal(machine.run("missing", "run", "build"), (0, "freediameterd\nopenssl\ncmake\n", ""), "of two groups")
    with Machine(without=("python3",)) as machine:
        equal(machine.run("missing", "build", "run"), (0, "python3\n", ""), "what two groups want")


def test_another_name_of_a_package_will_do():
    without = ("postgresql-15", "pkgconf")
    with Machine(without, states={"postgresql": "installed", "pkg-config": "installed"}) as machine:
        equal(machine.run("missing", "build", "run"), (0, "", ""), "with the other names")
    with Machine(without) as machine:
        equal(machine.run("missing", "build", "run"), (0, "pkgconf\npostgresql-15\n", ""), "with neither")


def test_nothing_is_asked_when_nothing_is_missing():
    with Machine() as machine:
        equal(machine.run("install", "build", "run", "test"), (0, "", ""), "install")


def test_sudo_is_asked_for_what_is_missing():
    with Machine(without=("cmake", "openssl", "tshark")) as machine:
        equal(machine.run("install", "build", "run"), (
            0, f"Installing Debian packages: cmake openssl\nsudo -- {PACKAGES} apt-install cmake openssl\n", ""), "install")
        equal(machine.run("install", "build", "run"), (0, "", ""), "once more")
        equal(machine.run("missing", "test"), (0, "tshark\n", ""), "what nobody asked for")


def test_failure_is_told():
    asked = f"Installing Debian packages: gcc cmake\nsudo -- {PACKAGES} apt-install gcc cmake\n"
    with Machine(without=("gcc", "cmake"), BREAKS="1") as machine:
        equal(machine.run("install", "build"), (1, asked, ""), "sudo refuses")
    with Machine(without=("gcc", "cmake"), FORGOTTEN="cmake") as machine:
        equal(machine.run("install", "build"), (1, asked, "tools/packages: still missing: cmake\n"), "one did not come")


def test_who_cannot_install_is_told_what_to_ask_for():
    with Machine(without=("gcc", "cmake"), lacks=("sudo",)) as machine:
        equal(machine.run("install", "build"), (
            1, "Installing Debian packages: gcc cmake\n",
            "tools/packages: neither root nor sudo; ask an administrator for: apt-get install gcc cmake\n"), "without sudo")
    with Machine(without=("gcc", "cmake"), lacks=("apt-get",)) as machine:
        equal(machine.run("install", "build"), (
            1, "", "tools/packages: this is no Debian system; it lacks: gcc cmake\n"), "without apt-get")


def test_unknown_group_is_wrong_use():
    with Machine() as machine:
        for words in (("missing", "bulid"), ("install", "build", "rnu"), ("install",), ("missing",)):
            status, said, why = machine.run(*words)
            equal((status, said, why.startswith("tools/packages: no group")), (2, "", True), " ".join(words))


if __name__ == "__main__":
    exit_on_signals()
    sys.exit(run_alone(globals()))
