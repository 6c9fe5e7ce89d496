# SPDX-License-Identifier: GPL-2.0-or-later
"""Small ELF files that pass for debug information of a guest's kernel: its build ids, its addresses, made-up sources."""

import os
import re
import subprocess

# What kernel threads stand in: all of its code is of one line, in what is inlined into it.
KERNEL = """
static inline __attribute__((always_inline)) void waits(void)
{
	__asm__ volatile(".skip 256");
}

__attribute__((section("kthread_text"))) void kthread(void)
{
	waits();
}
"""
INLINED_LINE, CALL_LINE = 4, 9
MODULE = """
void md_thread(void)
{
	__asm__ volatile(".skip 1024");
}
"""
MODULE_LINE = 4


def run(*command, **options):
    done = subprocess.run(
        [str(x) for x in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options
    )
    assert done.returncode == 0, (command, done.stdout[-2000:])
    return done.stdout


class Kernel:
    """What a guest's kernel says of itself, for files that are to be taken for its own."""

    def __init__(self, guest):
        self.release = guest.info["kernel_release"]
        head = guest.vmcore.read_bytes()[: 1 << 20]
        (self.offset,) = {int(x, 16) for x in re.findall(rb"KERNELOFFSET=([0-9a-f]+)", head)}
        self.build_id = re.search(rb"BUILD-ID=([0-9a-f]+)", head)[1].decode()
        self.truth = guest.truth
        self.symbols = {}
        for line in (guest.truth / "proc/kallsyms").read_text().splitlines():
            address, _, *name = line.split()
            self.symbols.setdefault(tuple(name), int(address, 16))
        self.banner = (guest.truth / "proc/version").read_text()

    def address(self, name):
        """Where the linker has put it."""
        return self.symbols[name,] - self.offset

    def module(self, name):
        """Its build id, and where in its .text a function of it is."""
        folder = self.truth / "sys/module" / name
        note = (folder / "notes/.note.gnu.build-id").read_bytes()
        return note[16:].hex(), int((folder / "sections/.text").read_text(), 16)


def vmlinux(kernel, path, build_id=None, banner=None, source=KERNEL, directory="kernel", flags=(), link=()):
    """Write a vmlinux with DWARF for kthread(). build_id "": it has none."""
    folder = path.parent / (path.name + ".d")
    (folder / directory).mkdir(parents=True)
    text = source
    if banner:
        text += "const char linux_banner[] = %s;\n" % ('"' + banner.strip().replace('"', '\\"') + '\\n"')
    (folder / directory / "kthread.c").write_text(text)
    run(os.environ.get("CC", "cc"), "-g", "-O1", "-c", "-fno-pic", "-mcmodel=kernel",
        "-fcf-protection=none", "-o", "kthread.o", *flags, f"{directory}/kthread.c", cwd=folder)  # fmt: skip
    build_id = kernel.build_id if build_id is None else build_id
    run("ld", "-static", "-nostdlib", "-e", "0", "-z", "noseparate-code", "-Ttext",
        hex(kernel.address("_stext")), f"--section-start=kthread_text={kernel.address('kthread'):#x}",
        f"--section-start=.rodata={kernel.address('_stext') + 0x800000:#x}",
        f"--defsym=_stext={kernel.address('_stext'):#x}", f"--build-id={'0x' + build_id if build_id else 'none'}",
        "-o", path.absolute(), *link, "kthread.o", cwd=folder)  # fmt: skip
    return path


def module(kernel, path, name="md_mod", function="md_thread", build_id=None):
    """Write a module that nobody has linked, with DWARF for one of its functions."""
    own, text = kernel.module(name)
    folder = path.parent / (path.name + ".d")
    folder.mkdir(parents=True)
    (folder / "md.c").write_text(
        '__asm__(".text; .skip %d");\n' % (kernel.symbols[function, f"[{name}]"] - text) + MODULE
    )
    run(os.environ.get("CC", "cc"), "-g", "-O1", "-c", "-fno-pic", "-mcmodel=kernel", "-fno-toplevel-reorder",
        "-fcf-protection=none", "-o", "md.o", "md.c", cwd=folder)  # fmt: skip
    run("ld", "-r", f"--build-id=0x{build_id or own}", "-o", path.absolute(), "md.o", cwd=folder)
    return path
