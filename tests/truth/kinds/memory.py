# SPDX-License-Identifier: GPL-2.0-or-later
"""
Memory. Between its saving and the crash (some tenths of a second) a file moves by what the agent that
saves the truth does meanwhile: it writes 2 to 2.5 MB more of it to a disk (page cache, buffer heads,
blocks of free memory), reads lists of tasks and grows by a buffer of 256 KiB. All else stands still, but that
free pages go to the CPUs' lists and back (pagelists.py).
"""

import re

from compare import NEAR, Different, by_line, exactly, first_word, grows, name_before, numbers, show, within
from kind import kind
from pagelists import spread

# Pages that the agent's writes take at most, and others that come and go with it.
WRITTEN = 1024
STRAY = 64

PAGES = {
    "nr_(zone_)?inactive_file|nr_file_pages": within(STRAY, WRITTEN),
    "nr_dirtied|nr_written": grows(WRITTEN),
    # the last of the truth goes to its disk, and is waited for
    "nr_dirty|nr_zone_write_pending|nr_writeback": within(WRITTEN, STRAY),
    # the tar's header and its end are written more than once
    "nr_(zone_)?active_file": grows(16),
    "nr_slab_reclaimable|nr_slab_unreclaimable": within(STRAY, STRAY),
    # the agent's own, and what tells of it
    # (its own memory grows by up to 9 pages, as its statm tells)
    "nr_(zone_)?(in)?active_anon|nr_anon_pages": within(16, 16),
    "nr_page_table_pages": within(4, 4),
    "numa_hit|numa_local": grows(WRITTEN),
}


