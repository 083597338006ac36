# SPDX-License-Identifier: Apache-2.0
"""A lab that outlives the command that made it: the command forks, the child makes the lab and keeps it, the parent
leaves when the child says how it went."""

import ctypes
import os
import signal
import sys

from . import processes

_PR_SET_PDEATHSIG = 1


class Keeper:
    """In the child: report(status) lets the parent leave with that status; wait() then holds until a signal comes."""

    def __init__(self, pipe):
        self._pipe = pipe

    def report(self, status, log):
        """From now on the terminal is not ours: output goes to `log`, and the end of the parent is not our end."""
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, 0)
        sys.stdout.flush()
        sys.stderr.flush()
        with open(os.devnull, "rb") as nothing, open(log, "ab") as sink:
            os.dup2(nothing.fileno(), 0)
            os.dup2(sink.fileno(), 1)
            os.dup2(sink.fileno(), 2)
        os.write(self._pipe, bytes([status]))
        os.close(self._pipe)

    @staticmethod
    def wait():
        processes.wait_for_signal()


def fork():
    """Returns a Keeper in the child. In the parent it does not return: the program ends as the child says."""
    reader, writer = os.pipe()
    parent = os.getpid()
    child = os.fork()
    if child == 0:
        os.close(reader)
        os.setsid()
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)  # until report()
        if os.getppid() != parent:
            os._exit(1)
        return Keeper(writer)
    os.close(writer)

    def pass_on(number, _frame):
        os.kill(child, number)

    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, pass_on)
    said = os.read(reader, 1)
    if said:
        os._exit(said[0])
    _, status = os.waitpid(child, 0)
    os._exit(os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else 1)
