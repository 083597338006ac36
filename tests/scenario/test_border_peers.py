# SPDX-License-Identifier: Apache-2.0
"""A peer is who its certificate, or for the own SIP core its address, says (freediameter traps T1, C6)."""

from support.bare import PARTNER, PRIMARY, SCSCF, THIRD, Daemon, main, outcome
from support.scenario import equal, expect

HSS = "hss." + PARTNER


def test_unguarded_daemon_serves_an_impostor(site):
    with Daemon(site, guard=False) as daemon:
        impostor = daemon.ready().tls(SCSCF, PRIMARY, site.certificate(HSS))
        equal(outcome(impostor), 2001, "a partner's certificate under the name of our S-CSCF")


def test_certificates(site):
    def issue(realm, file, **options):
        return site.issue(realm, HSS, file=file, **options)
    cases = [("its own", 2001, {}), ("SAN in capitals, among others", 2001, {"certificate": issue(
                 PARTNER, "capitals", names=["a.example", HSS.upper()])}),
             ("no SAN, right CN", 2001, {"certificate": issue(PARTNER, "cn", names=[])}),
             ("right CN, but another SAN", 3010, {"certificate": issue(PARTNER, "san", names=["x." + PARTNER])}),
             ("wildcard", 3010, {"certificate": issue(PARTNER, "wild", names=["*." + PARTNER])}),
             ("another host's", 3010, {"certificate": site.certificate("cms." + PARTNER)}),
             ("right name, our CA", 3010, {"certificate": issue(PRIMARY, "ours")}),
             ("right name, another partner's CA", 3010, {"certificate": issue(THIRD, "third")}),
             ("claims our realm", 3010, {"realm": PRIMARY}), ("claims another partner's realm", 3010, {"realm": THIRD}),
             ("a host that is not listed", 3010, {"host": "x." + PARTNER}),
             ("claims our S-CSCF", 3010, {"host": SCSCF, "realm": PRIMARY, "certificate": site.certificate(HSS)}),
             ("our own I-CSCF with TLS", 2001, {"host": "icscf.ims." + PRIMARY, "realm": PRIMARY})]
    with Daemon(site) as daemon:
        daemon.ready()
        for what, result, options in cases:
            equal(outcome(daemon.tls(**options)), result, what)
        daemon.wait_log(f"ev=peer_refused peer={HSS} .*reason=")
    equal(daemon.status, 0, "exit status")


def test_without_tls(site):
    with Daemon(site) as daemon:
        daemon.ready()
        equal(outcome(daemon.plain()), 2001, "S-CSCF from its address")
        equal(outcome(daemon.plain(source=daemon.listen_address)), 3010, "S-CSCF from another address")
        equal(outcome(daemon.plain(HSS, PARTNER)), 3010, "a partner")
        equal(outcome(daemon.plain(realm=PARTNER)), 3010, "S-CSCF in the partner's realm")
        for name, value in (("empty", b""), ("NUL", b"a\0b")):
            expect(outcome(daemon.plain(), realm=value) != 2001, f"Origin-Realm {name}")
            expect(outcome(daemon.plain(), host=value) != 2001, f"Origin-Host {name}")
        equal(outcome(daemon.plain()), 2001, "S-CSCF, after all that")


if __name__ == "__main__":
    main(__file__, [test_unguarded_daemon_serves_an_impostor, test_certificates, test_without_tls])
