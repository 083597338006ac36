# SPDX-License-Identifier: Apache-2.0
"""We connect to a partner's host, and what answers has a valid certificate of that partner, but another host's."""

import contextlib
import ssl

from support.bare import PARTNER, PRIMARY, Daemon, main
from support.scenario import equal, expect

HSS, PORT = "hss." + PARTNER, 3870


def test_another_host_is_not_talked_to(site):
    with Daemon(site, connect={HSS: PORT}) as daemon, \
            daemon.listener(PORT, site.certificate("cms." + PARTNER)) as listener:
        with contextlib.suppress(ssl.SSLError, ConnectionError):  # freeDiameter itself looks at the name it connects to
            listener.accept(HSS, PARTNER)
            expect(False, "a certificate that names another host was taken")
        daemon.wait_log(f"The certificate hostname does not match '{HSS}'")


def test_itself_is_served(site):
    with Daemon(site, connect={HSS: PORT}) as daemon, daemon.listener(PORT, site.certificate(HSS)) as listener, \
            listener.accept(HSS, PARTNER) as peer:
        equal(peer.ask(peer.mar(PRIMARY)).result, 2001, "the host that ConnectPeer names")


if __name__ == "__main__":
    main(__file__, [test_another_host_is_not_talked_to, test_itself_is_served])
