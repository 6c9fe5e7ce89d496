# SPDX-License-Identifier: GPL-2.0-or-later
"""Types from DWARF, of Debian's -dbg packages, against those from the dump's BTF: all of them, and the reports made of them."""

import math
import os
import re
import statistics
import subprocess
import sys

import pytest

from conftest import BESIDE, MOVING, debuginfo, debuginfo_options, has_python, make_report, module_debuginfo, tool_path

# Where debug information adds the lines of source files.
LINED = ("plugins/overview/", "plugins/panic_summary/", "plugins/stacks/", "sos_reports/sos.html")
# Which of several definitions is the first isn't the same: pahole runs on several CPUs at once.
SEVERAL_MAX = 12
# An unsigned long until 6.8, which nothing in the dump tells; its lower half is all that is read.
SHRUNK = ("kmsg_bytes",)
# Types that functions have for themselves: pahole takes them, too.
LOCAL_MAX = 40


@pytest.fixture(scope="module")
def with_debuginfo(guest, tmp_path_factory):
    """Two reports with it: one of BTF's types where there is BTF, one of none of them."""
    folder = tmp_path_factory.mktemp("with")
    return (
        make_report(guest.vmcore, folder / "btf", *debuginfo_options(guest)),
        make_report(guest.vmcore, folder / "dwarf", *debuginfo_options(guest), "--no-btf"),
    )


def kept(report, *but):
    return {p: c for p, c in report.contents.items() if not p.startswith((*MOVING, BESIDE, *but))}


def test_the_report_of_dwarf_is_the_report_of_btf(with_debuginfo):
    """With module's types from their debug files in both, where the dump's BTF has none (5.10)."""
    of_btf, of_dwarf = map(kept, with_debuginfo)
    assert "types are from the DWARF of" in with_debuginfo[1].text("sos_logs/sos.log")
    assert "types are from" not in with_debuginfo[0].text("sos_logs/sos.log")
    assert len(of_btf) > 3000
    assert set(of_btf) == set(of_dwarf)
    assert [p for p in of_btf if of_btf[p] != of_dwarf[p]] == []


def test_debuginfo_changes_nothing_but_what_it_adds(guest, reports, with_debuginfo):
    bare, rich = kept(reports(guest.name), *LINED), kept(with_debuginfo[0], *LINED)
    if guest.version >= (5, 11):
        assert set(bare) == set(rich)
        assert [p for p in bare if bare[p] != rich[p]] == []
        return
    # 5.10 has no BTF of modules: what only they know is in the report now (test_truth_debuginfo holds it to the kernel's).
    assert set(bare) < set(rich)
    added = set(rich) - set(bare)
    assert {"proc/mdstat", "proc/net/vlan/config", "proc/fs/nfsfs/servers", "proc/fs/xfs/stat"} <= added


def types(guest, *options):
    """{name: lines} of all types as the engine has them, and the lines of variables."""
    done = subprocess.run(
        [tool_path("types"), *options, guest.vmcore], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=300
    )
    assert done.returncode == 0
    found, variables = {}, []
    for line in done.stdout.decode(errors="replace").splitlines():
        if line.startswith("variable "):
            variables.append(line.removeprefix("variable ").split("\t"))
        elif line.startswith("\t"):
            found[name].append(line)  # noqa: F821: the line before it has said
        else:
            # "struct list_head 4 16 unsigned", "long unsigned int 1 8 unsigned"
            words = line.split(" ")
            end = next(i for i, word in enumerate(words) if word.isdigit())
            name = " ".join(words[:end])
            found[name] = [line]
    return found, variables


@pytest.fixture(scope="module")
def of_dwarf(guest):
    return types(guest, "--no-btf", "--vmlinux", debuginfo(guest))


def one_array(lines):
    """What is said of a type with all dimensions of an array in one, as they are read of DWARF and, before 7.2, in BTF."""
    return [
        re.sub(r"(?:\[\d+\]){2,}", lambda x: f"[{math.prod(map(int, re.findall(r'[0-9]+', x[0])))}]", line) for line in lines
    ]


def test_every_type_is_as_in_btf(guest, of_dwarf):
    (btf, _), (dwarf, _) = types(guest), of_dwarf
    assert len(dwarf) > 8000
    assert set(dwarf) <= set(btf)
    assert len(set(btf) - set(dwarf)) <= LOCAL_MAX
    different = [x for x in dwarf if one_array(btf[x]) != dwarf[x]]
    if guest.version < (5, 11):
        # BTF of that age cuts values of 64 bits and doesn't say which enums, and that chars, are signed.
        different = [x for x in different if x.startswith(("struct ", "union "))]
    assert len(different) <= SEVERAL_MAX, different


