# SPDX-License-Identifier: Apache-2.0
"""A request for another host or realm reaches nobody, also when NoRelay is forgotten (trap R12)."""

from support.bare import PRIMARY, THIRD, Daemon, main
from support.raw import avp
from support.scenario import equal, expect

DESTINATION_HOST = 293


def passes_through(site, guard, destination, realm=THIRD):
    """Does a MAR that the partner sends for the third system reach that?"""
    with Daemon(site, guard=guard, no_relay=False) as daemon, daemon.ready().tls() as partner, \
            daemon.tls("hss." + THIRD, THIRD) as third:
        partner.capabilities()
        third.capabilities()
        third.watchdog()
        partner.send(partner.mar(realm, more=destination))
        if guard:
            got = partner.receive()
            equal((got.command, got.result), (303, 3002 if realm == PRIMARY else 3003), "answer")
            return third.watchdog() is None  # a forwarded MAR would come before its answer: Failed
        return third.receive().command == 303


def test_nothing_is_forwarded_even_without_norelay(site):
    for destination in ((), [avp(DESTINATION_HOST, "hss." + THIRD)]):
        expect(passes_through(site, False, destination), "the unguarded daemon forwards nothing: is the check needed?")
        expect(not passes_through(site, True, destination), "a partner's request reached another partner")


def test_a_foreign_host_in_our_realm(site):
    other = [avp(DESTINATION_HOST, "hss." + THIRD)]
    expect(passes_through(site, False, other, PRIMARY), "the unguarded daemon forwards nothing: is the check needed?")
    for host in ("hss." + THIRD, "hss2." + PRIMARY, "nobody.example"):
        expect(not passes_through(site, True, [avp(DESTINATION_HOST, host)], PRIMARY), f"forwarded for {host}")


if __name__ == "__main__":
    main(__file__, [test_nothing_is_forwarded_even_without_norelay, test_a_foreign_host_in_our_realm])
