# SPDX-License-Identifier: Apache-2.0
"""Runs test functions over one lab and then asks what every scenario must keep to: daemons that were told to end exit
0 in time, no sanitizer report, no secret in any log, and a capture that decodes without a fault."""

import os
import re
import sys
import time
import traceback

from . import capture as captures, lab as labs
from .build import Build
from .processes import LabError, Stopped, exit_on_signals

_SANITIZER = re.compile(r"ERROR: (?:Address|Leak|Thread)Sanitizer|: runtime error: |ThreadSanitizer: ")
_TAIL_LINES = 40
_MANY = 500


class Failed(AssertionError):
    """What a test says when the system did not do what it should."""


def expect(condition, text):
    if not condition:
        raise Failed(text)


def equal(found, wanted, what="value"):
    if found != wanted:
        raise Failed(f"{what}: got {found!r}, want {wanted!r}")


def main(file, tests, broken=None, silent=None, **lab_options):
    """Runs the functions, each with the lab, in order; ends the program: 0 if all held. Names on the command line pick
    some. lab_options go to Lab. broken: what the test itself sends that tshark must not be asked about; what our daemons
    send is judged all the same (capture.owned). silent: why there is nothing to capture."""
    exit_on_signals()
    wanted = sys.argv[1:]
    chosen = [test for test in tests if not wanted or test.__name__ in wanted]
    if not chosen:
        sys.exit(f"no such test; there are: {' '.join(test.__name__ for test in tests)}")
    build = Build()
    name = os.path.splitext(os.path.basename(file))[0]
    hindrance = silent or captures.hindrance()
    if hindrance:
        print(f"capture: skipped, because {hindrance}", flush=True)
    lab = labs.Lab(os.path.join(build.folder, "lab", name), build=build, capture=not hindrance, **lab_options)
    failures = 0
    try:
        with lab:
            for test in chosen:
                failures += not _run(test, lab)
            for text in _end(lab, broken):
                print(f"not ok - {text}")
                failures += 1
            if failures:
                print_tails(lab)
    except Stopped:
        raise
    except Exception as error:  # the lab itself did not come up, or not down
        traceback.print_exc()
        print(f"not ok - lab: {error}")
        if lab.folder:
            print_tails(lab)
        failures += 1
    sys.exit(1 if failures else 0)


def _run(test, lab):
    began = time.monotonic()
    try:
        test(lab)
    except (Failed, LabError) as error:
        where = traceback.extract_tb(error.__traceback__)[1]
        print(f"not ok - {test.__name__}: {error}  [{os.path.basename(where.filename)}:{where.lineno}]", flush=True)
        return False
    except Exception:
        traceback.print_exc()
        print(f"not ok - {test.__name__}", flush=True)
        return False
    print(f"ok - {test.__name__} ({time.monotonic() - began:.1f} s)", flush=True)
    return True


def _end(lab, broken):
    """Stops the daemons; what is wrong then, one text each."""
    lab.stop_daemons()
    for daemon in lab.daemons():
        for status in daemon.statuses:
            if status is None:
                yield f"{daemon.host}: the daemon did not end within 20 s of SIGTERM"
            elif status != 0:
                yield f"{daemon.host}: the daemon ended with status {status}"
    secrets = lab.secrets()
    if lab.capture:
        lab.capture.stop()
        secrets |= lab.capture.secrets()
        yield from _faults(lab.capture, captures.owned(lab.daemons()) if broken else "frame")
        if broken:
            print(f"capture: of the daemons only, because of {broken}", flush=True)
    for path in logs(lab):
        with open(path, "rb") as log:
            content = log.read()
        found = _SANITIZER.search(content.decode("utf-8", "replace"))
        if found:
            yield f"{path}: sanitizer report {found.group(0)}"
        if holds_secret(content, secrets):
            yield f"{path}: octets of a key, CK, IK or XRES"


def _faults(capture, judged):
    """What is wrong with what was on the wire, as far as it is judged, one text each."""
    count = capture.count(judged)
    if count == 0:  # all others talk
        yield "capture: no message was decoded"
    for line in capture.bad_frames(judged):
        yield f"capture: tshark does not understand {line}"
    print(f"capture: {count} frames decode", flush=True)


def logs(lab):
    """Every log file of the lab."""
    return [os.path.join(folder, file) for folder, _, files in os.walk(lab.folder.path) for file in files
            if file.endswith(".log")]


def holds_secret(content, secrets):
    """Raw, or as hexadecimal in either case, also with spaces, colons or 0x between octets."""
    hexadecimal = re.sub(rb"0x|[\s:,]", b"", content.lower())
    return _holds(content, secrets) or _holds(hexadecimal, {secret.hex().encode() for secret in secrets})


def _holds(content, texts):
    """Is any of them in it? A scenario may have seen ten thousands: then first, in one pass, whether any begins there."""
    if len(texts) > _MANY:
        least = min(map(len, texts))
        windows = map(slice, range(len(content) - least + 1), range(least, len(content) + 1))
        if {text[:least] for text in texts}.isdisjoint(map(content.__getitem__, windows)):
            return False
    return any(text in content for text in texts)


def print_tails(lab):
    """The end of every log, for whoever reads a failure."""
    for path in logs(lab):
        with open(path, encoding="utf-8", errors="backslashreplace") as log:
            lines = log.read().splitlines()[-_TAIL_LINES:]
        print(f"---- {path}, last lines")
        print("\n".join(lines))
    sys.stdout.flush()


def run_alone(names):
    """Runs the tests among these globals, which make their labs themselves; the exit status."""
    failures = 0
    for name, test in list(names.items()):
        if not name.startswith("test_"):
            continue
        try:
            test()
            print(f"ok - {name}", flush=True)
        except (AssertionError, LabError) as error:
            print(f"not ok - {name}: {error}", flush=True)
            failures += 1
    return 1 if failures else 0


def refused(hss, *wanted):
    """It ends by itself with a status, and the last run's log has a line with all these texts."""
    hss.start(wait=False)
    status = hss.child.wait(30)
    expect(status is not None and status > 0, f"exit status {status}; the log: {hss.child.tail()}")
    lines = [line for line in hss.child.text().splitlines() if "ev=start_refused" in line]
    expect(any(all(text in line for text in wanted) for line in lines), f"no {wanted} in {lines}")
    return lines[0]


def refused_at(daemon, stands, setting, *wanted):
    """It refuses to start with file and line of the setting (the line of mcx.conf that holds the text `stands`; None: the
    file alone, the setting is missing), what is wrong, and after a semicolon what to do."""
    daemon.write_conf()
    said = refused(daemon, f'reason="{place(daemon.mcx_conf, stands)}: {setting}', *wanted)
    expect("; " in said.partition(setting)[2], f"no remedy in {said}")
    return said


def place(path, stands):
    """mcx.conf:<line> of the one line that holds the text; None: of the file."""
    with open(path, encoding="utf-8") as file:
        lines = [number for number, line in enumerate(file, 1) if stands is not None and stands in line]
    expect(stands is None or len(lines) == 1, f"{stands} stands in lines {lines}")
    return f"{path}:{lines[0]}" if lines else path
