# SPDX-License-Identifier: GPL-2.0-or-later
"""drgn and gdb on the vmlinux that is made from the dump: all that they are told is what the guest's kernel said."""

import re
import subprocess

import pytest

from conftest import probe, run_program
from drgn_dump import Dump

from drgn.helpers.linux import list as lists
from drgn.helpers.linux import percpu, pid, slab


class Made:
    """One guest's dump, and drgn on the file that --extract-vmlinux writes of it."""

    def __init__(self, guest, folder):
        self.guest = guest
        self.dump = Dump(guest, folder)
        self.vmlinux = folder / "vmlinux"
        run_program("--vmcore", guest.vmcore, "--extract-vmlinux", self.vmlinux)
        self.prog = self.dump.program(self.vmlinux)


@pytest.fixture(scope="module")
def made(guest, tmp_path_factory):
    folder = tmp_path_factory.mktemp(f"drgn-{guest.name}")
    yield Made(guest, folder)
    for path in folder.iterdir():
        path.unlink()


def test_runs_of_memory_are_those_of_the_dump(made):
    assert made.dump.runs == sorted(made.dump.runs)
    joined = []
    for start, end in made.dump.runs:
        if joined and joined[-1][1] == start:
            start = joined.pop()[0]
        joined.append((start, end))
    assert joined == made.dump.memory.runs()


def test_everything_came_into_the_file(made):
    figures = made.dump.figures
    assert figures["types"] > 25000 and figures["functions"] > 25000 and figures["unwind_rows"] > 300000
    assert figures["symbols"] == len(probe(made.guest.vmcore, "symbols"))
    assert figures["build_id"] == 1
    assert figures["modules"] > 10 or made.guest.version < (5, 11)
    assert figures["bytes"] == made.dump.made.stat().st_size < 40 << 20


def test_tasks(made):
    prog = made.prog
    assert prog["init_task"].comm.string_() == b"swapper/0"
    tasks = sorted((x.pid.value_(), x.tgid.value_()) for x in pid.for_each_task(prog))
    assert tasks == sorted((tid, int(row["tgid"])) for tid, row in made.guest.tasks().items())


def test_per_cpu_variables(made):
    prog = made.prog
    cpus = len(re.findall(r"^processor", (made.guest.truth / "proc/cpuinfo").read_text(), re.M))
    names = [percpu.per_cpu(prog["runqueues"], cpu).curr.comm.string_().decode() for cpu in range(cpus)]
    assert made.guest.tasks()[made.guest.moment()["agent_pid"]]["comm"] in names
    assert [percpu.per_cpu(prog["runqueues"], cpu).cpu.value_() for cpu in range(cpus)] == list(range(cpus))


def kallsyms(guest):
    addresses = {}
    for line in (guest.truth / "proc/kallsyms").read_text().splitlines():
        address, _, name = line.split("\t")[0].split(" ", 2)
        addresses.setdefault(name, set()).add(int(address, 16))
    return addresses


def test_symbols(made):
    prog = made.prog
    addresses = kallsyms(made.guest)
    for name in ("panic", "init_task", "schedule", "linux_banner", "tun_get_socket", "nf_register_net_hook"):
        if name in addresses:
            assert {prog.symbol(name).address} == addresses[name]
            (address,) = addresses[name]
            assert prog.symbol(address + 1).address == address
    with pytest.raises(LookupError):
        prog.symbol("there_is_no_such_symbol")


def test_names_without_a_type_are_there_nonetheless(made):
    prog = made.prog
    assert prog["system_wq"].address_ == prog.symbol("system_wq").address
    with pytest.raises(KeyError):
        prog["there_is_no_such_variable"]
    kernel_init = prog.function("kernel_init").type_
    assert [x.type.type_name() for x in kernel_init.parameters] == ["void *"] and kernel_init.type.type_name() == "int"


def frames(trace):
    found = []
    for frame in trace:
        try:
            symbol = frame.symbol()
        except LookupError:
            break
        found.append((frame.pc, symbol.name, frame.pc - symbol.address))
    return found


def test_stacks_of_sleeping_tasks_are_the_kernels(made):
    pattern = re.compile(r"\[<0>\] (\S+)\+(0x\w+)/")
    addresses = kallsyms(made.guest)
    same, different = 0, []
    for task in pid.for_each_task(made.prog):
        path = made.guest.truth / f"proc/{task.pid.value_()}/stack"
        theirs = pattern.findall(path.read_text()) if path.exists() else []
        if not theirs:
            continue
        ours = frames(made.prog.stack_trace(task))
        # /proc leaves the scheduler's own functions out; a function may have several names.
        pairs = zip(ours[-len(theirs) :], theirs)
        if len(ours) >= len(theirs) and all(
            pc - int(offset, 16) in addresses.get(name, ()) for (pc, _, _), (name, offset) in pairs
        ):
            same += 1
        else:
            different.append((task.pid.value_(), task.comm.string_(), ours, theirs))
    assert same > 50
    # Between that look and the end of the guest a few tasks woke up; a few are of functions being traced.
    assert len(different) <= same // 10, different


def test_the_stack_of_the_panic(made):
    names = [name for _, name, _ in frames(made.prog.crashed_thread().stack_trace())]
    assert "panic" in names and "sysrq_handle_crash" in names
    assert names.index("panic") < names.index("sysrq_handle_crash") < names.index("ksys_write")
    assert names[-1].startswith("entry_SYSCALL_64")


def test_lists_and_caches(made):
    prog = made.prog
    names = {x.name.string_().decode() for x in slab.for_each_slab_cache(prog)}
    # Aliases share a cache.
    shown = {x.split()[0] for x in (made.guest.truth / "proc/slabinfo").read_text().splitlines()[2:]}
    assert len(shown) > 50 and shown <= names
    modules = lists.list_for_each_entry("struct module", prog["modules"].address_of_(), "list")
    loaded = [x.split()[0] for x in (made.guest.truth / "proc/modules").read_text().splitlines()]
    assert [x.name.string_().decode() for x in modules] == loaded


def test_constants(made):
    prog = made.prog
    assert prog["PIDTYPE_TGID"].value_() == 1
    assert prog.constant("SCTP_CID_INIT_ACK").value_() == 2
    assert prog["init_task"].static_prio.value_() == 120


def test_types_are_as_large_as_the_model_has_them(made):
    names = [f"struct {x}" for x in "task_struct mm_struct module page sk_buff rq inode super_block net".split()]
    ours = {}
    for line in probe(made.guest.vmcore, "layout", *names):
        if not line.startswith(" "):
            current = line.split()[1]
            assert made.prog.type(f"struct {current}").size * 8 == int(line.split()[2])
            continue
        name, offset, _ = line.split()
        ours[current, name] = int(offset)
    assert len(ours) > 300
    for (struct_name, name), offset in ours.items():
        assert made.prog.type(f"struct {struct_name}").member(name).bit_offset == offset, (struct_name, name)


def test_types_of_modules(made):
    if made.guest.version < (5, 11):
        pytest.skip("this kernel keeps no types of modules")
    assert made.prog.type("struct veth_priv").has_member("dropped")


def test_gdb_takes_it(made):
    done = subprocess.run(
        ["gdb", "-nx", "-batch", "-ex", "ptype struct list_head", "-ex", "print sizeof(struct task_struct)", made.vmlinux],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0 and not done.stderr, done.stderr
    assert "struct list_head *next;" in done.stdout
    assert f"= {made.prog.type('struct task_struct').size}" in done.stdout
