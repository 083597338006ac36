# SPDX-License-Identifier: Apache-2.0
"""One MC system, and its SIP database."""

import os
from dataclasses import dataclass, field

from .daemon import Daemon, Options

__all__ = ["Hss", "Options", "System"]


@dataclass
class System:
    """Names, addresses and files of one MC system and of its SIP database; what lab.env tells of it. cms: a cms.Node, or
    None when the lab has no configuration management servers. kek: the file of the key-encryption key."""
    id: str
    realm: str
    address: str
    port: int
    tls_port: int
    ca: str = ""
    cert: str = ""
    key: str = ""
    db: str = ""
    daemon_db: str = ""
    kek: str = ""
    cms: object = None
    authority: object = field(default=None, repr=False)

    @property
    def host(self):
        return "hss." + self.realm

    @property
    def scscf_domain(self):
        return "ims." + self.realm

    @property
    def scscf(self):
        """The host name under which labs play this system's S-CSCF."""
        return "scscf." + self.scscf_domain

    @property
    def inbound_domain(self):
        return "migration." + self.realm

    @property
    def outbound_domain(self):
        return "masked." + self.realm


class Hss(Daemon):
    def __init__(self, lab, system, options=None):
        super().__init__(lab, system, system, system.id, options)
        self.key = system.kek = os.path.join(self.folder, "kek-1.key")
        lab.build_run("mcxctl", "key", "create", self.key)

    def _extensions(self):
        return ("acl_border", "app_hss")

    def peers(self):
        return [(other, other.realm) for other in self.others()]

    def _settings(self):
        return {"hss": dict.fromkeys(("partner_rate_per_grant", "resync_rate_per_grant"), 100000)}
