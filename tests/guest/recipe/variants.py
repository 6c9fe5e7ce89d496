# SPDX-License-Identifier: GPL-2.0-or-later
"""The kinds of dumps that can be made: one table."""

from dataclasses import dataclass
from typing import Optional

# Debian 12's QEMU 7.2 corrupts EFLAGS after an unlocked cmpxchg16b, which
# kernels from 6.12 on use: they die at boot or wander off. Hence cx16=off.
FOUR_LEVEL = "max,la57=off,cx16=off"
FIVE_LEVEL = "max,cx16=off"


@dataclass(frozen=True)
class Variant:
    """One kind of dump. All of it goes into the key of the cached result."""

    name: str
    #: the -cpu of QEMU; decides between 4- and 5-level paging
    cpu: str = FOUR_LEVEL
    #: the meta package that depends on the kernel package to boot
    kernel_package: str = "linux-image-cloud-amd64"
    #: the Debian suite to take it from, and makedumpfile, too; None for that
    #: of this machine and the makedumpfile installed here
    suite: Optional[str] = None
    #: who saves the memory: "kexec", the crash kernel with makedumpfile; or
    #: "qemu", from outside, after the panic of a guest without crash kernel
    saved_by: str = "kexec"
    #: whether QEMU's dump has the kernel's VMCOREINFO note
    vmcoreinfo: bool = True
    #: what makedumpfile is to exclude and how it compresses
    dump_options: str = "-l -d 31"
    #: makedumpfile's options for a second dump, vmcore.elf; empty for none
    elf_options: str = "-E -d 31"
    #: its options for another dump, vmcore.holed, which lacks pages that it
    #: should have: makedumpfile doesn't know this kernel; empty for none
    holed_options: str = ""
    #: the suite to take makedumpfile for that from; None: it's the same
    holed_suite: Optional[str] = None
    #: how the machine crashes; a kind that inside/agent.c knows
    crash: str = "sysrq"
    #: so many threads besides; with them only lists of tasks are saved as truth
    crowd: int = 0
    #: whether all that it is about are shares: an SMB and an NFS server inside, whose clients it is, too
    shares: bool = False
    #: parts of the patterns of those kinds that the truth suite holds; none for all. Other tests leave such a guest out
    held: tuple = ()


VARIANTS = {
    variant.name: variant
    for variant in (
        Variant("default"),
        Variant("la57", cpu=FIVE_LEVEL),
        Variant("debian11", suite="bullseye", elf_options=""),
        # 1.7.2 doesn't know Linux 6.10 and later, and drops their slab pages.
        Variant("debian13", suite="trixie", cpu=FIVE_LEVEL, elf_options="",
                holed_options="-l -d 31", holed_suite="bookworm"),
        # sid's own doesn't know 7.2's slab pages either.
        Variant("sid", suite="sid", dump_options="-l -d 1", elf_options="",
                holed_options="-l -d 31"),
        Variant("qemu", saved_by="qemu"),
        Variant("qemu-bare", saved_by="qemu", vmcoreinfo=False),
        # For bench/growth.sh.
        Variant("crowd", elf_options="", crowd=5000),
        # The SMB server of Debian 12's kernel dies of the first folder that is opened.
        Variant("shares", suite="trixie", cpu=FIVE_LEVEL, elf_options="", shares=True,
                held=("/mounts", "/mountinfo", "/mountstats", "/filesystems", "/nfsfs/", "sys/sunrpc/")),
    )  # fmt: skip
}
