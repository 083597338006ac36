# SPDX-License-Identifier: Apache-2.0
"""mcx-bench from Python: load in the background, and what it measured; which SQNs were issued."""

import itertools
import json
from collections import namedtuple

from .lab import K, OPC
from .probe import write_keys
from .processes import Child, LabError

_numbers = itertools.count(1)
Sqn = namedtuple("Sqn", "impi seq ind")


class Bench:
    """MARs of the SIP core of a system, from the start on until it ends or stop(). users: (first, count) of
    lab.add_subscribers, or a list of cards (probe.User). Every vector that it gets is checked with the lab's K and OPc.
    options: more of mcx-bench's, as "--rate", 500."""

    def __init__(self, lab, name, users, *options, hss=None):
        number, system = next(_numbers), lab.systems[name]
        hss = hss or system
        self.host = f"bench-0.b{number}.{system.scscf_domain}"  # its Origin-Host
        self._sqns = lab.folder.join(f"bench-{number}.sqns")
        keys = write_keys(lab.folder.join(f"bench-{number}.keys"), K, OPC)  # others are being read
        if isinstance(users, tuple):
            who = ["--users", "{}:{}".format(*users)]
        else:
            who = ["--identities", lab.folder.join(f"bench-{number}.users")]
            with open(who[1], "w", encoding="ascii") as lines:
                lines.writelines(f"{user.impi} {user.impu}\n" for user in users)
        self._child = Child("mcx-bench", [
            lab.build.tool("mcx-bench"), "--json", "--connect", f"{hss.address}:{hss.port}", "--origin-domain",
            self.host.partition(".")[2], "--origin-realm", system.realm, "--warmup", 0, "--timeout", 20000, "--keys",
            keys, "--check", 1, "--sqn-file", self._sqns, *who, *options], lab.folder.join(f"bench-{number}.txt"),
            env=lab.build.tool_env())
        lab.folder.add_child(self._child)

    def result(self, timeout=60):
        """What it reports when it is done: mcx-bench's JSON, with "2001" in "results" at least 0."""
        status = self._child.wait(timeout)
        lines = [line for line in self._child.text().splitlines() if line.startswith("{")]
        if status is None or not lines:
            raise LabError(f"mcx-bench: status {status}; it said: {self._child.tail()}")
        report = json.loads(lines[-1])
        report["results"].setdefault("2001", 0)
        return report

    def stop(self):
        """Ends it after the answers that are due; its report."""
        self._child.send_signal(2)
        return self.result()

    def sqns(self):
        """All that it was given, in the order of arrival. After result()."""
        with open(self._sqns, encoding="ascii") as lines:
            return [Sqn(impi, int(seq), int(ind)) for impi, seq, ind in map(str.split, lines)]
