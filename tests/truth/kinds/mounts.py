# SPDX-License-Identifier: GPL-2.0-or-later
"""Mounts, and what file systems show of themselves in them."""

from compare import NEAR, Different, first_difference, show
from kind import kind

# What Debian has as modules and as such has options of its own (or, btrfs, cifs and nfs, another source than what was
# mounted); a kind of fuse's is "fuse.sshfs".
MODULES = (b"autofs", b"btrfs", b"cifs", b"fuse", b"fuseblk", b"iso9660", b"msdos", b"nfs", b"nfs4", b"overlay", b"smb3",
           b"squashfs", b"vfat", b"xfs")  # fmt: skip


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
        if context.module_types or len(mine) != len(real):
            raise Different(first_difference(ours, theirs))
        for x, y in zip(mine, real):
            if x == y:
                continue
            left = x[: len(x) - len(tail)]
            if kind_of(y) not in MODULES or not x.endswith(tail) or not y.startswith(left + b","):
                raise Different(f"ours `{show(x)}`, the kernel's `{show(y)}`")
        return NEAR

    return compare


OWN = "dumps of 5.10 have no types of modules, so that options of their file systems are missing; else identical"
kind("proc/{pid}/mountinfo", but_for_modules(b""), moves=OWN)
kind("proc/{pid}/mounts", but_for_modules(b" 0 0"), moves=OWN)
kind("proc/mounts", but_for_modules(b" 0 0"), moves=OWN)


# What nfs sends of its own accord to keep what it has of the server, and what it counts with each of these.
RENEWALS = (b"SEQUENCE", b"RENEW")


def saved_ago(context):
    """Seconds from the file's saving to the crash."""
    if not hasattr(context.guest, "saved"):
        lines = (context.guest.truth / "index.tsv").read_text(errors="surrogateescape").split("\n")[1:]
        context.guest.saved = {x[4]: int(x[0]) for x in (line.split("\t") for line in lines) if len(x) > 4}
    return (context.guest.moment()["boottime_ns"] - context.guest.saved[context.path]) / 1e9


def sections(text):
    """What mountstats has of each mount: its lines, the first of which names it."""
    found = []
    for line in text.split(b"\n")[:-1]:
        if line.startswith((b"device ", b"no device ")):
            found.append([])
        elif not found:
            raise Different(f"`{show(line)}` before any mount")
        found[-1].append(line)
    return found


def need(ok, ours, theirs):
    if not ok:
        raise Different(f"ours `{show(ours)}`, the kernel's `{show(theirs)}`")


def counted(ours, theirs, seconds):
    """
    A line of nfs's counters: its age, and how long a connection has been idle, are later by what passed since the
    file was saved; the lease may have been renewed meanwhile, which the connection counts, too. Nothing else moves.
    """
    name = theirs.strip().split(b":")[0].split(b" ")[0]
    mine, real = ours.split(), theirs.split()
    if name == b"age":
        late = int(mine[1]) - int(real[1])
        need(seconds - 1 <= late <= seconds + 2, ours, theirs)
    elif name in RENEWALS:
        more = [int(x) - int(y) for x, y in zip(mine[1:], real[1:])]
        need(len(mine) == len(real) and min(more) >= 0 and max(more[0], more[1]) <= seconds / 10 + 1, ours, theirs)
    elif name == b"xprt" and mine[:2] == real[:2] and len(mine) == len(real) == 15:
        renewed = int(mine[7]) - int(real[7])
        late = int(mine[6]) - int(real[6])
        need(0 <= renewed <= seconds / 10 + 1, ours, theirs)
        need(renewed or seconds - 1 <= late <= seconds + 2, ours, theirs)
        still = [i for i in range(2, 15) if i != 6 and not (renewed and i in (7, 8, 10, 11, 13, 14))]
        need(all(mine[i] == real[i] for i in still), ours, theirs)
    else:
        need(False, ours, theirs)


def but_for_counters(ours, theirs, context):
    """Identical but for what nfs counts (which is missing where the dump has no types of modules)."""
    mine, real = sections(ours), sections(theirs)
    seconds = saved_ago(context)
    if len(mine) != len(real):
        raise Different(f"{len(mine)} mounts, the kernel had {len(real)}")
    for x, y in zip(mine, real):
        kind_of_it = y[0].rpartition(b" with fstype ")[2].split(b" ")[0]
        if not context.module_types and kind_of_it in (b"nfs", b"nfs4"):
            x, y = x[:1], [y[0].rpartition(b" statvers=")[0]]
        need(len(x) == len(y), x[-1], y[-1])
        for a, b in zip(x, y):
            if a != b:
                counted(a, b, seconds)
    return NEAR


kind("proc/{pid}/mountstats", but_for_counters, moves="nfs counts seconds and what it sends; else identical")
