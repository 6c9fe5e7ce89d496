# SPDX-License-Identifier: GPL-2.0-or-later
"""What few look at in a process: its timers, its labels, what its CPU knows of it."""

from kind import kind

for name in ("arch_status", "cpu_resctrl_groups"):
    kind("proc/{pid}/" + name)
    kind("proc/{pid}/task/{tid}/" + name)
kind("proc/{pid}/timers")

for folder in ("attr", "attr/apparmor"):
    for name in ("current", "prev", "exec"):
        kind(f"proc/{{pid}}/{folder}/{name}")
