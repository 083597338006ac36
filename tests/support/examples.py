# SPDX-License-Identifier: Apache-2.0
"""The examples in conf/ with only the places changed, run by stock daemons of a lab. Names are the example's own:
primary.example, partner.example."""

import os
import re

from .build import SOURCE
from .daemon import DAEMON, DH_FILE
from .processes import Child
from .scenario import expect


def example(name, changes):
    """An example of conf/ with texts replaced; each must be there."""
    with open(os.path.join(SOURCE, "conf", name), encoding="utf-8") as text:
        content = text.read()
    for old, new in changes.items():
        expect(old in content, f"{name} no longer holds {old!r}")
        content = content.replace(old, new)
    return content


def place(lab):
    """mcx.conf in the primary's folder, with the UE interface on and its example of an issuer taken in."""
    system, folder, cms, issuer = (lab.systems["primary"], lab.hss["primary"].folder, lab.systems["primary"].cms,
                                   lab.issuers["primary"])
    for name in ("primary", "partner"):
        os.symlink(lab.systems[name].ca, os.path.join(folder, f"ca-{name}.pem"))
    os.symlink(issuer.jwks_file, os.path.join(folder, "jwks.json"))
    text = example("mcx.conf.example", {
        "dbname=mcx user=mcx-hss": system.daemon_db, '# https_address = "127.0.0.1"': f'https_address = "{cms.address}"',
        "# https_port = 0": f"https_port = {cms.https_port}", '# https_cert = ""': f'https_cert = "{cms.https_cert}"',
        '# https_key = ""': f'https_key = "{cms.https_key}"', "mcptt-client": issuer.client})
    text = re.sub(r"^  # ( *(token_issuers|\{ issuer|audience_required|\);))", r"  \1", text, flags=re.M)
    with open(lab.hss["primary"].mcx_conf, "w", encoding="utf-8") as conf:
        conf.write(text)
    return text


def run(lab, daemon, node, changes):
    """A stock daemon with its freeDiameter-NAME.conf.example over the mcx.conf of place."""
    name, folder = node.host.partition(".")[0], lab.hss["primary"].folder
    with open(daemon.daemon_conf, "w", encoding="utf-8") as conf:
        conf.write(f'LoadExtension = "{lab.build.extension("lab_listen")}" : "{node.address}";\n')
        conf.write(example(f"freeDiameter-{name}.conf.example", {
            "/usr/share/mcx-hss/ffdhe2048.pem": DH_FILE,
            "/usr/lib/mcx-hss": os.path.dirname(lab.build.extension("app_hss")), f"/etc/mcx-hss/{name}.pem": node.cert,
            f"/etc/mcx-hss/{name}.key": node.key, '"/etc/mcx-hss/': f'"{folder}/', **changes}))
    child = Child(name, [DAEMON, "-c", daemon.daemon_conf], daemon.log, env=lab.build.daemon_env(daemon.folder),
                  cwd=daemon.folder)
    lab.folder.add_child(child)
    child.wait_line("freeDiameterd daemon initialized", timeout=30)
    return child
