# SPDX-License-Identifier: GPL-2.0-or-later
"""Tables of the whole system: modules, devices, disks, resources, keys."""

from compare import NEAR, Different, exactly, first_difference, grows, show, within
from kind import kind

for name in (
    "bus/pci/devices",
    "cgroups",
    "cmdline",
    "consoles",
    "crypto",
    "devices",
    "dma",
    "execdomains",
    "fb",
    "iomem",
    "ioports",
    "kallsyms",
    "key-users",
    "keys",
    "misc",
    "modules",
    "partitions",
    "version",
):
    kind("proc/" + name)
kind("sos_commands/kernel/uname_-a", truth=lambda path: "commands/uname_-a")


def diskstats(ours, theirs, context):
    """The counters have grown of the disk to which the agent writes the truth, and of the heartbeat's."""
    mine, real = ours.split(b"\n"), theirs.split(b"\n")
    if len(mine) != len(real):
        raise Different(first_difference(ours, theirs))
    moved = [(a, b) for a, b in zip(mine, real) if a != b]
    # ios, merges, sectors and ms of reads and writes; in flight, ms busy, ms in all; discards; flushes and ms
    small, times = grows(8), grows(250)
    bounds = [small, small, grows(64), times, grows(64), grows(2048), grows(8192), times, within(64, 64), times, times]
    bounds += [exactly, exactly, exactly, exactly, small, times]
    # a file of 64 pages that changes ten times a second, and the journal
    beat = [exactly, exactly, exactly, exactly, small, grows(64), grows(1024), *bounds[7:]]
    for a, b in moved:
        x, y = a.split(), b.split()
        if x[2] not in (b"vdb", b"vdc") or len(x) != len(y) or x[:3] != y[:3]:
            raise Different(f"ours `{show(a)}`, the kernel's `{show(b)}`")
        if not all(ok(int(i), int(k)) for ok, i, k in zip(bounds if x[2] == b"vdb" else beat, x[3:], y[3:])):
            raise Different(f"ours `{show(a)}`, the kernel's `{show(b)}`")
    return NEAR


kind("proc/diskstats", diskstats, moves="the truth is written to a disk until the crash")


def lsmod(ours, theirs, context):
    """The number of users of the disk's driver."""
    moved = [(a, b) for a, b in zip(ours.split(b"\n"), theirs.split(b"\n")) if a != b]
    if len(ours.split(b"\n")) != len(theirs.split(b"\n")) or len(moved) > 1:
        raise Different(first_difference(ours, theirs))
    for a, b in moved:
        x, y = a.split(), b.split()
        if x[0] != b"virtio_blk" or x[:2] + x[3:] != y[:2] + y[3:] or int(x[2]) != int(y[2]) + 1:
            raise Different(first_difference(ours, theirs))
    return NEAR


kind(
    "sos_commands/kernel/lsmod",
    lsmod,
    moves="commands run before the disk is opened that the truth is written to",
    truth=lambda path: "commands/lsmod",
)
