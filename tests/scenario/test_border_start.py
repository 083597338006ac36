# SPDX-License-Identifier: Apache-2.0
"""What the border refuses to start with, and what it warns of (traps R6, R12, C10)."""

import re

from support.bare import PARTNER, PRIMARY, THIRD, Daemon, main
from support.scenario import equal, expect


def refusal(site, **options):
    """The line with which the daemon refuses to start."""
    with Daemon(site, **options) as daemon:
        expect(daemon.wait_end() not in (0, None), "it started")
        return next(line for line in daemon.child.text().splitlines() if "ev=start_refused" in line)


def test_refuses_rt_redirect_before_and_after_us(site):
    for lines in (['LoadExtension = "rt_redirect.fdx";'], ['# harmless', 'LoadExtension="rt_redirect.fdx";']):
        said = refusal(site, lines=lines)
        expect(re.search(r"freeDiameter\.conf:\d+: LoadExtension rt_redirect\.fdx.*; take", said), said)
    with Daemon(site, lines=['# LoadExtension = "rt_redirect.fdx";']) as daemon:
        daemon.ready()


def test_refuses_names_and_files_of_others(site):
    own = site.own.key
    for old, new, setting, wanted in (
            (f'sip_databases = ("hss.{PARTNER}")', f'sip_databases = ("hss.{PRIMARY}")', "partners[0].sip_databases[0]", "Identity"),
            (f'agents = ("dra.{PARTNER}")', f'agents = ("x.{PARTNER}", "hss.{PARTNER}")', "partners[0].agents[1]", "twice"),
            (f'realms = ("{PARTNER}")', f'realms = ("{PRIMARY}")', "partners[0].realms", "name the partner's own"),
            (f'realms = ("{PARTNER}")', f'realms = ("{THIRD}")', "partners[1].realms", "one partner only"),
            (f'domain = ".ims.{PRIMARY}"', f'domain = "hss.{PRIMARY}"', "sip_cores[0].domain", "Identity"),
            (site.authorities[PARTNER].ca, own, "partners[0].ca_file", f"{own}: no CA certificate"),
            (site.authorities[PARTNER].ca, "/nowhere.pem", "partners[0].ca_file", "No such file"),
            (f'plain_from = ("{site.address}"', 'plain_from = ("127.0.0.1/33"', "sip_cores[0].plain_from", "a network such as")):
        said = refusal(site, edit=("mcx.conf", old, new))
        line = 5 if "sip_cores" in setting else 6
        expect(f"mcx.conf:{line}: border.{setting}" in said and wanted in said, said)
        expect("; " in said or "must be" in said, f"no remedy in {said}")


def test_warns_of_what_weakens_it(site):
    with Daemon(site, no_relay=False, threads=5, connect={"hss.unlisted.example": 3870}) as daemon:
        daemon.ready()
        for event in ("no_relay_missing", "few_threads", "peer_not_listed peer=hss.unlisted.example"):
            daemon.wait_log("ev=" + event)
    equal(daemon.status, 0, "exit status")


if __name__ == "__main__":
    main(__file__, [test_refuses_rt_redirect_before_and_after_us, test_refuses_names_and_files_of_others,
                    test_warns_of_what_weakens_it])
