# SPDX-License-Identifier: GPL-2.0-or-later
"""Network devices, addresses and counters: what proc/net has of them, in each network namespace."""

import re

from compare import NEAR, Different, by_line, exactly, first_difference, first_word, grows, show
from kind import NO_TYPES, kind

for name in (
    "anycast6",
    "connector",
    "dev_mcast",
    "if_inet6",
    "igmp",
    "igmp6",
    "ip6_flowlabel",
    "mcfilter",
    "mcfilter6",
    "netfilter/nf_log",
    "protocols",
    "psched",
    "ptype",
    "rt_acct",
    "rt_cache",
    "sockstat6",
    "tls_stat",
    "xfrm_stat",
):
    kind("{net}/" + name)

# Two connections are opened and closed every 25 s, and are in TIME_WAIT for a minute.
CLOSED = 8


def but_for(pattern, bound):
    """Identical but for the one number that pattern catches."""

    def compare(ours, theirs, context):
        mine, real = re.search(pattern, ours), re.search(pattern, theirs)
        if not mine or not real:
            raise Different(first_difference(ours, theirs))
        if ours[: mine.start(1)] + ours[mine.end(1) :] != theirs[: real.start(1)] + theirs[real.end(1) :]:
            raise Different(first_difference(ours, theirs))
        if abs(int(mine[1]) - int(real[1])) > bound:
            raise Different(f"{show(mine[0])}, the kernel had {show(real[0])}")
        return NEAR

    return compare


def conntrack(ours, theirs, context):
    """The number of connections, which each CPU's row repeats, has moved; counters are the same."""
    mine, real = ours.split(b"\n"), theirs.split(b"\n")
    if len(mine) != len(real) or mine[0] != real[0]:
        raise Different(first_difference(ours, theirs))
    for a, b in zip(mine[1:], real[1:]):
        if a[8:] != b[8:] or bool(a) != bool(b) or (a and abs(int(a[:8], 16) - int(b[:8], 16)) > 2 * CLOSED):
            raise Different(f"ours `{show(a)}`, the kernel's `{show(b)}`")
    return NEAR


def rt6_stats(ours, theirs, context):
    """Routes that are allocated come and go with what is sent; all else stands still."""
    mine, real = ours.split(), theirs.split()
    if len(mine) != len(real) or len(ours) != len(theirs) or mine[:2] + mine[3:] != real[:2] + real[3:]:
        raise Different(first_difference(ours, theirs))
    if abs(int(mine[2], 16) - int(real[2], 16)) > FEW:
        raise Different(first_difference(ours, theirs))
    return NEAR


kind("{net}/rt6_stats", rt6_stats, moves="routes to single hosts come and go")
kind("{net}/sockstat", but_for(rb" tw (\d+) ", CLOSED), moves="connections come to the end of TIME_WAIT")
kind("{net}/stat/nf_conntrack", conntrack, moves="connections come and go")

# A process sends itself a datagram over lo every tenth of a second, to nobody, who answers by ICMP: so many until the
# crash, of at most so many bytes.
PACKETS, BYTES = 2000, 250000
# Elsewhere IPv6 looks for routers, TCP sends again what isn't answered.
FEW, FEW_BYTES = 30, 4000

# Devices whose drivers are modules with counters in structures of their own: dumps of 5.10 have no types of them.
OWN_COUNTERS = re.compile(rb" *(eth|veth|tap|bond)\d+:")


def dev(ours, theirs, context):
    """Rows of devices: bytes and packets have grown."""
    mine, real = ours.split(b"\n"), theirs.split(b"\n")
    if not context.module_types:
        real = [x for x in real if not OWN_COUNTERS.match(x)]
    if len(mine) != len(real):
        raise Different(f"{len(mine)} rows, {len(real)} expected")
    for a, b in zip(mine, real):
        x, y = a.replace(b":", b": ").split(), b.replace(b":", b": ").split()
        packets, size = (PACKETS, BYTES) if b.strip().startswith(b"lo:") else (FEW, FEW_BYTES)
        bounds = {1: grows(size), 2: grows(packets), 8: grows(FEW), 9: grows(size), 10: grows(packets)}
        if a != b and (len(x) != len(y) or x[0] != y[0]):
            raise Different(f"ours `{show(a)}`, the kernel's `{show(b)}`")
        for i, (p, q) in enumerate(zip(x, y)):
            if p != q and not bounds.get(i, exactly)(int(p), int(q)):
                raise Different(f"column {i + 1}: ours `{show(a)}`, the kernel's `{show(b)}`")
    return NEAR


kind("{net}/dev", dev, moves="packets are sent")


def softnet_stat(ours, theirs, context):
    """A row for each CPU: packets taken in, and rounds that ended early."""
    mine, real = ours.split(b"\n"), theirs.split(b"\n")
    if len(mine) != len(real):
        raise Different(f"{len(mine)} rows, the kernel has {len(real)}")
    for a, b in zip(mine, real):
        x, y = a.split(), b.split()
        bounds = {0: grows(2 * PACKETS), 2: grows(300)}
        if len(x) != len(y) or len(a) != len(b):
            raise Different(f"ours `{show(a)}`, the kernel's `{show(b)}`")
        for i, (p, q) in enumerate(zip(x, y)):
            if p != q and not bounds.get(i, exactly)(int(p, 16), int(q, 16)):
                raise Different(f"word {i + 1}: ours `{show(a)}`, the kernel's `{show(b)}`")
    return NEAR


