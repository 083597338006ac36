# SPDX-License-Identifier: Apache-2.0
"""Who stands where the primary should be, or connects in its name, with a certificate of the wrong CA or of another host,
learns no identity of its users and gets no answer accepted (trap T7): the SIP core hears 5012, and the real primary
serves as before."""

from support import raw
from support.hss import Options
from support.played import Played
from support.raw import GPP, avp
from support.scenario import equal, expect, main

VECTOR = [avp(612, [avp(609, b"forged" * 5, GPP)], GPP)]


def learned(impostor):
    """The commands of what arrives, but for watchdogs, until the connection is ended; all is answered as a MAR would be."""
    commands = []
    while got := impostor.receive():
        commands += [got.command] * (got.application != 0)
        impostor.answer(got, 2001, VECTOR)
    return commands


def ask(core, system, inbound, impostor, what):
    got = core.ask(core.mar(system.realm, impi=inbound[0], impu=inbound[1]))
    equal((got.result, got.all(612, GPP)), (5012, []), f"{what}: what the SIP core hears")
    equal(learned(impostor), [], f"{what}: what the impostor was sent")


def test_impostors(lab):
    lab.connect("primary", "partner")
    alice = lab.add_user("primary", "alice")
    inbound = lab.bind(alice, "primary", "partner").inbound
    primary, partner, third = (lab.systems[name] for name in ("primary", "partner", "third"))
    with lab.raw_peer("partner") as core:
        for name, made in (("another host's", primary.authority.issue("cms." + primary.realm)),
                           ("another partner's", third.authority.issue(third.host, file="own"))):
            with raw.Peer(primary.host, primary.realm, partner.address, partner.tls_port,
                          tls=raw.client_context(made.cert, made.key)) as impostor:
                cea = impostor.capabilities()
                expect(cea is None or cea.result == 3010, f"{name} connects: {cea and cea.result}")
                ask(core, partner, inbound, impostor, f"{name} connects")
        for name, system in (("our own CA's", partner), ("another partner's", third)):
            made = system.authority.issue(primary.host, file="forged")
            with raw.Listener(primary.address, primary.tls_port, raw.server_context(made.cert, made.key)) as listener, \
                    listener.accept(primary.host, primary.realm) as impostor:
                ask(core, partner, inbound, impostor, f"{name} listens")
    with Played(lab, "primary", alice, ["vectors"]) as played:
        played.wait_open()
        equal(lab.core("partner").mar(alice.named(*inbound)).result, "2001", "the real one, after them")


main(__file__, [test_impostors], names=("primary", "partner", "third"), options={
    "primary": Options(run=False), "third": Options(run=False), "partner": Options(daemon_lines=["TwTimer = 6;"])})
