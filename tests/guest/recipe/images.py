# SPDX-License-Identifier: GPL-2.0-or-later
"""Images of file systems that can't be made in the guest: they are read-only."""

import struct

from .host import run

SECTOR = 2048


def squashfs(output, folder):
    """A folder as a squashfs."""
    run("mksquashfs", folder, output, "-all-root", "-no-progress", "-quiet", "-mkfs-time", "0",
        "-all-time", "0", "-no-xattrs")  # fmt: skip


def iso9660(output):
    """An empty CD (ECMA-119): descriptor, terminator, path table, root directory."""

    def both(layout, number):
        return struct.pack("<" + layout, number) + struct.pack(">" + layout, number)

    def entry(name):
        return bytes([34, 0]) + both("I", 19) + both("I", SECTOR) + bytes([100, 1, 1, 0, 0, 0, 0, 2, 0, 0]) + \
            both("H", 1) + bytes([1]) + name  # fmt: skip

    descriptor = b"\1CD001\1\0" + b"LINUX".ljust(32) + b"CRASHBOX".ljust(32) + bytes(8)
    descriptor += both("I", 20) + bytes(32) + both("H", 1) + both("H", 1) + both("H", SECTOR)
    descriptor += both("I", 10) + struct.pack("<II", 18, 0) + struct.pack(">II", 18, 0)
    descriptor += entry(b"\0") + b" " * (881 - 190) + bytes([1])
    path_table = bytes([1, 0]) + struct.pack("<I", 19) + bytes([1, 0, 0, 0])
    sectors = [descriptor, b"\xffCD001\1", path_table, entry(b"\0") + entry(b"\1")]
    with open(output, "wb") as image:
        image.write(bytes(16 * SECTOR) + b"".join(part.ljust(SECTOR, b"\0") for part in sectors))
