# SPDX-License-Identifier: GPL-2.0-or-later
"""
What commands would have printed: against what the guest's own printed, or against what they make of the
kernel's own files, which were saved later.
"""

import calendar
import math
import re
import time

from compare import NEAR, Different, numbers, within
from kind import kind
from pagelists import spread

# kB: as in memory.py, what is written between the saving of proc/meminfo and the crash.
WRITTEN = 4 * 1024
STRAY = 4 * 64


def need(condition, what, ours, theirs):
    if not condition:
        raise Different(f"{what}: ours `{ours.decode()}`, expected about `{theirs.decode()}`")


def fields(text):
    """{name: kB} of proc/meminfo."""
    return {line.split(b":")[0].decode(): numbers(line)[0] for line in text.splitlines() if b":" in line}


def crash_window(context):
    """Seconds since the epoch between which the machine died."""
    guest = context.guest
    saved = float((guest.truth / "commands" / "date").read_text())
    return saved, saved + 120


def date(ours, theirs, context):
    need(re.fullmatch(rb"[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d UTC \d{4}\n", ours), "form", ours, theirs)
    stamp = calendar.timegm(time.strptime(ours.decode().strip(), "%a %b %d %H:%M:%S UTC %Y"))
    low, high = crash_window(context)
    need(low - 1 <= stamp <= high, "time", ours, theirs)
    return NEAR


def uptime(ours, theirs, context):
    form = rb" (\d\d):(\d\d):(\d\d) up +(?:(\d+) days?, +)?(?:(\d+):)?(\d+)(?: min)?,  \d users?,  load average: ([\d.]+), ([\d.]+), ([\d.]+)\n"
    a, b = re.fullmatch(form, ours), re.fullmatch(form, theirs)
    need(a and b, "form", ours, theirs)

    def seconds(match):
        return sum(int(x) * y for x, y in zip(match.groups()[:3], (3600, 60, 1)))

    def minutes(match):
        return sum(int(x or 0) * y for x, y in zip(match.groups()[3:6], (1440, 60, 1)))

    passed = (seconds(a) - seconds(b)) % 86400
    need(passed <= 600, "time", ours, theirs)
    need(abs(minutes(a) - minutes(b) - passed / 60) <= 1, "time since boot", ours, theirs)
    for i, spread in ((7, 1), (8, 5), (9, 15)):
        keep = math.exp(-(passed + 5) / (60 * spread))
        x, y = float(a[i]), float(b[i])
        need(y * keep - 0.02 <= x <= y * keep + 12 * (1 - keep) + 0.02, "load", ours, theirs)
    return NEAR


def render_free(scale):
    """free of procps 4, of the kernel's own proc/meminfo."""

    def render(guest, path):
        m = fields((guest.truth / "proc/meminfo").read_bytes())
        memory = (
            m["MemTotal"], m["MemTotal"] - m["MemAvailable"], m["MemFree"], m["Shmem"],
            m["Buffers"] + m["Cached"] + m["SReclaimable"], m["MemAvailable"],
        )  # fmt: skip
        swap = (m["SwapTotal"], m["SwapTotal"] - m["SwapFree"], m["SwapFree"])
        lines = ["               total        used        free      shared  buff/cache   available"]
        for name, values in (("Mem:", memory), ("Swap:", swap)):
            lines.append(f"{name:8}" + "".join(f" {x // scale:11}" for x in values))
        return ("\n".join(lines) + "\n").encode()

    return render


def free(scale):
    near, small = within(WRITTEN // scale + 1, WRITTEN // scale + 1), within(STRAY // scale + 1, STRAY // scale + 1)
    exact = within()

    def compare(ours, theirs, context):
        fewer, more = ((WRITTEN + 4 * pages) // scale + 1 for pages in spread(context))
        free, used = within(fewer, more), within(more, fewer)
        # total, used, free, shared, buffers and cache, available; swap
        bounds = (exact, used, free, small, near, free, exact, exact, exact)
        need(len(ours) == len(theirs), "form", ours, theirs)
        need(ours.split(b"\n")[0] == theirs.split(b"\n")[0], "heading", ours, theirs)
        a, b = numbers(ours), numbers(theirs)
        need(len(a) == len(b) == len(bounds), "columns", ours, theirs)
        for bound, x, y in zip(bounds, a, b):
            need(bound(x, y), "value", ours, theirs)
        return NEAR

    return compare


def areas(guest):
    """(name, type, kB, kB used, priority) of proc/swaps."""
    lines = (guest.truth / "proc/swaps").read_text().splitlines()[1:]
    return [(n, t, int(s), int(u), int(p)) for n, t, s, u, p in map(str.split, lines)]


def render_show(guest, path):
    rows = [("NAME", "TYPE", "SIZE", "USED", "PRIO")]
    rows += [(n, t, str(s * 1024), str(u * 1024), str(p)) for n, t, s, u, p in areas(guest)]
    widths = [max(len(row[i]) for row in rows) for i in range(5)]
    lines = [
        " ".join(x.ljust(w) if i < 2 else x.rjust(w) for i, (x, w) in enumerate(zip(row, widths))) for row in rows
    ]
    return ("\n".join(lines) + "\n").encode()


def render_summary(guest, path):
    lines = ["Filename\t\t\t\tType\t\tSize\tUsed\tPriority"]
    lines += [f"{n:39}\t{t:8}\t{s}\t{u}\t{p}" for n, t, s, u, p in areas(guest)]
    return ("\n".join(lines) + "\n").encode()


for name in ("hostname", "hostname_-f"):
    kind("sos_commands/host/" + name, truth=lambda path: "proc/sys/kernel/hostname")
kind("sos_commands/host/uptime", uptime, moves="time passes", truth=lambda path: "commands/uptime")
for name in ("date", "date_--utc"):
    kind(f"sos_commands/date/{name}", date, moves="time passes", truth=lambda path: "commands/date")
kind("sos_commands/memory/free", free(1), moves="as proc/meminfo", render=render_free(1))
kind("sos_commands/memory/free_-m", free(1024), moves="as proc/meminfo", render=render_free(1024))
kind("sos_commands/memory/swapon_--bytes_--show", render=render_show)
kind("sos_commands/memory/swapon_--summary_--verbose", render=render_summary)
