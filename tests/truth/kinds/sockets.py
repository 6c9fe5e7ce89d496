# SPDX-License-Identifier: GPL-2.0-or-later
"""Sockets, routes and neighbours: what proc/net has of them."""

from compare import NEAR, Different, grows, show
from kind import kind

# Rows, their order, and all that they say: nothing of it moves while nobody touches those sockets.
for name in (
    "arp",
    "fib_trie",
    "icmp",
    "icmp6",
    "ipv6_route",
    "netlink",
    "raw6",
    "route",
    "udp",
    "udp6",
    "udplite",
    "udplite6",
    "unix",
):
    kind("{net}/" + name)


def rows(bounds, hexadecimal=()):
    """
    Tables of words: the same rows in the same order. bounds: {column: bound}, exact in all others; hexadecimal: those
    columns of which the last part, behind a colon, is the number.
    """

    def number(column, word):
        return int(word.split(b":")[-1], 16) if column in hexadecimal else int(word)

    def compare(ours, theirs, context):
        mine, real = ours.split(b"\n"), theirs.split(b"\n")
        if len(mine) != len(real):
            raise Different(f"{len(mine)} rows, the kernel has {len(real)}")
        for a, b in zip(mine, real):
            x, y = a.split(), b.split()
            # The last word may have become longer.
            if a != b and (len(x) != len(y) or len(a) - len(x[-1]) != len(b) - len(y[-1])):
                raise Different(f"ours `{show(a)}`, the kernel's `{show(b)}`")
            for i, (p, q) in enumerate(zip(x, y)):
                if p != q and not (i in bounds and bounds[i](number(i, p), number(i, q))):
                    raise Different(f"column {i + 1}: ours `{show(a)}`, the kernel's `{show(b)}`")
        return NEAR

    return compare


# Every ICMP packet goes to the raw socket, and every packet to one packet socket, whose queues are soon full.
kind(
    "{net}/raw",
    rows({4: lambda ours, theirs: ours >= theirs, 12: grows(2000)}, hexadecimal={4}),
    moves="packets come in that nobody reads",
)
kind("{net}/packet", rows({6: grows(1 << 18)}), moves="packets come in that nobody reads")


def fib_triestat(ours, theirs, context):
    """Of the counters only those of look-ups have grown."""
    mine, real = ours.split(b"\n"), theirs.split(b"\n")
    if len(mine) != len(real):
        raise Different(f"{len(mine)} rows, the kernel has {len(real)}")
    for a, b in zip(mine, real):
        name, _, value = a.rpartition(b" ")
        real_name, _, real_value = b.rpartition(b" ")
        counts = name.startswith((b"gets", b"backtracks", b"semantic", b"null node"))
        if a != b and (name != real_name or not counts or not grows(2000)(int(value), int(real_value))):
            raise Different(f"ours `{show(a)}`, the kernel's `{show(b)}`")
    return NEAR


kind("{net}/fib_triestat", fib_triestat, moves="every packet is a look-up")


def tcp(ours, theirs, context):
    """All but timers: these have run on, and where one ran out something was sent once more."""
    mine, real = ours.split(b"\n"), theirs.split(b"\n")
    if len(mine) != len(real):
        raise Different(f"{len(mine)} rows, the kernel has {len(real)}")
    for a, b in zip(mine, real):
        x, y = a.split(), b.split()
        if a == b:
            continue
        if len(x) != len(y) or len(a) != len(b):
            raise Different(f"ours `{show(a)}`, the kernel's `{show(b)}`")
        # Half a socket (TIME_WAIT, a request) has no columns behind its address.
        if not timers_fit(x, y) or differ_elsewhere(x, y):
            raise Different(f"ours `{show(a)}`, the kernel's `{show(b)}`")
    return NEAR


# Columns: kind of timer and when it's due, retransmissions, probes, the retransmission timeout in hundredths of a second
WHEN, RETRANSMITTED, PROBES, RTO = 5, 6, 8, 12
# The truth is saved so long before the crash at most: hundredths of a second.
LONG = 3000


def differ_elsewhere(x, y):
    return any(p != q for i, (p, q) in enumerate(zip(x, y)) if i not in (WHEN, RETRANSMITTED, PROBES, RTO))


def timers_fit(x, y):
    (kind_of, due), (real_kind, real_due) = (w[WHEN].split(b":") for w in (x, y))
    due, real_due = int(due, 16), int(real_due, 16)
    again = int(x[RETRANSMITTED], 16) - int(y[RETRANSMITTED], 16) + int(x[PROBES]) - int(y[PROBES])
    if kind_of != real_kind or not 0 <= again <= 4:
        return False
    if again == 0 and x[RTO:] == y[RTO:]:
        # One that ran out and was answered runs again.
        return real_due - LONG <= due <= real_due or (real_due < LONG and due <= 12000)
    # Each time it waits twice as long, two minutes at most.
    return due <= 12000 and (len(x) <= RTO or int(y[RTO]) <= int(x[RTO]) <= 12000)


for name in ("tcp", "tcp6"):
    kind("{net}/" + name, tcp, moves="timers run")
