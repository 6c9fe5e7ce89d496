# SPDX-License-Identifier: GPL-2.0-or-later
"""Devices that are no disks: terminals, keyboards, what wakes the machine; what debugs their drivers."""

from kind import kind

for name in (
    "acpi/wakeup",
    "bus/input/devices",
    "bus/input/handlers",
    "dynamic_debug/control",
    "mtrr",
    "tty/drivers",
    "tty/ldiscs",
):
    kind("proc/" + name)
