# SPDX-License-Identifier: Apache-2.0
"""A lab that ends takes its peers away before their databases: no daemon sees its database go."""

import os
import sys

from support import processes
from support.build import Build
from support.lab import Lab
from support.scenario import equal, expect, run_alone

HERE = os.path.join(Build().folder, "lab", "test_lab_order")


def test_no_daemon_of_a_lab_that_ends_loses_its_database():
    with Lab(HERE, cms=True) as lab:
        daemons = lab.daemons()
    for daemon in daemons:
        equal(daemon.statuses, [0], f"{daemon.host}: exit status")
        expect("ev=db_lost" not in daemon.text(), f"{daemon.host} saw its database go: {daemon.log}")


def test_it_would_have_said_so():
    with Lab(HERE, names=("primary",), cms=True) as lab:
        lab.cluster.stop()
        for daemon in lab.daemons():
            daemon.wait_log("ev=db_lost")


if __name__ == "__main__":
    processes.exit_on_signals()
    sys.exit(run_alone(globals()))
