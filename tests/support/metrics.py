# SPDX-License-Identifier: Apache-2.0
"""GET /metrics of a daemon, on an address that nobody else of the machine uses."""

import contextlib
import http.client

PORT = 9090


def read(address):
    """{row, labels included: value}"""
    with contextlib.closing(http.client.HTTPConnection(address, PORT, timeout=10)) as made:
        made.request("GET", "/metrics")
        lines = made.getresponse().read().decode().splitlines()
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))}
