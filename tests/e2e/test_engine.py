# SPDX-License-Identifier: GPL-2.0-or-later
"""What the engine reads out of a dump, against what the guest's kernel said of itself."""

import re

from conftest import probe


def kernel_words(guest, path):
    return (guest.truth / "proc" / path).read_text(errors="surrogateescape")


def test_symbols_are_those_of_kallsyms(guest):
    ours = sorted(probe(guest.vmcore, "symbols"))
    # Of code made at run time the names are looked up as they are met: see the stacks.
    made = re.compile(r"\t\[(bpf|__builtin__ftrace|__builtin__kprobes)\]$")
    theirs = sorted(x for x in kernel_words(guest, "kallsyms").splitlines() if not made.search(x))
    assert len(ours) > 80000
    assert ours == theirs


def test_modules_and_their_sizes(guest):
    ours = probe(guest.vmcore, "modules")
    theirs = [" ".join(x.split()[:2]) for x in kernel_words(guest, "modules").splitlines()]
    assert ours and ours == theirs


def task_ids(lines):
    return sorted(tuple(map(int, x.split("\t")[:2])) for x in lines)


def test_tasks_by_list_and_by_id_are_the_kernels(guest):
    truth = sorted((tid, int(row["tgid"])) for tid, row in guest.tasks().items())
    assert task_ids(probe(guest.vmcore, "tasks")) == truth
    assert task_ids(probe(guest.vmcore, "pids")) == truth


def test_a_tree_holds_what_the_list_of_the_same_areas_holds(guest):
    tree = probe(guest.vmcore, "vmap-tree")
    assert len(tree) > 50
    # Since Linux 6.9 there are several trees, each for parts of the address space.
    assert tree == sorted(tree) or guest.version >= (6, 9)
    assert sorted(tree) == sorted(probe(guest.vmcore, "vmap-list"))
    # Each module was loaded into one of them; before 6.13 into one of its own.
    areas = [tuple(int(y, 16) for y in x.split("-")) for x in tree]
    loaded = [int(x, 16) for x in re.findall(r"(0x\w+)", kernel_words(guest, "modules"))]
    assert loaded and all(any(start <= x < end for start, end in areas) for x in loaded)
    assert set(loaded) <= {start for start, _ in areas} or guest.version >= (6, 13)


def test_hash_lists_of_super_blocks(guest):
    by_type = set(probe(guest.vmcore, "superblocks"))
    in_all = set(probe(guest.vmcore, "superblock-list"))
    assert by_type and by_type <= in_all
    # "fuse.name" is of type fuse
    mounted = {x.split()[2].split(".")[0] for x in kernel_words(guest, "1/mounts").splitlines()}
    assert mounted <= {x.split()[0] for x in in_all}


def test_a_radix_tree_of_interrupts(guest):
    irqs = dict(map(int, x.split()) for x in probe(guest.vmcore, "irqs"))
    assert all(index == irq for index, irq in irqs.items())
    shown = {int(x) for x in re.findall(r"^ *(\d+):", kernel_words(guest, "interrupts"), re.M)}
    assert shown and shown <= set(irqs)


def test_per_cpu_memory(guest):
    lines = probe(guest.vmcore, "per-cpu")
    cpus = len(re.findall(r"^processor", kernel_words(guest, "cpuinfo"), re.M))
    assert lines[0] == f"possible 0-{cpus - 1}"
    assert [re.search(r"cpu (\d+) number (\d+)", x).groups() for x in lines[1:]] == [
        (str(i), str(i)) for i in range(cpus)
    ]
    agent = guest.tasks()[guest.moment()["agent_pid"]]["comm"]
    assert agent in [x.rsplit(" ", 1)[1] for x in lines[1:]]


def test_clocks_stopped_when_the_guest_died(guest):
    ours = dict(x.split("=") for x in probe(guest.vmcore, "clocks"))
    moment = guest.moment()
    for key in ("realtime_ns", "monotonic_ns", "boottime_ns"):
        assert 0 <= int(ours[key]) - moment[key] + 10**9 < 60 * 10**9
    assert abs(int(ours["crash_seconds"]) - int(ours["realtime_ns"]) // 10**9) < 60
