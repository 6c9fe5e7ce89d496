# SPDX-License-Identifier: GPL-2.0-or-later
"""drgn on a guest's dump, with any vmlinux: memory comes from an ELF copy of the dump, whatever drgn's own readers can."""

import bisect
import mmap
import os
import struct
import subprocess

from conftest import tool_path

# With several threads drgn hangs once a process that loaded debug information has forked.
os.environ["OMP_NUM_THREADS"] = "1"

import drgn  # noqa: E402

IMAGE = 0xFFFFFFFF80000000
IMAGE_SIZE = 1 << 30


class Memory:
    """Physical memory, by an ELF dump's segments."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.data = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
        (table,) = struct.unpack_from("<Q", self.data, 32)
        size, count = struct.unpack_from("<HH", self.data, 54)
        loads = []
        for i in range(count):
            kind, _, offset, _, start, length = struct.unpack_from("<IIQQQQ", self.data, table + i * size)
            if kind == 1 and length:
                loads.append((start, length, offset))
        self.loads = sorted(loads)
        self.starts = [x[0] for x in self.loads]

    def read(self, address, count):
        start, length, offset = self.loads[bisect.bisect_right(self.starts, address) - 1]
        assert address + count <= start + length
        at = address - start + offset
        return self.data[at : at + count]

    def runs(self):
        """Pages in one piece, as [start, end)."""
        joined = []
        for start, length, _ in self.loads:
            if joined and joined[-1][1] == start:
                joined[-1][1] = start + length
            else:
                joined.append([start, start + length])
        return [(a, b) for a, b in ((-(-a // 4096) * 4096, b // 4096 * 4096) for a, b in joined) if a < b]


def facts(core):
    text = core.read_bytes()
    lines = text[text.index(b"OSRELEASE=") :].split(b"\0")[0].decode().splitlines()
    return dict(x.split("=", 1) for x in lines if "=" in x)


class Dump:
    """What it takes to look at one guest's dump; figures are of the vmlinux without contents that the tool makes."""

    def __init__(self, guest, folder):
        self.made = folder / "vmlinux.made"
        self.core = folder / "core"
        done = subprocess.run(
            [tool_path("vmlinux"), guest.vmcore, self.made, self.core],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr
        lines = [x.split() for x in done.stdout.splitlines()]
        self.figures = {x[0]: int(x[1]) for x in lines if len(x) == 2}
        self.runs = [(int(x[1], 16), int(x[2], 16)) for x in lines if x[0] == "run"]
        elf = folder / "vmcore.elf"
        subprocess.run([tool_path("recode"), guest.vmcore, elf, "elf"], check=True, timeout=600)
        self.memory = Memory(elf)

    def program(self, vmlinux):
        prog = drgn.Program()
        prog.set_core_dump(self.core)
        found = facts(self.core)
        shift = int(found["NUMBER(phys_base)"]) - IMAGE
        stext = int(found["SYMBOL(_stext)"], 16)

        def read_physical(address, count, offset, physical):
            return self.memory.read(address, count)

        def read_image(address, count, offset, physical):
            return self.memory.read(address + shift, count)

        for start, end in self.runs:
            prog.add_memory_segment(start, end - start, read_physical, True)
            # The page tables are found through the image.
            low, high = max(start - shift, stext), min(end - shift, IMAGE + IMAGE_SIZE)
            if low < high:
                prog.add_memory_segment(low, high - low, read_image, False)
        prog.load_debug_info([vmlinux])
        return prog
