# SPDX-License-Identifier: Apache-2.0
"""Rights come from the peer that delivered a request, never from its AVPs (design 7; trap R4)."""

from support import raw
from support.bare import PARTNER, PRIMARY, SCSCF, THIRD, Daemon, main
from support.raw import avp
from support.scenario import equal

HSS, DRA, OWN = "hss." + PARTNER, "dra." + PARTNER, "hss." + PRIMARY
ROUTE, DESTINATION_HOST = 282, 293


def check(peer, cases):
    peer.capabilities()
    for what, result, options in cases:
        got = peer.ask(peer.mar(options.pop("to", PRIMARY), **options))
        equal(got and got.result, result, what)


def test_own_sip_core(site):
    with Daemon(site) as daemon, daemon.ready().plain() as peer:
        check(peer, [
            ("MAR", 2001, {}), ("behind our own agent", 2001, {"host": "icscf.ims." + PRIMARY}),
            ("for this host", 2001, {"more": [avp(DESTINATION_HOST, OWN)]}),
            ("RTR is sent by us, not to us", 3007, {"command": 304}), ("Sh", 3007, {"application": 16777217}),
            ("as a partner", 5012, {"host": HSS, "realm": PARTNER}), ("partner's realm", 5012, {"realm": PARTNER}),
            ("250 AVPs", 5012, {"more": [avp(601, "sip:x", raw.GPP)] * 250})])


def test_partner(site):
    with Daemon(site) as daemon, daemon.ready().tls() as peer:
        check(peer, [
            ("MAR", 2001, {}), ("UAR", 3007, {"command": 300}), ("our realm", 5012, {"realm": PRIMARY}),
            ("third party's realm", 5012, {"realm": THIRD}), ("as its own other host", 5012, {"host": "cms." + PARTNER}),
            ("as our S-CSCF", 5012, {"host": SCSCF, "realm": PRIMARY}),
            ("we are in Route-Record", 3005, {"more": [avp(DESTINATION_HOST, OWN), avp(ROUTE, OWN.upper())]}),
            ("a stranger in Route-Record", 5012, {"more": [avp(ROUTE, "dra." + THIRD)]}),
            ("its agent in Route-Record", 2001, {"more": [avp(ROUTE, DRA)]})])
        daemon.wait_log("ev=border_refused rule=not_allowed peer=" + HSS)


def test_partner_behind_its_agent(site):
    with Daemon(site) as daemon, daemon.ready().tls(DRA) as peer:
        check(peer, [("on behalf of its SIP database", 2001, {"host": HSS, "more": [avp(ROUTE, HSS)]}),
                     ("for itself", 3007, {}), ("for a third party", 5012, {"host": "hss." + THIRD, "realm": THIRD})])


if __name__ == "__main__":
    main(__file__, [test_own_sip_core, test_partner, test_partner_behind_its_agent])
