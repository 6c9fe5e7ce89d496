# SPDX-License-Identifier: GPL-2.0-or-later
"""What most plugins need because kernels and versions of drgn differ."""

import drgn
from drgn.helpers.linux import cpumask


def to_text(value):
    """A str of what drgn's string_() gave: bytes that aren't UTF-8 become \\xHH."""
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value).decode("utf-8", "backslashreplace")
    return str(value)


def for_each_cpu_best_effort(prog):
    """
    The numbers of the CPUs that the machine had, ascending.

    A kernel that panics takes the other CPUs offline in its own books, so those that were present
    come first; then, where that mask can't be read, those that were possible, those still online,
    range(nr_cpu_ids), and CPU 0.
    """
    for walk in ("for_each_present_cpu", "for_each_possible_cpu", "for_each_online_cpu"):
        try:
            cpus = list(getattr(cpumask, walk)(prog))
        except Exception:
            continue
        if cpus:
            return cpus
    try:
        return list(range(min(max(int(prog["nr_cpu_ids"]), 1), 8192)))
    except Exception:
        return [0]


def per_cpu_symbol(prog, *names):
    """
    The first per-CPU variable of these names that the kernel has, for drgn's per_cpu():

        rq = per_cpu(per_cpu_symbol(prog, "runqueues", "rq"), cpu)

    LookupError where it has none of them.
    """
    for name in names:
        try:
            return prog[name]
        except (KeyError, LookupError, drgn.ObjectAbsentError):
            continue
    raise LookupError("no per-CPU symbol " + " or ".join(f"'{name}'" for name in names))
