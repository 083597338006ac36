# SPDX-License-Identifier: Apache-2.0
"""Teaches tshark the MCX applications. Wireshark takes such a folder (WIRESHARK_DATA_DIR) from ordinary users only, so
that root's tshark runs as nobody: the capture comes by a pipe, with the TLS keys inside."""

import os

from .build import SOURCE
from .processes import run

USER = "nobody"


def data_folder(path):
    """Makes such a folder, readable by everybody; its path."""
    run([os.path.join(SOURCE, "tools", "wireshark-dictionary"), path], "tools/wireshark-dictionary")
    return path
