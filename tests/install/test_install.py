#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""cmake --install below a DESTDIR: everything is there, and works from there: the tools, mcxctl's schema, and a daemon
with the installed extensions that serves a user."""

import os
import re
import shutil
import subprocess
import sys
import tempfile

from support.build import SOURCE, Build
from support.folders import Folder
from support.lab import Lab
from support.pg import Cluster
from support.processes import exit_on_signals
from support.scenario import equal, expect

EXAMPLES = {"freeDiameter-hss.conf.example": "app_hss", "freeDiameter-cms.conf.example": "app_cms", "mcx.conf.example": None}


class Installed(Build):
    """A build whose tools and extensions are the installed ones."""

    def __init__(self, prefix):
        super().__init__()
        self.prefix = prefix

    def tool(self, name):
        return os.path.join(self.prefix, "bin", name)

    def extension(self, name):
        mine = os.path.join(self.prefix, "lib", "mcx-hss", name + ".fdx")
        return mine if os.path.exists(mine) else super().extension(name)  # lab_listen stays in the build folder


def install(destdir):
    done = subprocess.run([os.environ.get("MCX_CMAKE", "cmake"), "--install", Build().folder, "--prefix", "/opt/mcx"],
                          env={**os.environ, "DESTDIR": destdir}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False)
    equal(done.returncode, 0, f"cmake --install: {done.stdout}")
    return Installed(os.path.join(destdir, "opt", "mcx"))


def check_files(installed):
    folder = os.path.join(installed.prefix, "share", "mcx-hss", "schema")
    wanted = sorted(name for name in os.listdir(os.path.join(SOURCE, "schema")) if name.endswith(".sql"))
    equal(sorted(os.listdir(folder)), wanted, "schema")
    libraries = os.listdir(os.path.join(installed.prefix, "lib", "mcx-hss"))
    wanted = {"libmcx.so", "acl_border.fdx", "app_hss.fdx", "app_cms.fdx", "dict_cx.fdx", "dict_mcx.fdx"}
    expect(wanted <= set(libraries), f"libraries: {libraries}")
    for name in ("mcxctl", "mcx-probe", "mcx-bench", "mcx-ue"):
        done = subprocess.run([installed.tool(name), "--help"], stdout=subprocess.PIPE, text=True, check=False,
                              env=installed.tool_env())
        expect(done.returncode == 0 and name in done.stdout, f"{name} --help: status {done.returncode}")
    for name, extension in EXAMPLES.items():
        with open(os.path.join(installed.prefix, "share/doc/mcx-hss/examples", name), encoding="utf-8") as text:
            said = text.read()
        expect("/usr/lib/mcx-hss" not in said and "/usr/share" not in said, f"{name} names another folder")
        for path in re.findall(r'TLS_DH_File = "(.*)"', said):
            expect(os.path.exists(installed.prefix.removesuffix("/opt/mcx") + path), f"{name}: no {path}")
        expect(not extension or f"/opt/mcx/lib/mcx-hss/{extension}.fdx" in said, f"{name}: no path of ours")
    for name in ("lib/systemd/system/mcx@.service", "share/doc/mcx-hss/openapi.json"):
        expect(os.path.exists(os.path.join(installed.prefix, name)), f"no {name}")


def check_schema(installed):
    """mcxctl takes the schema that lies beside it: it says so when a file of it is missing."""
    folder = Folder(os.path.join(installed.folder, "lab", "install-schema"))
    cluster = Cluster(folder, os.path.join(installed.folder, "pg-template", "data"), False)
    try:
        cluster.start()
        cluster.create_database("installed")
        upgrade(installed, cluster)
    finally:
        cluster.remove()
        folder.close()


def upgrade(installed, cluster):
    schema = os.path.join(installed.prefix, "share", "mcx-hss", "schema")
    for missing in (True, False):
        hidden = os.path.join(schema, "0002_identities.sql")
        if missing:
            os.rename(hidden, hidden + ".away")
        done = subprocess.run([installed.tool("mcxctl"), "db", "upgrade"], text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False,
                              env={**installed.tool_env(), "MCX_DB": cluster.conninfo("installed")})
        if missing:
            os.rename(hidden + ".away", hidden)
            expect(done.returncode != 0 and "share/mcx-hss/schema" in done.stdout, f"without a file: {done.stdout}")
    equal(done.returncode, 0, f"mcxctl db upgrade: {done.stdout}")


def check_daemon(installed):
    with Lab(os.path.join(installed.folder, "lab", "install"), names=("primary",), build=installed) as lab:
        alice = lab.add_user("primary", "alice")
        equal(lab.core("primary").mar(alice).result, "2001", "MAR")


def main():
    exit_on_signals()
    destdir = tempfile.mkdtemp(prefix="mcx-install-")
    try:
        installed = install(destdir)
        for check in (check_files, check_schema, check_daemon):
            check(installed)
            print(f"ok - {check.__name__}", flush=True)
    finally:
        shutil.rmtree(destdir)
    return 0


if __name__ == "__main__":
    sys.exit(main())
