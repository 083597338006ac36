# SPDX-License-Identifier: Apache-2.0
"""Vectors in messages of support.raw: what must never stand in a log."""

import secrets as randomness

from . import raw
from .raw import GPP, avp, split

_ITEM, _NUMBER, _XRES, _CK, _IK = 612, 613, 610, 625, 626  # TS 29.229 6.3


def collect(answer, into):
    """Adds XRES, CK and IK of every item of an answer. How many items it had."""
    items = answer.all(_ITEM, GPP)
    for item in items:
        into |= {value for code, _vendor, _flags, value in split(item) if code in (_XRES, _CK, _IK) and len(value) >= 8}
    return len(items)


def invent(into):
    """The AVPs of a sound MAA with one vector that nobody has seen before."""
    xres, ck, ik = randomness.token_bytes(8), randomness.token_bytes(16), randomness.token_bytes(16)
    into |= {xres, ck, ik}
    return [avp(260, [avp(266, GPP), avp(258, raw.CX)]), avp(277, 1), avp(607, 1, GPP), avp(_ITEM, [
        avp(_NUMBER, 1, GPP), avp(608, "Digest-AKAv1-MD5", GPP), avp(609, randomness.token_bytes(32), GPP),
        avp(_XRES, xres, GPP), avp(_CK, ck, GPP), avp(_IK, ik, GPP)], GPP)]
