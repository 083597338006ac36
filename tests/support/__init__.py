# SPDX-License-Identifier: Apache-2.0
"""Labs of real processes on loopback: used by tools/quickstart, tests/scenario and tests/bench. Standard library only.

    lab.Lab          two or more whole MC systems: PKI, PostgreSQL, stock freeDiameterds, provisioning
    daemon.Daemon    one freeDiameterd: start, stop, its log, its `ev=...` lines; Options: what a test wants otherwise
    hss.Hss, cms.Cms what SIP database and configuration management server load, and whom they connect to
    gate.Gate        stands between the daemons and holds the n-th message of a kind
    tokens.Issuer    keys, JWKS and access tokens for UEs, good and bad
    pg.Cluster       the private database server: sql(), kill_backends(), dump()
    pki.Authority    one CA; issues also the wrong certificates that tests need
    probe.Probe      mcx-probe as the SIP core of one system, or as anybody else
    played.Played    a primary whose daemon is left out, played by mcx-probe: sound answers, wrong ones, none
    capture.Capture  what was on the wire, TLS included, decoded by tshark
    scenario         runs test functions over one lab; then exit statuses, sanitizers, secrets in logs, the capture
    loading          LoadExtension lines that stop a start
    bench.Bench      mcx-bench in the background, and the SQNs that it was given
    stuck, disturb   peers that stop reading; load while a database or a daemon breaks, and what must hold
    raw, vectors     a Diameter peer that says anything; the secrets in its messages
    processes        children that die with their parent; wait for events, never sleep
    addresses, folders, build, ladder    reservations; what a killed lab leaves; build folders; how quickstart prints

A scenario is tests/scenario/test_<topic>.py; CTest runs each by itself, several at once:

    #!/usr/bin/python3
    from support import scenario

    def test_home_user_gets_vector(lab):
        user = lab.add_user("primary", "alice")
        answer = lab.core("primary").mar(user)
        scenario.equal(answer.result, "2001")

    scenario.main(__file__, [test_home_user_gets_vector])

By hand: MCX_BUILD=build/dev PYTHONPATH=tests /usr/bin/python3 tests/scenario/test_<topic>.py [name of a test...]"""
