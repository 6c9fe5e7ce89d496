# SPDX-License-Identifier: GPL-2.0-or-later
"""
Damaged dumps: kernel memory that lies, flipped bits, files cut short. Each costs rows, files or at worst
the report, with its reason; never a crash, a hang, or a made-up value. Run with sanitizers.
"""

import random
import shutil
import subprocess

import pytest

from conftest import probe, tool_path
from damage import (  # noqa: F401
    KERNEL_POINTER,
    Kernel,
    damaged,
    every_plugin_ended,
    files,
    report_on,
    run_on,
    u32,
    u64,
    victim,
)


def test_a_list_of_tasks_that_loops(damaged, tmp_path):
    copy, kernel = damaged
    tasks = kernel.offset("struct task_struct", "tasks")
    leader = kernel.tasks[20]
    copy.patch(kernel.phys(leader + tasks), u64(kernel.tasks[3] + tasks))
    report = report_on(copy.path, tmp_path / "out")
    entry = files(report.manifest(), "tasks")["plugins/tasks/tasks.txt"]
    assert entry["status"] == "partial" and entry["kind"] == "corrupt"
    # What the list does not lead to any more is found by its id.
    rows = report.text("plugins/tasks/tasks.txt").splitlines()
    assert len(rows) == len(kernel.tasks) + 1
    assert every_plugin_ended(report.manifest())


def test_a_list_of_tasks_that_leads_nowhere(damaged, tmp_path):
    copy, kernel = damaged
    tasks = kernel.offset("struct task_struct", "tasks")
    copy.patch(kernel.phys(kernel.tasks[20] + tasks), u64(KERNEL_POINTER))
    report = report_on(copy.path, tmp_path / "out")
    entry = files(report.manifest(), "tasks")["plugins/tasks/tasks.txt"]
    assert entry["status"] == "partial" and entry["kind"] == "fault"
    assert "0xffff8880dead" in entry["reason"]


def test_a_task_with_a_wild_pointer_costs_one_value(damaged, tmp_path):
    copy, kernel = damaged
    parent = kernel.offset("struct task_struct", "real_parent")
    victim = kernel.tasks[30]
    copy.patch(kernel.phys(victim + parent), u64(KERNEL_POINTER))
    report = report_on(copy.path, tmp_path / "out")
    entry = files(report.manifest(), "tasks")["plugins/tasks/tasks.txt"]
    assert entry["status"] == "partial" and entry["kind"] == "fault"
    tasks = report.json("plugins/tasks/tasks.json")
    assert len(tasks) == len(kernel.tasks)
    (damaged_one,) = [t for t in tasks if "missing" in t]
    assert damaged_one["address"] == hex(victim) and damaged_one["ppid"] is None
    assert "real_parent" in damaged_one["missing"] and damaged_one["comm"]


def test_a_name_without_an_end(damaged, tmp_path):
    copy, kernel = damaged
    comm = kernel.offset("struct task_struct", "comm")
    copy.patch(kernel.phys(kernel.tasks[30] + comm), b"\x1b[31m\xff\xfe\x80" + b"x" * 8)
    report = report_on(copy.path, tmp_path / "out")
    assert b"\x1b" not in report.contents["plugins/tasks/tasks.txt"]
    assert "\\x1b[31m\\xff\\xfe\\x80" in report.text("plugins/tasks/tasks.txt")
    assert any("\\xff\\xfe" in t["comm"] for t in report.json("plugins/tasks/tasks.json"))


@pytest.mark.parametrize("what", ["count", "size", "data"])
def test_a_log_whose_sizes_lie(damaged, tmp_path, what):
    copy, kernel = damaged
    ring = kernel.addr("printk_rb_static")
    member, data = {
        "count": ("desc_ring.count_bits", u32(60)),
        "size": ("text_data_ring.size_bits", u32(63)),
        "data": ("text_data_ring.data", u64(KERNEL_POINTER)),
    }[what]
    copy.patch(kernel.phys(ring + kernel.offset("struct printk_ringbuffer", member)), data)
    report = report_on(copy.path, tmp_path / "out")
    entry = files(report.manifest(), "dmesg")["sos_commands/kernel/dmesg"]
    assert entry["status"] == "omitted" and entry["reason"]
    assert "sos_commands/kernel/dmesg" not in report.contents
    assert every_plugin_ended(report.manifest())


