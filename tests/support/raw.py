# SPDX-License-Identifier: Apache-2.0
"""A Diameter peer that says whatever a test wants, also what no Diameter stack would: for the border and the guard."""

import contextlib
import itertools
import socket
import ssl
import struct

from .scenario import Failed

CX, ZH = 16777216, 16777221
S_DB, S_S = 4294967040, 4294967041
REQUEST, PROXIABLE, ERROR = 0x80, 0x40, 0x20
MANDATORY, VENDOR = 0x40, 0x80
GPP, MCX = 10415, 32473
_numbers = itertools.count(1)


def avp(code, value=b"", vendor=0, flags=None, length=None):
    """value: octets, text, a number (Unsigned32) or a list of AVPs. length: claims another AVP Length."""
    if isinstance(value, str):
        value = value.encode()
    elif isinstance(value, int):
        value = struct.pack("!I", value)
    elif isinstance(value, (list, tuple)):
        value = b"".join(value)
    flags = MANDATORY | (VENDOR if vendor else 0) if flags is None else flags
    head = struct.pack("!I", vendor) if flags & VENDOR else b""
    size = 8 + len(head) + len(value)
    return (struct.pack("!IB", code, flags) + (length or size).to_bytes(3, "big") + head + value
            + bytes(-size % 4))


def message(command, application, flags, avps, number=None):
    body = b"".join(avps)
    number = next(_numbers) if number is None else number
    return (b"\x01" + (20 + len(body)).to_bytes(3, "big") + bytes([flags]) + command.to_bytes(3, "big")
            + struct.pack("!III", application, number, number) + body)


class Answer:
    """A received message, parsed one level deep."""

    def __init__(self, octets):
        self.size = len(octets)
        self.flags, self.command = octets[4], int.from_bytes(octets[5:8], "big")
        self.application, self.hop_by_hop, self.end_to_end = struct.unpack("!III", octets[8:20])
        self.avps = list(split(octets[20:]))

    def all(self, code, vendor=0):
        return [value for c, v, _flags, value in self.avps if (c, v) == (code, vendor)]

    def get(self, code, vendor=0):
        return next(iter(self.all(code, vendor)), None)

    @property
    def result(self):
        """Result-Code, or minus the Experimental-Result-Code."""
        if self.get(268) is not None:
            return int.from_bytes(self.get(268), "big")
        inner = {c: value for c, _v, _f, value in split(self.get(297) or b"")}
        return -int.from_bytes(inner.get(298, b""), "big")

    @property
    def failed(self):
        """(code, octets) of the AVP in Failed-AVP, or None."""
        return next(((c, value) for c, _v, _f, value in split(self.get(279) or b"")), None)


def split(octets):
    """(code, vendor, flags, value) of each AVP."""
    while len(octets) >= 8:
        code, flags, size = struct.unpack("!IB", octets[:5])[0], octets[4], int.from_bytes(octets[5:8], "big")
        start = 12 if flags & VENDOR else 8
        yield code, int.from_bytes(octets[8:12], "big") if start == 12 else 0, flags, octets[start:size]
        octets = octets[size + -size % 4:]


