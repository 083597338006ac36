# SPDX-License-Identifier: Apache-2.0
"""A private PostgreSQL cluster: Unix socket only, no port, nothing shared with Debian's default cluster.

As root it runs as the user postgres. Where that user cannot enter the lab's folder, or the socket's path would be too
long for the kernel, data and socket lie in a folder under /var/tmp that goes with the lab."""

import contextlib
import fcntl
import glob
import os
import re
import shutil
import signal
import subprocess

from .processes import Child, LabError, kill_and_wait, run, start_time

_LEAST_VERSION = 15
_SOCKET_PATH_MAX = 100  # sockaddr_un holds 108, libpq's messages and ".s.PGSQL.5432.lock" want room
_SOCKET_NAME = ".s.PGSQL.5432"

_SETTINGS = {
    "listen_addresses": "''",
    "max_connections": "120",
    "shared_buffers": "'128MB'",
    "logging_collector": "off",
    "log_line_prefix": "'%m [%p] %q%u@%d '",
    "timezone": "'UTC'",
}


def programs():
    """The folder with initdb and postgres of the newest installed version from 15 on."""
    found = []
    for path in glob.glob("/usr/lib/postgresql/*/bin"):
        version = path.split("/")[4]
        if version.isdigit() and int(version) >= _LEAST_VERSION and os.path.exists(path + "/initdb"):
            found.append((int(version), path))
    if not found:
        raise LabError(f"no PostgreSQL server from version {_LEAST_VERSION} on: apt-get install postgresql-15")
    return max(found)[1]


def server_user():
    """Whose the cluster is: postgres when we are root (a server refuses root), else None: ourselves."""
    return "postgres" if os.getuid() == 0 else None


def _as_server(user):
    return {"user": user, "group": _group(user), "extra_groups": []} if user else {}


def _group(user):
    import pwd
    return pwd.getpwnam(user).pw_gid


def _can_enter(user, folder):
    """May the server's user work in this folder? Tried, not computed."""
    if user is None:
        return True
    tried = subprocess.run(["/bin/sh", "-c", 'cd "$1" && test -r .', "sh", folder], check=False, cwd="/",
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **_as_server(user))
    return tried.returncode == 0


