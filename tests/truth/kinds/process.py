# SPDX-License-Identifier: GPL-2.0-or-later
"""
What a process is and does. Only a task that ran after its files were saved may differ from them, and only in what
running changes: whether it did is told by the counters of its switches and of its time, which the kernel's files have
themselves. All others must be the kernel's own, byte for byte.
"""

import re

from compare import NEAR, Different, exactly, first_difference, grows, numbers, same_keys, shape, show, within
from kind import kind

RAN = "tasks run between their files' saving and the crash"


def index(guest):
    """{path: when it was saved, nanoseconds of CLOCK_BOOTTIME}."""
    if not hasattr(guest, "index"):
        lines = (guest.truth / "index.tsv").read_text(errors="surrogateescape").split("\n")[1:]
        guest.index = {x[4]: int(x[0]) for x in (line.split("\t") for line in lines) if len(x) > 4}
    return guest.index


def seconds(context):
    """From the file's saving to the crash, which follows the last look at all tasks at once."""
    elapsed = context.guest.moment()["boottime_ns"] - index(context.guest)[context.path]
    return elapsed / 1e9 + 2


def rows(guest):
    if not hasattr(guest, "task_rows"):
        guest.task_rows = guest.tasks()
    return guest.task_rows


def threads(context):
    """The tasks that the file tells of."""
    keys = context.keys
    if keys.get("tid"):
        return [keys["tid"]]
    mine = [str(tid) for tid, row in rows(context.guest).items() if row["tgid"] == keys["pid"]]
    return mine or [keys["pid"]]


def switches(status):
    return [int(x) for x in re.findall(rb"ctxt_switches:\t(\d+)", status)]


def ran(context):
    """Has one of the tasks run since one of its files was saved?"""
    pid = context.keys["pid"]
    for tid in threads(context):
        for folder in {f"proc/{pid}/task/{tid}/", f"proc/{pid}/" if tid == pid else f"proc/{pid}/task/{tid}/"}:
            for name, counters in (("status", switches), ("schedstat", numbers)):
                try:
                    theirs = (context.guest.truth / (folder + name)).read_bytes()
                    ours = context.archive.read(folder + name)
                except FileNotFoundError:
                    return True
                if counters(ours) != counters(theirs):
                    return True
    return False


def is_agent(context):
    return int(context.keys["pid"]) == context.guest.moment()["agent_pid"]


def unless_it_ran(compare):
    """Equal, or, where the task ran, as compare() says."""

    def both(ours, theirs, context):
        if not ran(context):
            raise Different(first_difference(ours, theirs))
        return compare(ours, theirs, context)

    return both


def hold(bound, ours, theirs, what):
    if not bound(ours, theirs):
        raise Different(f"{what}: ours {ours}, the kernel's {theirs}")


def name_of_work(name):
    """A worker's name without the work that it did last."""
    return re.sub(rb"^(kworker/[^+-]*(?:R-)?[^+-]*)[+-].*$", rb"\1", name)


def comm(ours, theirs, context):
    if name_of_work(ours.strip(b"\n")) != name_of_work(theirs.strip(b"\n")):
        raise Different(first_difference(ours, theirs))
    return NEAR


def status(ours, theirs, context):
    mine, real = (dict(x.split(b":\t", 1) for x in text.splitlines()) for text in (ours, theirs))
    same_keys(mine, real)
    if list(mine) != list(real):
        raise Different("the lines are in another order")
    for name, value in real.items():
        if mine[name] == value:
            continue
        if name == b"Name":
            comm(mine[name], value, context)
        elif name.endswith(b"ctxt_switches"):
            hold(grows(5000 * seconds(context)), int(mine[name]), int(value), name.decode())
        elif name == b"State":
            if not {mine[name], value} <= {b"R (running)", b"S (sleeping)", b"D (disk sleep)", b"I (idle)"}:
                raise Different(f"State: ours {show(mine[name])}, the kernel's {show(value)}")
        elif is_agent(context) and re.fullmatch(rb"(Vm|Rss)\w+", name):
            hold(within(512, 65536), numbers(mine[name])[0], numbers(value)[0], name.decode())
        elif is_agent(context) and name in (b"FDSize", b"SigQ"):
            hold(within(64, 64), numbers(mine[name])[0], numbers(value)[0], name.decode())
        else:
            raise Different(f"{show(name)}: ours `{show(mine[name])}`, the kernel's `{show(value)}`")
    return NEAR


