# SPDX-License-Identifier: Apache-2.0
"""GET /metrics and GET /healthz of a real daemon: what it counts, that it is not well without its database, and a port
that is taken."""

import contextlib
import http.client
import re
import socket

from support.hss import Options
from support.processes import wait_until
from support.scenario import equal, expect, main

PORT = []


def get(lab, path):
    with contextlib.closing(http.client.HTTPConnection(lab.hss["primary"].system.address, PORT[0], timeout=10)) as made:
        made.request("GET", path)
        answer = made.getresponse()
        return answer.status, answer.read().decode()


def number(lab, name):
    return int(re.search(rf"^{name} (\d+)$", get(lab, "/metrics")[1], re.M)[1])


def test_counters(lab):
    hss = lab.hss["primary"]
    hss.stop()
    PORT[:] = lab.reservations.ports(1, hss.system.address)
    hss.options.settings["metrics"] = {"address": hss.system.address, "port": PORT[0]}
    hss.start()
    equal(lab.core("primary").mar(lab.add_user("primary", "alice")).result, "2001", "a MAR")
    status, text = get(lab, "/metrics")
    equal(status, 200, "status")
    for line in ("mcx_mar_received_total 1", "mcx_mar_served_total 1", "mcx_db_queued 0"):
        expect(line + "\n" in text, f"{line} in {text}")
    wait_until(lambda: number(lab, "mcx_db_connections") == number(lab, "mcx_db_workers") > 3, 10, "all are connected")
    equal(get(lab, "/healthz"), (200, "ok\n"), "health")


def test_health_follows_the_database(lab):
    lab.cluster.stop()
    wait_until(lambda: get(lab, "/healthz") == (503, "database_away\n"), 20, "not well")
    lab.cluster.start()
    wait_until(lambda: get(lab, "/healthz") == (200, "ok\n"), 20, "well again")
    equal(lab.hss["primary"].stop(), 0, "exit status")


def test_a_port_that_is_taken_stops_the_start(lab):
    with socket.create_server(((hss := lab.hss["primary"]).system.address, PORT[0])):
        hss.start(wait=False)
        expect(hss.child.wait(30), "it refuses to start")
    expect("metrics.port" in hss.child.text() and "in use" in hss.child.text(), hss.child.tail())


main(__file__, [test_counters, test_health_follows_the_database, test_a_port_that_is_taken_stops_the_start],
     options={"partner": Options(run=False)})
