# SPDX-License-Identifier: Apache-2.0
"""A configuration management server of a lab, played in octets towards a SIP database: MIR and MRR (dictionaries/mcx.ccf)."""

import uuid

from . import raw
from .raw import GPP, avp

MIR, MRR, SDB, MCX = 16777180, 16777182, 4294967040, 32473
OUT, IN = 0, 1


def cms(lab, name):
    """The configuration management server of a system, played."""
    node, system = lab.systems[name].cms, lab.systems[name]
    peer = raw.Peer(node.host, system.realm, system.address, system.tls_port, applications=(),
                    tls=raw.client_context(node.cert, node.key))
    peer.capabilities(more=[avp(265, MCX), avp(260, [avp(266, MCX), avp(258, SDB)])])
    return peer


def ask(peer, lab, name, command, avps, application=SDB):
    head = [avp(263, f"{peer.host};1;{uuid.uuid4()}"), avp(260, [avp(266, MCX), avp(258, application)]), avp(277, 1),
            avp(264, peer.host), avp(296, peer.realm), avp(283, lab.systems[name].realm),
            avp(293, lab.systems[name].host)]
    return peer.ask(raw.message(command, application, raw.REQUEST | raw.PROXIABLE, head + avps))


def mir(binding, direction, system, user, impi, impus, mask=0, database=None):
    more = [avp(5, [avp(6, database[0], MCX), avp(7, database[1], MCX)], MCX)] if database else [avp(14, mask, MCX)]
    return [avp(11, binding, MCX), avp(4, direction, MCX), avp(3, system, MCX), avp(1, user, MCX), avp(1, impi),
            *(avp(601, impu, GPP) for impu in impus), *more]
