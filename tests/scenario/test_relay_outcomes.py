# SPDX-License-Identifier: Apache-2.0
"""Whatever a primary says, or does not say, the SIP core gets one clean answer (the table of design 6). The primary is
played by mcx-probe with the primary's own certificate."""

import time

from support import raw
from support.hss import Options
from support.played import Played
from support.raw import GPP
from support.scenario import equal, expect, main

UNKNOWN, NOT_TOGETHER, SCHEME, FAULT = -5001, -5002, -5006, 5012
VECTORS = ["vectors", "no-identities", "no-ck", "no-number", "no-item-number", "no-scheme", "extras", "duplicate",
           "secrets-with-items", "vectors"]
REFUSALS = [("experimental:5001", UNKNOWN), ("experimental:5401", UNKNOWN), ("experimental:5002", NOT_TOGETHER),
            ("experimental:5006", SCHEME), ("experimental-with-items:5001", UNKNOWN)]
FAULTS = [f"result:{code}" for code in (1001, 2002, *range(3001, 3011), 4001, 5001, 5002, 5003, 5006, 5012, 5099)] + [
    "experimental:5003", "experimental:5011", "experimental:5402", "no-result", "both-results", "unknown-mbit",
    "short-rand", "no-authenticate", "long-xres", "short-xres", "no-xres", "no-items", "more-items", "wrong-number",
    "wrong-scheme", "no-ik", "short-ck", "short-ik", "wrong-identities", "wrong-impi", "wrong-impu", "wrong-session",
    "wrong-realm", "wrong-realm:partner.example", "secrets", "redirect-nowhere"]
SILENT = ["silence", "late:3500", "wrong-hop-by-hop"]


def test_table(lab):
    lab.connect("primary", "partner")
    alice = lab.add_user("primary", "alice")
    impi, impu = lab.bind(alice, "primary", "partner").inbound
    rows = [(b, 2001) for b in VECTORS] + REFUSALS + [(b, FAULT) for b in FAULTS] + [("vectors", 2001)]
    system = lab.systems["partner"]
    with Played(lab, "primary", alice, [b for b, _ in rows] + SILENT) as primary, \
            raw.Peer(system.scscf, system.realm, system.address, system.port) as core:
        primary.wait_open()
        core.capabilities()
        for behaviour, wanted in rows:
            got = core.ask(core.mar(system.realm, impi=impi, impu=impu))
            equal(got.result, wanted, behaviour)
            equal((got.get(1), got.get(601, GPP)), (impi.encode(), impu.encode()), f"{behaviour}: identities")
            equal(len(got.all(612, GPP)), wanted == 2001, f"{behaviour}: items")
            expect(not got.flags & raw.ERROR, f"{behaviour}: E bit")
            passed = [value for *_, value in got.avps if b"primary" in value]
            expect(not passed, f"{behaviour}: passed from the primary: {passed}")
        began = time.monotonic()
        for _ in SILENT:
            core.send(core.mar(system.realm, impi=impi, impu=impu))
        equal([core.receive().result for _ in SILENT], [FAULT] * len(SILENT), "no answer in time")
        took = time.monotonic() - began
        expect(2.9 < took < 8, f"answered after {took:.1f} s, the setting is 3 s")
        lab.hss["partner"].wait_event("relay_late")
        equal(core.watchdog().result, 2001, "alive after the late answer")


main(__file__, [test_table], broken="answers of any shape", options={
    "primary": Options(run=False), "partner": Options(settings={"hss": {"answer_time_ms": 3000}})})
