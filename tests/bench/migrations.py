# SPDX-License-Identifier: Apache-2.0
"""The parts with configuration management servers: thirteen-step exchanges a second, what a million live bindings cost,
and what attempts on the HTTPS port cost Diameter."""

import contextlib
import json
import os
import subprocess
import time

from attempts import Attempts
from figures import judge, pairs, say, show_latency
from support import lab as labs
from support.daemon import Options
from support.processes import LabError

HERE = os.path.dirname(os.path.abspath(__file__))
FIRST_BOUND = 100_000_000_000_000  # the users of the fixture: none of those that are measured
ROOT = "mcptt-UE-initial-configuration"
DOCUMENT = (f'<{ROOT} xmlns="urn:3gpp:mcptt:mcpttUEinitConfig:1.0" domain="partner.example"><name>bench</name><on-network>'
            '<Timers><T100>1</T100><T101>1</T101></Timers><HPLMN PLMN="00101"><service><MCPTT-to-con-ref>mcx'
            f'</MCPTT-to-con-ref></service></HPLMN></on-network></{ROOT}>')
RATE_GOAL, P99_GOAL_MS, SIZE_GOAL, ATTEMPTS_GOAL, DESCRIPTOR_GOAL = 300, 150, 0.85, 0.9, 1024
SETTINGS = {"log": {"level": "warn"}}
UNLIMITED = {**SETTINGS, "cms": {"connections_per_s": 100000}}  # the limit protects users, not machines


class MigrationLab:
    """Two MC systems of two daemons each, with users who may migrate from primary to partner. Each run of mcx-bench asks
    for users who were never asked for before."""

    def __init__(self, path, build, chosen, users, cms_settings=SETTINGS):
        options, cms_options = ({name: Options(settings=settings) for name in ("primary", "partner")}
                                for settings in (SETTINGS, cms_settings))
        self.lab = labs.Lab(path, build=build, durable=True, cms=True, options=options, cms_options=cms_options)
        self.chosen, self.users, self.next_user = chosen, users, 0

    def __enter__(self):
        self.lab.__enter__()
        try:
            self._provision()
        except BaseException:
            self.lab.close()
            raise
        return self

    def __exit__(self, *_):
        self.lab.close()

    def sql_file(self, system, name, **variables):
        with open(os.path.join(HERE, name), encoding="utf-8") as text:
            settings = "".join(f"\\set {key} '{value}'\n" for key, value in variables.items())
            self.lab.cluster.sql(system, settings + text.read())

    def _provision(self):
        realm = self.lab.systems["primary"].realm
        self.lab.add_subscribers("primary", self.users)
        self.lab.mcxctl("primary", "user", "load", "--count", self.users, "--realm", realm, "--mc-realm", "mc." + realm)
        self.lab.connect("primary", "partner")
        for here, there in (("primary", "partner"), ("partner", "primary")):
            self.sql_file(here, "agreed.sql", partner=there, document=DOCUMENT)

    def bind_many(self, count):
        began = time.monotonic()
        primary, partner = self.lab.systems["primary"], self.lab.systems["partner"]
        names = {"realm": primary.realm, "mask": primary.outbound_domain, "inbound": partner.inbound_domain,
                 "first": FIRST_BOUND, "count": count}
        self.sql_file("primary", "bindings_primary.sql", partner="partner", **names)
        self.sql_file("partner", "bindings_partner.sql", primary_id="primary", **names)
        say(f"made {count} live bindings on both sides in {time.monotonic() - began:.0f} s")

    def migrate(self, count, *more, connections=16):
        """So many requests, for so many users."""
        if self.next_user + count > self.users:
            raise LabError(f"--migrants {self.users} are too few")
        node, issuer = self.lab.systems["primary"].cms, self.lab.issuers["primary"]
        key = next(key for key in issuer.keys if key.alg == "ES256")
        command = [self.lab.build.tool("mcx-bench"), "migrate", "--json", "--connect", f"{node.address}:{node.https_port}",
                   "--host", node.host, "--ca", node.https_ca, "--sign-key", key.file, "--kid", key.kid, "--issuer",
                   issuer.issuer, "--client", issuer.client, "--mc-realm", "mc." + self.lab.systems["primary"].realm,
                   "--users", f"{self.next_user}:{count}", "--count", str(count), "--warmup", "0", "--connections",
                   str(min(connections, count)), "--root", ROOT, "--timeout", "20000"]
        self.next_user += count
        return bench(command + list(map(str, more)), self.lab.build)

    def mar(self, seconds):
        """MARs of the same subscribers at the primary's SIP database."""
        system = self.lab.systems["primary"]
        return bench([self.lab.build.tool("mcx-bench"), "--json", "--connect", f"{system.address}:{system.port}",
                      "--origin-domain", system.scscf_domain, "--origin-realm", system.realm, "--users",
                      f"0:{self.users}", "--random", "--connections", "4", "--window", "64", "--warmup",
                      str(self.chosen.warmup), "--duration", str(seconds)], self.lab.build)

    def check_bindings(self, wanted):
        """Both databases know as many live ones, and agree on each."""
        live = {}
        for system, table in (("primary", "grant_"), ("partner", "binding")):
            live[system] = {row for (row,) in self.lab.cluster.sql(
                system, f"SELECT binding_uuid FROM {table} WHERE state = 'active' AND created_by <> 'bench'")}
        if live["primary"] != live["partner"] or len(live["primary"]) != wanted:
            raise LabError(f"{wanted} users migrated, {len(live['primary'])} grants and {len(live['partner'])} bindings "
                           f"are live, {len(live['primary'] & live['partner'])} of them the same")


