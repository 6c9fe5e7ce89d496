# SPDX-License-Identifier: GPL-2.0-or-later
"""
CPUs, interrupts, time and the scheduler. What counts goes on counting between a file's saving and the crash: by how
much at most follows from the time between (index.tsv has when a file was saved, moment when the last thing was done
before the crash). The guest has two CPUs, 250 ticks a second, and does little but save files.
"""

import math
import re

from compare import NEAR, Different, first_difference, same_keys, show
from kind import kind

CPUS = 2
HZ = 250
# From the last look at the clocks to the last tick, in seconds.
SLACK = 0.1


def index(guest):
    """{path: when it was saved, nanoseconds of CLOCK_BOOTTIME}."""
    if not hasattr(guest, "index"):
        lines = (guest.truth / "index.tsv").read_text(errors="surrogateescape").split("\n")[1:]
        guest.index = {x[4]: int(x[0]) for x in (line.split("\t") for line in lines) if len(x) > 4}
    return guest.index


def elapsed(context):
    """Seconds from the file's saving to the crash, at most."""
    return (context.guest.moment()["boottime_ns"] - index(context.guest)[context.path]) / 1e9 + SLACK


def need(ok, what, ours, theirs):
    if not ok:
        raise Different(f"{what}: ours `{show(ours)}`, the kernel's `{show(theirs)}`")


def widths(line):
    """A line with each number, and the blanks before it, as their width: what columns look like."""
    return re.sub(rb" *-?\d+(\.\d+)?", lambda m: b"<%d>" % len(m.group()), line)


def ints(line):
    return [int(x) for x in re.findall(rb"-?\d+", line)]


def lines_of(ours, theirs):
    """Pairs of lines of files that have the same ones."""
    a, b = ours.split(b"\n"), theirs.split(b"\n")
    if len(a) != len(b):
        raise Different(first_difference(ours, theirs))
    return zip(a, b)


def grow(mine, real, by, what, ours, theirs):
    """Numbers none of which shrank, or grew by more than that."""
    need(len(mine) == len(real), what, ours, theirs)
    for x, y in zip(mine, real):
        need(0 <= x - y <= by, what, ours, theirs)


# Interrupts a second, on one CPU. All that aren't named stand still.
RATES = {
    rb"LOC": HZ + 250,  # ticks, and high-resolution timers
    rb"RES|CAL|TLB|IWI": 250,
    rb".*(ttyS0|virtio\d+-(req\.\d|input|output)\S*)": 100,  # the console; the disk that the truth goes to
}


def rate_of(name):
    for pattern, rate in RATES.items():
        if re.fullmatch(pattern, name):
            return rate
    return 0


def interrupts(ours, theirs, context):
    time = elapsed(context)
    for x, y in lines_of(ours, theirs):
        if x == y:
            continue
        row = re.compile(rb"( *(\w+):)((?: +\d+){1,%d})( .*|)" % CPUS)
        a, b = row.fullmatch(x), row.fullmatch(y)
        need(a and b and a[1] == b[1] and a[4] == b[4] and widths(a[3]) == widths(b[3]), "row", x, y)
        rate = max(rate_of(a[2]), rate_of(a[4].strip()))
        # The panic stops the other CPUs by an interrupt each.
        grow(ints(a[3]), ints(b[3]), 1 if a[2] == b"NMI" else int(rate * time) + 8 * bool(rate), "count", x, y)
    return NEAR


def softirqs(ours, theirs, context):
    for x, y in lines_of(ours, theirs):
        need(widths(x) == widths(y), "row", x, y)
        # Those of no use here stand still.
        still = re.match(rb" *(HI|NET_TX|IRQ_POLL|TASKLET|HRTIMER):", x)
        grow(ints(x), ints(y), 0 if still else int(500 * elapsed(context)) + 8, "count", x, y)
    return NEAR


def stat(ours, theirs, context):
    time = elapsed(context)
    for x, y in lines_of(ours, theirs):
        a, b, name = ints(x), ints(y), y.split(b" ")[0].decode()
        need(x.split(b" ")[0] == y.split(b" ")[0] and len(a) == len(b), "line", x, y)
        if name.startswith("cpu"):
            most = int(time * 100) + 2
            if name == "cpu":
                most = CPUS * most
            else:
                need(a.pop(0) == b.pop(0), "CPU", x, y)
            # Idle and iowait may count one tick differently: each is cut to a tick for itself.
            grow(a, b, most, "ticks", x, y)
            need(sum(a) - sum(b) <= most + 2, "ticks", x, y)
            need(a[1] == b[1] and a[5] == b[5] and a[7:] == b[7:], "nice, irq, steal, guest", x, y)
        elif name == "intr":
            grow(a[:1], b[:1], int(CPUS * 1200 * time) + 40, "interrupts", x[:80], y[:80])
            grow(a[1:], b[1:], int(100 * time) + 8, "interrupts", x, y)
        elif name == "ctxt":
            grow(a, b, int(CPUS * 500 * time) + 40, "switches", x, y)
        elif name == "softirq":
            grow(a[:1], b[:1], int(CPUS * 2000 * time) + 80, "softirqs", x, y)
            grow(a[1:], b[1:], int(CPUS * 500 * time) + 16, "softirqs", x, y)
        elif name in ("procs_running", "procs_blocked"):
            need(abs(a[0] - b[0]) <= 3, "tasks", x, y)
        else:  # btime, processes: nothing is started any more
            need(a == b, "value", x, y)
    return NEAR