class Cluster:
    """One server with one database per MC system."""

    def __init__(self, folder, template=None, durable=True, settings=None):
        """folder: a folders.Folder. template: a path where an initialised data folder is kept from run to run.
        durable=False turns fsync off, for tests that do not ask what a crash leaves."""
        self._bin = programs()
        self._user = server_user()
        home = folder.join("pg")
        os.mkdir(home, 0o755)
        if not _can_enter(self._user, home) or len(os.path.join(home, "s", _SOCKET_NAME)) > _SOCKET_PATH_MAX:
            home = folder.elsewhere()
        self.home, self._folder, self._log = home, folder, folder.join("postgres.log")
        self.data, self.sockets = os.path.join(home, "data"), os.path.join(home, "s")
        os.mkdir(self.sockets, 0o700)
        if self._user:
            for path in (home, self.sockets):
                shutil.chown(path, self._user, _group(self._user))
        self._make_data(template)
        self._configure(durable, settings or {})
        self.server = None

    def _make_data(self, template):
        if template is None:
            self._initdb(self.data)
            return
        os.makedirs(os.path.dirname(template), exist_ok=True)
        with open(template + ".lock", "w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            mark = f"{self._bin} {os.getuid()}\n"
            if _read(template + ".made") != mark:
                shutil.rmtree(template, ignore_errors=True)
                self._initdb(self.data)
                run(["cp", "-a", self.data, template], "keeping a copy of the new cluster")
                with open(template + ".made", "w", encoding="ascii") as made:
                    made.write(mark)
                return
        run(["cp", "-a", "--reflink=auto", template, self.data], "copying the prepared cluster")

    def _initdb(self, where):
        run([self._bin + "/initdb", "-D", where, "-U", "postgres", "--auth=trust", "--encoding=UTF8",
             "--locale=C.UTF-8", "--no-sync", "--no-instructions"], "initdb", cwd="/", env=_plain_env(),
            **_as_server(self._user))

    def _configure(self, durable, settings):
        wanted = {**_SETTINGS, "unix_socket_directories": "'" + self.sockets.replace("'", "''") + "'", **settings}
        if not durable:
            wanted.update(fsync="off", full_page_writes="off")
        with open(os.path.join(self.data, "postgresql.auto.conf"), "w", encoding="utf-8") as conf:
            conf.writelines(f"{name} = {value}\n" for name, value in wanted.items())

    def start(self):
        """Runs the server and returns when it takes connections. Again after kill(), too."""
        # Should we die, it shuts down at once: SIGQUIT is PostgreSQL's immediate shutdown.
        self.server = Child("postgres", [self._bin + "/postgres", "-D", self.data], self._log, env=_plain_env(),
                            user=self._user, cwd="/", death_signal=signal.SIGQUIT)
        self._folder.add_child(self.server)
        self.server.wait_line("database system is ready to accept connections", timeout=60)

    def stop(self):
        """Fast shutdown: open sessions are closed."""
        if self.server and self.server.alive():
            self.server.stop(signal.SIGINT, 30)

    def remove(self):
        """Stops the server and removes its files; its log stays."""
        self.stop()
        shutil.rmtree(self.home, ignore_errors=True)

    def kill(self):
        """As if the machine had lost power: every process of the server at once, no checkpoint. Backends are groups of
        their own, and one that waits for a lock would outlive the server and keep its memory from the next one."""
        self.server.send_signal(signal.SIGSTOP)  # no more children
        with open(f"/proc/{self.server.pid}/task/{self.server.pid}/children", encoding="ascii") as text:
            children = [(int(pid), start_time(int(pid))) for pid in text.read().split()]
        self.server.kill()
        for pid, started in children:
            kill_and_wait(pid, started, signal.SIGKILL, 10)

    def kill_backends(self, database, role=None, number=signal.SIGKILL):
        """kill -9 to the backends of one database; the server recovers by itself. Their number."""
        pids = self._backends(database, role)
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        return len(pids)

    def _backends(self, database, role=None):
        rows = self.sql("postgres", "SELECT pid FROM pg_stat_activity WHERE datname = '%s' %s AND pid <> pg_backend_pid()"
                        % (database, f"AND usename = '{role}'" if role else ""))
        return [int(pid) for (pid,) in rows]

    @contextlib.contextmanager
    def frozen(self, database, role=None):
        """The backends of one database stand still, as if their disk did."""
        pids = self._backends(database, role)
        try:
            for pid in pids:
                os.kill(pid, signal.SIGSTOP)
            yield
        finally:
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)

    @contextlib.contextmanager
    def holding(self, database, statement):
        """A transaction that has run this statement and stays open, with the locks that it took."""
        with subprocess.Popen(["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", self.conninfo(database)],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=_plain_env()) as session:
            session.stdin.write(f"BEGIN;\n{statement};\n\\echo held\n")
            session.stdin.flush()
            if not any(line == "held\n" for line in iter(session.stdout.readline, "")):
                raise LabError(f"psql could not run {statement}")
            yield
            session.stdin.close()

    def create_database(self, name):
        self.sql("postgres", f'CREATE DATABASE "{name}"')

    def conninfo(self, database, user="postgres"):
        """libpq's connection string."""
        return f"host={_quoted(self.sockets)} dbname={_quoted(database)} user={_quoted(user)}"

    def sql(self, database, statement, user="postgres"):
        """Runs SQL through psql; the rows as tuples of texts. LabError with the server's words when it fails."""
        said = run(["psql", "-X", "-q", "-A", "-t", "-F", "\x1f", "-v", "ON_ERROR_STOP=1",
                    "-d", self.conninfo(database, user)], "psql", input=statement, env=_plain_env())
        return [tuple(line.split("\x1f")) for line in said.splitlines()]

    def dump(self, database):
        """The whole content of a database as text."""
        return run([self._bin + "/pg_dump", "--data-only", "-d", self.conninfo(database)], "pg_dump", env=_plain_env())


def _quoted(value):
    if re.fullmatch(r"[A-Za-z0-9_./-]+", value):
        return value
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _plain_env():
    """No PG* of the caller, messages in English."""
    kept = {name: value for name, value in os.environ.items()
            if not name.startswith("PG") and name not in ("LD_PRELOAD", "LANGUAGE")}
    kept.update(LC_ALL="C.UTF-8")
    return kept


def _read(path):
    try:
        with open(path, encoding="ascii") as text:
            return text.read()
    except OSError:
        return None
