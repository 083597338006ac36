# SPDX-License-Identifier: Apache-2.0
"""Attempts on a TCP port: connections that say nothing, or the beginning of a TLS handshake, and are held for as long as
the server lets them. A thread of its own."""

import os
import selectors
import socket
import threading
import time

_TICK_S = 0.01
_LOOK_TICKS = 20
_CLIENT_HELLO = bytes.fromhex("160301020001")  # a record of 512 octets that never come


class Attempts:
    """A `with` block during which `count` connections are tried, evenly over `seconds`. Then: tried, refused (by a
    reset, or closed by the server), held (the most at once), descriptor (the highest of the server's process pid)."""

    def __init__(self, address, port, count, seconds, pid):
        self._to, self._count, self._seconds, self._pid = (address, port), count, seconds, pid
        self.tried = self.refused = self.held = self.descriptor = 0
        self._open, self._over = selectors.DefaultSelector(), threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()

    def _try_one(self):
        one = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        one.setblocking(False)
        one.connect_ex(self._to)
        # every other one says something once it is connected
        wanted = selectors.EVENT_WRITE if self.tried % 2 else selectors.EVENT_READ
        self._open.register(one, wanted)
        self.tried += 1

    def _close(self, one):
        self._open.unregister(one)
        one.close()

    def _look(self, key, events):
        try:
            if events & selectors.EVENT_WRITE:
                key.fileobj.send(_CLIENT_HELLO)
                self._open.modify(key.fileobj, selectors.EVENT_READ)
                return
            if key.fileobj.recv(4096):
                return
        except BlockingIOError:
            return
        except OSError:
            pass
        self.refused += 1
        self._close(key.fileobj)

    def _run(self):
        began, ticks = time.monotonic(), 0
        while self.tried < self._count or not self._over.is_set():
            due = self._count * min((time.monotonic() - began) / self._seconds, 1)
            while self.tried < due:
                self._try_one()
            for key, events in self._open.select(_TICK_S):
                self._look(key, events)
            self.held = max(self.held, len(self._open.get_map()))
            if ticks % _LOOK_TICKS == 0:
                self.descriptor = max(self.descriptor, *map(int, os.listdir(f"/proc/{self._pid}/fd")))
            ticks += 1
            self._over.wait(_TICK_S)
        for key in list(self._open.get_map().values()):
            self._close(key.fileobj)
        self._open.close()