def loadavg(ours, theirs, context):
    form = rb"(\d+\.\d\d) (\d+\.\d\d) (\d+\.\d\d) (\d+)/(\d+) (\d+)\n"
    a, b = re.fullmatch(form, ours), re.fullmatch(form, theirs)
    need(a and b, "form", ours, theirs)
    # Every 5 seconds an average moves towards how many tasks run or wait at that moment, here at most 8.
    updates = int(elapsed(context) / 5) + 1
    for i, minutes in enumerate((1, 5, 15), 1):
        keep = math.exp(-5 * updates / (60 * minutes))
        x, y = float(a[i]), float(b[i])
        need(y * keep - 0.02 <= x <= y * keep + 8 * (1 - keep) + 0.02, "average", ours, theirs)
    need(abs(int(a[4]) - int(b[4])) <= 3, "running", ours, theirs)
    need(a[5] == b[5] and a[6] == b[6], "tasks", ours, theirs)
    return NEAR


def uptime(ours, theirs, context):
    form = rb"(\d+\.\d\d) (\d+\.\d\d)\n"
    a, b = re.fullmatch(form, ours), re.fullmatch(form, theirs)
    need(a and b, "form", ours, theirs)
    need(0 <= float(a[1]) - float(b[1]) <= elapsed(context), "uptime", ours, theirs)
    need(0 <= float(a[2]) - float(b[2]) <= CPUS * elapsed(context), "idle", ours, theirs)
    return NEAR


def spurious(ours, theirs, context):
    form = rb"count (\d+)\nunhandled (\d+)\nlast_unhandled (\d+) ms\n"
    a, b = re.fullmatch(form, ours), re.fullmatch(form, theirs)
    need(a and b, "form", ours, theirs)
    time = elapsed(context)
    need(0 <= int(a[1]) - int(b[1]) <= 100 * time + 8, "count", ours, theirs)
    if a[3] == b[3]:
        need(a[2] == b[2], "unhandled", ours, theirs)
    else:
        # There was another one since. A tenth of a second after the last one they are counted anew.
        since = (int(a[3]) - int(b[3])) % (1 << 32)
        need(1 <= int(a[2]) <= int(b[2]) + 5 * time + 1 and since <= 120000, "unhandled", ours, theirs)
    return NEAR


def schedstat(ours, theirs, context):
    time = elapsed(context)
    for x, y in lines_of(ours, theirs):
        a, b = ints(x), ints(y)
        need(re.sub(rb"\d+", b"#", x) == re.sub(rb"\d+", b"#", y), "line", x, y)
        if y.startswith(b"timestamp"):
            grow(a, b, int(time * HZ) + 1, "timestamp", x, y)
        elif y.startswith(b"cpu"):
            need(a[0] == b[0], "CPU", x, y)
            # A task's time is added when it stops running: what it has run since before is in it.
            grow(a[7:8], b[7:8], int((time + 1) * 1e9), "running", x, y)
            grow(a[8:9], b[8:9], int(time * 1e9) * 8, "waiting", x, y)  # for 8 tasks
            grow(a[1:7] + a[9:], b[1:7] + b[9:], int(500 * time) + 8, "count", x, y)
        elif y.startswith(b"domain"):
            need(a[:2] == b[:2], "domain", x, y)
            per_kind = (len(a) - 2 - 12) // 3
            imbalance = {2 + kind * per_kind + 3 for kind in range(3)}
            for i, (m, r) in enumerate(zip(a, b)):
                # Sums of loads, up to 1024 a task.
                need(0 <= m - r <= (100 if i not in imbalance else 100 * 1024) * time + 8, f"value {i}", x, y)
        else:
            need(x == y, "line", x, y)
    return NEAR


def pressure(ours, theirs, context):
    time = elapsed(context)
    form = rb"(some|full) avg10=(\d+\.\d\d) avg60=(\d+\.\d\d) avg300=(\d+\.\d\d) total=(\d+)"
    for x, y in lines_of(ours, theirs):
        if x == y:
            continue
        a, b = re.fullmatch(form, x), re.fullmatch(form, y)
        need(a and b and a[1] == b[1], "line", x, y)
        # Averages are brought up to date every 2 seconds.
        for i, period in enumerate((10, 60, 300), 2):
            keep = math.exp(-(time + 2) / period)
            m, r = float(a[i]), float(b[i])
            need(r * keep - 0.1 <= m <= r * keep + 100 * (1 - keep) + 0.1, "average", x, y)
        need(0 <= int(a[5]) - int(b[5]) <= time * 1e6, "total", x, y)
    return NEAR


