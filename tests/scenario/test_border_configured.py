# SPDX-License-Identifier: Apache-2.0
"""freeDiameter validates no peer that ConnectPeer names (trap T7): the border judges each of its connections, whoever
opened it, before a request or an answer passes."""

from support.bare import PARTNER, PRIMARY, Daemon, main
from support.processes import wait_until
from support.scenario import equal, expect

HSS, PORT = "hss." + PARTNER, 3870


def impostors(site):
    return [("another CA's", site.issue(PRIMARY, HSS, file="our-ca"), PARTNER),
            ("another host's", site.certificate("cms." + PARTNER), PARTNER),
            ("its own, but claims our realm", site.certificate(HSS), PRIMARY)]


def call(daemon, certificate, realm, watchdogs=0):
    """The result of a MAR of the configured peer that connects to us; None: the connection was ended."""
    with daemon.tls(HSS, realm, certificate) as peer:
        cea = peer.capabilities(watchdogs=watchdogs)
        if cea is None or cea.result != 2001:
            return None
        got = peer.ask(peer.mar(PRIMARY))
        return got.result if got else None


def test_unguarded_daemon_serves_the_impostor(site):
    for what, certificate, realm in impostors(site):
        with Daemon(site, guard=False, connect={HSS: PORT}) as daemon:
            equal(call(daemon.ready(), certificate, realm), 2001, what)


def test_it_connects_to_us(site):
    with Daemon(site, connect={HSS: PORT}) as daemon:
        daemon.ready()
        for what, certificate, realm in impostors(site):
            equal(call(daemon, certificate, realm), None, what)
            # Its CER is dropped while freeDiameter forgets the last connection: as any peer, it tries again.
            wait_until(lambda: call(daemon, site.certificate(HSS), PARTNER, 3) == 2001, 20, f"its own, after {what}")
    equal(daemon.status, 0, "exit status")


def test_we_connect_to_it(site):
    for what, certificate, realm, why in (("another CA's", site.issue(PRIMARY, HSS, file="our-ca"), PARTNER, "other_ca"),
                                          ("claims our realm", site.certificate(HSS), PRIMARY, "realm_of_another"),
                                          ("its own", site.certificate(HSS), PARTNER, None)):
        with Daemon(site, connect={HSS: PORT}) as daemon, daemon.listener(PORT, certificate) as listener:
            with listener.accept(HSS, realm) as peer:
                equal(peer.ask(peer.mar(PRIMARY)) is not None, not why, f"{what}: was it served")
                if not why:
                    continue
                daemon.wait_log(f"ev=peer_refused peer={HSS} .*reason={why}")
                expect("-> 'STATE_OPEN'" not in daemon.child.text(), f"{what}: the connection opened")
                peer.drop()
            listener.accept(HSS, realm).drop()  # it is tried again: a mended peer comes back without a restart


if __name__ == "__main__":
    main(__file__, [test_unguarded_daemon_serves_the_impostor, test_it_connects_to_us, test_we_connect_to_it])
