# SPDX-License-Identifier: Apache-2.0
"""Child processes that die with their parent, log into files and are awaited by events, never by sleeping.

Start children from the main thread: the kernel ties "parent died" to the thread that forked."""

import contextlib
import ctypes
import os
import re
import select
import signal
import subprocess
import threading
import time

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


class LabError(Exception):
    """Something that the lab needs did not happen; the text says what, and where to look."""


class Stopped(SystemExit):
    """A signal asked this program to end; unwinds every `with`."""


def exit_on_signals():
    """SIGTERM, SIGHUP and SIGINT end this program through its `with` blocks. A second one changes nothing."""

    def stop(number, _frame):
        for other in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(other, signal.SIG_IGN)
        raise Stopped(128 + number)

    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, stop)


def wait_for_signal():
    """Until one of them ends this program: also one that comes just before, which signal.pause() would miss."""
    readable, writable = os.pipe()
    os.set_blocking(writable, False)
    signal.set_wakeup_fd(writable)
    while True:
        os.read(readable, 1)


def start_time(pid):
    """Clock ticks since boot at which the process started, so that a reused pid is told apart; None if it is gone."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as stat:
            fields = stat.read().rpartition(b")")[2].split()
    except OSError:
        return None
    return None if fields[0] in (b"Z", b"X") else int(fields[19])  # proc(5): state is field 3, starttime field 22


def wait_until(condition, timeout, what, period_ms=10):
    """The condition's first true value; LabError after `timeout` seconds. For facts that send no event."""
    deadline = time.monotonic() + timeout
    poll = select.poll()
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise LabError(f"{what}: not within {timeout} s")
        poll.poll(period_ms)


def kill_and_wait(pid, started, number, timeout):
    """Ends one process that need not be our child, if it is still the one that started then. True when it is gone."""
    if started is None or start_time(pid) != started:
        return True
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        if start_time(pid) == started:
            signal.pidfd_send_signal(descriptor, number)
        return bool(select.select([descriptor], [], [], timeout)[0])
    except ProcessLookupError:
        return True
    finally:
        os.close(descriptor)


class Child:
    """One process in its own group, its output in the file `log`.

    death_signal is what the kernel sends it when we die, however we die."""

    def __init__(self, name, argv, log, env=None, user=None, cwd=None, death_signal=signal.SIGKILL, stdin=None):
        self.name, self.log, self.argv = name, log, list(map(str, argv))
        if threading.current_thread() is not threading.main_thread():
            raise LabError(f"{name}: start children from the main thread")
        parent = os.getpid()

        def before_exec():
            os.setpgid(0, 0)
            _libc.prctl(_PR_SET_PDEATHSIG, death_signal)
            if os.getppid() != parent:
                os._exit(125)

        identity = {}
        if user:
            identity = {"user": user, "group": _group_of(user), "extra_groups": []}
        with open(log, "ab") as sink:
            self._start = sink.tell()
            self.process = subprocess.Popen(self.argv, stdin=stdin or subprocess.DEVNULL, stdout=sink,
                                            stderr=subprocess.STDOUT, env=env, cwd=cwd, preexec_fn=before_exec,
                                            **identity)
        self.pid = self.process.pid
        self.started = start_time(self.pid)
        self._pidfd = os.pidfd_open(self.pid)

    def alive(self):
        return self.process.poll() is None

    def text(self):
        """What it has written since it was started."""
        with open(self.log, "rb") as log:
            log.seek(self._start)
            return log.read().decode("utf-8", "backslashreplace")

    def tail(self, lines=25):
        return "\n".join(self.text().splitlines()[-lines:])

    def wait_line(self, pattern, timeout=20, count=1):
        """The count-th match of a pattern in its output. LabError, with the log's tail, if it ends or time is up."""
        wanted = re.compile(pattern, re.M)
        found = []

        def look():
            ended = not self.alive()
            found[:] = list(wanted.finditer(self.text()))
            if len(found) >= count:
                return True
            if ended:
                raise LabError(f"{self.name} ended with status {self.process.returncode}; {self.log} ends with:\n"
                               + self.tail())
            return False

        try:
            wait_until(look, timeout, f"{self.name}: waiting for /{pattern}/")
        except LabError as late:
            if "not within" in str(late):
                raise LabError(f"{late}; {self.log} ends with:\n{self.tail()}") from None
            raise
        return found[count - 1]

    def send_signal(self, number):
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(number)

    def wait(self, timeout):
        """Its exit status (negative: killed by that signal), or None if it still runs after `timeout` seconds."""
        if self.alive():
            select.select([self._pidfd], [], [], timeout)
        return self.process.poll()

    def stop(self, number=signal.SIGTERM, timeout=20):
        """Asks it to end; kills it when it does not. Its exit status, or None if it had to be killed."""
        if self.alive():
            self.send_signal(number)
        status = self.wait(timeout)
        if status is None:
            self.kill()
        return status

    def kill(self):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self.process.wait()


def run(argv, what=None, **options):
    """A short command that must succeed: its standard output. LabError with what it said otherwise."""
    done = subprocess.run(list(map(str, argv)), stdin=options.pop("stdin", subprocess.DEVNULL) if "input" not in options
                          else None, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False, **options)
    if done.returncode:
        said = (done.stderr + done.stdout).strip()
        raise LabError(f"{what or os.path.basename(str(argv[0]))} failed with status {done.returncode}: {said}")
    return done.stdout


def _group_of(user):
    import pwd
    return pwd.getpwnam(user).pw_gid