kind("{net}/softnet_stat", softnet_stat, moves="packets are sent")


def pairs(bounds):
    """Lines of names, each with one of numbers: {name, as re.fullmatch takes it: bound}, exact for all others."""

    def compare(ours, theirs, context):
        mine, real = ours.split(b"\n"), theirs.split(b"\n")
        if len(mine) != len(real) or mine[::2] != real[::2]:
            raise Different("other names than the kernel's")
        for names, a, b in zip(real[::2], mine[1::2], real[1::2]):
            x, y = a.split(), b.split()
            if len(x) != len(y) or x[:1] != y[:1]:
                raise Different(f"ours `{show(a)}`, the kernel's `{show(b)}`")
            for name, p, q in zip(names.decode().split(), x, y):
                bound = next((k for n, k in bounds.items() if re.fullmatch(n, name)), exactly)
                if p != q and not bound(int(p), int(q)):
                    raise Different(f"{name}: ours {show(p)}, the kernel's {show(q)}")
        return NEAR

    return compare


# Of TCP only what is sent again, and its answers.
AGAIN = "(In|Out|Retrans)Segs|TCP(Timeouts|SynRetrans|LostRetransmit|SlowStartRetrans|SpuriousRTOs|RetransFail|WinProbe)"
AGAIN += "|TcpTimeoutRehash|TCPLossProbes|TCPKeepAlive|TCPPureAcks"
# Two connections are opened and closed every 25 seconds, for those in TIME_WAIT.
AGAIN += "|ActiveOpens|PassiveOpens|TW|DelayedACKs|DelayedACKLocked|TCPOrigDataSent|TCPDelivered"
kind(
    "{net}/snmp",
    pairs(
        {
            "InReceives|InDelivers|OutRequests|OutTransmits|NoPorts": grows(PACKETS),
            "(In|Out)(Msgs|DestUnreachs|Type3|Datagrams)": grows(PACKETS),
            AGAIN: grows(FEW),
        }
    ),
    moves="packets are sent",
)
kind(
    "{net}/netstat",
    pairs({"InOctets|OutOctets": grows(BYTES), "InNoECTPkts": grows(PACKETS), AGAIN: grows(FEW)}),
    moves="packets are sent",
)

SOLICITS = {
    "Ip6(In|Out)(Mcast)?Octets": grows(FEW_BYTES),
    "Ip6(InReceives|InDelivers|OutRequests|OutTransmits|InMcastPkts|OutMcastPkts|InNoECTPkts)": grows(FEW),
    "Icmp6Out(Msgs|RouterSolicits|MLDv2Reports|Type133|Type143)": grows(FEW),
}
kind("{net}/snmp6", by_line(first_word, SOLICITS), moves="routers are looked for")
kind("{net}/dev_snmp6/{dev}", by_line(first_word, SOLICITS), moves="routers are looked for")


for family in ("ip", "ip6", "arp"):
    kind("{net}/" + family + "_tables_names")
    for name in ("matches", "targets"):
        kind("{net}/" + family + "_tables_" + name, absent=NO_TYPES)


def counters(bounds):
    """Rows of hexadecimal numbers below a title: {column: bound}, exact for all others."""

    def compare(ours, theirs, context):
        mine, real = ours.split(b"\n"), theirs.split(b"\n")
        if len(mine) != len(real) or mine[:1] != real[:1]:
            raise Different("another title, or other rows than the kernel's")
        for a, b in zip(mine[1:], real[1:]):
            if len(a) != len(b) or len(a.split()) != len(b.split()):
                raise Different(f"ours `{show(a)}`, the kernel's `{show(b)}`")
            for i, (p, q) in enumerate(zip(a.split(), b.split())):
                if p != q and not bounds.get(i, exactly)(int(p, 16), int(q, 16)):
                    raise Different(f"column {i + 1}: ours `{show(a)}`, the kernel's `{show(b)}`")
        return NEAR

    return compare


# Old neighbours are looked for twice a minute; each packet that finds none looks one up.
for name in ("arp_cache", "ndisc_cache"):
    kind("{net}/stat/" + name, counters({4: grows(FEW), 9: grows(2)}), moves="a timer looks for old entries")
kind("{net}/stat/rt_cache", counters({2: grows(FEW), 9: grows(FEW)}), moves="packets are sent")

kind("{net}/vlan/config", absent=NO_TYPES)


def vlan(ours, theirs, context):
    """What was sent and came in has grown."""
    mine, real = ours.split(b"\n"), theirs.split(b"\n")
    if len(mine) != len(real):
        raise Different(f"{len(mine)} lines, the kernel has {len(real)}")
    for a, b in zip(mine, real):
        words = b.strip().startswith((b"total", b"Broadcast"))
        if a != b and (not words or a[:30] != b[:30] or not grows(FEW_BYTES)(int(a[30:]), int(b[30:]))):
            raise Different(f"ours `{show(a)}`, the kernel's `{show(b)}`")
    return NEAR


kind(
    "{net}/vlan/{dev}",
    vlan,
    moves="packets are sent",
    # It looks like a device's.
    absent={
        "config is of a module's types": lambda context: not context.module_types
        and context.path.endswith("/vlan/config")
    },
)

kind("{net}/bonding/{dev}", absent=NO_TYPES)
