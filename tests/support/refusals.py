# SPDX-License-Identifier: Apache-2.0
"""What a MAR of bad shape gets, octet for octet."""

from . import raw
from .raw import GPP
from .scenario import equal


def check(core, realm, rows, **who):
    """rows: (what is wrong, result, what Failed-AVP holds or None, how the MAR is bent). A sound MAR comes last."""
    for what, result, failed, bent in [*rows, ("nothing", 2001, None, {})]:
        request = core.mar(realm, **{**who, **bent})
        got, asked = core.ask(request), raw.Answer(request)
        flags = raw.PROXIABLE | (raw.ERROR if 3000 <= result < 4000 else 0)
        equal((got.result, got.flags), (result, flags), f"{what}: result, E bit")
        for name in ((1, 0), (601, GPP)):
            equal(got.all(*name), asked.all(*name)[:1], f"{what}: identity as asked")
        equal(len(got.all(612, GPP)), result == 2001, f"{what}: items")
        equal(got.get(279), failed, f"{what}: Failed-AVP")
