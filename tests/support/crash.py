# SPDX-License-Identifier: Apache-2.0
"""Stops the thirteen steps between any two of them, kills a process there, and asks again: by the lab's gate, which
holds a message, and by locks of the test's own, which keep a daemon waiting inside a step."""

import concurrent.futures
import contextlib

from . import migration
from .processes import wait_until
from .scenario import Failed, expect

# name: (held message and its sender's system and role, or None; database and table to lock then, or None). With both,
# the message is passed on once the lock is held: the step behind it begins and waits.
STOPS = {
    "1-2, before the user is looked up": (None, ("primary", "mc_user")),
    "3-4, before the migration is written": (None, ("primary", "migration")),
    "4, MIR on its way": (("MIR", "cms", "primary"), None),
    "4-5, before the grant is written": (None, ("primary", "grant_")),
    "6, MIA on its way": (("MIA", "hss", "primary"), None),
    "7, PAR on its way": (("PAR", "cms", "primary"), None),
    "7-8, before the agreement is looked up": (None, ("partner", "agreement")),
    "9, MIR on its way": (("MIR", "cms", "partner"), None),
    "9-10, before the binding is written": (None, ("partner", "binding")),
    "11, MIA on its way": (("MIA", "hss", "partner"), None),
    "11-12, before the document is filled": (None, ("partner", "ue_document")),
    "12, PAA on its way": (("PAA", "cms", "partner"), None),
    "12-13, before the result is written": (("PAA", "cms", "partner"), ("primary", "migration")),
}
VICTIMS = [(kind, name) for name in ("primary", "partner") for kind in ("cms", "hss")] + [("postgres", "")]
# Locks may be waited for as long as the test likes.
PATIENT = {"database": {"lock_timeout_ms": 60000, "statement_timeout_ms": 60000}}


def provision(lab):
    lab.connect("primary", "partner")
    migration.agree(lab, "primary", "partner")
    return migration.add_ue(lab, "primary", "alice", mask=True)


def crash(lab, ue, stop, victim):
    """One case. Failed, with both names, unless the repeat leaves exactly one binding that both sides and the UE know."""
    try:
        with _stopped(lab, ue, *STOPS[stop]) as asked:
            expect(not asked.done(), "the request has ended before the stop")
            _kill(lab, *victim)
        _start(lab, *victim)
        reply = wait_until(lambda: _sound(ue.connect()), 120, "the repeat to succeed", period_ms=300)
        migration.agreed(lab, reply)
        expect(ue.end("partner").exit == 0, "the end was refused")
        migration.wait_nothing_left(lab, timeout=120)
    except Exception as error:
        raise Failed(f"stopped at {stop}, {' '.join(victim)} killed: {error}") from error


def _sound(reply):
    return reply if reply.exit == 0 else None


@contextlib.contextmanager
def _stopped(lab, ue, held, locked):
    """A request of the UE has come to the stop: its Future. At the end of the block nothing holds it any more, and it has
    ended, whatever became of it."""
    with contextlib.ExitStack() as stack:
        hold = held and stack.enter_context(lab.gate.hold(held[0], getattr(lab, held[1])[held[2]].host))
        lock = locked and lab.cluster.holding(locked[0], f"LOCK TABLE {locked[1]} IN {_mode(locked[1])} MODE")
        if lock and not hold:
            stack.enter_context(lock)
        asked = concurrent.futures.ThreadPoolExecutor(1).submit(ue.post)
        if hold:
            hold.wait(60)
        if lock and hold:
            stack.enter_context(lock)
            hold.release()
        if lock:
            _wait_for_waiter(lab, *locked)
        yield asked
        if hold:
            hold.drop()
    asked.exception(60)


def _mode(table):
    """Tables that are only read at the stop must be kept from readers."""
    return "ACCESS EXCLUSIVE" if table in ("mc_user", "agreement", "ue_document") else "EXCLUSIVE"


def _wait_for_waiter(lab, database, table):
    """Until a statement of the request waits for the table: not one of the sweeps of each second, which skip locked
    rows."""
    wait_until(lambda: lab.cluster.sql(database, "SELECT 1 FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE NOT "
                                       f"granted AND relation = '{table}'::regclass AND query NOT LIKE '%SKIP LOCKED%'"),
               60, f"somebody to wait for {table}")


def _kill(lab, kind, name):
    if kind == "postgres":
        lab.cluster.kill()
    else:
        getattr(lab, kind)[name].kill()


def _start(lab, kind, name):
    if kind == "postgres":
        lab.cluster.start()
    else:
        getattr(lab, kind)[name].start()
