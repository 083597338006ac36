# SPDX-License-Identifier: Apache-2.0
"""What the border refuses to start with, and what it warns of (traps R6, R12, C10)."""

from support.bare import PARTNER, PRIMARY, THIRD, Daemon, main
from support.scenario import equal, expect


def refusal(site, **options):
    """The line with which the daemon refuses to start."""
    with Daemon(site, **options) as daemon:
        expect(daemon.wait_end() not in (0, None), "it started")
        return next(line for line in daemon.child.text().splitlines() if "ev=start_refused" in line)


def test_refuses_rt_redirect_before_and_after_us(site):
    for lines in (['LoadExtension = "rt_redirect.fdx";'], ['# harmless', 'LoadExtension="rt_redirect.fdx";']):
        expect("rt_redirect" in refusal(site, lines=lines), "the reason names it")
    with Daemon(site, lines=['# LoadExtension = "rt_redirect.fdx";']) as daemon:
        daemon.ready()


def test_refuses_names_that_are_ours(site):
    for old, new in ((f'sip_databases = ("hss.{PARTNER}")', f'sip_databases = ("hss.{PRIMARY}")'),
                     (f'realms = ("{PARTNER}")', f'realms = ("{PRIMARY}")'),
                     (f'realms = ("{PARTNER}")', f'realms = ("{THIRD}")')):
        said = refusal(site, edit=("mcx.conf", old, new))
        expect("reason=" in said, said)


def test_refuses_a_ca_file_without_certificates(site):
    said = refusal(site, edit=("mcx.conf", site.authorities[PARTNER].ca, site.own.key))
    expect("no CA certificate" in said or "ca_file" in said, said)


def test_warns_of_what_weakens_it(site):
    with Daemon(site, no_relay=False, threads=5, connect={"hss.unlisted.example": 3870}) as daemon:
        daemon.ready()
        for event in ("no_relay_missing", "few_threads", "peer_not_listed peer=hss.unlisted.example"):
            daemon.wait_log("ev=" + event)
    equal(daemon.status, 0, "exit status")


if __name__ == "__main__":
    main(__file__, [test_refuses_rt_redirect_before_and_after_us, test_refuses_names_that_are_ours,
                    test_refuses_a_ca_file_without_certificates, test_warns_of_what_weakens_it])
