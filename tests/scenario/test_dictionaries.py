# SPDX-License-Identifier: Apache-2.0
"""dict_cx loads before, between and after each of Debian's dictionaries, without an error, and is whole afterwards
(trap D3: a second definition with other flags is refused)."""

from support.bare import Daemon, main
from support.scenario import equal, expect

NASREQ, DCCA, DCCA_3GPP = "dict_nasreq", "dict_dcca", "dict_dcca_3gpp"
# What each needs before it.
DEBIAN = {NASREQ: [], "dict_eap": [NASREQ], DCCA: [NASREQ], DCCA_3GPP: [NASREQ, DCCA],
          "dict_dcca_starent": [NASREQ, DCCA, DCCA_3GPP], "dict_sip": [], "dict_rfc5777": [],
          "dict_mip6i": ["dict_rfc5777"], "dict_mip6a": [NASREQ, "dict_eap", "dict_rfc5777", "dict_mip6i"],
          "dict_nas_mipv6": [NASREQ, "dict_eap", "dict_rfc5777", "dict_mip6i"]}


def load(site, names):
    """Starts the daemon with these and dict_check last; what it complains of."""
    ours = {"dict_cx": site.build.extension("dict_cx")}
    lines = [f'LoadExtension = "{ours.get(name, name + ".fdx")}";' for name in names]
    lines.append(f'LoadExtension = "{site.build.extension("dict_check")}";')
    with Daemon(site, guard=False, serve=False, dictionary=False, lines=lines) as daemon:
        daemon.wait_log("freeDiameterd daemon initialized", timeout=30)
        complaints = [line for line in daemon.child.text().splitlines() if "ERROR" in line or "dictionary:" in line]
    equal(daemon.status, 0, "exit status")
    return complaints


def test_before_and_after_each(site):
    for name, needed in DEBIAN.items():
        for order in (["dict_cx", *needed, name], [*needed, "dict_cx", name], [*needed, name, "dict_cx"]):
            equal(load(site, order), [], " ".join(order))


def test_before_and_after_all(site):
    everything = [*DEBIAN]
    for order in (["dict_cx", *everything], [*everything, "dict_cx"]):
        equal(load(site, order), [], " ".join(order))


def test_the_check_can_fail(site):
    with Daemon(site, guard=False, serve=False, dictionary=False,
                lines=[f'LoadExtension = "{site.build.extension("dict_check")}";']) as daemon:
        expect(daemon.wait_end() not in (0, None), "dict_check finds all rows without dict_cx")


if __name__ == "__main__":
    main(__file__, [test_before_and_after_each, test_before_and_after_all, test_the_check_can_fail])
