# SPDX-License-Identifier: GPL-2.0-or-later
"""Arrays, file systems and what else stores data."""

import re

from compare import NEAR, Different, by_line, first_difference, first_word, grows, numbers, show, within
from kind import NO_TYPES, kind

SPEED = re.compile(rb" finish=(\d+\.\d)min speed=(\d+)K/sec")


def mdstat(ours, theirs, context):
    """A check that stands still gets slower with time; all else must be equal."""
    if SPEED.sub(b"", ours) != SPEED.sub(b"", theirs):
        raise Different(first_difference(ours, theirs))
    for (finish, speed), (real_finish, real_speed) in zip(SPEED.findall(ours), SPEED.findall(theirs)):
        if float(finish) < float(real_finish) or int(speed) > int(real_speed):
            raise Different(first_difference(ours, theirs))
    return NEAR


kind("proc/mdstat", mdstat, moves="the speed of what goes on, reckoned from its last mark", absent=NO_TYPES)

for name in ("xqm", "xqmstat"):
    kind("proc/fs/xfs/" + name, absent=NO_TYPES)
# In a running kernel a link to that file, which sysfs has.
kind(
    "proc/fs/xfs/stat",
    by_line(first_word, {}, grows(64)),
    moves="the log is forced to disk from time to time",
    truth=lambda path: "sys/fs/xfs/stats/stats",
)

for name in ("fc_info", "mb_stats", "mb_structs_summary", "options"):
    kind("proc/fs/ext4/{disk}/" + name)


def words(line):
    """A line's name: what it says without its numbers."""
    return re.sub(rb"\d+", b"", line).strip()


kind(
    "proc/fs/ext4/{disk}/es_shrinker_info",
    # extents are freed and read again with the inodes that they belong to
    by_line(words, {"/ cache hits/misses": grows(100000), "objects|reclaimable objects": within(8, 8)}),
    moves="files are read and written until the crash",
)


def mb_groups(ours, theirs, context):
    """Blocks that were set aside for a file are free again; a group's pieces must add up to what is free."""
    mine, real = ours.split(b"\n"), theirs.split(b"\n")
    if len(mine) != len(real) or mine[0] != real[0]:
        raise Different(first_difference(ours, theirs))
    for x, y in zip(mine[1:], real[1:]):
        a, b = numbers(x), numbers(y)
        if len(a) != len(b) or a[:1] != b[:1]:
            raise Different(f"ours `{show(x)}`, the kernel's `{show(y)}`")
        if a and (a[1] != sum(n << order for order, n in enumerate(a[4:])) or abs(a[1] - b[1]) > 4096):
            raise Different(f"ours `{show(x)}`, the kernel's `{show(y)}`")
    return NEAR


kind("proc/fs/ext4/{disk}/mb_groups", mb_groups, moves="blocks are set aside for files and freed")

# All but the first line are averages over the transactions, of which there are some dozen.
kind(
    "proc/fs/jbd2/{disk}/info",
    by_line(
        words,
        {
            r"transactions \( requested\), each up to  blocks": [grows(200), grows(200), within()],
            r"us average transaction commit time": within(1000000, 1000000),
            r"(handles|blocks|logged blocks) per transaction": within(1000, 100),
        },
        default=within(200, 200),
    ),
    moves="transactions are committed until the crash",
)

# proc/fs/nfsfs/ has links to the files of proc/net/nfsfs/, proc/fs/fscache is one to proc/fs/netfs since 6.8.
for name in ("servers", "volumes"):
    kind("{net}/nfsfs/" + name, absent=NO_TYPES)
    kind("proc/fs/nfsfs/" + name, absent=NO_TYPES)
kind("proc/fs/lockd/nlm_end_grace", absent=NO_TYPES)

for folder in ("fscache", "netfs"):
    for name in ("caches", "volumes", "cookies", "requests", "stats"):
        kind(f"proc/fs/{folder}/{name}", since=(6, 8) if folder == "netfs" or name == "requests" else None)
