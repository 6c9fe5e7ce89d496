# SPDX-License-Identifier: GPL-2.0-or-later
"""The one table of global variables' types: everybody uses it, and it is right on real kernels."""

import re

from conftest import ROOT, probe

CALL = re.compile(r"\bvr_(?:try_)?kernel_(?:global|per_cpu)\(\s*[\w>.-]+\s*,\s*\"([^\"]+)\"")
LINE = re.compile(r"^\t\{\"(\w+)\",", re.M)
# Types that say less than the variable has, on purpose: the first of an array, a string up to its end.
CUT_OR_LONGER = {"linux_banner", "linux_proc_banner"}


def table():
    return LINE.findall((ROOT / "src/kernel/globals.c").read_text())


def sources():
    for folder in ("src", "plugins", "emitters"):
        yield from sorted((ROOT / folder).rglob("*.c"))


def test_the_table_is_sorted():
    assert table() == sorted(table())


def test_every_variable_in_use_is_in_the_table():
    used = {name for path in sources() for names in CALL.findall(path.read_text()) for name in names.split("|")}
    assert len(used) > 15
    assert used <= set(table())


def test_nobody_states_a_type_besides_the_table():
    wrong = []
    for path in sources():
        if path.is_relative_to(ROOT / "src/object"):
            continue
        for match in re.finditer(r"\bvr_(?:try_)?global\([^;]*?\"[^;]*;", path.read_text()):
            wrong.append(f"{path.relative_to(ROOT)}: {match[0]}")
    assert not wrong


def test_types_fit_their_variables(guest):
    rows = [x.split("\t") for x in probe(guest.vmcore, "globals")]
    assert len(rows) > 15
    for name, kind, size, room, btf in rows:
        # Linkers align: a variable has the room up to the next one.
        assert 0 < int(size), name
        assert int(size) <= int(room) or name in CUT_OR_LONGER, name
        # Of per-CPU variables BTF may know the type itself.
        assert btf in ("", kind), name
