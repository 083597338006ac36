#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""tools/quickstart as a stranger uses it: alone, kept, beside a kept one, killed, stopped. Run by tools/check, over the
release build. Takes the place of a lab that is kept from this folder."""

import contextlib
import glob
import http.client
import json
import os
import re
import shlex
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import time
import xml.dom.minidom

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tests"))

from support import lab, processes, raw  # noqa: E402
from support.scenario import equal, expect  # noqa: E402

ENV = os.path.join(TOP, "build", "lab", "lab.env")
PAGE = os.path.join(TOP, "build", "lab", "ladder.html")
SYSTEM = ("REALM HSS_FQDN HSS_PORT SCSCF_DOMAIN HSS_TLS_PORT CA CLIENT_CERT CLIENT_KEY DB HSS_PID CMS_FQDN "
          "CMS_HTTPS_PORT CMS_PID HTTPS_CA").split()
LONGEST = 90  # seconds, once everything is built
USER = ("USER_IMPI USER_IMPU USER_K USER_OP USER_OPC USER_AMF INBOUND_IMPI INBOUND_IMPU OUTBOUND_IMPI "
        "OUTBOUND_IMPU UE_TOKEN UE_MC_ID UE_LOCATION_JSON").split()


BEFORE = []  # what debians() said before the first test


def quickstart(*options):
    done = subprocess.run([os.path.join(TOP, "tools", "quickstart"), *options], stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, cwd="/")
    return done.returncode, done.stdout


def lab_env():
    with open(ENV, encoding="utf-8") as text:
        return dict(shlex.split(line)[0].split("=", 1) for line in text)


def mar(env, side, impi, impu, keys=ENV, *options):
    """Status and output of a MAR by a SIP core of that side, checked by the user's card."""
    done = subprocess.run(
        [os.path.join(TOP, "build/release/tools/mcx-probe"), "mar", "--connect", f"127.0.0.1:{env[side + '_HSS_PORT']}",
         "--origin-host", f"me.{env[side + '_SCSCF_DOMAIN']}", "--origin-realm", env[side + "_REALM"], "--keys", keys,
         "--resync", "--sqn-ms", "2000000", "--impi", impi, "--impu", impu, *options], stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return done.returncode, done.stdout


def core_elsewhere(env, side, who):
    """The result of a MAR for USER or INBOUND by a host of that side's SIP core with an address of its own."""
    with raw.Peer(f"any.name.{env[side + '_SCSCF_DOMAIN']}", env[side + "_REALM"], "127.0.0.1",
                  int(env[side + "_HSS_PORT"]), source="127.9.8.7") as peer:
        equal(peer.capabilities().result, 2001, "CEA")
        return peer.ask(peer.mar(peer.realm, impi=env[who + "_IMPI"], impu=env[who + "_IMPU"])).result


def keeper():
    """The process that keeps the lab: the parent of its daemons."""
    with open(f"/proc/{lab_env()['PRIMARY_HSS_PID']}/stat", "rb") as stat:
        return int(stat.read().rpartition(b")")[2].split()[1])


def listeners(ports):
    """Who listens on these ports: local addresses as /proc/net/tcp writes them."""
    found = []
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with open(table, encoding="ascii") as text:
            rows = [line.split() for line in text.readlines()[1:]]
        found += [row[1] for row in rows if row[3] == "0A" and int(row[1].rpartition(":")[2], 16) in ports]
    return sorted(found)


def debians():
    """Debian's default clusters: whether they run, what is configured and when it was changed, and where their data lies."""
    shown = processes.run(["pg_lsclusters", "--no-header"]) if shutil.which("pg_lsclusters") else ""
    files = {folder: None for folder in glob.glob("/var/lib/postgresql/*/*")}
    for folder, _, names in os.walk("/etc/postgresql"):
        files.update({path: os.lstat(path).st_mtime_ns for path in [folder, *(os.path.join(folder, n) for n in names)]})
    return shown, files


def test_shows_every_scene_and_ends():
    began = time.monotonic()
    status, said = quickstart()
    equal(status, 0, said)
    took = time.monotonic() - began - int(re.search(r"^Built in (\d+) s\.$", said, re.M)[1])
    expect(took < LONGEST, f"it took {took:.0f} s")
    for scene in ("A user migrates", "back at home", "outbound identities", "AUTS", "unknown identity", "without a grant"):
        expect(scene in said, f"no scene \"{scene}\"")
    steps = [line.split()[0] for line in said[said.index("A user migrates"):].splitlines() if re.match(r" +\d+  ", line)]
    equal(steps[:13], [str(step) for step in range(1, 14)], "the thirteen steps come first")
    check_page(said)
    check_hops(said)
    expect("FAILS" not in said and "\x1b" not in said, "a claim failed, or colours in a pipe")
    expect(max(map(len, said[said.index("A user migrates"):said.index("The same as a page")].splitlines())) <= 80, "wider than a terminal")


def check_page(said):
    """The page holds what was printed, is well-formed, and asks nobody for anything."""
    with open(PAGE, encoding="utf-8") as text:
        page = text.read()
    expect(not re.search(r"<script|<link|<img|<iframe|@import|url\(|\ssrc=|https?://", page), "the page needs more files")
    drawings = [xml.dom.minidom.parseString(drawing) for drawing in re.findall(r"<svg.*?</svg>", page, re.S)]
    expect(len(drawings) == 6, f"{len(drawings)} scenes on the page")
    drawn = [text.firstChild.data for drawing in drawings for text in drawing.getElementsByTagName("text")]
    printed = re.findall(r"^ {7}(IMP[IU] \S+)$", said, re.M)
    expect(printed, "no identity is printed")
    equal([text for text in drawn if text.startswith(("IMPI ", "IMPU "))], printed, "identities on the page")


def hops(printed):
    """{step: [IMPI, IMPU]} of the messages that tell any."""
    found, step = {}, None
    for line in printed.splitlines():
        row, identity = re.match(r" {0,4}([\d-]+)  \S", line), re.match(r" {7}IMP[IU] (\S+)$", line)
        if row:
            step = row[1]
        elif identity:
            found.setdefault(step, []).append(identity[1])
    return found


def check_hops(said):
    """Each message of the two migrations tells the identities as seen on that hop."""
    for heading, user, domain in (("A user migrates", "alice", "primary.example"),
                                  ("Another one, with outbound", "bob", "masked.primary.example")):
        steps, registration = said.partition("\n" + heading)[2].partition("\n\n")[0].split("with these identities", 1)
        found, own = hops(steps), [f"{user}@primary.example", f"sip:{user}@primary.example"]
        granted, inbound = found["6"], found["13"]
        equal(found, {"4": own, "6": granted, "7": granted, "9": granted, "11": inbound, "12": inbound, "13": inbound},
              f"what the thirteen steps say of {user}")
        equal({name.partition("@")[2] for name in granted}, {domain}, f"what is granted for {user}")
        equal({name.partition("@")[2] for name in inbound}, {"migration.partner.example"}, f"what {user} is given")
        equal(hops(registration), {"3": inbound, "5": granted, "6": granted, "8": inbound}, f"10.6.2 for {user}")


def migrate(env):
    """Step 1 by a program that knows only lab.env: (status, JSON)."""
    context = ssl.create_default_context(cafile=env["PRIMARY_HTTPS_CA"])
    server = http.client.HTTPSConnection("localhost", int(env["PRIMARY_CMS_HTTPS_PORT"]), context=context, timeout=30)
    with contextlib.closing(server):
        server.request("POST", "/mcx/v1/partner-connections", json.dumps({
            "mcServiceIds": {"mcptt": env["UE_MC_ID"]}, "location": json.loads(env["UE_LOCATION_JSON"])}),
            {"Authorization": "Bearer " + env["UE_TOKEN"], "Content-Type": "application/json"})
        answer = server.getresponse()
        return answer.status, json.load(answer)


def test_kept_lab_is_what_lab_env_says():
    status, said = quickstart("--keep", "--subscribers", "50")
    equal(status, 0, said)
    expect("--stop" in said, "says how to stop it")
    env = lab_env()
    equal(sorted(env), sorted(["LAB_DIR", *USER, *(f"{s}_{n}" for s in ("PRIMARY", "PARTNER") for n in SYSTEM)]), "names")
    equal(mar(env, "PRIMARY", env["USER_IMPI"], env["USER_IMPU"])[0], 0, "the user at home")
    equal(mar(env, "PARTNER", env["INBOUND_IMPI"], env["INBOUND_IMPU"])[0], 0, "the user at the partner's")
    equal(mar(env, "PRIMARY", "000000000000049@primary.example", "sip:000000000000049@primary.example")[0], 0, "the last")
    equal(mar(env, "PRIMARY", env["OUTBOUND_IMPI"], env["OUTBOUND_IMPU"])[0], 3, "outbound identities at home")
    for side, who in (("PRIMARY", "USER"), ("PARTNER", "INBOUND")):
        equal(core_elsewhere(env, side, who), 2001, f"a SIP core of {side} on another loopback address")
    status, connection = migrate(env)
    equal((status, connection["sip"]["privateIdentity"]), (200, env["INBOUND_IMPI"]), "the UE's request again")
    for side in ("PRIMARY", "PARTNER"):
        ports = [int(env[f"{side}_{name}"]) for name in ("HSS_PORT", "HSS_TLS_PORT", "CMS_HTTPS_PORT")]
        equal(listeners(ports), sorted(f"0100007F:{port:04X}" for port in ports), f"what {side} listens on")
        rows = processes.run(["psql", "-XAt", env[side + "_DB"], "-c", "SELECT system_id FROM own_system"])
        equal(rows.strip().upper(), side, "the administrator's database")


def row(env, side, statement, *values):
    """The one row of a query at a side's database, its columns as texts; $1 and so on are the values."""
    named = [word for number, value in enumerate(values, 1) for word in ("-v", f"v{number}={value}")]
    statement = re.sub(r"\$(\d)", r":'v\1'", statement)
    said = processes.run(["psql", "-XAtq", "-F", " ", "-v", "ON_ERROR_STOP=1", *named, env[side + "_DB"]], input=statement)
    rows = [line.split() for line in said.splitlines()]
    equal(len(rows), 1, f"rows of {statement}")
    return rows[0]


def test_identities_of_lab_env_are_live():
    env = lab_env()
    asked = ("SELECT g.is_masked, g.binding_uuid, g.own_impi, i.own_impu, g.asked_impi, i.asked_impu FROM grant_ g"
             " JOIN grant_impu i ON i.grant_id = g.id WHERE g.state = 'active' AND g.expires_at > now() AND ")
    masked, _, *own = row(env, "PRIMARY", asked + "g.asked_impi = $1 AND i.asked_impu = $2", env["OUTBOUND_IMPI"],
                          env["OUTBOUND_IMPU"])
    equal((masked, own[:2]), ("t", ["bob@primary.example", "sip:bob@primary.example"]), "whose OUTBOUND_IMPI is")
    masked, binding, *own = row(env, "PRIMARY", asked + "g.own_impi = $1", env["USER_IMPI"])
    equal((masked, own), ("f", [env["USER_IMPI"], env["USER_IMPU"]] * 2), "USER's grant")
    inbound = row(env, "PARTNER", "SELECT b.primary_impi, i.primary_impu, b.inbound_impi, i.inbound_impu FROM binding b"
                  " JOIN binding_impu i ON i.binding_id = b.id WHERE b.state = 'active' AND b.expires_at > now()"
                  " AND b.binding_uuid = $1", binding)
    equal(inbound, [env[name] for name in ("USER_IMPI", "USER_IMPU", "INBOUND_IMPI", "INBOUND_IMPU")], "USER's binding")


def test_keys_of_lab_env_go_together():
    """K with OP and K with OPc are the card of a vector that the primary gives, under that AMF, and no other's."""
    env = lab_env()
    expect([env["USER_" + name] for name in ("K", "OP", "OPC", "AMF")] == [lab.K, lab.OP, lab.OPC, lab.AMF],
           "they are not those of TS 35.208 4.3, test set 1")
    for names, amf, status in ((("K", "OP"), env["USER_AMF"], 0), (("K", "OPC"), env["USER_AMF"], 0),
                               (("K", "OPC"), "8000", 6)):
        with tempfile.NamedTemporaryFile("w") as keys:
            keys.writelines(f"{name}={env['USER_' + name]}\n" for name in names)
            keys.flush()
            found, said = mar(env, "PRIMARY", env["USER_IMPI"], env["USER_IMPU"], keys.name, "--amf", amf)
        equal(found, status, f"{' and '.join(names)}, AMF {amf}: {said}")


def talk_tls(env, side, version, shows_certificate=True):
    """Over TLS of that version to a side's SIP database, whose certificate must be of its CA and bear its name: the
    answer to a CER, None if there is none."""
    shown = [env[f"{side}_CLIENT_{name}"] for name in ("CERT", "KEY")] if shows_certificate else []
    context = raw.client_context(*shown, ca=env[side + "_CA"])
    context.minimum_version = context.maximum_version = version
    with raw.Peer(env[side + "_HSS_FQDN"], env[side + "_REALM"], "127.0.0.1", int(env[side + "_HSS_TLS_PORT"]),
                  tls=context) as peer:
        names = [name for kind, name in peer.socket.getpeercert()["subjectAltName"] if kind == "DNS"]
        equal(names, [env[side + "_HSS_FQDN"]], f"whose certificate {side} shows")
        return peer.capabilities()


def test_certificates_of_lab_env_open_tls():
    env = lab_env()
    for side, other in (("PRIMARY", "PARTNER"), ("PARTNER", "PRIMARY")):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            expect(talk_tls(env, side, version), f"{side}'s own certificate, {version.name}: no answer")
        with contextlib.suppress(ssl.SSLError, ConnectionError):
            expect(not talk_tls(env, side, ssl.TLSVersion.TLSv1_3, False), f"{side} answers who shows no certificate")
        try:
            talk_tls({**env, side + "_CA": env[other + "_CA"]}, side, ssl.TLSVersion.TLSv1_3)
        except ssl.SSLCertVerificationError:
            continue
        expect(False, f"{other}'s CA vouches for {side}")


def test_plain_run_leaves_a_kept_lab_alone():
    before = keeper()
    equal(quickstart()[0], 0, "exit status")
    equal(keeper(), before, "the keeper")


def test_keep_again_takes_its_place():
    before = keeper()
    status, said = quickstart("--keep")
    equal(status, 0, said)
    expect(keeper() != before and processes.start_time(before) is None, "the first one still runs")


def test_killed_keeper_takes_everything_along():
    env = lab_env()
    pids = {int(env[f"{side}_{kind}_PID"]): None for side in ("PRIMARY", "PARTNER") for kind in ("HSS", "CMS")}
    pids = {pid: processes.start_time(pid) for pid in pids}
    folder = cluster_folder(env)
    os.kill(keeper(), signal.SIGKILL)
    processes.wait_until(lambda: all(processes.start_time(pid) != was for pid, was in pids.items()), 10, "daemons to end")
    status, said = quickstart("--stop")
    equal((status, said), (0, "No lab is running.\n"), "--stop")
    expect(not os.path.exists(ENV), "lab.env of a dead lab")
    expect(not folder.startswith("/var/tmp") or not os.path.exists(folder), f"{folder} was left")


def cluster_folder(env):
    """Below build, or under /var/tmp where the server's user cannot enter build."""
    return re.search(r"host='?([^' ]*)/s", env["PRIMARY_DB"])[1]


def test_stop_ends_it():
    equal(quickstart("--keep")[0], 0, "exit status")
    kept, folder = keeper(), cluster_folder(lab_env())
    expect(os.path.isdir(folder), f"no {folder}")
    equal(quickstart("--stop"), (0, "Stopped.\n"), "--stop")
    expect(not os.path.exists(folder), f"{folder} was left")
    expect(processes.start_time(kept) is None and not os.path.exists(ENV), "it runs, or lab.env is there")


def test_debians_clusters_are_as_they_were():
    equal([*debians()], BEFORE, "Debian's default clusters")


def main():
    processes.exit_on_signals()
    BEFORE.extend(debians())
    failures = 0
    for name, test in list(globals().items()):
        if name.startswith("test_"):
            try:
                test()
                print(f"ok - {name}", flush=True)
            except (AssertionError, OSError, processes.LabError) as error:
                print(f"not ok - {name}: {error}", flush=True)
                failures += 1
    quickstart("--stop")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
