# SPDX-License-Identifier: Apache-2.0
"""What was on the wire of one lab, TLS included: the daemons write their session keys (GnuTLS's SSLKEYLOGFILE), tshark
decodes. For labs only: such a file with such keys is worth the traffic itself."""

import grp
import json
import os
import pwd
import shutil
import signal

from . import wireshark
from .processes import Child, LabError, run, wait_until

# What must not occur in any message: frames that do not decode, and AVPs or commands that tshark does not know.
_BAD = ("diameter && (_ws.malformed || diameter.avp.code.unknown || diameter.unknown_vendor || diameter.cmd.code.unknown "
        "|| diameter.applicationId.unknown || diameter.avp.invalid-data || diameter.avp.invalid-len "
        "|| diameter.avp.pad.missing)")


# Of loopback, in MB; all of it fits into the kernel's buffer, so that no packet is lost before the end, however busy.
_LARGEST, _BUFFER = 32, 48


def hindrance():
    """Why this user cannot capture on loopback; None: nothing stands in the way. LabError: root could, but a program is
    missing, and scenarios would pass that nobody has judged."""
    if os.getuid() != 0:
        return "only root may capture"
    for program in ("dumpcap", "tshark", "editcap"):
        if shutil.which(program) is None:
            raise LabError(f"there is no {program}, to judge what is on the wire; run tools/packages install test")
    return None


def owned(daemons):
    """A display filter for scenarios whose tests send what is broken on purpose: what these daemons sent. At one end of
    each connection is the address of one of them; one that never ran is played by the test, so that the other end is a
    daemon's. Left out is what their Failed-AVP may repeat as it came."""
    ends = []
    for daemon in daemons:
        side, node = "src" if daemon.child else "dst", daemon.node
        ends.append(f"(ip.{side} == {node.address} && (tcp.{side}port == {node.port} || "
                    f"tcp.{side}port == {node.tls_port}))")
    return f"({' || '.join(ends)}) && !diameter.Failed-AVP"


class Capture:
    """From now on, until stop() or until it has grown to _LARGEST."""

    def __init__(self, lab):
        self._nodes = lab.nodes()
        self._home = lab.folder.elsewhere()  # where an ordinary user can read
        os.chmod(self._home, 0o755)
        self._data = wireshark.data_folder(os.path.join(self._home, "wireshark"))
        self.file = lab.folder.join("lab.pcapng")
        self.keys = lab.folder.join("tls.keys")
        # Of the whole network, which is the lab's own, or else the ports are: nodes may be added.
        wanted = " or ".join(sorted({f"(net {s.address.rpartition('.')[0]}.0/24 and (port {s.port} or port {s.tls_port}))"
                                     for s in self._nodes}))
        self._child = Child("dumpcap", ["dumpcap", "-i", "lo", "-q", "-B", str(_BUFFER), "-a",
                                        f"filesize:{_LARGEST * 1000}", "-f", f"tcp and ({wanted})", "-w", self.file],
                            lab.folder.join("dumpcap.log"), death_signal=signal.SIGTERM)
        lab.folder.add_child(self._child)
        self._child.wait_line(r"^File: ", timeout=20)

    def stop(self):
        if self._child.alive():
            self._child.stop(signal.SIGINT, 20)

    def tshark(self, *arguments):
        """tshark's output over the capture, ports and keys told."""
        ports = []
        for node in self._nodes:
            ports += ["-d", f"tcp.port=={node.port},diameter", "-d", f"tcp.port=={node.tls_port},tls",
                      "-d", f"tls.port=={node.tls_port},diameter"]
        whole = self.file
        if os.path.exists(self.keys):
            whole = self.file + ".whole"
            run(["editcap", "--inject-secrets", f"tls,{self.keys}", self.file, whole], "editcap")
        with open(whole, "rb") as capture:
            return run(["tshark", "-r", "-", *ports, *arguments], "tshark", stdin=capture, user=wireshark.USER,
                       group=grp.getgrgid(pwd.getpwnam(wireshark.USER).pw_gid).gr_name, extra_groups=[], cwd="/",
                       env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", "LC_ALL": "C.UTF-8",
                            "WIRESHARK_DATA_DIR": self._data})

    def bad_frames(self, judged="frame"):
        """Lines for frames that are malformed or hold what tshark does not know. Empty: all is well. judged: a display
        filter."""
        return self.tshark("-Y", f"({_BAD}) && {judged}").splitlines()

    def count(self, judged="frame"):
        """How many frames hold messages that decode."""
        return len(self.tshark("-Y", f"diameter.cmd.code && {judged}", "-T", "fields", "-e", "frame.number").splitlines())

    def messages(self, display_filter="diameter"):
        """Decoded frames, as tshark's JSON layers."""
        return [frame["_source"]["layers"] for frame in json.loads(self.tshark("-Y", display_filter, "-T", "json") or "[]")]

    def user_names(self, port):
        """(command, User-Name) of every MAR and MAA through that port."""
        lines = self.tshark("-Y", f"diameter.cmd.code == 303 && tcp.port == {port}", "-T", "fields", "-e",
                            "diameter.cmd.code", "-e", "diameter.User-Name").splitlines()
        return [tuple(line.split("\t")) for line in lines]

    def secrets(self):
        """CK, IK and XRES of every answer that was seen, as octets."""
        found = set()
        for name in ("Confidentiality-Key", "Integrity-Key", "3GPP-SIP-Authorization"):
            for line in self.tshark("-Y", f"diameter.{name} && diameter.flags.request == 0", "-T", "fields", "-e",
                                    f"diameter.{name}").splitlines():
                found |= {bytes.fromhex(value) for value in line.replace(":", "").split(",") if len(value) >= 8}
        return found

    def wait_for(self, condition, timeout=10):
        """dumpcap writes in lumps: until the condition holds over what it has written."""
        return wait_until(condition, timeout, "the capture to hold what was sent", period_ms=200)
