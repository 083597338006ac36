# SPDX-License-Identifier: Apache-2.0
"""A relay that reaches an impostor would tell it real identities (trap T7): to one that listens where ConnectPeer leads,
or connects under that name, a stock daemon sends MARs and takes its MAAs; with the border neither. (The milliseconds in
which freeDiameter takes a refused connection as open are codec.border's.)"""

from support.bare import PARTNER, PRIMARY, Daemon, main
from support.raw import GPP, avp
from support.scenario import equal

HSS, PORT, FLOOD = "hss." + PARTNER, 3870, 20
FORGED = [avp(612, [avp(609, b"forged" * 5, GPP)], GPP)]


def relaying(site, guard):
    """Every MAR goes on to the partner, in a new request of bare_relay's."""
    loads = {"bare_relay": f"{PARTNER} {HSS}", **({"acl_border": site.folder.join("mcx.conf")} if guard else {})}
    return Daemon(site, guard=False, serve=False, connect={HSS: PORT}, lines=[
        f'LoadExtension = "{site.build.extension(name)}" : "{argument}";' for name, argument in loads.items()])


def is_fooled(daemon, core, impostor, guard):
    """The SIP core asks while the impostor has its connection: do MARs arrive, and are its answers taken?"""
    if not guard:
        daemon.wait_log(rf"-> 'STATE_OPEN'\s+'{HSS}'")
    core.send(b"".join(core.mar(PRIMARY) for _ in range(FLOOD)))
    arrived = 0
    while arrived < FLOOD and (got := impostor.receive()):
        if got.command == 303:
            arrived += 1
            impostor.answer(got, 2001, FORGED)
    taken = sum(core.receive().get(612, GPP) is not None for _ in range(FLOOD))
    equal((arrived, taken), (0, 0) if guard else (FLOOD, FLOOD), "MARs that arrived, answers taken")


def listens(site, guard):
    with relaying(site, guard) as daemon, daemon.ready().plain() as core, \
            daemon.listener(PORT, site.issue(PRIMARY, HSS, file="our-ca")) as listener:
        core.capabilities()
        with listener.accept(HSS, PARTNER) as impostor:
            is_fooled(daemon, core, impostor, guard)


def connects(site, guard):
    with relaying(site, guard) as daemon, daemon.ready().plain() as core:
        core.capabilities()
        with daemon.tls(HSS, PARTNER, site.certificate("cms." + PARTNER)) as impostor:
            impostor.capabilities()
            is_fooled(daemon, core, impostor, guard)


def test_with_and_without(site):
    for way in (listens, connects):
        for guard in (False, True):
            way(site, guard)


if __name__ == "__main__":
    main(__file__, [test_with_and_without])
