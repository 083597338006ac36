# SPDX-License-Identifier: Apache-2.0
"""Other nodes of the own system connect by TLS, with the one CA named for them and in our realm, and may send what
their part is (design 7); this host may stand in the list itself."""

from support.bare import PARTNER, PRIMARY, SCSCF, Daemon, main
from support.scenario import equal

CMS, OTHER = "cms." + PRIMARY, "hss2." + PRIMARY


def own_nodes(site):
    return (f'own_nodes = ( {{ sip_databases = ("hss.{PRIMARY}", "{OTHER}"); cms = ("{CMS}"); '
            f'ca_file = "{site.authorities[PRIMARY].ca}"; }} );')


def cea(peer):
    with peer:
        got = peer.capabilities()
        return got.result if got else 0


def test_certificates(site):
    forged = site.issue(PARTNER, CMS, file="forged")
    unlisted = "cms9." + PRIMARY
    with Daemon(site, border=own_nodes(site)) as daemon:
        daemon.ready()
        for what, result, options in (
                ("server", 2001, (CMS, PRIMARY)), ("front-end", 2001, (OTHER, PRIMARY)),
                ("its name, a partner's CA", 3010, (CMS, PRIMARY, forged)),
                ("the certificate of another own node", 3010, (CMS, PRIMARY, site.certificate(OTHER))),
                ("a partner's realm", 3010, (CMS, PARTNER)), ("a name that is not listed", 3010, (unlisted, PRIMARY))):
            equal(cea(daemon.tls(*options)), result, what)
        equal(cea(daemon.plain(CMS)), 3010, "without TLS, from where the SIP core may")
        daemon.wait_log(f"ev=peer_refused peer={CMS} .*party=own .*reason=other_ca")
    equal(daemon.status, 0, "exit status")


def test_an_own_node_has_no_right_of_the_sip_core(site):
    with Daemon(site, border=own_nodes(site)) as daemon, daemon.ready().tls(CMS, PRIMARY) as peer:
        peer.capabilities()
        equal(peer.ask(peer.mar(PRIMARY)).result, 3007, "MAR")
        equal(peer.ask(peer.mar(PRIMARY, host=SCSCF)).result, 5012, "MAR in the name of the S-CSCF")


def test_unlisted_without_own_nodes(site):
    with Daemon(site) as daemon:
        equal(cea(daemon.ready().tls(CMS, PRIMARY)), 3010, "a node that nobody listed")


if __name__ == "__main__":
    main(__file__, [test_certificates, test_an_own_node_has_no_right_of_the_sip_core, test_unlisted_without_own_nodes])
