# SPDX-License-Identifier: Apache-2.0
"""What only an extension itself can do wrong (freediameter traps C3 to C5), shown with missteps.fdx on a stock daemon. No
peer can bring it about and no guard stand before it: sender.c's post() is the one place that gives freeDiameter a time
limit, always with both callbacks and a time of mcx_clock_real_after_ms(), and every callback of ours returns 0."""

import glob
import os
import re

from support.bare import PRIMARY, Daemon, main
from support.build import SOURCE
from support.scenario import equal


def stumbling(site, misstep):
    line = f'LoadExtension = "{site.build.extension("missteps")}" : "{misstep}";'
    return Daemon(site, guard=False, serve=False, lines=[line])


def test_a_time_beyond_its_second_aborts_the_daemon(site):
    with stumbling(site, "overflowing time") as daemon, daemon.ready().plain() as peer:
        peer.capabilities()
        peer.send(peer.mar(PRIMARY))
        equal(daemon.wait_end(), -6, "exit status")
        peer.drop()  # with the MAR that it was sent


def test_without_an_answer_callback_expiry_has_no_data(site):
    for misstep, told in (("no answer callback", "without data"), ("both callbacks", "as given")):
        with stumbling(site, misstep) as daemon, daemon.ready().plain() as peer:
            peer.capabilities()
            peer.send(peer.mar(PRIMARY))
            equal(peer.receive().command, 303, "a MAR, which is not answered")
            daemon.wait_log("missteps: expired, " + told)


def test_an_error_returned_costs_the_answer(site):
    with stumbling(site, "error returned") as daemon, daemon.ready().plain() as peer:
        peer.capabilities()
        peer.send(peer.mar(PRIMARY))
        daemon.wait_log("a DISPATCH callback returned an error")
        equal(peer.watchdog().command, 280, "the next answer, which is no MAA")


def test_one_place_sends(site):
    calls = []
    for path in glob.glob(os.path.join(SOURCE, "extensions", "**", "*.c"), recursive=True):
        with open(path, encoding="utf-8") as text:
            calls += [(os.path.basename(path), call) for call in re.findall(r"\b(fd_msg_send\w*)\(", text.read())]
    equal(calls, [("sender.c", "fd_msg_send"), ("sender.c", "fd_msg_send_timeout")], "calls")


if __name__ == "__main__":
    main(__file__, [test_a_time_beyond_its_second_aborts_the_daemon, test_without_an_answer_callback_expiry_has_no_data,
                    test_an_error_returned_costs_the_answer, test_one_place_sends])