TIMER = re.compile(
    rb" #\d+: (<[0-9a-f]{16}>|\S+), (\S+), S:01\n"
    rb" # expires at (\d+)-(\d+) nsecs \[in (-?\d+) to (-?\d+) nsecs\]\n"
)
# Moments in the life of a CPU's tick, and counters: {name: how much it may grow a second}.
TICK = {
    b"nr_events": 500,
    b"nr_retries": 20,
    b"nr_hangs": 0,
    b"max_hang_time": 0,
    b"idle_calls": 500,
    b"idle_sleeps": 500,
    b"idle_jiffies": HZ,
    b"last_jiffies": HZ,
    b"jiffies": HZ,
    b"expires_next": 1e9,
    b"next_event": 1e9,
    b"last_tick": 1e9,
    b"idle_entrytime": 1e9,
    b"idle_waketime": 1e9,
    b"idle_exittime": 1e9,
    b"idle_sleeptime": 1e9,
    b"iowait_sleeptime": 1e9,
    b"retries": 20,
}


def timers(text):
    """(the text without its timers, {timer: (function, soft, hard)}, when it was)."""
    now = int(re.search(rb"now at (\d+) nsecs", text)[1])
    found, offset = {}, 0
    for part in re.split(rb"(?=  \.offset: )", text):
        match = re.match(rb"  \.offset: +(-?\d+) nsecs", part)
        offset = int(match[1]) if match else 0
        for name, function, soft, hard, to_soft, to_hard in TIMER.findall(part):
            soft, hard = int(soft), int(hard)
            if (int(to_soft), int(to_hard)) != (soft - now - offset, hard - now - offset):
                raise Different(f"timer {name.decode()}: the time that is left doesn't fit the file's own clock")
            found[name] = (function, soft - offset, hard - offset)
    return TIMER.sub(b"", text), found, now


def timer_list(ours, theirs, context):
    time = elapsed(context)
    (mine, our_timers, our_now), (real, their_timers, their_now) = timers(ours), timers(theirs)
    if not 0 <= our_now - their_now <= time * 1e9:
        raise Different(f"now: {our_now}, the kernel had {their_now}")
    for x, y in lines_of(mine, real):
        if x == y or y.startswith(b"now at "):
            continue
        match = re.match(rb" *\.?(\w+) *: +-?\d+( nsecs)?$", y)
        name = match and match[1]
        need(re.sub(rb"-?\d+", b"#", x) == re.sub(rb"-?\d+", b"#", y), "line", x, y)
        if name in (b"tick_stopped", b"next_timer", b"idle_expires"):
            continue  # wherever the next timer is
        need(name in TICK, "line", x, y)
        grow(ints(x), ints(y), TICK[name] * (time + 0.1) + 8, "value", x, y)
    for name, (function, soft, hard) in their_timers.items():
        # The agent has an alarm of 5 seconds for each file that it reads; sooner ones may be over.
        if name in our_timers:
            need(our_timers[name][0] == function, "function", our_timers[name][0], function)
            need(our_timers[name][1] >= soft, "timer", name, name)
        elif hard > their_now + (time + 5) * 1e9:
            raise Different(f"timer {name.decode()} ({function.decode()}) is missing")
    for name, (function, soft, hard) in our_timers.items():
        # The workload's "tcp-timewait" sleeps for 25 seconds at a time.
        longest = 26e9 if function == b"hrtimer_wakeup" else 6e9
        if name not in their_timers and hard > our_now + longest:
            raise Different(f"timer {name.decode()} ({function.decode()}) is one too many")
    return NEAR


# A task's name has 15 characters at most, of which any may be a newline.
ROW = re.compile(rb"^([ >])([A-Z]) (.{15}) +(\d+) +-?\d+\.\d{6} [^\n]*\n", re.M | re.S)


def sections(text):
    """{a queue's or CPU's heading: its lines}, {pid: its CPU and row}, the tables' heads."""
    parts, rows, heads, here = {}, {}, set(), b""
    for chunk in re.split(rb"^(?=cpu#)", text, flags=re.M):
        queues, _, table = chunk.partition(b"runnable tasks:\n")
        for line in queues.split(b"\n"):
            if re.match(rb"cpu#|(cfs|rt|dl)_rq\[|sysctl_sched$|Sched Debug", line):
                here = line
                parts[here] = []
            elif line:
                parts[here].append(line)
        for match in ROW.finditer(table):
            rows[int(match[4])] = (queues.split(b"\n")[0], match[0])
        heads.add(ROW.sub(b"", table))
    return parts, rows, heads