def bench(command, build):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, env=build.tool_env(),
                          check=False)
    if not done.stdout or done.returncode:
        raise LabError(f"{' '.join(command[:2])} ended with status {done.returncode}: {done.stdout.strip()}")
    return json.loads(done.stdout)


def part_migrate(chosen, build, folder):
    """Closed loop, open loop at the goal's rate, and a TLS connection for each request."""
    count, few = chosen.exchanges, max(chosen.exchanges // 4, 10)
    with MigrationLab(os.path.join(folder, "migrate"), build, chosen, 3 * count + few, UNLIMITED) as running:
        running.migrate(few)
        closed = show_latency("thirteen steps, closed loop of 16", running.migrate(count))
        opened = show_latency(f"open loop at {chosen.migrate_rate:g}/s",
                              running.migrate(count, "--rate", chosen.migrate_rate, connections=64))
        each = show_latency("closed loop of 16, a TLS connection each", running.migrate(count, "--connect-per-request"))
        running.check_bindings(3 * count + few)
    goals = [judge(f"{RATE_GOAL}/s", closed["rate"] >= RATE_GOAL),
             judge(f"p99 below {P99_GOAL_MS} ms in the closed loop", closed["p99"] < P99_GOAL_MS),
             judge(f"p99 below {P99_GOAL_MS} ms in the open loop", opened["p99"] < P99_GOAL_MS)]
    return {"closed": closed, "open": opened, "connection_each": each, "goals": goals}


def part_migrate_size(chosen, build, folder):
    """With many live bindings against none, in two labs at the same time, loaded by turns."""
    users = (chosen.pairs + 1) * chosen.exchanges
    with contextlib.ExitStack() as stack:
        full, empty = (stack.enter_context(MigrationLab(os.path.join(folder, name), build, chosen, users))
                       for name in ("full", "empty"))
        full.bind_many(chosen.live_bindings)
        for running in (full, empty):
            running.migrate(chosen.exchanges)
        found = pairs(f"thirteen steps with {chosen.live_bindings} live bindings",
                      lambda: full.migrate(chosen.exchanges), lambda: empty.migrate(chosen.exchanges), chosen.pairs,
                      against="empty")
        for running in (full, empty):
            running.check_bindings(users)
    return {**found, "goals": [judge(f"ratio at least {SIZE_GOAL}", found["ratio"]["median"] >= SIZE_GOAL)]}


def part_attempts(chosen, build, folder):
    """MARs a second while connections are tried on the HTTPS port of the same system, against without."""
    seconds, seen = chosen.seconds, []
    with MigrationLab(os.path.join(folder, "attempts"), build, chosen, max(chosen.exchanges, 1000)) as running:
        node, pid = running.lab.systems["primary"].cms, running.lab.cms["primary"].pid

        def disturbed():
            with Attempts(node.address, node.https_port, chosen.attempts, seconds + chosen.warmup, pid) as attempts:
                result = running.mar(seconds)
            seen.append({name: getattr(attempts, name) for name in ("tried", "refused", "held", "descriptor")})
            return result
        running.mar(seconds)
        found = pairs(f"MAR during {chosen.attempts} attempts on the HTTPS port", disturbed, lambda: running.mar(seconds),
                      chosen.pairs, against="undisturbed")
        running.migrate(10, connections=2)  # and UEs are served again
    highest = max(row["descriptor"] for row in seen)
    say(f"  {seen[-1]['tried']} tried, {seen[-1]['refused']} refused, at most {max(row['held'] for row in seen)} held; highest "
        f"descriptor {highest}")
    goals = [judge(f"ratio at least {ATTEMPTS_GOAL}", found["ratio"]["median"] >= ATTEMPTS_GOAL),
             judge(f"descriptors below {DESCRIPTOR_GOAL}", highest < DESCRIPTOR_GOAL)]
    return {**found, "attempts": seen, "goals": goals}


PARTS = {"migrate": part_migrate, "migrate-size": part_migrate_size, "attempts": part_attempts}
