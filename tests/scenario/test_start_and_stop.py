# SPDX-License-Identifier: Apache-2.0
# labels: slow
"""A daemon without any traffic ends in order; one that can't serve refuses to start and says what to do: file, line and
remedy (issue 2, "Bad input"). Nothing hangs."""

import os
import signal

from support.hss import Options
from support.scenario import equal, main, refused, refused_at

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
    hss = lab.hss["primary"]
    os.rename(hss.key, hss.key + ".right")
    refused_at(hss, "keys = ", "keys[0].file", "kek-1.key: cannot be opened", "mcxctl key create")
    lab.build_run("mcxctl", "key", "create", hss.key)
    refused_at(hss, "keys = ", "keys[0].file", hss.key, "not the key 1", "put the right file in its place")
    os.replace(hss.key + ".right", hss.key)
    hss.options.edits = [("id = 1", "id = 2")]
    refused_at(hss, "keys = ", "keys", "key 1,", "not loaded", "add { id = 1;")
    hss.options.edits = [("keys = ", "#")]
    refused_at(hss, None, "keys", "no key-encryption key", "keys = (", "mcxctl key create")
    hss.options.edits = []


def test_other_schemas_are_refused(lab):
    lab.cluster.sql("primary", NEWER.format(999))
    refused_at(lab.hss["primary"], "conninfo = ", "database.conninfo", "schema version 1000", "install a newer release")
    lab.cluster.sql("primary", "UPDATE schema_version SET readable_from = 1 WHERE version = 1000")
    lab.hss["primary"].start()  # written by a newer release, readable by this one
    equal(lab.hss["primary"].stop(), 0, "exit status")
    lab.cluster.sql("primary", "DELETE FROM schema_version WHERE version > 1")
    refused_at(lab.hss["primary"], "conninfo = ", "database.conninfo", "schema version 1", "mcxctl db upgrade")


main(__file__, [test_idle_daemon_ends, test_bad_settings_are_refused, test_wrong_keys_are_refused,
                test_other_schemas_are_refused], silent="nobody talks to its daemons",
     options={"partner": Options(run=False)})
