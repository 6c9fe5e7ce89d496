# SPDX-License-Identifier: GPL-2.0-or-later
"""
Where functions have the registers that they must keep, by their ORC entries and pushes, against what the compiler says
in modules' .debug_frame, as binutils prints it. (Debian's vmlinux has no such section, its modules have.)
"""

import bisect
import re
import subprocess

import pytest

from conftest import dumps_path, probe

FDE = re.compile(r"(\w+) \w+ \w+ FDE cie=\w+ pc=(\w+)\.\.(\w+)")
# Rows of a function within which both must have the same.
NEAR = 3


class Row:
    """What holds from one address on: {register: rule}."""

    def __init__(self, cfa, columns, rules):
        base, _, offset = cfa.partition("+")
        self.depth = int(offset) if base == "rsp" else None
        self.rules = {c: r.replace("s", "u") for c, r in zip(columns, rules)}

    def __getitem__(self, register):
        rule = self.rules.get(register, "u")
        # what was taken off the stack again is back in its register, whether that is said or not
        popped = rule.startswith("c-") and self.depth is not None and int(rule[2:]) > self.depth
        return "u" if popped else rule


def run(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True).stdout


def sections_of_frames(path):
    """{offset of a frame's description: (section, offset in it)}, by relocations"""
    found, names = {}, {}
    for line in run("readelf", "-SW", path).splitlines():
        if match := re.match(r" *\[ *(\d+)\] (\S+)", line):
            names[int(match[1])] = match[2]
    within = False
    for line in run("readelf", "-rW", path).splitlines():
        if line.startswith("Relocation section"):
            within = ".rela.debug_frame'" in line
        elif within and (match := re.match(r"(\w{16}) +\w+ R_X86_64_64 +\w+ (\S+) \+ (\w+)$", line)):
            found[int(match[1], 16) - 8] = match[2], int(match[3], 16)
    return found


def rows(path):
    """{section: sorted [(offset, end, {register: rule})]}"""
    places, found = sections_of_frames(path), {}
    columns = at = None
    for line in run("readelf", "--debug-dump=frames-interp", path).splitlines():
        words = line.split()
        if match := FDE.match(line):
            at = places.get(int(match[1], 16))
            start = int(match[2], 16)
            size = int(match[3], 16) - start
        elif " CIE " in line:
            at = None
        elif words[:1] == ["LOC"]:
            columns = words[2:]
        elif at and columns and len(words) == 2 + len(columns):
            section, offset = at
            list_ = found.setdefault(section, [])
            list_.append((offset + int(words[0], 16) - start, offset + size, Row(words[1], columns, words[2:])))
        elif not words:
            columns = None
    for list_ in found.values():
        list_.sort(key=lambda x: x[0])
    return found


def bases(guest, module):
    folder = guest.truth / "sys/module" / module / "sections"
    if not folder.is_dir():
        return {}
    # what was needed at the start only is gone, and another module may lie there
    return {p.name: int(p.read_text(), 16) for p in folder.iterdir() if not p.name.startswith(".init")}


@pytest.fixture(scope="module")
def compilers_word(guest):
    """sorted [(address, end, {register: rule})] of all loaded modules"""
    (tree,) = (dumps_path() / "packages").glob(f"debuginfo@*/{guest.info['packages'][0]}.root")
    found = []
    for path in tree.rglob("*.ko*"):
        where = bases(guest, path.name.split(".")[0].replace("-", "_"))
        if not where:
            continue
        for section, list_ in rows(path).items():
            if section in where:
                found += [(where[section] + a, where[section] + b, r) for a, b, r in list_]
    return sorted(found, key=lambda x: x[0])


def test_registers(guest, compilers_word):
    starts = [x[0] for x in compilers_word]
    known = unknown = 0
    wrong = []
    for line in probe(guest.vmcore, "saved-registers"):
        address, *registers = line.split()
        address = int(address, 16)
        i = bisect.bisect_right(starts, address) - 1
        if i < 0 or address >= compilers_word[i][1]:
            continue
        near = [x[2] for x in compilers_word[max(i - NEAR, 0) : i + NEAR + 1] if x[1] == compilers_word[i][1]]
        for register, ours in (x.split("=") for x in registers):
            if ours == "?":
                unknown += 1
                continue
            known += 1
            # The kernel's table has rbp from the very instruction on that saves it, or loads it again. Compilers tell of
            # several registers at once, some instructions later; until then it is in both places.
            theirs = {x[register] for x in near} if register == "rbp" else {compilers_word[i][2][register]}
            if ours not in theirs:
                wrong.append((hex(address), register, ours, theirs))
    print(f"{guest.name}: {known} known, {unknown} not, {len(wrong)} wrong")
    assert known > 100000
    assert not wrong, wrong[:20]