# PF_SWAPWRITE (until 5.17) and PF_BLOCK_TS (since 6.9), which a task has while it writes and between
# two looks at the clock.
FLAGS_OF_A_MOMENT = 0x00800000 | 0x20000000


def stat(ours, theirs, context):
    line = re.compile(rb"(\d+) \((.*)\) (\w) (.*)\n", re.S)
    mine, real = line.fullmatch(ours), line.fullmatch(theirs)
    if not mine or mine[1] != real[1]:
        raise Different(first_difference(ours, theirs))
    comm(mine[2], real[2], context)
    if mine[3] != real[3] and not {mine[3], real[3]} <= set((b"R", b"S", b"D", b"I")):
        raise Different(f"state: ours {mine[3]}, the kernel's {real[3]}")
    a, b = ([int(x) for x in m[4].split(b" ")] for m in (mine, real))
    if len(a) != len(b):
        raise Different(f"{len(a)} fields, the kernel has {len(b)}")
    ticks = 100 * seconds(context) * len(threads(context))
    bounds = {
        9: lambda x, y: not (x ^ y) & ~FLAGS_OF_A_MOMENT,
        10: grows(2000 * seconds(context)),  # minflt
        12: grows(2000 * seconds(context)),  # majflt
        14: within(1, ticks),  # utime, which is what stime leaves of the time
        15: within(1, ticks),  # stime
        35: lambda x, y: x in (0, 1),  # wchan
        39: lambda x, y: x < 64,  # processor
        42: grows(ticks),  # delayacct_blkio_ticks
    }
    if is_agent(context):
        bounds.update({11: grows(5000), 13: grows(5000), 16: grows(ticks), 17: grows(ticks)})
        bounds.update({9: within(1 << 32, 1 << 32), 23: within(1 << 20, 1 << 26), 24: within(256, 16384)})
    for i, (x, y) in enumerate(zip(a, b), 4):
        hold(bounds.get(i, exactly), x, y, f"field {i}")
    hold(grows(ticks), a[10] + a[11], b[10] + b[11], "utime and stime")
    return NEAR


def statm(ours, theirs, context):
    if not is_agent(context):
        raise Different(first_difference(ours, theirs))
    for i, (x, y) in enumerate(zip(numbers(ours), numbers(theirs))):
        hold(exactly if i in (3, 4, 6) else within(256, 16384), x, y, f"field {i + 1}")
    return NEAR