def test_a_module_list_that_loops_and_symbol_counts_that_lie(damaged, tmp_path):
    copy, kernel = damaged
    at = kernel.offset("struct module", "list")
    core = kernel.offset("struct module", "core_kallsyms.num_symtab")
    copy.patch(kernel.phys(kernel.modules[5] + at), u64(kernel.modules[1] + at))
    copy.patch(kernel.phys(kernel.modules[2] + core), u32(0xFFFFFFFF))
    copy.patch(kernel.phys(kernel.modules[3] + core), u32(900000))
    report = report_on(copy.path, tmp_path / "out")
    assert every_plugin_ended(report.manifest())
    assert "module" in report.text("sos_logs/sos.log")


def test_a_count_of_cpus_that_lies(damaged, tmp_path):
    copy, kernel = damaged
    copy.patch(kernel.phys("nr_cpu_ids"), u32(0xFFFFFFFF))
    report = report_on(copy.path, tmp_path / "out")
    assert every_plugin_ended(report.manifest())
    assert report.json("plugins/kernel_info/kernel_info.json").get("cpus", {}) == {}


@pytest.mark.parametrize("symbol", ["kallsyms_num_syms", "kallsyms_token_index", "kallsyms_names"])
def test_symbol_tables_that_lie(damaged, tmp_path, symbol):
    copy, kernel = damaged
    copy.patch(kernel.phys(kernel.note(f"SYMBOL({symbol})")), b"\xff" * 64)
    run_on(copy.path, tmp_path / "out")


def test_types_that_are_none(damaged, tmp_path):
    copy, kernel = damaged
    copy.patch(kernel.phys("__start_BTF"), bytes(24))
    report = report_on(copy.path, tmp_path / "out")
    assert "BTF" in report.manifest()["vmcore"]["types_missing"]
    assert files(report.manifest(), "dmesg")["sos_commands/kernel/dmesg"]["status"] == "ok"


@pytest.mark.parametrize("seed", range(8))
def test_types_with_flipped_bits(damaged, tmp_path, seed):
    copy, kernel = damaged
    rng = random.Random(seed)
    start, stop = kernel.addr("__start_BTF"), kernel.addr("__stop_BTF")
    for _ in range(1 + seed * 40):
        at = rng.randrange(start, stop)
        phys = kernel.phys(start) + (at - start)  # the image is contiguous
        copy.patch(phys, bytes([copy.byte(phys) ^ 1 << rng.randrange(8)]))
    run_on(copy.path, tmp_path / "out")


@pytest.mark.parametrize("seed", range(4))
def test_tasks_and_stacks_with_flipped_bits(damaged, tmp_path, seed):
    copy, kernel = damaged
    rng = random.Random(1000 + seed)
    size = int(probe(kernel.dump, "sizeof", "struct task_struct")[0].rsplit(" ", 1)[1])
    pages = {}
    for task in rng.sample(kernel.tasks, 8):
        for _ in range(12):
            at = task + rng.randrange(size)
            page = at & ~0xFFF
            if page not in pages:
                pages[page] = kernel.phys(page)
            phys = pages[page] + (at & 0xFFF)
            copy.patch(phys, bytes([copy.byte(phys) ^ 1 << rng.randrange(8)]))
    run_on(copy.path, tmp_path / "out")


@pytest.mark.parametrize("seed", range(8))
def test_a_compressed_dump_with_flipped_bits(guests, tmp_path, seed):
    rng = random.Random(seed)
    path = tmp_path / "vmcore"
    shutil.copyfile(guests("default").vmcore, path)
    size = path.stat().st_size
    with open(path, "r+b", buffering=0) as file:
        # One bit, then more; the first half of the seeds within the headers and tables.
        for _ in range(1 if seed < 2 else 200):
            at = rng.randrange(1 << 20 if seed % 2 else size)
            file.seek(at)
            old = file.read(1)[0]
            file.seek(at)
            file.write(bytes([old ^ 1 << rng.randrange(8)]))
    run_on(path, tmp_path / "out")


