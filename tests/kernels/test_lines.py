# SPDX-License-Identifier: GPL-2.0-or-later
"""Source lines and inlined functions in stacks against those that binutils has for the same addresses."""

import os.path
import random
import re
import subprocess

import pytest

from conftest import debuginfo, make_report, module_debuginfo, tool_path

FRAME = re.compile(r"(?P<name>[^+\s]+)\+0x(?P<offset>\w+)/0x\w+(?: \[(?P<module>\w+)\])?(?: \((?P<source>\S+:\d+)\))?")
PARAMETERS = " " * 8
INLINED = re.compile(r"(?P<name>\S+) \((?P<source>\S+:\d+)\) \(inlined\)")


@pytest.fixture(scope="module")
def tree(guest):
    return module_debuginfo(guest)


@pytest.fixture(scope="module")
def report(guest, tree, tmp_path_factory):
    folder = tmp_path_factory.mktemp(f"lines-{guest.name}")
    return make_report(guest.vmcore, folder, "--only-plugins", "stacks,panic_summary", "--debuginfo-dir", tree)


def frames(text):
    """{(name, offset, module): [(function, source), ...]}, the innermost function first"""
    found, inlined = {}, []
    for line in text.splitlines():
        if line.startswith(PARAMETERS):
            continue
        line = line.strip().removeprefix("? ")
        if match := INLINED.fullmatch(line):
            inlined.append((match["name"], match["source"]))
            continue
        if match := FRAME.fullmatch(line):
            key = match["name"], int(match["offset"], 16), match["module"]
            found[key] = [*inlined, (match["name"], match["source"])]
        inlined = []
    return found


def addresses(guest):
    """{(name, module): address}, of names that are one function's"""
    found = {}
    for line in (guest.truth / "proc/kallsyms").read_text().splitlines():
        address, _, name, *module = line.split()
        key = name, module[0].strip("[]") if module else None
        found[key] = None if key in found else int(address, 16)
    return found


def section_of(guest, module, address):
    """The section of a module that has it, and where in it that is."""
    folder = guest.truth / "sys/module" / module / "sections"
    bases = {p.name: int(p.read_text(), 16) for p in folder.iterdir() if ".text" in p.name}
    name = max((x for x in bases if bases[x] <= address), key=bases.get)
    return name, address - bases[name]


def binutils(path, where, section=None):
    """[[(function, source), ...], ...] of addresses"""
    command = ["addr2line", "-a", "-f", "-i", "-e", path, *(["-j", section] if section else [])]
    out = subprocess.run(
        command, input="\n".join(hex(x) for x in where), stdout=subprocess.PIPE, text=True, check=True
    ).stdout.splitlines()
    found = []
    while out:
        if out[0].startswith("0x"):
            found.append([])
            out.pop(0)
            continue
        function, source = out.pop(0), out.pop(0)
        found[-1].append((function, re.sub(r" \(discriminator \d+\)", "", source)))
    return found


def agrees(ours, theirs):
    if len(ours) != len(theirs):
        return False
    for (function, source), (other, other_source) in zip(ours, theirs):
        # what the compiler appends to a symbol is no part of its function's name
        if other != "??" and function.split(".")[0] != other.split(".")[0]:
            return False
        path, _, line = other_source.rpartition(":")
        if source is None:
            if line not in ("?", "0"):
                return False
        elif not f"/{os.path.normpath(path)}:{line}".endswith(f"/{source}"):
            return False
    return True


def exact_frames(panic):
    """Addresses at which CPUs were stopped."""
    found = set()
    for cpu in panic["cpus"]:
        for i, frame in enumerate(cpu.get("stack", [])):
            if i == 0 or frame["kind"] == "regs":
                found.add(int(frame["pc"], 16))
    return found


