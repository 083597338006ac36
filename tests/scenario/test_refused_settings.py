# SPDX-License-Identifier: Apache-2.0
"""Settings of a SIP database that are found bad only when they are used stop the start like all others: file, line,
setting, what is wrong, what to do (issue 2, "Bad input"). No password of a connection string is shown."""

import socket

from support.hss import Options
from support.scenario import equal, expect, main, refused_at

PASSWORD = "hunter2"
# What of the connection string is wrong, and what is said of it.
CONNINFO = ((f"host=x colour={PASSWORD}", "an option that libpq does not know"),
            (f"password=my {PASSWORD}", "single quotes"), (f"password=a {PASSWORD}=b", "an option that libpq does not know"),
            (f"password='{PASSWORD}", "quote is not closed"), (f"postgresql://u:{PASSWORD}@[::1/mcx", "URI"),
            (f"postgresql://u:{PASSWORD}@%zz/mcx", "value"), (f"host=x port={PASSWORD}", "takes a number"),
            (f"host=x port=70000 password={PASSWORD}", "65535"), (f"host=x sslmode={PASSWORD}", "verify-full"),
            (f"host=a,b,c port=1,2 password={PASSWORD}", "lists of different lengths"))


def refuse(hss, section, name, value, *wanted):
    hss.options.settings = {section: {name: value}}
    refused_at(hss, f"  {name} = ", f"{section}.{name}", *wanted)


def test_connection_strings(lab):
    hss = lab.hss["primary"]
    for text, wanted in CONNINFO:
        refuse(hss, "database", "conninfo", text, wanted)
        expect(PASSWORD not in hss.child.text(), f"the password of {text} is shown")


def test_what_others_have(lab):
    hss = lab.hss["primary"]
    refuse(hss, "mcx", "sdb_application", 16777221, "16777221", "its own")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        refuse(hss, "metrics", "port", taken.getsockname()[1], "127.0.0.1", "in use", "each daemon its own port")
    hss.options.settings = {"metrics": {"address": "localhost", "port": 9}}
    refused_at(hss, "  address = ", "metrics.address", "numeric address of this host")


def test_files_and_lengths(lab):
    hss = lab.hss["primary"]
    refuse(hss, "log", "file", "nowhere/mcx.log", "nowhere/mcx.log", "No such file", "folder")
    refuse(hss, "hss", "relay_server_name", "sip:" + "x" * 300, "304 octets", "at most")


def test_all_is_well_without_faults(lab):
    lab.hss["primary"].options.settings = {}
    lab.hss["primary"].start()
    equal(lab.hss["primary"].stop(), 0, "exit status")


main(__file__, [test_connection_strings, test_what_others_have, test_files_and_lengths, test_all_is_well_without_faults],
     names=("primary",), silent="nobody talks to its daemons", options={"primary": Options(run=False)})
