# SPDX-License-Identifier: Apache-2.0
"""dict_cx and dict_mcx load before, between and after each of Debian's dictionaries, without an error, and are whole
afterwards (trap D3: a second definition with other flags is refused); the numbers of dict_mcx can be set."""

from support.bare import Daemon, main
from support.dictionaries import DEBIAN, OURS, load, refusal
from support.scenario import equal, expect


def test_before_and_after_each(site):
    for name, needed in DEBIAN.items():
        for order in ([*OURS, *needed, name], [*needed, *OURS, name], [*needed, name, *OURS]):
            equal(load(site, order), [], " ".join(order))


def test_before_and_after_all(site):
    everything = [*DEBIAN]
    for order in ([*OURS, *everything], [*everything, *OURS], ["dict_cx", *everything, "dict_mcx"]):
        equal(load(site, order), [], " ".join(order))


def test_the_check_can_fail(site):
    with Daemon(site, guard=False, serve=False, dictionary=False,
                lines=[f'LoadExtension = "{site.build.extension("dict_check")}";']) as daemon:
        expect(daemon.wait_end() not in (0, None), "dict_check finds all rows without dict_cx")


def test_numbers_can_be_set(site):
    for argument in ("vendor=x", "vendor=0", "vendor=4294967296", "sdb=1", "ss=4294967295", "seconds=3",
                     "sdb=4294967041", "vendor=32473;"):
        said = refusal(site, argument)
        expect(said and "is not understood" in said, f"{argument}: {said}")
    said = refusal(site, "vendor=4711 sdb=4000000000 ss=4000000001")
    expect(said and '"vendor=32473 sdb=4294967040 ss=4294967041"' in said, said)
    mcx = "mcx = { vendor_id = 4711; sdb_application = 4000000000; ss_application = 4000000001; };\nlog = {"
    equal(refusal(site, "ss=4000000001 sdb=4000000000 vendor=4711", ("mcx.conf", "log = {", mcx)), None, "both alike")


if __name__ == "__main__":
    main(__file__, [test_before_and_after_each, test_before_and_after_all, test_the_check_can_fail,
                    test_numbers_can_be_set])
