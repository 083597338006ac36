# SPDX-License-Identifier: Apache-2.0
"""tools/quickstart: builds, runs two MC systems on loopback, plays the partner's SIP core, and judges what comes back.

Exit status: 0 everything that is shown held; 1 something did not; 2 wrong use."""

import argparse
import json
import os
import shlex
import subprocess
import sys
import time

from . import folders, keeper, ladder, lab as labs, page, pg, story
from .build import SOURCE, Build
from .processes import LabError, Stopped, exit_on_signals, kill_and_wait, run as run_command, wait_until
from .ue import PLACE

BUILD = os.path.join(SOURCE, "build", "release")
KEPT = os.path.join(SOURCE, "build", "lab")
TRIAL = os.path.join(SOURCE, "build", "lab-trial")
ENV_FILE = os.path.join(KEPT, "lab.env")
PAGE_FILE = os.path.join(KEPT, "ladder.html")
TOKEN_SECONDS = 7 * 86400  # UE_TOKEN's life


def arguments():
    parser = argparse.ArgumentParser(
        prog="tools/quickstart", description="Builds mcx-hss, runs two MC systems on loopback and shows a migration.")
    parser.add_argument("--keep", action="store_true", help="leave the lab running and write build/lab/lab.env")
    parser.add_argument("--stop", action="store_true", help="stop the lab that --keep left running")
    parser.add_argument("--subscribers", type=int, default=0, metavar="N",
                        help="load N more subscribers at the primary, %%015d@primary.example from 0")
    chosen = parser.parse_args()
    if chosen.subscribers < 0 or chosen.subscribers > 100_000_000:
        parser.error("--subscribers: 0 to 100000000")
    return chosen


def build():
    """Configures and builds the release preset; the log only when it fails."""
    log = os.path.join(SOURCE, "build", "quickstart-build.log")
    os.makedirs(os.path.dirname(log), exist_ok=True)
    print("Building into build/release ...", flush=True)
    began = time.monotonic()
    with open(log, "wb") as sink:
        for command in (["cmake", "--preset", "release"], ["cmake", "--build", "--preset", "release"]):
            if subprocess.run(command, cwd=SOURCE, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink,
                              check=False).returncode:
                with open(log, encoding="utf-8", errors="replace") as text:
                    print("".join(text.readlines()[-30:]), file=sys.stderr)
                raise LabError(f"the build failed; all of it is in {log}")
    print(f"Built in {time.monotonic() - began:.0f} s.")


def stop():
    """Ends the kept lab. True if there was one."""
    if not folders.is_live(KEPT):
        return False
    with open(os.path.join(KEPT, "state.json"), encoding="utf-8") as text:
        owner, started = json.load(text)["owner"]
    if not kill_and_wait(owner, started, 15, 90):
        raise LabError(f"process {owner}, which keeps the lab, does not end")
    wait_until(lambda: not folders.is_live(KEPT), 10, f"the lab in {KEPT} to end")
    return True


def forget_dead():
    """Ends what labs that were killed have left."""
    for folder in (KEPT, TRIAL):
        folders.reap(folder)
    if not folders.is_live(KEPT) and os.path.exists(ENV_FILE):
        os.unlink(ENV_FILE)


