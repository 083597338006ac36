# SPDX-License-Identifier: Apache-2.0
"""Loopback addresses and ports that are reserved, not guessed.

A reservation is an abstract Unix socket: like the ports themselves it belongs to the network namespace, it works
across users, holds as long as this process lives, and leaves nothing behind when it is killed."""

import contextlib
import os
import socket

from .processes import LabError

_FIRST_PORT, _LAST_PORT = 20000, 32000


def _claim(name):
    """A held lock, or None if another lab holds it."""
    lock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
    try:
        lock.bind(f"\0mcx-lab/{name}")
    except OSError:
        lock.close()
        return None
    return lock


def _ephemeral():
    """Ports that the kernel gives to outgoing connections."""
    with open("/proc/sys/net/ipv4/ip_local_port_range", encoding="ascii") as text:
        first, last = map(int, text.read().split())
    return range(first, last + 1)


def _is_free(address, port):
    with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return False
    return True


class Reservations:
    """What one lab holds; give it back with close()."""

    def __init__(self):
        self._locks = []

    def ports(self, count, address="127.0.0.1"):
        """That many free TCP ports of an address, outside the range of outgoing connections where there is room."""
        outgoing = _ephemeral()
        usable = [p for p in range(_FIRST_PORT, _LAST_PORT) if p not in outgoing] or range(_FIRST_PORT, _LAST_PORT)
        found = []
        start = os.getpid() * 16 % len(usable)  # neighbours start apart; only speed depends on it
        for step in range(len(usable)):
            if len(found) == count:
                return found
            port = usable[(start + step) % len(usable)]
            lock = _claim(f"port/{port}")
            if lock is None:
                continue
            if _is_free(address, port):
                self._locks.append(lock)
                found.append(port)
            else:
                lock.close()
        raise LabError(f"no {count} free TCP ports between {_FIRST_PORT} and {_LAST_PORT} on {address}")

    def network(self):
        """A private loopback /24, as "127.x.y": every address below it is this lab's."""
        start = os.getpid() % 25600
        for step in range(25600):
            high, low = divmod((start + step) % 25600, 256)
            lock = _claim(f"net/127.{100 + high}.{low}")
            if lock is not None:
                self._locks.append(lock)
                return f"127.{100 + high}.{low}"
        raise LabError("all loopback networks from 127.100.0 to 127.199.255 are taken")

    def close(self):
        while self._locks:
            self._locks.pop().close()


def listens(address, port):
    """Does anybody listen there? By the kernel's table: nobody is disturbed."""
    wanted = f"{bytes(reversed(socket.inet_aton(address))).hex().upper()}:{port:04X}"
    with open("/proc/net/tcp", encoding="ascii") as table:
        return any(row[1] == wanted and row[3] == "0A" for row in map(str.split, table))
