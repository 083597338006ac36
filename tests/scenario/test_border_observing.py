# SPDX-License-Identifier: Apache-2.0
"""border.mode = "observe": what a setting may suspend passes and is counted; what would stop the daemon, or serve an
impostor, is refused all the same, also when something else is wrong with it first."""

from support.bare import PARTNER, PRIMARY, THIRD, Daemon, main
from support.crowd import leave_before_the_answers
from support.raw import avp
from support.scenario import equal

OBSERVE, OURS = 'mode = "observe";', {"realm": PRIMARY}  # a partner says that it is of our realm
DESTINATION_REALM = 283


def test_counts_and_lets_pass_what_a_setting_suspends(site):
    with Daemon(site, border=OBSERVE, has_metrics=True) as daemon, daemon.ready().tls() as peer:
        peer.capabilities()
        for what, result, request in (
                ("our realm", 2001, peer.mar(PRIMARY, **OURS)), ("elsewhere", 3003, peer.mar(THIRD)),
                ("decorated", 5004, peer.mar(PRIMARY, impi="a.example!b@c.example")),
                ("our realm and elsewhere", 3003, peer.mar(THIRD, **OURS)),
                ("our realm and decorated", 5004, peer.mar(PRIMARY, impi="a.example!b@c.example", **OURS)),
                ("our realm and unknown", 5001, peer.mar(PRIMARY, more=[avp(9999, "x")], **OURS)),
                ("our realm and nowhere", 5005, peer.mar(PRIMARY, drop=(DESTINATION_REALM,), **OURS))):
            got = peer.ask(request)
            equal(got and got.result, result, what)
        daemon.wait_log("ev=border_observed rule=own_realm_from_outside")
        for family, rule, count in (("observed", "own_realm_from_outside", 5), ("refused", "own_realm_from_outside", 0),
                                    ("refused", "realm_not_served", 2), ("refused", "decorated_nai", 2),
                                    ("refused", "unknown_avp", 1), ("refused", "missing_avp", 1)):
            equal(daemon.metric(f'mcx_border_{family}_total{{rule="{rule}"}}'), count, f"{rule} {family}")


def from_elsewhere_to_nowhere(peer):
    return peer.mar(PRIMARY, drop=(DESTINATION_REALM,), realm=PARTNER)


def test_peers_that_leave_end_nobody(site):
    with Daemon(site, border=OBSERVE) as daemon:
        equal(leave_before_the_answers(daemon.ready(), 60, from_elsewhere_to_nowhere), 60, "peers that came and left")
        with daemon.plain() as core:
            core.capabilities()
            equal(core.ask(core.mar(PRIMARY)).result, 2001, "one that stays")
    equal(daemon.status, 0, "exit status")


if __name__ == "__main__":
    main(__file__, [test_counts_and_lets_pass_what_a_setting_suspends, test_peers_that_leave_end_nobody])