@pytest.mark.parametrize("part", [0.001, 0.02, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6, 0.7, 0.75, 0.9, 0.999])
def test_a_dump_that_is_cut_short(guests, tmp_path, part):
    source = guests("default").vmcore
    path = tmp_path / "vmcore"
    shutil.copyfile(source, path)
    with open(path, "r+b") as file:
        file.truncate(int(source.stat().st_size * part))
    run_on(path, tmp_path / "out")


class Holes:
    """A dump of which pages of the kernel's tables are dropped, beside the report on the whole one."""

    def __init__(self, guest, reports, directory):
        self.source = guest.vmcore
        self.kernel = Kernel(guest.vmcore)
        self.whole = reports(guest.name)
        self.directory = directory

    def report(self, *ranges):
        """The report on the dump without the pages of [start, start + len) of each."""
        path = self.directory / "vmcore.holed"
        drops = []
        for start, length in ranges:
            phys = self.kernel.phys(start)
            drops += ["--drop", f"{phys:#x}-{phys + length:#x}"]
        subprocess.run([tool_path("recode"), *drops, self.source, path, "kdump-lzo"], check=True)
        return report_on(path, self.directory / "out")

    def dmesg_is_whole(self, report):
        dmesg = "sos_commands/kernel/dmesg"
        return report.contents[dmesg] == self.whole.contents[dmesg]


@pytest.fixture
def holes(guests, reports, tmp_path):
    return Holes(guests("default"), reports, tmp_path)


def test_a_page_of_symbol_names_costs_some_symbols(holes):
    report = holes.report((holes.kernel.note("SYMBOL(kallsyms_names)") + 0x20000, 1))
    missing = report.manifest()["vmcore"]["symbols_missing"]
    assert 100 < int(missing.split()[0]) < 1500 and "kallsyms" in missing
    assert "types_missing" not in report.manifest()["vmcore"]
    assert holes.dmesg_is_whole(report)
    assert "plugins/tasks/tasks.txt" in report.contents


def test_a_page_of_symbol_addresses_costs_some_symbols(holes):
    report = holes.report((holes.kernel.note("SYMBOL(kallsyms_offsets)") + 0x8000, 1))
    assert 100 < int(report.manifest()["vmcore"]["symbols_missing"].split()[0]) <= 1024
    assert holes.dmesg_is_whole(report)


def test_a_page_of_types_costs_those_behind_it(holes):
    report = holes.report((holes.kernel.addr("__start_BTF") + 0x100000, 1))
    assert "not in the dump" in report.manifest()["vmcore"]["types_missing"]
    assert holes.dmesg_is_whole(report)


def test_a_page_of_the_names_of_types_costs_these(holes):
    report = holes.report((holes.kernel.addr("__stop_BTF") - 0x20000, 1))
    assert report.manifest()["vmcore"]["types_missing"].startswith("names of some")
    assert holes.dmesg_is_whole(report)


def test_the_log_without_symbols_and_types(holes):
    tokens = holes.kernel.note("SYMBOL(kallsyms_token_table)")
    report = holes.report((tokens, 0x2000), (holes.kernel.addr("__start_BTF"), 1))
    manifest = report.manifest()
    assert "kallsyms" in manifest["vmcore"]["symbols_missing"]
    assert "BTF" in manifest["vmcore"]["types_missing"]
    assert holes.dmesg_is_whole(report)
    uts = "plugins/kernel_info/uts.txt"
    assert report.contents[uts] == holes.whole.contents[uts]
    entry = files(manifest, "dmesg")["sos_commands/kernel/dmesg_-T"]
    assert entry["status"] == "omitted" and entry["kind"] == "fault"
    # Nothing that isn't known is given as if there were none of it.
    assert not any(name.startswith("plugins/tasks/") for name in report.contents)
    assert any("dump lacks" in line for line in report.text("sos_logs/sos.log").splitlines())