def free_pages(fewer, more):
    """What is free, or goes by it, as far as the written files and the CPUs' lists take and give pages."""
    return {
        "nr_free_pages": within(WRITTEN + fewer, STRAY + more),
        "nr_free_pages_blocks": within(2 * WRITTEN + fewer, WRITTEN + more),
        # a share of what is available: see MemAvailable
        "nr_dirty_(background_)?threshold": within((WRITTEN + fewer) // 4, (WRITTEN + more) // 4),
    }


EVENTS = {
    "pgpgin": grows(STRAY),
    "pgpgout": grows(4 * WRITTEN),
    "pgalloc_(dma32|normal)": grows(WRITTEN),
    "pgfree": grows(4 * STRAY),
    "pgfault": grows(STRAY),
    "pgactivate": grows(16),
}

def vmstat(ours, theirs, context):
    return by_line(first_word, {**PAGES, **EVENTS, **free_pages(*spread(context))})(ours, theirs)


kind("proc/vmstat", vmstat, moves="pages are allocated, written and freed until the crash")


def meminfo(ours, theirs, context):
    kb = 4 * WRITTEN
    small = 4 * STRAY
    fewer, more = (4 * pages for pages in spread(context))
    bounds = {
        "MemFree": within(kb + fewer, small + more),
        # What is written is page cache, which counts as available.
        "MemAvailable": within(kb + fewer, kb + more),
        "Buffers": grows(kb),
        "Cached": within(small, small),
        r"Inactive|Inactive\(file\)": within(small, kb),
        r"Active|(Ina|A)ctive\(anon\)|AnonPages": within(64, 64),
        "PageTables": within(16, 16),
        r"Active\(file\)": grows(64),
        "Dirty|Writeback": within(kb, small),
        "KReclaimable|Slab|SReclaimable|SUnreclaim": within(small, small),
        # a read buffer of the agent's
        "Committed_AS": within(0, 256),
    }
    by_line(name_before(b":"), bounds, form=lambda line: re.sub(rb" *\d+( kB)?$", rb"#\1", line))(ours, theirs)
    mine = {line.split(b":")[0].decode(): numbers(line.split(b":")[1])[0] for line in ours.splitlines()}
    sums = [
        ("Active", "Active(anon)", "Active(file)"),
        ("Inactive", "Inactive(anon)", "Inactive(file)"),
        ("Slab", "SReclaimable", "SUnreclaim"),
    ]
    for whole, *parts in sums:
        if mine[whole] != sum(mine[x] for x in parts):
            raise Different(f"{whole} isn't the sum of its parts")
    if [len(x) for x in ours.splitlines()] != [len(x) for x in theirs.splitlines()]:
        raise Different("a column is of another width")
    return NEAR


kind("proc/meminfo", meminfo, moves="as proc/vmstat")


def zoneinfo(ours, theirs, context):
    """Lines of its zones, each under the zone's name and, of page sets, the CPU's."""
    fewer, more = spread(context)
    bounds = {
        **PAGES,
        **free_pages(fewer, more),
        "pages free": within(WRITTEN + fewer, STRAY + more),
        # pages that a CPU keeps, and how many it may: they go with what it allocates
        "count:": within(fewer + more, fewer + more),
        "high:": within(1 << 11, 1 << 11),
    }

    def keyed(text):
        place = b""
        lines = []
        for line in text.split(b"\n"):
            if re.match(rb"Node|\s+cpu:", line):
                place = (place if line.startswith(b" ") else b"") + line
            name = re.match(rb"\s*(pages free|\S+)", line)
            lines.append((place, name[1] if name else b"", line))
        return lines

    mine, real = keyed(ours), keyed(theirs)
    if [(p, n) for p, n, _ in mine] != [(p, n) for p, n, _ in real]:
        raise Different("other zones, CPUs or names")
    for (_, name, a), (_, _, b) in zip(mine, real):
        if a == b:
            continue
        text = name.decode()
        bound = next((v for k, v in bounds.items() if re.fullmatch(k, text)), exactly)
        if re.sub(rb"\d+$", b"#", a) != re.sub(rb"\d+$", b"#", b):
            raise Different(f"ours `{show(a)}`, the kernel's `{show(b)}`")
        if not bound(numbers(a)[-1], numbers(b)[-1]):
            raise Different(f"ours `{show(a)}`, the kernel's `{show(b)}`")
    free, was = (sum(numbers(line)[-1] for _, name, line in x if name in (b"pages free", b"count:")) for x in (mine, real))
    if not within(WRITTEN, STRAY)(free, was):
        raise Different(f"{free} pages are free or on the CPUs' lists, the kernel's {was}")
    return NEAR


kind("proc/zoneinfo", zoneinfo, moves="as proc/vmstat; a CPU's lists of free pages besides")


def free_row(a, b, lists, fewer=WRITTEN, more=STRAY):
    """
    Numbers of free blocks of each order. A block that is split makes smaller ones, so that each may move. lists: pages
    fewer and more by the CPUs' lists, which take the smallest blocks first.
    """
    if len(a) != len(b):
        raise Different(f"{len(a)} orders, the kernel has {len(b)}")
    free, was = (sum(n << order for order, n in enumerate(x)) for x in (a, b))
    moved = [abs(x - y) > 32 + (max(lists) >> order) for order, (x, y) in enumerate(zip(a, b))]
    if not within(fewer + lists[0], more + lists[1])(free, was) or any(moved):
        raise Different(f"ours {a}, the kernel's {b}")


def same_widths(ours, theirs):
    if [len(x) for x in ours.split(b"\n")] != [len(x) for x in theirs.split(b"\n")]:
        raise Different("a line is of another width")


def split_rows(text, where):
    return [(line[:where], numbers(line[where:])) for line in text.splitlines()]


def buddyinfo(ours, theirs, context):
    same_widths(ours, theirs)
    lists = spread(context)
    for (name, a), (real, b) in zip(split_rows(ours, 22), split_rows(theirs, 22)):
        if name != real:
            raise Different(f"ours `{show(name)}`, the kernel's `{show(real)}`")
        free_row(a, b, lists)
    return NEAR


kind("proc/buddyinfo", buddyinfo, moves="as proc/vmstat: blocks are split and joined")


def pagetypeinfo(ours, theirs, context):
    """Free blocks as in buddyinfo, by type; page blocks change their type, but none comes or goes."""
    same_widths(ours, theirs)
    lists = spread(context)
    for mine, real in zip(ours.split(b"\n"), theirs.split(b"\n")):
        where = 44 if b", type" in mine else 22
        if mine == real:
            continue
        if mine[:where] != real[:where] or not mine.startswith(b"Node"):
            raise Different(f"ours `{show(mine)}`, the kernel's `{show(real)}`")
        a, b = numbers(mine[where:]), numbers(real[where:])
        if b", type" in mine:
            # A block may go to another type whole.
            free_row(a, b, lists, 2 * WRITTEN, 2 * WRITTEN)
        elif sum(a) != sum(b) or any(abs(x - y) > 8 for x, y in zip(a, b)):
            raise Different(f"ours `{show(mine)}`, the kernel's `{show(real)}`")
    return NEAR


kind("proc/pagetypeinfo", pagetypeinfo, moves="as proc/buddyinfo")


# Caches that the agent's writing, reading and printing allocates from, and slabs by which they move.
CACHES = {
    "buffer_head": 32,
    # struct files are freed behind RCU, and the agent opens and closes thousands
    "filp": 24,
    "bio-.*|biovec-.*": 8,
    "radix_tree_node|xarray_node": 4,
    # the guest's own network goes on
    "skbuff_.*": 16,
    "maple_node|kmalloc-.*|seq_file|names_cache|.*inode_cache|dentry|vm_area_struct|vma_lock|anon_vma.*": 4,
}


def slabinfo(ours, theirs, context):
    mine, real = ours.split(b"\n"), theirs.split(b"\n")
    if mine[:2] != real[:2] or [x.split()[:1] for x in mine] != [x.split()[:1] for x in real]:
        raise Different("another header, other caches or another order")
    for a, b in zip(mine[2:], real[2:]):
        if a == b:
            continue
        x, y = (numbers(line.split(None, 1)[1]) for line in (a, b))
        name = a.split()[0].decode()
        slabs = next((n for k, n in CACHES.items() if re.fullmatch(k, name)), 0)
        active, objects, per_slab = 0, 1, y[3]
        fixed = [i for i in range(len(y)) if i not in (active, objects, 8, 9)]
        if (
            re.sub(rb" +\d+", b" #", a) != re.sub(rb" +\d+", b" #", b)
            or len(a) != len(b)
            or any(x[i] != y[i] for i in fixed)
            or any(abs(x[i] - y[i]) > slabs for i in (8, 9))
            or any(abs(x[i] - y[i]) > slabs * per_slab for i in (active, objects))
            or x[8] != x[9]
            or not 0 <= x[active] <= x[objects]
        ):
            raise Different(f"ours `{show(a)}`, the kernel's `{show(b)}`")
    return NEAR


kind("proc/slabinfo", slabinfo, moves="objects are allocated and freed until the crash")


def vmallocinfo(ours, theirs, context):
    """Stacks of threads come and go; all else is in its place."""
    stack = re.compile(rb"\S+ +\d+ (kernel_clone\+\S+ pages=\d+ vmalloc.*|unpurged vm_area)")
    mine, real = (text.split(b"\n") for text in (ours, theirs))
    moved = [x for x in mine if x not in set(real)] + [x for x in real if x not in set(mine)]
    wrong = [x for x in moved if not stack.fullmatch(x)]
    if wrong or len(moved) > 8:
        raise Different(f"{len(moved)} lines differ, `{show((wrong or moved)[0])}`")
    stays = [[x for x in lines if not stack.fullmatch(x)] for lines in (mine, real)]
    if stays[0] != stays[1]:
        raise Different("the lines are in another order")
    return NEAR


kind("proc/vmallocinfo", vmallocinfo, moves="threads come and go, and their stacks with them")