def write_env(lab, cast):
    """build/lab/lab.env: NAME=value lines that a shell can source."""
    values = {"LAB_DIR": lab.folder.path}
    for system in lab.systems.values():
        values.update({f"{system.id.upper()}_{name}": value for name, value in {
            "REALM": system.realm, "HSS_FQDN": system.host, "HSS_PORT": system.port,
            "SCSCF_DOMAIN": system.scscf_domain, "HSS_TLS_PORT": system.tls_port, "CA": system.ca,
            "CLIENT_CERT": system.cert, "CLIENT_KEY": system.key, "DB": system.db,
            "HSS_PID": lab.hss[system.id].pid, "CMS_FQDN": system.cms.host, "CMS_HTTPS_PORT": system.cms.https_port,
            "CMS_PID": lab.cms[system.id].pid, "HTTPS_CA": system.cms.https_ca}.items()})
    card = cast.alice.card
    values.update(USER_IMPI=card.impi, USER_IMPU=card.impu, USER_K=labs.K, USER_OP=labs.OP, USER_OPC=labs.OPC,
                  USER_AMF=labs.AMF, INBOUND_IMPI=cast.inbound.impi, INBOUND_IMPU=cast.inbound.impu,
                  OUTBOUND_IMPI=cast.outbound[0], OUTBOUND_IMPU=cast.outbound[1], UE_MC_ID=cast.alice.mc_id,
                  UE_TOKEN=cast.alice.token(lifetime_s=TOKEN_SECONDS), UE_LOCATION_JSON=json.dumps(PLACE))
    with open(os.open(ENV_FILE + ".new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as env:
        env.writelines(f"{name}={shlex.quote(str(value))}\n" for name, value in values.items())
    os.replace(ENV_FILE + ".new", ENV_FILE)


def how_to_talk(lab):
    partner, probe = lab.systems["partner"], os.path.relpath(lab.build.tool("mcx-probe"))
    where = os.path.relpath(ENV_FILE)
    print(f"""
The lab keeps running; its names and addresses are in {where}. To play a UE of the primary, then the partner's SIP core:

  . {where if where.startswith((".", "/")) else "./" + where}
  curl --cacert "$PRIMARY_HTTPS_CA" -H "Authorization: Bearer $UE_TOKEN" -H 'Content-Type: application/json' \\
      -d "{{\\"mcServiceIds\\":{{\\"mcptt\\":\\"$UE_MC_ID\\"}},\\"location\\":$UE_LOCATION_JSON}}" \\
      https://localhost:$PRIMARY_CMS_HTTPS_PORT/mcx/v1/partner-connections
  {probe} mar --connect 127.0.0.1:$PARTNER_HSS_PORT --origin-host me.$PARTNER_SCSCF_DOMAIN \\
      --origin-realm $PARTNER_REALM --keys {where} --usim card.json --resync \\
      --impi "$INBOUND_IMPI" --impu "$INBOUND_IMPU"

Logs: {os.path.relpath(lab.hss[partner.id].log)} and its neighbours. Databases: psql "$PARTNER_DB"
To stop it: ./tools/quickstart --stop""")


def draw(lab, told):
    """build/lab/ladder.html: what was printed, as a page of its own."""
    kinds = {}
    for system in lab.systems.values():
        kinds.update({system.realm: "own", system.outbound_domain: "outbound", system.inbound_domain: "inbound"})
    versions = [("mcx-hss", _version(["git", "-C", SOURCE, "describe", "--always", "--dirty"])),
                ("", _version(["freeDiameterd", "--version"])),
                ("", _version([pg.programs() + "/postgres", "--version"]))]
    os.makedirs(KEPT, exist_ok=True)
    page.write(PAGE_FILE, told, list(lab.systems), kinds, [(name, text) for name, text in versions if text])
    print(f"The same as a page: {os.path.relpath(PAGE_FILE)}")


def _version(command):
    """The first line that a program says of itself; nothing if it does not."""
    try:
        return run_command(command).splitlines()[0].strip()
    except (LabError, OSError, IndexError):
        return ""


def show(lab, chosen):
    """Provisions and plays; (the ladder, the cast)."""
    began = time.monotonic()
    cast = story.provision(lab)
    if chosen.subscribers:
        lab.add_subscribers("primary", chosen.subscribers)
        print(f"Loaded {chosen.subscribers} more subscribers in {time.monotonic() - began:.0f} s.")
    return story.Story(lab).play(cast), cast


def run(chosen):
    exit_on_signals()
    began = time.monotonic()
    build()
    if chosen.keep and stop():
        print("Stopped the lab that was running.")
    forget_dead()
    keeping = keeper.fork() if chosen.keep else None
    if keeping:
        exit_on_signals()
    print("Starting two MC systems on 127.0.0.1 ...", flush=True)
    with labs.Lab(KEPT if keeping else TRIAL, build=Build(BUILD), durable=True, ports="local", cms=True) as lab:
        for daemon in lab.daemons():
            node = daemon.node
            https = f", HTTPS {node.https_port}" if hasattr(node, "https_port") else ""
            print(f"  {node.host}: freeDiameterd {daemon.pid}, TCP {node.port}, TLS {node.tls_port}{https}")
        told, cast = show(lab, chosen)
        held = told.all_held
        print()
        if held:
            print(ladder.good(f"Everything held, in {time.monotonic() - began:.0f} s."))
        else:
            print(ladder.bad(f"Not everything held. The logs are in {os.path.relpath(lab.folder.path)}"))
        draw(lab, told)
        if keeping and held:
            write_env(lab, cast)
            how_to_talk(lab)
            keeping.report(0, lab.folder.join("keeper.log"))
            keeping.wait()
    return 0 if held else 1


def main():
    chosen = arguments()
    try:
        if chosen.stop:
            print("Stopped." if stop() else "No lab is running.")
            forget_dead()
            return 0
        return run(chosen)
    except LabError as error:
        print(f"quickstart: {error}", file=sys.stderr)
        return 1
    except Stopped as stopped:
        return stopped.code


if __name__ == "__main__":
    sys.exit(main())
