# SPDX-License-Identifier: GPL-2.0-or-later
"""
Run by gdb (gdb -nx -batch -x dwarf_layout.py DEBUGINFO): the layout of structs as DWARF has it, in the
words of `probe layout`. LAYOUT_NAMES has their names; with LAYOUT_ALL set, every definition of each, since
a few names have several, else the one that gdb prefers.
"""

import os

import gdb

UNIONS = (gdb.TYPE_CODE_STRUCT, gdb.TYPE_CODE_UNION)


def members(kind, base, lines):
    for field in kind.fields():
        inner = field.type.strip_typedefs()
        if field.name:
            lines.append(f"  {field.name} {base + field.bitpos} {field.bitsize or 8 * inner.sizeof}")
        elif inner.code in UNIONS:
            members(inner, base + field.bitpos, lines)


def layout(name, kind):
    lines = [f"struct {name} {8 * kind.sizeof}"]
    members(kind, 0, lines)
    return "\n".join(lines)


def definitions(name):
    if os.environ.get("LAYOUT_ALL"):
        for symbol in gdb.lookup_static_symbols(name, gdb.SYMBOL_STRUCT_DOMAIN):
            if symbol.type.code == gdb.TYPE_CODE_STRUCT and symbol.type.fields():
                yield symbol.type
    else:
        try:
            yield gdb.lookup_type(f"struct {name}")
        except gdb.error:
            pass  # this kernel has none


seen = set()
for wanted in os.environ["LAYOUT_NAMES"].split():
    for definition in definitions(wanted):
        text = layout(wanted, definition)
        if text not in seen:
            seen.add(text)
            print(text)
