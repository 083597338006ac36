# SPDX-License-Identifier: Apache-2.0
"""Stands in the Diameter connections between a lab's daemons and can hold back the n-th message of a kind, so that a
test stops an exchange between any two steps. It ends TLS on either side with the lab's own keys: each daemon sees its
peer's certificate. Messages are passed on as they came, octet for octet; others overtake one that is held, or watchdogs
would fail. One thread of its own; the methods are for the test's thread."""

import asyncio
import collections
import contextlib
import ssl
import threading

from .processes import LabError
from .raw import REQUEST, Answer, client_context, server_context

# What a message is called: (command code, is it a request?)
NAMES = {"MAR": (303, True), "MAA": (303, False), "MIR": (16777180, True), "MIA": (16777180, False),
         "PAR": (16777181, True), "PAA": (16777181, False), "MRR": (16777182, True), "MRA": (16777182, False)}

Message = collections.namedtuple("Message", "name sender receiver octets")
Message.__doc__ = "One that passed or is held. name: as in NAMES, or None. sender, receiver: host names."
Message.parsed = property(lambda self: Answer(self.octets))


class Hold:
    """The n-th message of a kind from now on. As a `with` block it is passed on at the end, if it still can be."""

    def __init__(self, gate, name, sender, nth):
        self._gate, self._name, self._sender, self._left = gate, name, sender, nth
        self._arrived = threading.Event()
        self._pass_on = None
        self.message = None

    def takes(self, message, pass_on):
        """In the gate's thread: is it the one?"""
        if self.message or message.name != self._name or self._sender not in (None, message.sender):
            return False
        self._left -= 1
        if self._left:
            return False
        self.message, self._pass_on = message, pass_on
        self._arrived.set()
        return True

    def wait(self, timeout=20):
        """Until it is held here; the Message."""
        if not self._arrived.wait(timeout):
            raise LabError(f"no {self._name} came to the gate within {timeout} s")
        return self.message

    def release(self):
        """Passes it on, unless its connection is gone."""
        self._gate.forget(self)
        if self._pass_on:
            self._gate.call(self._pass_on)
            self._pass_on = None

    def drop(self):
        """It is lost, like anything on a connection that breaks."""
        self._gate.forget(self)
        self._pass_on = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.release()


class Gate:
    def __init__(self, lab):
        self._lab, self._ways, self._holds, self._lock = lab, {}, [], threading.Lock()
        self._seen = []
        self._tasks = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="gate", daemon=True)
        self._thread.start()

    def way(self, here, there):
        """Where a node must connect to reach another one through the gate: address and port."""
        if (here.host, there.host) not in self._ways:
            address, _port, port = self._lab.place(200 + len(self._ways))
            self._wait(asyncio.start_server(lambda *ends: self._accept(here, there, *ends), address, port,
                                            ssl=server_context(there.cert, there.key)))
            self._ways[here.host, there.host] = address, port
        return self._ways[here.host, there.host]

    def hold(self, name, sender=None, nth=1):
        """Holds the nth message of that name (NAMES) from now on, by that host or by anybody."""
        hold = Hold(self, name, sender, nth)
        with self._lock:
            self._holds.append(hold)
        return hold

    def seen(self, name=None):
        """The Messages that came so far, held ones included."""
        with self._lock:
            return [message for message in self._seen if name in (None, message.name)]

    def forget(self, hold):
        with self._lock, contextlib.suppress(ValueError):
            self._holds.remove(hold)

    def call(self, function):
        self._loop.call_soon_threadsafe(function)

    def close(self):
        self._wait(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _end(self):
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _wait(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(20)

    # In the gate's thread.

    async def _accept(self, here, there, reader, writer):
        self._tasks.add(asyncio.current_task())
        try:
            with contextlib.closing(writer):
                with contextlib.suppress(OSError, ssl.SSLError, asyncio.IncompleteReadError):
                    await self._join(here, there, reader, writer)
        finally:
            self._tasks.discard(asyncio.current_task())

    async def _join(self, here, there, reader, writer):
        """Both directions, until either side ends."""
        far_reader, far_writer = await asyncio.open_connection(there.address, there.tls_port,
                                                               ssl=client_context(here.cert, here.key))
        with contextlib.closing(far_writer):
            pumps = [asyncio.ensure_future(self._pump(here, there, reader, far_writer)),
                     asyncio.ensure_future(self._pump(there, here, far_reader, writer))]
            try:
                await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for pump in pumps:
                    pump.cancel()
                await asyncio.gather(*pumps, return_exceptions=True)

    async def _pump(self, sender, receiver, reader, writer):
        while True:
            head = await reader.readexactly(4)
            octets = head + await reader.readexactly(int.from_bytes(head[1:4], "big") - 4)
            kind = int.from_bytes(octets[5:8], "big"), bool(octets[4] & REQUEST)
            name = next((name for name, wanted in NAMES.items() if wanted == kind), None)
            message = Message(name, sender.host, receiver.host, octets)
            if name is None or not self._is_held(message, writer):
                writer.write(octets)
                await writer.drain()

    def _is_held(self, message, writer):
        def pass_on():
            if not writer.is_closing():
                writer.write(message.octets)
        with self._lock:
            self._seen.append(message)
            return any(hold.takes(message, pass_on) for hold in self._holds)