def queue_lines(name, mine, real, time):
    """Each number of a queue has its place; what is fixed is the same."""
    key = re.compile(rb"  \.(\S+) +: |(\S+) +: ")
    same_keys([key.match(x)[0] for x in mine], [key.match(x)[0] for x in real], name.decode())
    for x, y in zip(mine, real):
        need(key.match(x)[0] == key.match(y)[0], "order", x, y)
        field = (key.match(x)[1] or key.match(x)[2]).decode()
        a, b = x[key.match(x).end() :], y[key.match(y).end() :]
        need(re.sub(rb"-?\d+", b"#", a) == re.sub(rb"-?\d+", b"#", b), "form", x, y)
        if field.startswith("sysctl") or field in ("rt_runtime", "dl_bw->bw", "throttled", "sched_clock_stable()"):
            need(a == b, "value", x, y)
        elif field in ("ktime", "sched_clk", "cpu_clk", "clock", "clock_task", "exec_clock"):
            need(0 <= float(a) - float(b) <= time * 1000, "clock", x, y)
        elif field in ("nr_switches", "sched_count", "sched_goidle", "ttwu_count", "ttwu_local", "yld_count"):
            need(0 <= int(a) - int(b) <= 500 * time + 8, "count", x, y)
        elif field == "jiffies":
            need(0 <= int(a) - int(b) <= HZ * time + 1, "jiffies", x, y)
        elif field.startswith(("nr_", "h_nr_", "rt_nr", "dl_nr", "idle_", "throttle_")):
            need(abs(int(a) - int(b)) <= (16 if field != "nr_spread_over" else 20 * time), "count", x, y)


def sched_debug(ours, theirs, context):
    time = elapsed(context)
    parts, rows, heads = sections(ours)
    their_parts, their_rows, their_heads = sections(theirs)
    if heads != their_heads:
        raise Different(f"the tables' heads: {heads ^ their_heads}")
    for name, lines in their_parts.items():
        if name in parts:
            queue_lines(name, parts[name], lines, time)
    for name in set(parts) ^ set(their_parts):
        # Queues of groups come when one of their tasks runs, and go some time after.
        if not re.match(rb"cfs_rq\[\d+\]:/.", name):
            raise Different(f"{name.decode()} is only in one of them")
    alive = {tid for tid in context.guest.tasks()}
    missing = [pid for pid in their_rows if pid in alive and pid not in rows]
    extra = [pid for pid in rows if pid not in alive]
    if missing or extra:
        raise Different(f"tasks missing: {missing[:3]}, too many: {extra[:3]}")
    for pid, (cpu, row) in rows.items():
        their_cpu, their_row = their_rows.get(pid, (None, None))
        if their_row is None:
            continue
        a, b = re.sub(rb"^..|   [EN]   ", b"", row), re.sub(rb"^..|   [EN]   ", b"", their_row)
        # A task whose counter of switches is the same has not run, but for the one that does.
        switched = re.search(rb" +\d+ +\d+  +\d+\.\d{6} ", a), re.search(rb" +\d+ +\d+  +\d+\.\d{6} ", b)
        if a != b:
            need(widths(a) == widths(b), "row", row, their_row)
            if cpu == their_cpu and row[:1] != b">" and their_row[:1] != b">":
                need(switched[0][0] != switched[1][0], "a task that didn't run", row, their_row)
    return NEAR


COUNTS = "it goes on counting until the crash"

kind("proc/cpuinfo")
kind("proc/interrupts", interrupts, moves=COUNTS)
kind("proc/softirqs", softirqs, moves=COUNTS)
kind("proc/stat", stat, moves=COUNTS)
kind("proc/loadavg", loadavg, moves="averages move on every 5 seconds")
kind("proc/uptime", uptime, moves="time passes")
kind("proc/schedstat", schedstat, moves=COUNTS)
kind("proc/timer_list", timer_list, moves="timers expire and are set")
for resource in ("cpu", "io", "memory", "irq"):
    kind(f"proc/pressure/{resource}", pressure, moves=COUNTS)
for name in ("smp_affinity", "smp_affinity_list", "effective_affinity", "effective_affinity_list", "affinity_hint", "node"):
    kind("proc/irq/{irq}/" + name)
kind("proc/irq/{irq}/spurious", spurious, moves=COUNTS)
kind("proc/irq/default_smp_affinity")
for name in ("online", "possible", "present"):
    kind(f"sys/devices/system/cpu/{name}")
kind("proc/sched_debug", sched_debug, moves="tasks run until the crash", until=(5, 13))
kind("sys/kernel/debug/sched/debug", sched_debug, moves="tasks run until the crash", since=(5, 13))
