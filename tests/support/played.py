# SPDX-License-Identifier: Apache-2.0
"""The SIP database of a system whose daemon is left out (hss.Options(run=False)), played by `mcx-probe respond` with
that system's own certificate: it answers a partner's MARs as a test wants and tells what it was asked."""

import json
import subprocess

from .processes import Child, wait_until


class Played:
    """A `with` block. Waits for `peer` to connect, then answers the n-th request with the n-th behaviour, all further
    ones with the last. card: whose keys make the vectors."""

    def __init__(self, lab, name, card, behaviours, peer="partner"):
        self._lab, self._system, self._peer = lab, lab.systems[name], lab.systems[peer]
        self._card, self._behaviours = card, behaviours
        self._child = None

    def __enter__(self):
        mine = self._system
        wanted = [word for behaviour in self._behaviours for word in ("--behaviour", behaviour)]
        self._child = Child("mcx-probe respond", [
            self._lab.build.tool("mcx-probe"), "respond", "--json", "--listen", f"{mine.address}:{mine.tls_port}",
            "--origin-host", mine.host, "--origin-realm", mine.realm, "--ca", self._peer.ca, "--cert", mine.cert,
            "--key", mine.key, "--keys", self._card.keys, *wanted], self._lab.folder.join("played.txt"),
            env=self._lab.build.tool_env(), stdin=subprocess.PIPE)
        self._lab.folder.add_child(self._child)
        self._child.wait_line('"event":"ready"')
        return self

    def __exit__(self, *_):
        """Without a DPR, after which the peer would not come back for the next one."""
        self._child.kill()
        self._child.process.stdin.close()
        wait_until(lambda: not self._is_open(), 20, f"{self._peer.host} to see that {self._system.host} has gone")

    def wait_open(self):
        """Until the peer takes the connection as open. Call it once, or again after the peer has lost it."""
        wait_until(self._is_open, 60, f"{self._peer.host} to connect to {self._system.host}")

    def _is_open(self):
        """By the last change of state that the peer's daemon told."""
        told = self._lab.hss[self._peer.id].text().splitlines()
        changes = [line for line in told if f"'{self._system.host}'" in line and "-> 'STATE_" in line]
        return bool(changes) and "-> 'STATE_OPEN'" in changes[-1]

    def events(self, kind):
        """What it told so far: "peer", "request" (with all that mcx-probe says of one), "closed"."""
        found = [json.loads(line) for line in self._child.text().splitlines() if line.startswith("{")]
        return [event for event in found if event.get("event") == kind]

    @property
    def requests(self):
        return self.events("request")

