# SPDX-License-Identifier: Apache-2.0
"""AVPs inside groups: thousands of them, or groups within groups, cost neither memory nor lines in the log. freeDiameter
makes 200 octets of an AVP of 8, as long as the answer waits, and writes a line for each level that does not parse."""

from support.bare import PRIMARY, Daemon, main
from support.raw import GPP, avp
from support.scenario import equal, expect

LEVELS, MOST_LINES = 8000, 60  # some are ours, at level debug
FLOOD, MOST_KB = 500, 500 * 1024  # 1.6 MB for each, unguarded; ASan holds 256 MB of what is freed


def nest(code):
    octets = bytes(4)
    for _ in range(LEVELS):
        octets = avp(code, octets, flags=0)
    return octets


def few_lines(daemon, what, run):
    since = daemon.child.text().count("\n")
    run()
    lines = daemon.child.text().count("\n") - since
    expect(lines < MOST_LINES, f"{what} makes {lines} lines")


def test_groups_within_groups_are_refused_in_few_lines(site):
    with Daemon(site) as daemon, daemon.ready().plain() as peer, daemon.plain("stranger.example") as stranger:
        peer.capabilities()
        for code in (284, 279):  # Proxy-Info, Failed-AVP
            def ask(code=code):
                got = peer.ask(peer.mar(PRIMARY, more=[nest(code)]))
                equal((got.result, got.failed), (5004, (code, b"")), f"{code} in {code}")
            few_lines(daemon, f"{code} in {code}", ask)
        few_lines(daemon, "a CER", lambda: expect(stranger.capabilities(more=[nest(279)]) is None, "CEA for a nest"))
        equal(peer.ask(peer.mar(PRIMARY)).result, 2001, "the same connection afterwards")


def test_thousands_inside_a_group_are_too_many(site):
    with Daemon(site) as daemon, daemon.ready().plain() as peer:
        peer.capabilities()
        for number, result in ((150, 2001), (7000, 5012)):
            for group in (avp(612, [avp(33, flags=0)] * number, GPP), avp(279, [avp(33, flags=0)] * number, flags=0)):
                equal(peer.ask(peer.mar(PRIMARY, drop={612}, more=[group])).result, result, f"{number} inside a group")


def test_who_floods_and_does_not_read_takes_no_memory(site):
    full = avp(284, [avp(280, "a.example"), avp(33, "x"), *[avp(4711, "x", flags=0)] * 4000])
    with Daemon(site, has_metrics=True) as daemon, daemon.ready().plain(small=True) as peer:
        peer.capabilities()
        before, row = daemon.memory_kb(), 'mcx_border_refused_total{rule="too_many_avps"}'
        for _ in range(FLOOD):  # without Auth-Session-State they are refused in any case, and Proxy-Info comes back
            peer.send(peer.mar(PRIMARY, drop={277}, more=[full]))
        daemon.wait_until(lambda: daemon.metric(row) == FLOOD, "all refused")
        expect(daemon.memory_kb() - before < MOST_KB, f"{before} kB became {daemon.memory_kb()} kB")


if __name__ == "__main__":
    main(__file__, [test_groups_within_groups_are_refused_in_few_lines, test_thousands_inside_a_group_are_too_many,
                    test_who_floods_and_does_not_read_takes_no_memory])
