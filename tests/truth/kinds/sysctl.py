# SPDX-License-Identifier: GPL-2.0-or-later
"""/proc/sys, and what sysctl says of it."""

from compare import NEAR, Different, anything, exactly, first_difference, grows, numbers, shape, show, within
from kind import kind

# Between its saving and the crash the guest looks at all files of /sys and /proc, some 17,000.
CACHED = grows(40000)
# Counters of which each CPU keeps up to 32 back, and files that are open while others are saved.
OPEN = within(80, 80)
# The panic asks the console for everything: console_verbose().
VERBOSE = lambda ours, theirs: ours in (theirs, 15)  # noqa: E731

# {file below proc/sys: a bound for each of its numbers}; all others must be the same.
MOVING = {
    "fs/dentry-state": [CACHED, CACHED, exactly, exactly, within(64, 64), exactly],
    "fs/file-nr": [OPEN, exactly, exactly],
    "fs/inode-nr": [CACHED, exactly],
    "fs/inode-state": [CACHED] + [exactly] * 6,
    # A task hangs on purpose, and is found out after two minutes.
    "kernel/hung_task_detect_count": [grows(8)],
    "kernel/hung_task_warnings": [within(8, 0)],
    # Commands that are run to save the last of the truth.
    "kernel/ns_last_pid": [grows(40)],
    "kernel/printk": [VERBOSE, exactly, exactly, exactly],
    # Lowered by the kernel while samples take too long, which they may at any time.
    "kernel/perf_event_max_sample_rate": [within(1 << 20, 0)],
    "kernel/random/entropy_avail": [within(256, 256)],
    "net/netfilter/nf_conntrack_count": [within(16, 16)],
}
# Measured anew by the scheduler at each balancing, and decaying: 5.10 shows it.
COST = "/max_newidle_lb_cost"


# Commands have run before all of /sys is looked at, and before the workload is complete.
EARLIER = grows(200000)
MOVED_SINCE = {
    "fs/dentry-state": [EARLIER, EARLIER, exactly, exactly, within(64, 64), exactly],
    "fs/inode-nr": [EARLIER, exactly],
    "fs/inode-state": [EARLIER] + [exactly] * 6,
    "kernel/ns_last_pid": [grows(400)],
}


def compare_value(name, ours, theirs, moving=MOVING):
    bounds = [anything] if name.endswith(COST) else moving.get(name)
    if not bounds or shape(ours) != shape(theirs):
        raise Different(f"{name}: {first_difference(ours, theirs)}")
    mine, real = numbers(ours), numbers(theirs)
    if len(real) != len(bounds) or not all(ok(x, y) for ok, x, y in zip(bounds, mine, real)):
        raise Different(f"{name}: ours `{show(ours)}`, the kernel's `{show(theirs)}`")


def compare(ours, theirs, context):
    compare_value(context.path.removeprefix("proc/sys/"), ours, theirs)
    return NEAR


# What is left out, and why.
ABSENT = {
    "secret": ("net/core/netdev_rss_key", "net/ipv4/tcp_fastopen_key"),
    "made when it is read": ("kernel/random/uuid",),
}
LEFT_OUT = {"proc/sys/" + name for names in ABSENT.values() for name in names}


# Of a module's types.
UNTYPED = {"proc/sys/sunrpc/transports"}


def left_out(context):
    return LEFT_OUT if context.module_types else LEFT_OUT | UNTYPED


def is_left_out(context):
    return context.path in left_out(context)


MOVES = {
    "fs": "dentries, inodes and open files are counted, while the truth is saved",
    "kernel": "the last process id, what the panic asked of the console, costs and rates that the kernel measures",
    "net": "connections are counted",
}
for top in ("abi", "crypto", "debug", "dev", "fs", "fscache", "kernel", "net", "sunrpc", "user", "vm"):
    options = {"compare": compare, "moves": MOVES[top]} if top in MOVES else {}
    if top in ("kernel", "net"):
        options["absent"] = {"a secret, or made when it is read": is_left_out}
    if top == "sunrpc":
        options["absent"] = {"of a module, whose types dumps of 5.10 lack": is_left_out}
    if top == "fscache":
        options["until"] = (5, 17)
    kind(f"proc/sys/{top}/{{path}}", **options)

# Of all of it together.
kind("proc/sys/{path}", compare, moves="what moves in the folders below", least=0.97,
     absent={"a secret, made when it is read, or of a module without types": is_left_out})


def sysctl(ours, theirs, context):
    """The same keys in the same order, with values as the files' must be."""
    keys = {x.removeprefix("proc/sys/").replace("/", ".").encode() for x in left_out(context)}
    mine = ours.split(b"\n")
    real = [x for x in theirs.split(b"\n") if x.split(b" ", 1)[0] not in keys]
    # Of values that move no line says what is missing.
    ours_keys, their_keys = ([x.split(b" = ", 1)[0] for x in lines] for lines in (mine, real))
    if ours_keys != their_keys:
        raise Different("keys: " + first_difference(b"\n".join(ours_keys), b"\n".join(their_keys)))
    for x, y, key in zip(mine, real, their_keys):
        if x == y:
            continue
        values = (line.split(b" = ", 1)[-1] for line in (x, y))
        compare_value(key.decode().replace(".", "/"), *values, {**MOVING, **MOVED_SINCE})
    return NEAR


kind(
    "sos_commands/kernel/sysctl_-a",
    sysctl,
    moves="what moves in proc/sys, and some seconds more; secrets are left out",
    truth=lambda path: "commands/sysctl_-a",
)
