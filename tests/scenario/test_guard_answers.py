# SPDX-License-Identifier: Apache-2.0
"""Malformed AVPs that routing touches get the right result with Failed-AVP, the identities as asked, and no vector
(freediameter traps C5, C6, R5; RFC 6733 7.1.5, 7.5)."""

from support import raw
from support.bare import PRIMARY, Daemon, main
from support.raw import GPP, avp
from support.scenario import equal, expect

CODES = {"Session-Id": 263, "Origin-Host": 264, "Origin-Realm": 296, "Destination-Realm": 283, "Destination-Host": 293,
         "Route-Record": 282}
DAMAGE = [("empty", b"", None, 5004), ("with a NUL", b"a\0b", None, 5004), ("without M", b"x.example", 0, 3009),
          ("with V and Vendor-Id 0", b"x.example", raw.VENDOR | raw.MANDATORY, 3009)]


def check(peer, what, octets, result, failed=None):
    got = peer.ask(octets)
    expect(got is not None, f"{what}: no answer")
    equal(got.result, result, what)
    equal(bool(got.flags & raw.ERROR), result < 4000, f"{what}: E bit (RFC 6733 7.2)")
    expect(got.flags & raw.PROXIABLE, f"{what}: P bit as in the request")
    equal((got.get(1), got.get(601, GPP)), (b"user@primary.example", b"sip:user@primary.example"), f"{what}: identities")
    expect(not got.all(612, GPP), f"{what}: a vector")
    if failed:
        equal(got.failed, failed, f"{what}: Failed-AVP")
    return got


def test_damaged_avps(site):
    with Daemon(site) as daemon, daemon.ready().plain() as peer:
        peer.capabilities()
        for name, code in CODES.items():
            for how, octets, flags, result in DAMAGE:
                got = check(peer, f"{name} {how}", peer.mar(PRIMARY, replace={code: avp(code, octets, flags=flags)}), result,
                            (code, octets))
                if code == 263:
                    equal(got.get(263), octets, f"Session-Id {how}: echoed")
    equal(daemon.status, 0, "exit status")


def test_missing_and_repeated(site):
    with Daemon(site) as daemon, daemon.ready().plain() as peer:
        peer.capabilities()
        for code in (264, 296, 283, 260, 277):
            equal(check(peer, f"no {code}", peer.mar(PRIMARY, drop={code}), 5005).failed[0], code, "Failed-AVP")
        for code, again in ((263, "s;1;2"), (264, peer.host), (283, PRIMARY)):
            got = check(peer, f"two of {code}", peer.mar(PRIMARY, more=[avp(code, again)]), 5009)
            equal(got.failed[0], code, "Failed-AVP")


def test_decorated_nai_is_refused_before_it_is_rewritten(site):
    with Daemon(site) as daemon, daemon.ready().plain() as peer:
        peer.capabilities()
        got = peer.ask(peer.mar(PRIMARY, impi="third.example!user@primary.example"))
        equal((got.result, got.failed), (5004, (1, b"third.example!user@primary.example")), "answer")
        equal(got.get(1), b"third.example!user@primary.example", "User-Name as asked")


if __name__ == "__main__":
    main(__file__, [test_damaged_avps, test_missing_and_repeated, test_decorated_nai_is_refused_before_it_is_rewritten])
