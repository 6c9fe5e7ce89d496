# SPDX-License-Identifier: GPL-2.0-or-later
"""Arrays, file systems and what else stores data."""

import re

from compare import NEAR, Different, by_line, first_difference, first_word, grows
from kind import kind

SPEED = re.compile(rb" finish=(\d+\.\d)min speed=(\d+)K/sec")


def mdstat(ours, theirs, context):
    """A check that stands still gets slower with time; all else must be equal."""
    if SPEED.sub(b"", ours) != SPEED.sub(b"", theirs):
        raise Different(first_difference(ours, theirs))
    for (finish, speed), (real_finish, real_speed) in zip(SPEED.findall(ours), SPEED.findall(theirs)):
        if float(finish) < float(real_finish) or int(speed) > int(real_speed):
            raise Different(first_difference(ours, theirs))
    return NEAR


kind("proc/mdstat", mdstat, moves="the speed of what goes on, reckoned from its last mark")

for name in ("xqm", "xqmstat"):
    kind("proc/fs/xfs/" + name)
# In a running kernel a link to that file, which sysfs has.
kind(
    "proc/fs/xfs/stat",
    by_line(first_word, {}, grows(64)),
    moves="the log is forced to disk from time to time",
    truth=lambda path: "sys/fs/xfs/stats/stats",
)
