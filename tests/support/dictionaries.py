# SPDX-License-Identifier: Apache-2.0
"""Dictionaries in a bare daemon: ours among Debian's, and what dict_mcx says to its argument."""

from .bare import Daemon
from .scenario import equal

OURS = ["dict_cx", "dict_mcx"]

NASREQ, DCCA, DCCA_3GPP = "dict_nasreq", "dict_dcca", "dict_dcca_3gpp"
# What each needs before it.
DEBIAN = {NASREQ: [], "dict_eap": [NASREQ], DCCA: [NASREQ], DCCA_3GPP: [NASREQ, DCCA],
          "dict_dcca_starent": [NASREQ, DCCA, DCCA_3GPP], "dict_sip": [], "dict_rfc5777": [],
          "dict_mip6i": ["dict_rfc5777"], "dict_mip6a": [NASREQ, "dict_eap", "dict_rfc5777", "dict_mip6i"],
          "dict_nas_mipv6": [NASREQ, "dict_eap", "dict_rfc5777", "dict_mip6i"]}


def load(site, names):
    """Starts the daemon with these and dict_check last; what it complains of."""
    ours = {name: site.build.extension(name) for name in OURS}
    lines = [f'LoadExtension = "{ours.get(name, name + ".fdx")}";' for name in names]
    lines.append(f'LoadExtension = "{site.build.extension("dict_check")}" : "mcx";')
    with Daemon(site, guard=False, serve=False, dictionary=False, lines=lines) as daemon:
        daemon.wait_log("freeDiameterd daemon initialized", timeout=30)
        complaints = [line for line in daemon.child.text().splitlines() if "ERROR" in line or "dictionary:" in line]
    equal(daemon.status, 0, "exit status")
    return complaints


def refusal(site, argument, edit=("mcx.conf", "", "")):
    """What dict_mcx or acl_border says against this argument of dict_mcx; None if the daemon runs."""
    lines = [f'LoadExtension = "{site.build.extension("dict_cx")}";',
             f'LoadExtension = "{site.build.extension("dict_mcx")}" : "{argument}";',
             f'LoadExtension = "{site.build.extension("acl_border")}" : "{site.folder.join("mcx.conf")}";']
    with Daemon(site, guard=False, serve=False, dictionary=False, lines=lines, edit=edit) as daemon:
        daemon.wait_log("freeDiameterd daemon initialized|dict_mcx: '|ev=start_refused", timeout=30)
        return next((line for line in daemon.child.text().splitlines() if "dict_mcx: '" in line or "ev=start_refused" in line), None)
