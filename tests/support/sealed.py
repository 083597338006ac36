# SPDX-License-Identifier: Apache-2.0
"""TLS of a peer that a test takes into its own hands: when close_notify leaves, and with what; and which records came."""

import contextlib
import ssl


class Sealed:
    """A TLS client on a connected socket, used as a socket by raw.Peer. `octets`: all that came, as it came."""

    def __init__(self, connected, context):
        self.socket, self.octets = connected, b""
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._in, self._out)
        self._do(self._tls.do_handshake)

    def sendall(self, octets):
        self._do(lambda: self._tls.write(octets))

    def recv(self, size):
        try:
            return self._do(lambda: self._tls.read(size))
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            return b""

    def close(self):
        self.socket.close()

    def wait(self):
        """Until octets have come; they are not read."""
        self._take()

    def end(self, last=b""):
        """The last message, if any, and close_notify, in one segment."""
        if last:
            self._tls.write(last)
        with contextlib.suppress(ssl.SSLError):
            self._tls.unwrap()
        self.socket.sendall(self._out.read())

    def records(self):
        """Every TLS record until the other side has closed."""
        with contextlib.suppress(ConnectionError):
            while self._take():
                pass
        found, rest = [], self.octets
        while rest:
            size = 5 + int.from_bytes(rest[3:5], "big")
            found.append(rest[:size])
            rest = rest[size:]
        return found

    def _do(self, act):
        while True:
            try:
                return act()
            except ssl.SSLWantReadError:
                self._flush()
                self._take()
            finally:
                self._flush()

    def _flush(self):
        if self._out.pending:
            self.socket.sendall(self._out.read())

    def _take(self):
        got = self.socket.recv(65536)
        self.octets += got
        self._in.write(got) if got else self._in.write_eof()
        return got


class Sealing:
    """In the place of an SSLContext: its sockets are Sealed."""

    def __init__(self, context):
        self._context = context

    def wrap_socket(self, connected):
        return Sealed(connected, self._context)
