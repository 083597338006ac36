#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A daemon without any traffic ends in order; one that can't serve refuses to start and says what to do: file, line and
remedy (issue 2, "Bad input"). Nothing hangs."""

import os
import signal

from support.hss import Options
from support.scenario import equal, main, refused

NEWER = "INSERT INTO schema_version (version, readable_from, file_name, checksum) VALUES (1000, {}, '1000_x.sql', sha256('x'))"


def test_idle_daemon_ends(lab):
    hss = lab.hss["primary"]
    for number in (signal.SIGTERM, signal.SIGINT):
        equal(hss.stop(number), 0, f"exit status after signal {number}; the partner of ConnectPeer is not there")
        hss.start()
    hss.stop()


def test_bad_settings_are_refused(lab):
    hss = lab.hss["primary"]
    for section, name, value, remedy in (("hss", "answer_time", 500, "answer_time_ms"), ("database", "workers", 65, "64"),
                                         ("database", "workers", "two", "workers"), ("log", "level", "loud", "debug")):
        hss.options.settings = {section: {name: value}}
        refused(lab.hss["primary"], f"{hss.mcx_conf}:", name, remedy)
    hss.options.settings = {}


def test_wrong_keys_are_refused(lab):
    key = lab.hss["primary"].key
    os.rename(key, key + ".right")
    refused(lab.hss["primary"], "kek-1.key")
    lab.build_run("mcxctl", "key", "create", key)
    refused(lab.hss["primary"], "kek-1.key", "put the right file in its place")
    os.replace(key + ".right", key)


def test_other_schemas_are_refused(lab):
    lab.cluster.sql("primary", NEWER.format(999))
    refused(lab.hss["primary"], "schema version 1000", "install a newer release")
    lab.cluster.sql("primary", "UPDATE schema_version SET readable_from = 1 WHERE version = 1000")
    lab.hss["primary"].start()  # written by a newer release, readable by this one
    equal(lab.hss["primary"].stop(), 0, "exit status")
    lab.cluster.sql("primary", "DELETE FROM schema_version WHERE version > 1")
    refused(lab.hss["primary"], "schema version 1", "mcxctl db upgrade")


main(__file__, [test_idle_daemon_ends, test_bad_settings_are_refused, test_wrong_keys_are_refused,
                test_other_schemas_are_refused], options={"partner": Options(run=False)})
