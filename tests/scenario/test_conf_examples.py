#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The examples in conf/ are accepted: mcx.conf by mcxctl, and both by a stock daemon, with only the places changed."""

import os
import re

from support.build import SOURCE
from support.daemon import DAEMON, Options
from support.processes import Child
from support.scenario import equal, expect, main


def example(name, changes):
    """An example of conf/ with texts replaced; each must be there."""
    with open(os.path.join(SOURCE, "conf", name), encoding="utf-8") as text:
        content = text.read()
    for old, new in changes.items():
        expect(old in content, f"{name} no longer holds {old!r}")
        content = content.replace(old, new)
    return content


def place(lab):
    """Both examples in the primary's folder, over its keys, certificates, ports and database; the daemon's file."""
    system, hss = lab.systems["primary"], lab.hss["primary"]
    os.symlink(system.ca, os.path.join(hss.folder, "ca-primary.pem"))
    os.symlink(lab.systems["partner"].ca, os.path.join(hss.folder, "ca-partner.pem"))
    with open(hss.mcx_conf, "w", encoding="utf-8") as conf:
        conf.write(example("mcx.conf.example", {"dbname=mcx user=mcx_daemon": system.daemon_db}))
    extensions = os.path.dirname(lab.build.extension("app_hss"))
    with open(hss.daemon_conf, "w", encoding="utf-8") as conf:
        conf.write(f'LoadExtension = "{lab.build.extension("lab_listen")}" : "{system.address}";\n')
        conf.write(example("freeDiameter.conf.example", {
            "/usr/lib/mcx-hss": extensions, "/etc/mcx-hss/hss.pem": system.cert, "/etc/mcx-hss/hss.key": system.key,
            '"/etc/mcx-hss/': f'"{hss.folder}/', "198.51.100.10": lab.systems["partner"].address}))
    return hss.daemon_conf


def test_mcxctl_accepts_the_example_and_finds_a_fault(lab):
    place(lab)
    lab.mcxctl("primary", "conf", "check")
    conf = lab.hss["primary"].mcx_conf
    with open(conf, encoding="utf-8") as text:
        content = text.read()
    with open(conf, "w", encoding="utf-8") as text:
        text.write(re.sub(r"# workers = 4;", "workers = 0;", content))
    try:
        lab.mcxctl("primary", "conf", "check")
    except Exception as error:
        expect("database.workers" in str(error), f"says what is wrong: {error}")
    else:
        expect(False, "a bad value was accepted")
    with open(conf, "w", encoding="utf-8") as text:
        text.write(content)


def test_stock_daemon_runs_with_the_examples(lab):
    hss = lab.hss["primary"]
    daemon = Child("daemon", [DAEMON, "-c", hss.daemon_conf], hss.log, env=lab.build.daemon_env(hss.folder),
                   cwd=hss.folder)
    daemon.wait_line("freeDiameterd daemon initialized", timeout=30)
    daemon.wait_line("ev=db_connected")
    equal(daemon.stop(), 0, "exit status")
    expect("ev=few_threads" not in daemon.text(), "the border is content with the example")


main(__file__, [test_mcxctl_accepts_the_example_and_finds_a_fault, test_stock_daemon_runs_with_the_examples],
     options={name: Options(run=False) for name in ("primary", "partner")}, capture=False)
