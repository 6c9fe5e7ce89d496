# SPDX-License-Identifier: GPL-2.0-or-later
"""Types out of the dump against the DWARF of the very same kernel."""

import functools
import os
import pathlib
import subprocess

import pytest

from conftest import debuginfo, probe

SCRIPT = pathlib.Path(__file__).with_name("dwarf_layout.py")

STRUCTS = tuple("""
    address_space bio block_device bpf_prog cfs_rq cgroup cpuinfo_x86 cred css_set dentry ext4_inode_info
    fdtable file files_struct folio gendisk hrtimer inode irq_data irq_desc kmem_cache mm_struct module mount
    net net_device nsproxy page pglist_data pid pid_namespace printk_ringbuffer request_queue rq sched_entity
    sighand_struct signal_struct sk_buff slab sock super_block task_struct timekeeper timer_list uts_namespace
    vfsmount vm_area_struct worker worker_pool workqueue_struct zone
""".split())
# Those that some kernels don't have: since 5.16, since 5.17.
YOUNGER = {"folio": (5, 16), "slab": (5, 17)}


def split(lines):
    """{struct: "struct name bits" and a line a member}"""
    found = {}
    for line in lines:
        if not line.startswith(" "):
            name = line.split()[1]
            found.setdefault(name, []).append([])
        found[name][-1].append(line)
    return found


@functools.lru_cache(maxsize=None)
def dwarf(path, names, every_definition=False):
    """What gdb reads of a file with DWARF; guests share kernels."""
    environment = {**os.environ, "LAYOUT_NAMES": " ".join(names)}
    if every_definition:
        environment["LAYOUT_ALL"] = "1"
    done = subprocess.run(
        ["gdb", "-nx", "-batch", "-x", SCRIPT, path],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    return split(done.stdout.splitlines())


@pytest.fixture(scope="module")
def layouts(guest):
    ours = split(probe(guest.vmcore, "layout", *(f"struct {x}" for x in STRUCTS)))
    return ours, dwarf(debuginfo(guest), STRUCTS)


def test_important_structs_are_laid_out_as_in_dwarf(guest, layouts):
    ours, theirs = layouts
    expected = {x for x in STRUCTS if guest.version >= YOUNGER.get(x, (0, 0))}
    assert set(ours) == set(theirs) == expected
    assert sum(len(x) for (x,) in ours.values()) > 1500
    different = [x for x in ours if ours[x] != theirs[x]]
    # A few names mean several structs in one kernel; the engine may have met another one first.
    if different:
        theirs = dwarf(debuginfo(guest), tuple(different), every_definition=True)
    for name in different:
        assert ours[name][0] in theirs[name]
