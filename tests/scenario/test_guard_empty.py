# SPDX-License-Identifier: Apache-2.0
"""Empty names (freediameter trap C6): a stock daemon takes a CER with an empty Origin-Realm, and hands requests with an
empty Session-Id or Origin-Realm to the application; ours refuses each."""

from support.bare import PRIMARY, Daemon, main
from support.raw import avp
from support.scenario import equal, expect

EMPTY = {"Session-Id": 263, "Origin-Realm": 296}


def test_unguarded_daemon_serves_them(site):
    with Daemon(site, guard=False) as daemon:
        with daemon.ready().plain() as peer:
            equal(peer.capabilities(realm=b"").result, 2001, "CEA for an empty Origin-Realm")
        with daemon.plain("icscf.ims." + PRIMARY) as peer:
            peer.capabilities()
            for name, code in EMPTY.items():
                equal(peer.ask(peer.mar(PRIMARY, replace={code: avp(code)})).result, 2001, name)


def test_guarded_daemon_refuses_them(site):
    with Daemon(site) as daemon:
        with daemon.ready().plain() as peer:
            cea = peer.capabilities(realm=b"")
            expect(cea is None or cea.result != 2001, "CEA 2001 for an empty Origin-Realm")
        with daemon.plain("icscf.ims." + PRIMARY) as peer:
            peer.capabilities()
            for name, code in EMPTY.items():
                got = peer.ask(peer.mar(PRIMARY, replace={code: avp(code)}))
                equal((got.result, got.failed), (5004, (code, b"")), name)
    equal(daemon.status, 0, "exit status")


if __name__ == "__main__":
    main(__file__, [test_unguarded_daemon_serves_them, test_guarded_daemon_refuses_them])
