# SPDX-License-Identifier: GPL-2.0-or-later
"""
The lists of free pages that each CPU keeps (per_cpu_pages). A page on one isn't counted as free, and Linux 6.7 and
later move up to 2,048 pages at once between them and the zone: so what is free moves, without any page being used.
"""

import re


def held(text):
    """(pages on the CPUs' lists, pages that may be there) of a proc/zoneinfo."""
    count = sum(map(int, re.findall(rb"^ +count: +(\d+)$", text, re.M)))
    most = sum(map(int, re.findall(rb"^ +high: +(\d+)$", text, re.M)))
    return count, max(count, most)


def spread(context):
    """
    How many pages fewer, and more, may be free at the crash than when any file of the truth was saved, by what the
    lists alone took and gave: at the crash they hold what our zoneinfo says, and before from none to all that they may.
    """
    ours, may = held(context.archive.read("proc/zoneinfo"))
    theirs, might = held((context.guest.truth / "proc/zoneinfo").read_bytes())
    return ours, max(may, might) - ours
