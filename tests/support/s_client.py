# SPDX-License-Identifier: Apache-2.0
"""A TLS peer by `openssl s_client`, for what Python's ssl cannot do: renegotiate, and update keys."""

import contextlib
import subprocess

from . import raw

_UPDATE = b"read server key update"


class Client:
    """As a `with` block; as a socket for the raw.Peer that peer() makes. version: "1_2" or "1_3"."""

    def __init__(self, site, version, host, realm):
        made = site.certificate(host)
        self.host, self.realm, self._updates = host, realm, 0
        self._child = subprocess.Popen(
            ["openssl", "s_client", "-brief", "-state", f"-tls{version}", "-connect", f"{site.address}:5868",
             "-cert", made.cert, "-key", made.key], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0)
        self.says("CONNECTION ESTABLISHED")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def command(self, letter):
        """To s_client itself, which takes it for one if it is read alone: only after an answer to all that was sent."""
        self.sendall(letter.encode() + b"\n")

    def says(self, word):
        """Whether it comes, on standard error, before the connection is closed."""
        for line in iter(self._child.stderr.readline, b""):
            self._updates += _UPDATE in line
            if word.encode() in line:
                return True
        return False

    def updates(self):
        """How often the other side has renewed its key; ends the connection."""
        return self._updates + self.close().count(_UPDATE)

    def peer(self):
        peer = raw.Peer.__new__(raw.Peer)
        peer.host, peer.realm, peer.applications, peer.socket = self.host, self.realm, (raw.CX, raw.ZH), self
        return peer

    def sendall(self, octets):
        with contextlib.suppress(BrokenPipeError):  # then nothing comes any more
            self._child.stdin.write(octets)

    def recv(self, size):
        return self._child.stdout.read(size)

    def close(self):
        """What it has said until now that nobody read; nothing the second time."""
        if self._child.stderr.closed:
            return b""
        self._child.kill()
        return self._child.communicate()[1]
