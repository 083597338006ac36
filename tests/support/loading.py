# SPDX-License-Identifier: Apache-2.0
"""LoadExtension lines of a bare.Daemon that stop its start, and extensions of ours that are not what they should be."""

import os
import re

from .bare import Daemon
from .scenario import expect, place


def line(path, conf=None):
    return f'LoadExtension = "{path}"' + (f' : "{conf}";' if conf else ";")


def refused(site, lines, *wanted, stands=None):
    """With these lines instead of acl_border's the daemon does not start, and one line of its log holds all this. stands:
    what stands in the line of freeDiameter.conf that is to blame, which it names too."""
    own = line(site.build.extension("acl_border"), site.folder.join("mcx.conf"))
    with Daemon(site, edit=("freeDiameter.conf", own, "\n".join(lines)), preload=("patience.so",)) as daemon:
        status, said = daemon.wait_end(), daemon.child.text().splitlines()
        expect(status is not None and status > 0, f"exit status {status} with {lines}")
        if stands:
            wanted = (f'ev=start_refused reason="{place(site.folder.join("freeDiameter.conf"), stands)}: ', *wanted)
        expect(any(all(text in told for text in wanted) for told in said), f"no {wanted} in {daemon.child.tail()}")


def changed(site, name, old, new):
    """A copy of an extension of ours in which one string is another; it finds libmcx.so all the same."""
    original, folder = site.build.extension(name), site.folder.join("changed")
    os.makedirs(folder, exist_ok=True)
    library = os.path.join(folder, "libmcx.so")
    if not os.path.lexists(library):
        os.symlink(os.path.join(os.path.dirname(original), "libmcx.so"), library)
    with open(original, "rb") as file:
        octets = file.read()
    old, new = (b"\0" + text.encode() + b"\0" for text in (old, new))
    expect(octets.count(old) == 1 and len(old) == len(new), f"{original} does not hold {old} once")
    with open(os.path.join(folder, os.path.basename(original)), "wb") as file:
        file.write(octets.replace(old, new))
    return file.name


def build_id(build):
    """What shells and libmcx.so compare."""
    with open(os.path.join(build.folder, "generated", "mcx_build_id.h"), encoding="ascii") as header:
        return re.search(r'MCX_BUILD_ID "(.+)"', header.read())[1]