def schedstat(ours, theirs, context):
    """Each time it ran took some of both times at most."""
    most = int(1e9 * seconds(context))
    for what, x, y, by in zip(("time", "delay", "turns"), numbers(ours), numbers(theirs), (most, most, most // 200000)):
        hold(grows(by), x, y, what)
    return NEAR


def io(ours, theirs, context):
    if shape(ours) != shape(theirs):
        raise Different(first_difference(ours, theirs))
    for i, (x, y) in enumerate(zip(numbers(ours), numbers(theirs))):
        hold(grows((1 << 24) * seconds(context)), x, y, f"line {i + 1}")
    return NEAR


def oom_score(ours, theirs, context):
    if not is_agent(context):
        raise Different(first_difference(ours, theirs))
    hold(within(5, 20), int(ours), int(theirs), "score")
    return NEAR


def wchan(ours, theirs, context):
    """Where the last look at all tasks has it, unless it was running then, or idling between its turns."""
    row = rows(context.guest).get(int(context.keys.get("tid") or context.keys["pid"]))
    if row and row["state"] not in "RDI":
        last = row["stack"].split(";")[0].split("+")[0]
        if ours.decode() not in (last, "0"):
            raise Different(f"ours `{show(ours)}`, the kernel's `{show(theirs)}`, then `{last}`")
    elif not re.fullmatch(rb"[\w.]+", ours):
        raise Different(f"ours `{show(ours)}`, the kernel's `{show(theirs)}`")
    return NEAR


def syscall(ours, theirs, context):
    if not re.fullmatch(rb"running\n|-?\d+( 0x[0-9a-f]+){2}\n|\d+( 0x[0-9a-f]+){8}\n", ours):
        raise Different(first_difference(ours, theirs))
    return NEAR


# What running changes in `sched`; the rest of it is what a task was told to be.
SCHED_GROWS = re.compile(
    rb"se\.(exec_start|sum_exec_runtime|nr_migrations|avg\.last_update_time)|nr_\w*switches|(se\.statistics\.)?"
    rb"(sum_\w+_runtime|wait_sum|wait_count|iowait_sum|iowait_count|nr_\w+|\w+_start|\w+_max)|numa_pages_migrated"
    rb"|total_numa_faults|mm->numa_scan_seq|core_forceidle_sum"
)
SCHED_MOVES = re.compile(
    rb"se\.vruntime|avg_atom|avg_per_cpu|se\.avg\.\w+(\.\w+)?|clock-delta|se\.slice|current_node|numa_faults|prio"
    rb"|(se\.statistics\.)?(wait|sleep|block)_start"
)


def sched(ours, theirs, context):
    """How long two looks at the clock took the kernel, a dump can't tell: it is 0 there."""
    mine, real = (text.splitlines() for text in (ours, theirs))
    keys = [[re.split(rb"[ :=]", x, 1)[0] for x in lines] for lines in (mine, real)]
    if keys[0] != keys[1]:
        raise Different("other lines than the kernel's")
    moved = ran(context)
    for key, x, y in zip(keys[0], mine, real):
        if x == y:
            continue
        if key == b"clock-delta":
            hold(exactly, numbers(x)[-1], 0, "clock-delta")
        elif moved and SCHED_MOVES.fullmatch(key):
            if len(x) != len(y):
                raise Different(f"ours `{show(x)}`, the kernel's `{show(y)}`")
        elif moved and SCHED_GROWS.fullmatch(key):
            if len(x) != len(y) or numbers(x)[-1] < numbers(y)[-1]:
                raise Different(f"ours `{show(x)}`, the kernel's `{show(y)}`")
        else:
            raise Different(f"ours `{show(x)}`, the kernel's `{show(y)}`")
    return NEAR


def has_no_user_pages(context):
    """makedumpfile -d 31 leaves them out; what is in them can't be told."""
    saved = context.guest.truth / context.path
    return context.guest.kind.saved_by == "kexec" and saved.stat().st_size > 0


def both(name, *args, **options):
    kind("proc/{pid}/" + name, *args, **options)
    kind("proc/{pid}/task/{tid}/" + name, *args, **options)


for name, compare in {
    "status": status,
    "stat": stat,
    "statm": statm,
    "comm": comm,
    "wchan": wchan,
    "schedstat": schedstat,
    "io": io,
    "oom_score": oom_score,
    "syscall": syscall,
}.items():
    both(name, unless_it_ran(compare), moves=RAN)
both("sched", sched, moves=RAN)
for name in ("cgroup", "limits", "oom_adj", "oom_score_adj", "loginuid", "sessionid", "personality"):
    both(name)
for name in ("uid_map", "gid_map", "projid_map", "setgroups", "patch_state"):
    both(name)
both("cpuset")
both("ksm_merging_pages", since=(6, 1))
both("ksm_stat", since=(6, 1))
for name in ("autogroup", "coredump_filter", "timerslack_ns", "timens_offsets", "auxv"):
    kind("proc/{pid}/" + name)


def children(ours, theirs, context):
    """Children that were there both times are in the same order; what came lives still, and what went doesn't."""
    mine, real = ours.split(b" "), theirs.split(b" ")
    alive = {b"%d" % tid for tid in context.guest.tasks()}
    if [x for x in mine if x in real] != [x for x in real if x in mine]:
        raise Different(first_difference(ours, theirs))
    if any(x not in alive for x in mine if x not in real) or any(x in alive for x in real if x not in mine):
        raise Different(first_difference(ours, theirs))
    return NEAR


kind("proc/{pid}/task/{tid}/children", children, moves="workers come and go until the crash")
for name in ("cmdline", "environ"):
    kind("proc/{pid}/" + name, absent={"pages of processes aren't in the dump": has_no_user_pages})
