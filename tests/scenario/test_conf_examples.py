# SPDX-License-Identifier: Apache-2.0
"""The examples in conf/ are accepted, with only the places changed: mcx.conf by mcxctl, and all of them by two stock
daemons, SIP database and configuration management server, that share it."""

from support import examples, migration
from support.daemon import Options
from support.scenario import equal, expect, main


def test_mcxctl_accepts_the_example_and_finds_a_fault(lab):
    text, conf = examples.place(lab), lab.hss["primary"].mcx_conf
    lab.mcxctl("primary", "conf", "check")
    with open(conf, "w", encoding="utf-8") as changed:
        changed.write(text.replace("# workers = 4;", "workers = 0;"))
    try:
        lab.mcxctl("primary", "conf", "check")
    except Exception as error:
        expect("database.workers" in str(error), f"says what is wrong: {error}")
    else:
        expect(False, "a bad value was accepted")
    with open(conf, "w", encoding="utf-8") as changed:
        changed.write(text)


def test_stock_daemons_run_with_the_examples(lab):
    own, partner = lab.systems["primary"], lab.systems["partner"]
    hss = examples.run(lab, lab.hss["primary"], own, {"198.51.100.10": partner.address})
    hss.wait_line("ev=db_connected")
    cms = examples.run(lab, lab.cms["primary"], own.cms,
                       {"192.0.2.10": own.address, "198.51.100.11": partner.cms.address})
    cms.wait_line(r"-> 'STATE_OPEN'\s+'hss\.primary\.example'", timeout=20)
    reply = migration.add_ue(lab, "primary", "alice").connect()
    equal(reply.problem, "no-partner", f"what a UE is told while there is no agreement ({reply.json})")
    for daemon in (cms, hss):
        expect("ev=few_threads" not in daemon.text(), "the border is content with the example")
        equal(daemon.stop(), 0, "exit status")


NOT_RUN = {name: Options(run=False) for name in ("primary", "partner")}
main(__file__, [test_mcxctl_accepts_the_example_and_finds_a_fault, test_stock_daemons_run_with_the_examples],
     options=NOT_RUN, cms_options=NOT_RUN, cms=True,
     silent="its daemons have the ports of the examples, not the lab's")
