# SPDX-License-Identifier: GPL-2.0-or-later
"""Mounts, and what file systems show of themselves in them."""

from compare import NEAR, Different, first_difference, show
from kind import kind

# Until 5.11 the kernel has no types of its modules in memory.
MODULE_TYPES = (5, 11)
# What Debian has as modules and as such has options of its own (or, btrfs and nfs, another source than what was
# mounted); a kind of fuse's is "fuse.sshfs".
MODULES = (b"autofs", b"btrfs", b"fuse", b"fuseblk", b"iso9660", b"msdos", b"nfs", b"nfs4", b"overlay", b"squashfs",
           b"vfat", b"xfs")  # fmt: skip


def kind_of(line):
    """The kind of file system of a line of mounts or mountinfo."""
    words = line.split(b" ")
    if b"-" in words:
        return words[words.index(b"-") + 1].split(b".")[0]
    return words[2].split(b".")[0] if len(words) > 2 else b""


def but_for_modules(tail):
    """
    Identical; where the dump has no types of modules, the options that file systems of theirs add before `tail` may
    be missing.
    """

    def compare(ours, theirs, context):
        mine, real = ours.split(b"\n"), theirs.split(b"\n")
        if context.guest.version >= MODULE_TYPES or len(mine) != len(real):
            raise Different(first_difference(ours, theirs))
        for x, y in zip(mine, real):
            if x == y:
                continue
            left = x[: len(x) - len(tail)]
            if kind_of(y) not in MODULES or not x.endswith(tail) or not y.startswith(left + b","):
                raise Different(f"ours `{show(x)}`, the kernel's `{show(y)}`")
        return NEAR

    return compare


OWN = "on 5.10 modules have no types, so that options of their file systems are missing; else identical"
kind("proc/{pid}/mountinfo", but_for_modules(b""), moves=OWN)
kind("proc/{pid}/mounts", but_for_modules(b" 0 0"), moves=OWN)
kind("proc/mounts", but_for_modules(b" 0 0"), moves=OWN)


def but_for_counters(ours, theirs, context):
    """Identical, without what nfs counts: it ends its line with a version, and goes on in indented lines."""
    lines = []
    for line in theirs.split(b"\n"):
        if line.startswith((b"device ", b"no device ")):
            place, _, rest = line.partition(b" with fstype ")
            if rest.startswith(b"nfs"):
                rest = rest.split(b" ")[0]
            lines.append(place + b" with fstype " + rest)
        elif line and not line.startswith((b"\t", b" ")):
            raise Different(f"the kernel's `{show(line)}`")
    if b"".join(line + b"\n" for line in lines) != ours:
        raise Different(first_difference(ours, b"".join(line + b"\n" for line in lines)))
    return NEAR


kind("proc/{pid}/mountstats", but_for_counters, moves="nfs counts requests, which isn't told; else identical")
