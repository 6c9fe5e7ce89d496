# SPDX-License-Identifier: GPL-2.0-or-later
"""Sockets, routes and neighbours: what proc/net has of them."""

from compare import NEAR, Different, by_line, first_word, grows, show
from kind import NO_TYPES, kind

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


def rows_of_tcp(text):
    """{addresses: row} without the numbers, which count rows; those in TIME_WAIT come and go within a minute."""
    lines = text.split(b"\n")
    lasting, passing = {}, {}
    for number, line in enumerate(lines[1:-1]):
        sl, _, row = line.partition(b":")
        if int(sl) != number:
            raise Different(f"row {number} is not numbered so: `{show(line)}`")
        words = row.split()
        (passing if words[2] == b"06" else lasting)[tuple(words[:2])] = row
    return lines[0], lasting, passing


def tcp(ours, theirs, context):
    """All but timers: these have run on, and where one ran out something was sent once more."""
    header, mine, my_passing = rows_of_tcp(ours)
    real_header, real, real_passing = rows_of_tcp(theirs)
    if header != real_header or list(mine) != list(real):
        raise Different(f"other rows: {list(set(mine) ^ set(real))[:4]}, or in another order")
    both = [ends for ends in real_passing if ends in my_passing]
    if both != [ends for ends in my_passing if ends in real_passing]:
        raise Different("rows of TIME_WAIT in another order")
    for a, b in [(mine[ends], real[ends]) for ends in real] + [(my_passing[x], real_passing[x]) for x in both]:
        x, y = [b""] + a.split(), [b""] + b.split()
        if a == b:
            continue
        # Half a socket (TIME_WAIT, a request) has no columns behind its address.
        if len(x) != len(y) or not timers_fit(x, y) or differ_elsewhere(x, y):
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


def conntrack(ours, theirs, context):
    """The same connections in the same order; packets may have come by, and then it lasts longer."""
    mine, real = ({key(line): line for line in text.split(b"\n")} for text in (ours, theirs))
    if [k for k in mine if k in real] != [k for k in real if k in mine]:
        raise Different("connections in another order")
    at = 0
    for k, line in mine.items():
        if k in real:
            at = theirs.index(real[k]) + len(real[k]) + 1
        elif not passes(line) and not page_ends(at):
            raise Different(f"too many: `{show(line)}`")
    for k, line in real.items():
        if k not in mine and not passes(line):
            raise Different(f"missing: `{show(line)}`")
        if k in mine and mine[k] != line and not conntrack_row(mine[k].split(), line.split()):
            raise Different(f"ours `{show(mine[k])}`, the kernel's `{show(line)}`")
    return NEAR


def passes(line):
    """Only those to ports that the workload reopens come and go, and SCTP's between all addresses."""
    return any(port in line for port in PASSING)


def page_ends(at):
    """
    Where a row doesn't fit what is left of a page the kernel goes on with the next page, and leaves out that row and
    the one behind it: seen in 6.1, with rows of both in memory that had been there for minutes.
    """
    return -at % 4096 < 320


PASSING = (b"dport=8082 ", b"dport=8083 ", b"port=7777 ")


def key(line):
    """A connection by what can't change: protocols, addresses, ports."""
    return tuple(w for w in line.split() if w.startswith((b"src=", b"dst=", b"sport=", b"dport=", b"type=", b"id=")))


def conntrack_row(x, y):
    """Column 5 is how many seconds it's good for; counters grow."""
    if len(x) != len(y) or any(p != q for i, (p, q) in enumerate(zip(x, y)) if i != 4 and not counts(p, q)):
        return False
    return x[4] == y[4] or -60 <= int(x[4]) - int(y[4]) <= (0 if x[5:] == y[5:] else 432000)


def counts(ours, theirs):
    (name, _, value), (real_name, _, real_value) = (w.partition(b"=") for w in (ours, theirs))
    grown = name in (b"packets", b"bytes") and grows(1 << 20)(int(value or 0), int(real_value or 0))
    return name == real_name and (grown or ours == theirs)


kind("{net}/nf_conntrack", conntrack, moves="time goes by, and so do packets", absent=NO_TYPES)
kind("{net}/nf_conntrack_expect")

# ---- SCTP: associations whose ends look after each other ----

for name in ("assocs", "eps"):
    kind("{net}/sctp/" + name, absent=NO_TYPES)
kind(
    "{net}/sctp/remaddr",
    rows({3: lambda ours, theirs: 200 <= ours <= 60000}),
    moves="how long a heartbeat took decides on the next timeout",
    absent=NO_TYPES,
)
kind("{net}/sctp/snmp", by_line(first_word, {}, default=grows(200)), moves="heartbeats are counted", absent=NO_TYPES)
