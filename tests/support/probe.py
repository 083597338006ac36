# SPDX-License-Identifier: Apache-2.0
"""mcx-probe from Python: one request per call, over a connection of its own, with a USIM that remembers its SQNs."""

import contextlib
import json
import os
import subprocess
import threading
from dataclasses import dataclass, field, replace

from .processes import LabError

OK, ERROR_RESULT, NO_ANSWER, NO_PEER, BAD_VECTOR = 0, 3, 4, 5, 6  # mcx-probe's exit statuses

_host_number = 0
_host_lock = threading.Lock()


@dataclass(frozen=True)
class User:
    """A card and the identities that it is used with. `usim` is the file of the card's SEQ_MS array, `keys` of its K
    and OPc; another User may share both: the same card under a migration identity."""
    impi: str
    impu: str
    keys: str
    usim: str

    def named(self, impi, impu):
        """The same card under other identities."""
        return replace(self, impi=impi, impu=impu)


@dataclass
class Answer:
    """What came back. result: "2001", "exp:5001", or "" when nothing came. exit: as mcx-probe's."""
    exit: int
    json: dict = field(repr=False)

    @property
    def answer(self):
        return self.json.get("answer") or {}

    @property
    def request(self):
        return self.exchanges[-1]["request"] if self.exchanges else {}

    @property
    def exchanges(self):
        return self.json.get("exchanges") or []

    @property
    def result(self):
        return result_text(self.answer)

    @property
    def vectors(self):
        return self.answer.get("vectors") or []

    @property
    def failed_avps(self):
        """Names of what Failed-AVP holds."""
        return [avp["name"] for avp in self.answer.get("failed_avp") or []]

    @property
    def ms(self):
        return self.answer.get("elapsed_ms")


def result_text(answer):
    if "result" not in answer:
        return ""
    return ("exp:" if answer.get("experimental") else "") + str(answer["result"])


class Probe:
    """A Diameter node: where to connect, as whom, with which certificate. Every connection needs an Origin-Host of its
    own, so `host` may hold a * that is replaced by a number."""

    def __init__(self, build, connect, host, realm, ca=None, certificate=None, options=()):
        self._build, self._connect, self._host, self._realm = build, connect, host, realm
        self._tls = []
        if ca:
            self._tls = ["--ca", ca]
            if certificate:
                self._tls += ["--cert", certificate.cert, "--key", certificate.key]
        self._options = list(options)

    def new_host(self):
        """An Origin-Host for one more connection."""
        global _host_number
        with _host_lock:
            _host_number += 1
            return self._host.replace("*", str(_host_number))

    def arguments(self, command, *more):
        """The command line, for tests that run mcx-probe themselves."""
        return [self._build.tool("mcx-probe"), command, "--json", "--connect", self._connect, "--origin-host",
                self.new_host(), "--origin-realm", self._realm, *self._tls, *self._options, *map(str, more)]

    def run(self, command, *more, timeout=60):
        """Any command of mcx-probe; what it reports. LabError if it does not report at all."""
        done = subprocess.run(self.arguments(command, *more), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, env=self._build.tool_env(), text=True, check=False,
                              timeout=timeout)
        try:
            return Answer(done.returncode, json.loads(done.stdout))
        except ValueError:
            raise LabError(f"mcx-probe {command} ended with status {done.returncode} and said: "
                           f"{(done.stderr + done.stdout).strip()}") from None

    def cer(self):
        return self.run("cer")

    def mar(self, user, *more, impi=None, impu=None):
        """A MAR with the user's card; impi and impu replace the user's own, impu="" leaves it to mcx-probe."""
        with contextlib.ExitStack() as stack:
            stack.enter_context(_card_lock(user.usim))
            impu = user.impu if impu is None else impu
            return self.run("mar", "--impi", impi or user.impi, *(["--impu", impu] if impu else []), "--keys", user.keys,
                            "--usim", user.usim, *more)


_card_locks = {}


def _card_lock(usim):
    """One card answers one challenge at a time."""
    with _host_lock:
        return _card_locks.setdefault(usim, threading.Lock())


def write_keys(path, k, opc):
    """A card's keys for --keys, readable by us only."""
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as text:
        text.write(f"K={k}\nOPC={opc}\n")
    return path
