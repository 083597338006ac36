# SPDX-License-Identifier: Apache-2.0
"""No answer is longer than a freeDiameter in front of us takes, whatever it echoes (trap C11): Failed-AVP
is cut, then dropped; the identities stay as asked (TS 29.229 6.1.8)."""

from support import raw
from support.raw import GPP, avp
from support.scenario import equal, expect, main

MOST = 65535
IMPI, IMPU = "alice@primary.example", "sip:alice@primary.example"


def huge_mar(core, realm, name, room):
    """A MAR of MOST octets less `room`, with one huge AVP."""
    code, vendor = name
    empty = len(core.mar(realm, impi=IMPI, impu=IMPU, replace={code: avp(code, b"", vendor)}))
    octets = b"x" * ((MOST - room - empty) // 4 * 4)
    return core.mar(realm, impi=IMPI, impu=IMPU, replace={code: avp(code, octets, vendor)})


def test_a_huge_avp_makes_no_answer_that_is_too_long(lab):
    lab.add_user("primary", "alice")
    system = lab.systems["primary"]
    with raw.Peer(system.scscf, system.realm, system.address, system.port) as core:
        core.capabilities()
        for name in ((1, 0), (601, GPP), (602, GPP)):
            for room in (0, 60, 300, 30000, 60000):
                what = f"{name}, {room} octets below the limit"
                request = huge_mar(core, system.realm, name, room)
                got, asked = core.ask(request), raw.Answer(request)
                equal((got.result, got.size <= MOST), (5004, True), f"{what}: result, not too long")
                for identity in ((1, 0), (601, GPP)):
                    equal(got.all(*identity), asked.all(*identity), f"{what}: identity as asked")
                if got.failed:
                    expect(asked.get(*name).startswith(got.failed[1]), f"{what}: another Failed-AVP")
                if room == 60000 or name == (602, GPP):
                    equal(got.failed, (name[0], asked.get(*name)), f"{what}: Failed-AVP whole")
        equal(core.ask(core.mar(system.realm, impi=IMPI, impu=IMPU)).result, 2001, "the same connection afterwards")


main(__file__, [test_a_huge_avp_makes_no_answer_that_is_too_long], names=("primary",), broken="requests of any length")