def client_context(cert=None, key=None, ca=None):
    """Presents this certificate; checks the server's only against `ca`, if given."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if ca:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(ca)
    if cert:
        context.load_cert_chain(cert, key)
    return context


def make_small(unconnected):
    """The other side's kernel will take a few dozen answers, not thousands, before a peer that does not read stops it:
    its buffer for sending goes by our segment size and window."""
    unconnected.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
    unconnected.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)


class Peer:
    """One connection under a name. As a `with` block it is closed at the end."""

    forgotten = None  # to be called when we have taken leave

    def __init__(self, host, realm, address, port, tls=None, timeout=20, applications=(CX, ZH), source=None, small=False):
        """small: see make_small."""
        self.host, self.realm, self.timeout, self.applications = host, realm, timeout, applications
        self.is_known = False
        self.socket = socket.socket()
        if small:
            make_small(self.socket)
        self.socket.settimeout(timeout)
        self.socket.bind((source or "", 0))
        self.socket.connect((address, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls:
            self.socket = tls.wrap_socket(self.socket)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Takes leave (DPR) if we are known, so that the next connection under this name starts afresh."""
        left = None
        with contextlib.suppress(OSError, EOFError):
            if self.is_known:
                left = self.ask(message(282, 0, REQUEST, [avp(264, self.host), avp(296, self.realm), avp(273, 0)]))
        self.drop()
        if left and self.forgotten:
            self.forgotten()

    def drop(self):
        """Closes without a word."""
        self.is_known = False
        with contextlib.suppress(OSError):
            self.socket.close()

    def reset(self):
        """Closes so that what is on its way either way is lost."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.drop()

    def send(self, octets):
        self.socket.sendall(octets)

    def receive(self):
        """The next message, or None when the connection is closed."""
        try:
            head = self._exactly(4)
            return Answer(head + self._exactly(int.from_bytes(head[1:4], "big") - 4))
        except (EOFError, ConnectionError, ssl.SSLError):
            return None

    def _exactly(self, size):
        got = b""
        while len(got) < size:
            part = self.socket.recv(size - len(got))
            if not part:
                raise EOFError
            got += part
        return got

    def capabilities(self, host=None, realm=None, more=(), watchdogs=0):
        """CER and its CEA (None: closed). watchdogs: to answer before we are taken as open, 3 after a connection of
        this name was lost (RFC 3539 3.4.1)."""
        applications = [avp(260, [avp(266, MCX if a >= S_DB else GPP), avp(258, a)]) for a in self.applications]
        self.send(message(257, 0, REQUEST, [
            avp(264, self.host if host is None else host), avp(296, self.realm if realm is None else realm),
            avp(257, b"\x00\x01\x7f\x00\x00\x01"), avp(266, GPP), avp(269, "raw", flags=0), avp(265, GPP), avp(265, MCX),
            *applications, *more]))
        got = self.receive()
        self.is_known = got is not None and got.result == 2001
        for _ in range(watchdogs if self.is_known else 0):
            request = self.receive()
            if request is None:
                self.is_known = False
                return None
            self.answer(request, 2001)
        return got

    def watchdog(self):
        """DWR and DWA: after that the daemon has done with all that we sent before, and takes us as open."""
        return self.ask(message(280, 0, REQUEST, [avp(264, self.host), avp(296, self.realm)]))

    def ask(self, octets):
        """The answer with the request's End-to-End identifier; watchdogs in between are answered. None: closed.
        Failed if a request of an application comes in between."""
        self.send(octets)
        wanted = struct.unpack("!I", octets[16:20])[0]
        while True:
            got = self.receive()
            if got is None or (got.end_to_end == wanted and not got.flags & REQUEST):
                return got
            if got.flags & REQUEST:
                if got.application != 0:
                    raise Failed(f"a request of command {got.command} arrived at {self.host}")
                self.answer(got, 2001)

    def answer(self, request, result, avps=(), cut=0):
        """Any answer to any request. cut: octets that its end lacks."""
        octets = self.answer_to(request, result, avps)
        self.send(octets[:len(octets) - cut])

    def answer_to(self, request, result, avps=()):
        session = [avp(263, request.get(263))] if request.get(263) is not None else []
        return answer_to(request, [
            *session, avp(268, result), avp(264, self.host), avp(296, self.realm), *avps])

    def mar(self, destination_realm, drop=(), replace=None, more=(), application=CX, **who):
        """A sound Cx MAR but for what the test drops ({code}), replaces ({code: AVP octets}) or adds."""
        session = f"{self.host};1;{next(_numbers)}"
        parts = {
            263: avp(263, who.get("session", session)), 260: avp(260, [avp(266, GPP), avp(258, application)]),
            277: avp(277, 1), 264: avp(264, who.get("host", self.host)), 296: avp(296, who.get("realm", self.realm)),
            283: avp(283, destination_realm), 1: avp(1, who.get("impi", "user@primary.example")),
            601: avp(601, who.get("impu", "sip:user@primary.example"), GPP),
            612: avp(612, [avp(608, "Digest-AKAv1-MD5", GPP)], GPP), 607: avp(607, 1, GPP),
            602: avp(602, "sip:scscf.ims.primary.example", GPP)}
        parts.update(replace or {})
        return message(who.get("command", 303), application, REQUEST | PROXIABLE,
                       [octets for code, octets in parts.items() if code not in drop] + list(more))


def answer_to(request, avps):
    """The octets of an answer with the header of `request`."""
    body = b"".join(avps)
    return (b"\x01" + (20 + len(body)).to_bytes(3, "big") + bytes([request.flags & PROXIABLE])
            + request.command.to_bytes(3, "big")
            + struct.pack("!III", request.application, request.hop_by_hop, request.end_to_end) + body)


def server_context(cert, key):
    """Presents this certificate; asks for the client's, accepts any."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context


class Listener:
    """Waits where a daemon's ConnectPeer leads."""

    def __init__(self, address, port, tls=None, timeout=20, small=False):
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if small:
            make_small(self.socket)
        self.socket.bind((address, port))
        self.socket.listen()
        self.socket.settimeout(timeout)
        self.tls, self.timeout = tls, timeout

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def accept(self, host, realm, more=(), watchdogs=0):
        """The next connection, as a Peer whose CER has been answered by CEA 2001 in this name. watchdogs: as many DWRs
        are answered then."""
        connection = self.socket.accept()[0]
        connection.settimeout(self.timeout)
        peer = Peer.__new__(Peer)
        peer.host, peer.realm, peer.timeout, peer.is_known, peer.applications = host, realm, self.timeout, True, (CX, ZH)
        peer.socket = self.tls.wrap_socket(connection, server_side=True) if self.tls else connection
        cer = peer.receive()
        applications = [avp(260, [avp(266, GPP), avp(258, a)]) for a in peer.applications]
        peer.send(answer_to(cer, [avp(268, 2001), avp(264, host), avp(296, realm), avp(257, b"\x00\x01\x7f\x00\x00\x01"),
                                  avp(266, GPP), avp(269, "raw", flags=0), *applications, *more]))
        for _ in range(watchdogs):
            peer.answer(peer.receive(), 2001)
        return peer
