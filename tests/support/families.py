# SPDX-License-Identifier: Apache-2.0
"""Runs a program that may make sockets of some families only, as under RestrictAddressFamilies= of systemd:

    python3 -m support.families 'AF_INET AF_UNIX' PROGRAM [ARGUMENT...]"""

import ctypes
import errno
import os
import platform
import socket
import struct
import sys

_PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS, _SECCOMP_MODE_FILTER = 22, 38, 2
_LOAD, _IF_EQUAL, _RETURN = 0x20, 0x15, 0x06  # linux/bpf_common.h: BPF_LD | BPF_W | BPF_ABS; BPF_JMP | BPF_JEQ | BPF_K
_ALLOW, _ERROR = 0x7fff0000, 0x00050000  # linux/seccomp.h
_NUMBER, _FIRST_ARGUMENT = 0, 16  # offsets in struct seccomp_data; families fit the low half, little-endian
SOCKET_CALL = {"x86_64": 41, "aarch64": 198}.get(platform.machine())


def restrict(names):
    """This process and what it becomes: socket() of any other family answers EAFNOSUPPORT."""
    families = [getattr(socket, name) for name in names]
    code = [(_LOAD, 0, 0, _NUMBER), (_IF_EQUAL, 0, len(families) + 2, SOCKET_CALL), (_LOAD, 0, 0, _FIRST_ARGUMENT)]
    code += [(_IF_EQUAL, len(families) - i, 0, family) for i, family in enumerate(families)]
    code += [(_RETURN, 0, 0, _ERROR | errno.EAFNOSUPPORT), (_RETURN, 0, 0, _ALLOW)]
    filters = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *line) for line in code))
    program = struct.pack("@HP", len(code), ctypes.addressof(filters))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, program):
        raise OSError(ctypes.get_errno(), "seccomp")


if __name__ == "__main__":
    restrict(sys.argv[1].split())
    os.execv(sys.argv[2], sys.argv[2:])
