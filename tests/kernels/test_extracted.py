# SPDX-License-Identifier: GPL-2.0-or-later
"""What drgn sees through the vmlinux that is made from the dump, against what it sees through the genuine one."""

import pytest

from conftest import debuginfo, run_program
from drgn_dump import Dump

import drgn
from drgn.helpers.linux import pid, slab

MODULES = 0xFFFFFFFFC0000000

CACHES = (("task_struct", "struct task_struct"), ("vm_area_struct", "struct vm_area_struct"), ("pid", "struct pid"))


class Sight:
    """Tasks, stacks and slab caches, by drgn's own helpers, as plain values."""

    def __init__(self, prog):
        self.prog = prog
        self.tasks = {x.value_(): (x.pid.value_(), x.tgid.value_(), x.comm.string_()) for x in pid.for_each_task(prog)}
        self.caches = {x.name.string_(): x.value_() for x in slab.for_each_slab_cache(prog)}

    def stack(self, task):
        """Frames as (pc, name); of inlined functions, which the genuine file knows, the pc is there once."""
        frames = []
        for frame in self.prog.stack_trace(task):
            try:
                pc = frame.pc
            except LookupError:
                # The stack of a zombie may be overwritten by now: here drgn doesn't know on.
                pc = 0
            if not frames or frames[-1][0] != pc:
                try:
                    frames.append((pc, frame.symbol().name))
                except LookupError:
                    frames.append((pc, None))
        return frames

    def stacks(self):
        return {x.value_(): self.stack(x) for x in pid.for_each_task(self.prog)}

    def objects(self, name, kind):
        """Addresses of what is allocated, or what drgn says in place of it."""
        try:
            cache = slab.find_slab_cache(self.prog, name)
            return {x.value_() for x in slab.slab_cache_for_each_allocated_object(cache, kind)}
        except (AttributeError, LookupError) as error:
            return f"{type(error).__name__}: {error}"


@pytest.fixture(scope="module")
def sights(guest, tmp_path_factory):
    folder = tmp_path_factory.mktemp(f"extract-{guest.name}")
    dump = Dump(guest, folder)
    run_program("--vmcore", guest.vmcore, "--extract-vmlinux", folder / "vmlinux")
    yield Sight(dump.program(folder / "vmlinux")), Sight(dump.program(debuginfo(guest)))
    for path in folder.iterdir():
        path.unlink()


def test_tasks_and_caches_are_the_same(guest, sights):
    ours, theirs = sights
    assert ours.tasks == theirs.tasks and len(ours.tasks) > 100
    assert ours.caches == theirs.caches and len(ours.caches) > 50


def test_stacks_are_the_same_where_the_genuine_file_has_any(guest, sights):
    # The release of drgn that Debian 12 has doesn't know the tables that 6.4 brought, where it needs them.
    if guest.version >= (6, 4) and drgn.__version__ == "0.0.22":
        pytest.skip("this drgn can't unwind such a kernel with the genuine file")
    ours, theirs = sights[0].stacks(), sights[1].stacks()
    whole = 0
    for task, frames in theirs.items():
        mine = ours[task]
        # There is no ORC for where registers were saved, so that the caller is missed by the genuine one, or what it
        # takes for one is no code.
        if frames[0][1] == "__crash_kexec" and frames[1][1] not in (mine[1][1], None):
            assert mine.pop(1)[1] == "panic"
        # It knows of no module, and so what follows the first frame in one is guessed.
        known = next((i for i, (_, name) in enumerate(frames) if name is None), len(frames))
        whole += known == len(frames)
        assert [pc for pc, _ in mine][:known] == [pc for pc, _ in frames][:known]
        for (pc, our_name), (_, their_name) in zip(mine[:known], frames):
            # Names of places within functions are taken for functions' by one and not by the other.
            first, last = (sights[0].prog.symbol(x).address for x in (their_name, our_name))
            assert our_name == their_name or first <= last <= pc, (our_name, their_name)
        if known < len(frames) and frames[known][0] >= MODULES:
            assert mine[known][0] == frames[known][0]
    assert whole > 100


def test_slab_objects_are_the_same(guest, sights):
    for name, kind in CACHES:
        ours, theirs = (x.objects(name, kind) for x in sights)
        assert ours == theirs, name
        if isinstance(ours, str):
            pytest.skip(f"this drgn can't: {ours}")
        assert len(ours) > 50
        if name == "task_struct":
            assert ours >= set(sights[0].tasks)
