# SPDX-License-Identifier: GPL-2.0-or-later
"""Dumps that are damaged on purpose: a copy whose memory can be changed, and where what lies in it."""

import re
import shutil
import struct

import pytest

from conftest import make_report, probe, run_program, sanitized_path

KERNEL_POINTER = 0xFFFF_8880_DEAD_BEE8


class ElfCopy:
    """A private copy of an ELF dump whose physical memory can be patched, and restored."""

    def __init__(self, source, path):
        shutil.copyfile(source, path)
        self.path = path
        self.file = open(path, "r+b", buffering=0)
        self.undo = []
        header = self.file.read(64)
        phoff, count = struct.unpack_from("<Q", header, 32)[0], struct.unpack_from("<H", header, 56)[0]
        self.file.seek(phoff)
        table = self.file.read(56 * count)
        self.segments = []
        for i in range(count):
            kind, _, offset, _, paddr, filesz = struct.unpack_from("<IIQQQQ", table, 56 * i)
            if kind == 1:
                self.segments.append((paddr, filesz, offset))

    def offsets(self, phys):
        """All places of a physical address: the kernel's image is in the file twice."""
        found = [o + phys - p for p, size, o in self.segments if p <= phys < p + size]
        assert found, hex(phys)
        return found

    def byte(self, phys):
        self.file.seek(self.offsets(phys)[0])
        return self.file.read(1)[0]

    def read(self, phys, size):
        """Bytes of one page."""
        self.file.seek(self.offsets(phys)[0])
        return self.file.read(size)

    def patch(self, phys, data):
        for offset in self.offsets(phys):
            self.file.seek(offset)
            self.undo.append((offset, self.file.read(len(data))))
            self.file.seek(offset)
            self.file.write(data)

    def restore(self):
        for offset, data in reversed(self.undo):
            self.file.seek(offset)
            self.file.write(data)
        self.undo.clear()


class Kernel:
    """Addresses of the kernel in a dump, for those who mean to damage it."""

    def __init__(self, dump):
        self.dump = dump
        lines = [x.split() for x in probe(dump, "addrs")]
        self.tasks = [int(x[1], 16) for x in lines if x[0] == "task"]
        self.modules = [int(x[1], 16) for x in lines if x[0] == "module"]

    def phys(self, what):
        name = hex(what) if isinstance(what, int) else what
        return int(probe(self.dump, "phys", name)[0].split()[1], 16)

    def note(self, key):
        """A value of VMCOREINFO, which stands near the start of the file."""
        with open(self.dump, "rb") as file:
            found = re.search(re.escape(key).encode() + b"=(\\w+)\n", file.read(1 << 20))
        return int(found.group(1), 16)

    def addr(self, symbol):
        return int(probe(self.dump, "phys", symbol)[0].split()[0], 16)

    def offset(self, kind, member):
        return int(probe(self.dump, "offset", kind, member)[0].rsplit(" ", 1)[1])


class Memory:
    """Kernel memory of a copy, by virtual address."""

    def __init__(self, copy, kernel):
        self.copy = copy
        self.kernel = kernel
        self.pages = {}

    def phys(self, address):
        page = address & ~0xFFF
        if page not in self.pages:
            self.pages[page] = self.kernel.phys(page)
        return self.pages[page] + (address & 0xFFF)

    def read(self, address, size):
        parts = []
        while size:
            step = min(size, 0x1000 - (address & 0xFFF))
            parts.append(self.copy.read(self.phys(address), step))
            address, size = address + step, size - step
        return b"".join(parts)

    def u64(self, address):
        return struct.unpack("<Q", self.read(address, 8))[0]

    def member(self, address, kind, path):
        """The pointer in a member of the structure there."""
        return self.u64(address + self.kernel.offset(kind, path))

    def patch(self, address, data):
        self.copy.patch(self.phys(address), data)


@pytest.fixture(scope="module")
def victim(guests, tmp_path_factory):
    guest = guests("default")
    copy = ElfCopy(guest.path / "vmcore.elf", tmp_path_factory.mktemp("victim") / "vmcore")
    kernel = Kernel(guest.path / "vmcore.elf")
    yield copy, kernel
    copy.file.close()
    copy.path.unlink()


@pytest.fixture
def damaged(victim):
    copy, kernel = victim
    yield copy, kernel
    copy.restore()


def u32(value):
    return struct.pack("<I", value)


def u64(value):
    return struct.pack("<Q", value)


def run_on(dump, directory, *options):
    """A run that ends well or with a clear word; the report where there is one."""
    directory.mkdir()
    result = run_program(
        "--vmcore", dump, "--tmp-dir", directory, "--batch", "--compression-type", "none", *options,
        program=sanitized_path() / "vmcore-report", check=False,
    )
    said = result.stdout + result.stderr
    assert "Sanitizer" not in said and "runtime error" not in said, said
    assert result.returncode in (0, 1), said
    left = sorted(p.name for p in directory.iterdir())
    if result.returncode:
        assert re.search(r"^Error: .+", result.stderr, re.M), said
        assert not left, left
    return result


def files(manifest, plugin):
    report = manifest["components"]["report"]["plugins"][plugin]
    return {f["specification"]: f for f in report["files"]}


def report_on(dump, directory, *options):
    return make_report(dump, directory, *options, program=sanitized_path() / "vmcore-report")


def every_plugin_ended(manifest):
    plugins = manifest["components"]["report"]["plugins"]
    return all(p["status"] in ("ok", "inactive") for p in plugins.values())
