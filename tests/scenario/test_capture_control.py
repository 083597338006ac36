# SPDX-License-Identifier: Apache-2.0
"""The control of every scenario's last question: what a daemon sends that tshark does not understand is found, also where
the test sends such things on purpose; the test's own are not asked about then, nor what a Failed-AVP repeats."""

import os
import sys

from support import capture, processes, raw
from support.build import Build
from support.hss import Options
from support.lab import Lab
from support.raw import avp
from support.scenario import equal, run_alone

HERE = os.path.join(Build().folder, "lab", "test_capture_control")
UNKNOWN, MALFORMED = avp(99999, b"what"), avp(277, b"\0\0\0", length=400)


def exchange(system, to_it, from_it):
    """A message with this AVP to where the daemon of a system has its place, and one from there."""
    to_it, from_it = (raw.message(280, 0, raw.REQUEST, [avp(264, "a.example"), more]) for more in (to_it, from_it))
    with raw.Listener(system.address, system.port) as place, \
            raw.Peer("a.example", "example", system.address, system.port) as peer, place.socket.accept()[0] as there:
        peer.send(to_it)
        there.recv(len(to_it))
        there.sendall(from_it)
        peer.socket.recv(len(from_it))


def ends(lines):
    """(from, to) of each frame: number, time, from, arrow, to, ..."""
    return sorted((line.split()[2], line.split()[4]) for line in lines)


def test_what_is_found():
    with Lab(HERE, capture=True, options={"primary": Options(run=False)}) as lab:
        lab.hss["partner"].stop()
        partner, primary, other = lab.systems["partner"], lab.systems["primary"], "127.0.0.1"
        for bad in (UNKNOWN, MALFORMED):
            exchange(partner, bad, bad)
            exchange(primary, bad, bad)  # its daemon never ran: whoever connects to it is one
            exchange(partner, avp(296, "example"), avp(279, [bad]))
        lab.capture.wait_for(lambda: lab.capture.count() == 12)
        here, there = partner.address, primary.address
        equal(ends(lab.capture.bad_frames(capture.owned(lab.daemons()))), sorted([(here, other), (other, there)] * 2),
              "what daemons sent")
        equal(ends(lab.capture.bad_frames()),
              sorted([(here, other), (other, here), (there, other), (other, there), (here, other)] * 2), "all")


if __name__ == "__main__":
    processes.exit_on_signals()
    why = capture.hindrance()
    if why:
        sys.exit(print(f"skipped, because {why}"))
    sys.exit(run_alone(globals()))
