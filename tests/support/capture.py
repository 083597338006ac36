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
from .processes import Child, run, wait_until

# What must not occur in any message: frames that do not decode, and AVPs or commands that tshark does not know.
_BAD = ("diameter && (_ws.malformed || diameter.avp.code.unknown || diameter.unknown_vendor || diameter.cmd.code.unknown "
        "|| diameter.applicationId.unknown || diameter.avp.invalid-data || diameter.avp.invalid-len "
        "|| diameter.avp.pad.missing)")


def is_permitted():
    """May this user capture on loopback?"""
    return shutil.which("dumpcap") is not None and shutil.which("tshark") is not None and os.getuid() == 0


class Capture:
    def __init__(self, lab):
        self._nodes = lab.nodes()
        self._home = lab.folder.elsewhere()  # where an ordinary user can read
        os.chmod(self._home, 0o755)
        self._data = wireshark.data_folder(os.path.join(self._home, "wireshark"))
        self.file = lab.folder.join("lab.pcapng")
        self.keys = lab.folder.join("tls.keys")
        wanted = " or ".join(f"(host {s.address} and (port {s.port} or port {s.tls_port}))" for s in self._nodes)
        self._child = Child("dumpcap", ["dumpcap", "-i", "lo", "-q", "-B", "16", "-f", f"tcp and ({wanted})", "-w",
                                        self.file], lab.folder.join("dumpcap.log"), death_signal=signal.SIGTERM)
        lab.folder.add_child(self._child)
        self._child.wait_line(r"^File: ", timeout=20)

    def stop(self):
        if self._child.alive():
            self._child.stop(signal.SIGINT, 10)

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

    def bad_frames(self):
        """Lines for frames that are malformed or hold what tshark does not know. Empty: all is well."""
        return self.tshark("-Y", _BAD).splitlines()

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
