# SPDX-License-Identifier: Apache-2.0
"""A configuration management server in octets: what another system, or anybody with its certificate, may send on MCX S-S
and S-DB (design 3)."""

import itertools
import uuid

from . import raw
from .raw import GPP, MCX, S_DB, S_S, avp

MIR, PAR, MRR = 16777180, 16777181, 16777182
(USER, SERVICE, SYSTEM, DIRECTION, DATABASE, REALM, HOST, PRIVATE, PUBLIC, DOCUMENT, BINDING, EXPIRY, CAUSE,
 MASKING) = range(1, 15)
_numbers = itertools.count(1)


def connect(lab, here, there, role="cms", host=None):
    """A connection to a daemon of the system `here` ("cms" or "db") as the configuration server of the system `there`,
    which must not run itself; host: another name, with the same certificate. Capabilities are exchanged."""
    node = lab.systems[here].cms if role == "cms" else lab.systems[here]
    mine = lab.systems[there].cms
    peer = raw.Peer(host or mine.host, lab.systems[there].realm, node.address, node.tls_port,
                    tls=raw.client_context(mine.cert, mine.key), applications=(S_DB, S_S))
    peer.capabilities()
    return peer


def ask(peer, lab, to, command, avps, application=S_S, role="cms", realm=None, replace=None):
    """Sends one request to a daemon of the system `to`; its Answer. replace: {code: octets} of the common AVPs."""
    system = lab.systems[to]
    node = system.cms if role == "cms" else system
    parts = {263: avp(263, f"{peer.host};1;{next(_numbers)}"), 260: avp(260, [avp(266, MCX), avp(258, application)]),
             277: avp(277, 1), 264: avp(264, peer.host), 296: avp(296, realm or peer.realm), 283: avp(283, system.realm),
             293: avp(293, node.host)}
    parts.update(replace or {})
    return peer.ask(raw.message(command, application, raw.REQUEST | raw.PROXIABLE, [*parts.values(), *avps]))


def par_avps(system, user="alice", binding=None, **other):
    """Of a sound PAR by `system` (a hss.System) for its user. other: impi, impus, realm, host, system_id, mc_user,
    services."""
    impi = other.get("impi", f"{user}@{system.realm}")
    database = [avp(REALM, other.get("realm", system.realm), MCX)]
    if other.get("host", system.host):
        database.append(avp(HOST, other.get("host", system.host), MCX))
    who = other.get("mc_user", f"sip:{user}@mc.{system.realm}")
    return [avp(BINDING, binding or str(uuid.uuid4()), MCX), avp(SYSTEM, other.get("system_id", system.id), MCX),
            avp(USER, who, MCX), *(avp(SERVICE, service, MCX) for service in other.get("services", [who])),
            avp(DATABASE, database, MCX), avp(1, impi),
            *(avp(601, impu, GPP) for impu in other.get("impus", [f"sip:{impi}"]))]


def mrr_avps(system_id, binding, cause=0):
    return [avp(BINDING, binding, MCX), avp(SYSTEM, system_id, MCX), avp(CAUSE, cause, MCX)]


def given(answer):
    """(IMPI, [IMPU...]) of a PAA or MIA, (None, []) without."""
    private = answer.get(PRIVATE, MCX)
    return private and private.decode(), [impu.decode() for impu in answer.all(PUBLIC, MCX)]