def test_the_table_of_variables_is_right(of_dwarf):
    """Sizes where it has one, and what it may not be but is: shown by name."""
    _, variables = of_dwarf
    assert len(variables) > 150
    wrong = []
    for name, ours, theirs, is_array in variables:
        size, _ = ours.split(" ", 1)
        real, spelled = theirs.split(" ", 1)
        # An array may be given by its first element, a long text by a part of it, or more than all.
        if not is_array and size != real and "[" not in spelled and name not in SHRUNK:
            wrong.append((name, ours, theirs))
    assert wrong == []


def cost(command):
    """(CPU seconds, KiB) of a command. With several threads drgn spends more: they wait for each other in a loop."""
    child = (
        "import resource, subprocess, sys\n"
        "subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)\n"
        "r = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "print(r.ru_utime + r.ru_stime, r.ru_maxrss)"
    )
    done = subprocess.run(
        [sys.executable, "-c", child, *map(str, command)],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=600,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    seconds, kib = done.stdout.split()
    return float(seconds), int(kib)


@pytest.mark.skipif(not has_python(), reason="there is no drgn to compare with")
def test_dwarf_costs_less_than_drgns(guest):
    """Finding a task's types by DWARF alone, next to drgn's way to the same; without opening the dump, and Python's start."""
    script = (
        "import drgn, sys\nprog = drgn.Program()\nprog.load_debug_info([sys.argv[1]])\n"
        "assert prog.type('struct task_struct').size\n"
    )
    opening = [tool_path("types"), "--only", "struct task_struct", guest.vmcore]
    commands = {
        "opening": opening,
        "ours": [*opening[:1], "--no-btf", "--vmlinux", debuginfo(guest), *opening[1:]],
        "starting": ["/usr/bin/python3", "-c", "import drgn"],
        "theirs": ["/usr/bin/python3", "-c", script, debuginfo(guest)],
    }
    runs = [{name: cost(command) for name, command in commands.items()} for _ in range(5)]
    seconds = {name: statistics.median(x[name][0] for x in runs) for name in commands}
    memory = {name: statistics.median(x[name][1] for x in runs) for name in commands}
    ours, theirs = seconds["ours"] - seconds["opening"], seconds["theirs"] - seconds["starting"]
    print(f"{guest.name}: seconds {ours:.2f} : {theirs:.2f}, KiB {memory['ours']} : {memory['theirs']}")
    assert ours < theirs
    assert memory["ours"] < memory["theirs"]


@pytest.mark.skipif(not has_python(), reason="there is no drgn to compare with")
def test_modules_cost_less_than_drgns(guest):
    """The same with the files of all modules that were loaded, for the type of one of them, which is read; and the others' aren't."""
    files = {
        x.name.split(".ko")[0].replace("-", "_"): x for x in module_debuginfo(guest).glob("lib/modules/**/*.ko*") if x.is_file()
    }
    loaded = [x.split()[0] for x in (guest.truth / "proc/modules").read_text().splitlines()]
    modules = {name: files[name] for name in loaded if name in files}
    assert len(modules) > 50 and "md_mod" in modules
    script = (
        "import drgn, sys\nprog = drgn.Program()\nprog.load_debug_info(sys.argv[1:])\n"
        "assert prog.type('struct md_personality').size\n"
    )
    opening = [tool_path("types"), "--no-btf", "--vmlinux", debuginfo(guest)]
    named = [x for name, path in modules.items() for x in ("--module", name, path)]
    commands = {
        "bare": [*opening, "--only", "struct task_struct", guest.vmcore],
        "ours": [*opening, *named, "--only", "struct md_personality", guest.vmcore],
        "theirs bare": ["/usr/bin/python3", "-c", script.replace("md_personality", "task_struct"), debuginfo(guest)],
        "theirs": ["/usr/bin/python3", "-c", script, debuginfo(guest), *modules.values()],
    }
    runs = [{name: cost(command) for name, command in commands.items()} for _ in range(3)]
    seconds = {name: statistics.median(x[name][0] for x in runs) for name in commands}
    memory = {name: statistics.median(x[name][1] for x in runs) for name in commands}
    ours, theirs = seconds["ours"] - seconds["bare"], seconds["theirs"] - seconds["theirs bare"]
    print(f"{guest.name}: {len(modules)} modules: seconds {ours:.2f} : {theirs:.2f}, KiB {memory['ours']} : {memory['theirs']}")
    assert ours < theirs
    assert memory["ours"] < memory["theirs"]