def test_lines(guest, tree, report):
    where = addresses(guest)
    vmlinux = debuginfo(guest)
    symbols = subprocess.run(["nm", vmlinux], stdout=subprocess.PIPE, text=True, check=True).stdout
    offset = where["_stext", None] - int(re.search(r"^(\w+) T _stext$", symbols, re.M)[1], 16)
    stacks = frames(report.text("plugins/stacks/stacks.txt"))
    exact = exact_frames(report.json("plugins/panic_summary/panic.json"))
    groups = {}
    for (name, at, module), ours in stacks.items():
        address = where.get((name, module))
        if address is None:
            continue
        # of a return address: where the call is
        address += at - (address + at not in exact)
        if module:
            section, place = section_of(guest, module, address)
            groups.setdefault((module, section), []).append((place, ours))
        else:
            groups.setdefault((None, None), []).append((address - offset, ours))
    checked, wrong = 0, []
    for (module, section), list_ in groups.items():
        if module:
            paths = list(tree.rglob(f"{module.replace('_', '[-_]')}.ko*"))
            if not paths:
                continue
            path = paths[0]
        else:
            path = vmlinux
        for (place, ours), theirs in zip(list_, binutils(path, [x for x, _ in list_], section)):
            checked += 1
            if not agrees(ours, theirs):
                wrong.append((module, hex(place), ours, theirs))
    print(f"{guest.name}: {checked} frames, {len(wrong)} differ")
    assert checked > 80 and not wrong, wrong


def test_modules_have_lines_too(report):
    text = report.text("plugins/stacks/stacks.txt")
    inside = [x for x in frames(text).items() if x[0][2]]
    assert inside
    assert any(x[1][-1][1] for x in inside), inside


# Code of the kernel that happens to be on no stack (before functions, at __pfx_*, is none). Rust's functions are in
# namespaces, and up to 18 of them in each other.
SAMPLES = {"C": (r"(?!_R|__pfx_)[a-z_]", 500), "Rust": (r"_R", 300)}


def code(path, pattern, count):
    """Addresses within functions whose names begin so; always the same of a file."""
    symbols = [x.split() for x in subprocess.run(["nm", "-S", path], stdout=subprocess.PIPE, text=True).stdout.splitlines()]
    ends = {x[-1]: int(x[0], 16) for x in symbols if x[-1] in ("_stext", "_etext")}
    functions = [
        (int(x[0], 16), int(x[1], 16))
        for x in symbols
        if len(x) == 4 and x[2] in "tT" and re.match(pattern, x[3]) and int(x[1], 16)
    ]
    functions = [x for x in functions if ends["_stext"] <= x[0] < ends["_etext"]]
    chance = random.Random(pattern)
    return [start + chance.randrange(size) for start, size in chance.choices(functions, k=count)] if functions else []


def ours_at(path, where):
    """What binutils() says, by the engine."""
    out = subprocess.run(
        [tool_path("lines"), path], input="\n".join(hex(x) for x in where), stdout=subprocess.PIPE, text=True, check=True
    ).stdout.splitlines()
    found = []
    for line in out:
        if line.startswith("0x"):
            found.append([])
        else:
            found[-1].append(tuple(line.split(" ", 1)))
    return found


def line_of(source):
    number = source.rpartition(":")[2]
    return int(number) if number.isdigit() else 0


@pytest.mark.parametrize("language", SAMPLES)
def test_code_of_each_language(guest, language):
    path = debuginfo(guest)
    where = code(path, *SAMPLES[language])
    if not where:
        assert language == "Rust" and guest.version < (6, 13)
        pytest.skip("this kernel has no Rust")
    wrong = []
    for place, ours, theirs in zip(where, ours_at(path, where), binutils(path, where)):
        # of assembly, and of what has no lines, binutils takes the symbol
        if len(theirs) == 1 and not line_of(theirs[0][1]) and not ours:
            theirs = []
        elif len(ours) == 1 and ours[0][0] == "??":
            theirs = [("??", theirs[0][1])]
        # Its paths of inlined functions are those of other files at times.
        if [(name.split(".")[0], line_of(source)) for name, source in ours] != [
            (name.split(".")[0], line_of(source)) for name, source in theirs
        ]:
            wrong.append((hex(place), ours, theirs))
    print(f"{guest.name}: {len(where)} places, {len(wrong)} differ")
    assert not wrong, wrong[:3]
