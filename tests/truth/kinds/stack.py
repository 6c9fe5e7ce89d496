# SPDX-License-Identifier: GPL-2.0-or-later
from compare import NEAR, Different, first_difference
from kind import kind


def stack(ours, theirs, context):
    """A task that ran again after the last look has moved on; tests/e2e/test_report.py says which may."""
    tid = int(context.keys.get("tid") or context.keys["pid"])
    row = context.guest.tasks().get(tid)
    last = row and row["stack"].replace(";", "\n")
    if last is not None and ours.decode().replace("[<0>] ", "").strip() == last.strip():
        return NEAR
    if row and row["state"] in "RD":
        return NEAR
    raise Different(first_difference(ours, theirs))


MOVES = "tasks run between their files' saving and the crash"
kind("proc/{pid}/stack", stack, moves=MOVES)
kind("proc/{pid}/task/{tid}/stack", stack, moves=MOVES)
