# SPDX-License-Identifier: Apache-2.0
"""Where a lab lives, and the end of labs that were killed.

Each lab folder is held by a lock on the folder itself, so a lab is live exactly as long as the lock is held. What else
must go when it is dead (processes, a folder under /var/tmp) stands in its state.json."""

import contextlib
import fcntl
import glob
import json
import os
import shutil
import signal
import tempfile
import time

from .processes import LabError, kill_and_wait, start_time

_ELSEWHERE = "/var/tmp"
_PREFIX = "mcx-lab-"


def _lock(folder, wait=False):
    """A descriptor that holds the folder, or None if a live process holds it or it is gone or another user's."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


class Folder:
    """A lab folder, emptied and held. LabError when a live lab holds it. What a dead one left is reaped first."""

    def __init__(self, path):
        self.path = os.path.abspath(path)
        self._elsewhere = []
        self._locks = []
        os.makedirs(self.path, exist_ok=True)
        descriptor = _lock(self.path)
        if descriptor is None:
            raise LabError(f"a lab is running in {self.path}")
        self._locks.append(descriptor)
        reap_state(self.path)
        _empty(self.path)
        self._state = {"children": [], "elsewhere": []}
        self._write()
        reap_elsewhere()

    def join(self, *names):
        return os.path.join(self.path, *names)

    def add_child(self, child):
        self._state["children"].append([child.name, child.pid, child.started])
        self._write()

    def elsewhere(self):
        """A fresh folder under /var/tmp, recorded, and removed with this lab."""
        everybody = os.open(_ELSEWHERE, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(everybody, fcntl.LOCK_EX)  # no reaper between making and holding it
            path = tempfile.mkdtemp(prefix=_PREFIX, dir=_ELSEWHERE)
            self._locks.append(_lock(path))
        finally:
            os.close(everybody)
        self._elsewhere.append(path)
        self._state["elsewhere"].append(path)
        self._write()
        return path

    def close(self):
        for path in self._elsewhere:
            shutil.rmtree(path, ignore_errors=True)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.join("state.json"))
        for descriptor in self._locks:
            os.close(descriptor)
        self._locks, self._elsewhere = [], []

    def _write(self):
        fresh = self.join("state.json.new")
        with open(fresh, "w", encoding="utf-8") as text:
            json.dump({"owner": [os.getpid(), start_time(os.getpid())], **self._state}, text)
        os.replace(fresh, self.join("state.json"))


def _empty(folder):
    for entry in os.scandir(folder):
        if entry.is_dir(follow_symlinks=False):
            shutil.rmtree(entry.path)
        else:
            os.unlink(entry.path)


def is_live(folder):
    """Does a running lab hold this folder?"""
    if not os.path.isdir(folder):
        return False
    descriptor = _lock(folder)
    if descriptor is None:
        return True
    os.close(descriptor)
    return False


def reap(folder):
    """Ends what is left of a lab that was killed; a live one is not touched."""
    if os.path.isdir(folder):
        descriptor = _lock(folder)
        if descriptor is None:
            return
        reap_state(folder)
        os.close(descriptor)
    reap_elsewhere()


def reap_state(folder):
    """Ends what a dead lab's state.json names. The caller holds the folder."""
    try:
        with open(os.path.join(folder, "state.json"), encoding="utf-8") as text:
            state = json.load(text)
    except (FileNotFoundError, ValueError):
        return
    for _name, pid, started in state["children"]:
        # Its parent is dead, so it has its death signal already; a database still shuts down.
        if not kill_and_wait(pid, started, 0, 3):
            kill_and_wait(pid, started, signal.SIGKILL, 5)
    for path in state["elsewhere"]:
        if os.path.dirname(path) == _ELSEWHERE and os.path.basename(path).startswith(_PREFIX):
            shutil.rmtree(path, ignore_errors=True)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(os.path.join(folder, "state.json"))


def reap_elsewhere():
    """Removes our folders under /var/tmp that no live lab holds, also those whose lab folder is gone."""
    everybody = os.open(_ELSEWHERE, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(everybody, fcntl.LOCK_EX)
        for path in glob.glob(os.path.join(_ELSEWHERE, _PREFIX + "*")):
            descriptor = _lock(path)
            if descriptor is None:
                continue
            if os.fstat(descriptor).st_uid in (os.getuid(), _postgres_uid()):
                _wait_for_postmaster(path)
                shutil.rmtree(path, ignore_errors=True)
            os.close(descriptor)
    finally:
        os.close(everybody)


def _postgres_uid():
    """Root's clusters belong to postgres; for anybody else such a folder is not ours."""
    import pwd
    with contextlib.suppress(KeyError):
        if os.getuid() == 0:
            return pwd.getpwnam("postgres").pw_uid
    return -1


def _wait_for_postmaster(folder):
    """A server whose lab was killed shuts down by its death signal: let it, for a moment."""
    for pidfile in glob.glob(os.path.join(folder, "*", "postmaster.pid")):
        with contextlib.suppress(OSError, ValueError, IndexError):
            with open(pidfile, encoding="ascii") as text:
                pid = int(text.readline())
            with open(f"/proc/{pid}/cmdline", "rb") as text:
                if folder.encode() not in text.read():
                    continue
            started = start_time(pid)
            deadline = time.monotonic() + 3
            if not kill_and_wait(pid, started, 0, max(0, deadline - time.monotonic())):
                kill_and_wait(pid, started, signal.SIGKILL, 5)
