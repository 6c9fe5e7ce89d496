// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/net_stats.h"

#include <string.h>

#include "base/bits.h"
#include "kernel/list.h"
#include "kernel/percpu.h"

/* Bonds on top of bonds: the kernel allows 8 levels (MAX_NEST_DEV). */
#define MAX_NEST 8
/* Most queues that a device's driver may have. */
#define MAX_QUEUES 4096
/* NETDEV_ALIGN */
#define PRIV_ALIGN 32

/* Their names in struct rtnl_link_stats64 and, but for the last two, in struct net_device_stats. */
static const char *const names[] = {
	[VR_RX_PACKETS] = "rx_packets",
	[VR_TX_PACKETS] = "tx_packets",
	[VR_RX_BYTES] = "rx_bytes",
	[VR_TX_BYTES] = "tx_bytes",
	[VR_RX_ERRORS] = "rx_errors",
	[VR_TX_ERRORS] = "tx_errors",
	[VR_RX_DROPPED] = "rx_dropped",
	[VR_TX_DROPPED] = "tx_dropped",
	[VR_MULTICAST] = "multicast",
	[VR_COLLISIONS] = "collisions",
	[VR_RX_LENGTH_ERRORS] = "rx_length_errors",
	[VR_RX_OVER_ERRORS] = "rx_over_errors",
	[VR_RX_CRC_ERRORS] = "rx_crc_errors",
	[VR_RX_FRAME_ERRORS] = "rx_frame_errors",
	[VR_RX_FIFO_ERRORS] = "rx_fifo_errors",
	[VR_RX_MISSED_ERRORS] = "rx_missed_errors",
	[VR_TX_ABORTED_ERRORS] = "tx_aborted_errors",
	[VR_TX_CARRIER_ERRORS] = "tx_carrier_errors",
	[VR_TX_FIFO_ERRORS] = "tx_fifo_errors",
	[VR_TX_HEARTBEAT_ERRORS] = "tx_heartbeat_errors",
	[VR_TX_WINDOW_ERRORS] = "tx_window_errors",
	[VR_RX_COMPRESSED] = "rx_compressed",
	[VR_TX_COMPRESSED] = "tx_compressed",
	[VR_RX_NOHANDLER] = "rx_nohandler",
	[VR_RX_OTHERHOST_DROPPED] = "rx_otherhost_dropped",
};

/* A member of a driver's structure and what it counts as. */
struct part {
	const char *path;
	enum vr_net_stat stat;
};

static const struct part tstats_parts[] = {
	{"rx_packets", VR_RX_PACKETS},
	{"rx_bytes", VR_RX_BYTES},
	{"tx_packets", VR_TX_PACKETS},
	{"tx_bytes", VR_TX_BYTES},
	{NULL, 0},
};
static const struct part dstats_parts[] = {
	{"rx_packets|rx_pkts", VR_RX_PACKETS},
	{"rx_bytes", VR_RX_BYTES},
	{"rx_drops|rx_drps", VR_RX_DROPPED},
	{"tx_packets|tx_pkts", VR_TX_PACKETS},
	{"tx_bytes", VR_TX_BYTES},
	{"tx_drops|tx_drps", VR_TX_DROPPED},
	{NULL, 0},
};
static const struct part sent_parts[] = {
	{"packets", VR_TX_PACKETS},
	{"bytes", VR_TX_BYTES},
	{NULL, 0},
};
static const struct part received_parts[] = {
	{"packets", VR_RX_PACKETS},
	{"bytes", VR_RX_BYTES},
	{NULL, 0},
};
static const struct part vlan_parts[] = {
	{"rx_packets", VR_RX_PACKETS},  {"rx_bytes", VR_RX_BYTES},
	{"rx_multicast", VR_MULTICAST}, {"tx_packets", VR_TX_PACKETS},
	{"tx_bytes", VR_TX_BYTES},      {"rx_errors", VR_RX_ERRORS},
	{"tx_dropped", VR_TX_DROPPED},  {NULL, 0},
};
static const struct part ipvlan_parts[] = {
	{"rx_pkts", VR_RX_PACKETS}, {"rx_bytes", VR_RX_BYTES},
	{"rx_mcast", VR_MULTICAST}, {"tx_pkts", VR_TX_PACKETS},
	{"tx_bytes", VR_TX_BYTES},  {"rx_errs", VR_RX_ERRORS},
	{"tx_drps", VR_TX_DROPPED}, {NULL, 0},
};
static const struct part team_parts[] = {
	{"rx_packets", VR_RX_PACKETS},
	{"rx_bytes", VR_RX_BYTES},
	{"rx_multicast", VR_MULTICAST},
	{"tx_packets", VR_TX_PACKETS},
	{"tx_bytes", VR_TX_BYTES},
	{"rx_dropped", VR_RX_DROPPED},
	{"tx_dropped", VR_TX_DROPPED},
	{"rx_nohandler", VR_RX_NOHANDLER},
	{NULL, 0},
};
static const struct part core_parts[] = {
	{"rx_dropped", VR_RX_DROPPED},
	{"tx_dropped", VR_TX_DROPPED},
	{"rx_nohandler", VR_RX_NOHANDLER},
	{"rx_otherhost_dropped", VR_RX_OTHERHOST_DROPPED},
	{NULL, 0},
};

/* A number that may be wrapped in structures of its own: atomic_long_t, u64_stats_t. */
static uint64_t number(struct vr_obj obj, const char *path)
{
	struct vr_obj member = vr_get(obj, path);
	uint64_t size = vr_ok(member) ? vr_type_size(vr_type_strip(member.type)) : 0;

	return vr_u64(vr_cast(member, size == 4 ? "u32" : "u64"), "");
}

static void add_parts(struct vr_obj obj, const struct part *parts, struct vr_net_stats *s)
{
	for (; parts->path; parts++)
		s->values[parts->stat] += number(obj, parts->path);
}

/* Add up what each CPU has of the structure that a pointer leads to. */
static void add_per_cpu(struct vr_obj pointer, const struct part *parts, struct vr_net_stats *s)
{
	struct vr_obj part = vr_deref(pointer, "");
	uint64_t base = part.addr;
	struct vr_cpumask possible;

	vr_cpumask_read(part.prog, "__cpu_possible_mask", &possible);
	for (unsigned cpu = 0; (cpu = vr_cpumask_next(&possible, cpu)) < possible.nr; cpu++) {
		part.addr = vr_per_cpu_addr(part.prog, base, cpu);
		add_parts(part, parts, s);
	}
}

/* One of the device's own, unsigned long, as the driver adds or sets it. */
static uint64_t own(struct vr_obj dev, enum vr_net_stat stat)
{
	return number(vr_get(dev, "stats"), names[stat]);
}

static void add_own(struct vr_obj dev, struct vr_net_stats *s)
{
	for (unsigned i = 0; i < VR_RX_NOHANDLER; i++)
		s->values[i] += own(dev, i);
}

struct vr_obj vr_netdev_priv(struct vr_obj dev, const char *type)
{
	struct vr_obj priv = dev;
	uint64_t size = vr_type_size(vr_type_strip(dev.type));

	if (!vr_ok(dev))
		return dev;
	if (vr_has(dev, "priv"))
		priv = vr_get(dev, "priv");
	else
		priv.addr += (size + PRIV_ALIGN - 1) & -(uint64_t)PRIV_ALIGN;
	return vr_cast(priv, type);
}

/* ---- Drivers ---- */

static void add_tstats(struct vr_obj dev, struct vr_net_stats *s)
{
	add_own(dev, s);
	add_per_cpu(vr_get(dev, "tstats"), tstats_parts, s);
}

static void add_dstats(struct vr_obj dev, struct vr_net_stats *s)
{
	add_own(dev, s);
	add_per_cpu(vr_get(dev, "dstats"), dstats_parts, s);
}

static void add_loopback(struct vr_obj dev, struct vr_net_stats *s)
{
	add_per_cpu(vr_get(dev, "lstats"), sent_parts, s);
	s->values[VR_RX_PACKETS] = s->values[VR_TX_PACKETS];
	s->values[VR_RX_BYTES] = s->values[VR_TX_BYTES];
}

static void add_dummy(struct vr_obj dev, struct vr_net_stats *s)
{
	add_per_cpu(vr_get(dev, "lstats"), sent_parts, s);
}

static void add_monitor(struct vr_obj dev, struct vr_net_stats *s)
{
	add_per_cpu(vr_get(dev, "lstats"), received_parts, s);
}

static void add_vrf(struct vr_obj dev, struct vr_net_stats *s)
{
	add_per_cpu(vr_get(dev, "dstats"), dstats_parts, s);
	s->values[VR_RX_DROPPED] = 0;
}

static void add_vlan(struct vr_obj dev, struct vr_net_stats *s)
{
	struct vr_obj vlan = vr_netdev_priv(dev, "struct vlan_dev_priv");

	add_per_cpu(vr_get(vlan, "vlan_pcpu_stats"), vlan_parts, s);
	s->values[VR_RX_ERRORS] &= UINT32_MAX;
	s->values[VR_TX_DROPPED] &= UINT32_MAX;
}

/* Those of macvlan and ipvlan, which differ in names alone. */
static void add_lan(struct vr_obj pointer, const struct part *parts, struct vr_net_stats *s)
{
	if (!vr_u64(pointer, ""))
		return;
	add_per_cpu(pointer, parts, s);
	s->values[VR_RX_ERRORS] &= UINT32_MAX;
	s->values[VR_RX_DROPPED] = s->values[VR_RX_ERRORS];
	s->values[VR_TX_DROPPED] &= UINT32_MAX;
}

static void add_macvlan(struct vr_obj dev, struct vr_net_stats *s)
{
	add_lan(vr_get(vr_netdev_priv(dev, "struct macvlan_dev"), "pcpu_stats"), vlan_parts, s);
}

static void add_ipvlan(struct vr_obj dev, struct vr_net_stats *s)
{
	add_lan(vr_get(vr_netdev_priv(dev, "struct ipvl_dev"), "pcpu_stats"), ipvlan_parts, s);
	s->values[VR_TX_ERRORS] = own(dev, VR_TX_ERRORS);
}

static void add_team(struct vr_obj dev, struct vr_net_stats *s)
{
	add_per_cpu(vr_get(vr_netdev_priv(dev, "struct team"), "pcpu_stats"), team_parts, s);
	s->values[VR_RX_DROPPED] &= UINT32_MAX;
	s->values[VR_TX_DROPPED] &= UINT32_MAX;
	s->values[VR_RX_NOHANDLER] &= UINT32_MAX;
}

static void add_macsec(struct vr_obj dev, struct vr_net_stats *s)
{
	if (!vr_u64(dev, "tstats"))
		return;
	add_per_cpu(vr_get(dev, "tstats"), tstats_parts, s);
	s->values[VR_RX_DROPPED] = own(dev, VR_RX_DROPPED);
	s->values[VR_TX_DROPPED] = own(dev, VR_TX_DROPPED);
	s->values[VR_RX_ERRORS] = own(dev, VR_RX_ERRORS);
}

/* Until 5.11 the driver had its own per-CPU counters. */
static void add_tun(struct vr_obj dev, struct vr_net_stats *s)
{
	struct vr_obj tun = vr_netdev_priv(dev, "struct tun_struct");

	if (vr_has(tun, "pcpu_stats")) {
		static const struct part parts[] = {
			{"rx_dropped", VR_RX_DROPPED},
			{"rx_frame_errors", VR_RX_FRAME_ERRORS},
			{"tx_dropped", VR_TX_DROPPED},
			{NULL, 0},
		};

		add_per_cpu(vr_get(tun, "pcpu_stats"), tstats_parts, s);
		add_per_cpu(vr_get(tun, "pcpu_stats"), parts, s);
		for (const struct part *p = parts; p->path; p++)
			s->values[p->stat] &= UINT32_MAX;
		return;
	}
	add_tstats(dev, s);
	s->values[VR_RX_FRAME_ERRORS] += number(tun, "rx_frame_errors");
}

static void add_bridge(struct vr_obj dev, struct vr_net_stats *s)
{
	add_own(dev, s);
	add_per_cpu(vr_get(vr_netdev_priv(dev, "struct net_bridge"), "stats"), tstats_parts, s);
}

static unsigned queues(struct vr_obj obj, const char *path)
{
	uint64_t count = vr_u64(obj, path);

	if (count <= MAX_QUEUES)
		return (unsigned)count;
	vr_latch(obj.prog, VR_CORRUPT, "%s is %llu", path, (unsigned long long)count);
	return 0;
}

static void add_virtio(struct vr_obj dev, struct vr_net_stats *s)
{
	static const struct part receive[] = {
		{"stats.packets", VR_RX_PACKETS},
		{"stats.bytes", VR_RX_BYTES},
		{"stats.drops", VR_RX_DROPPED},
		{NULL, 0},
	};
	static const struct part send[] = {
		{"stats.packets", VR_TX_PACKETS},
		{"stats.bytes", VR_TX_BYTES},
		{NULL, 0},
	};
	struct vr_obj vi = vr_netdev_priv(dev, "struct virtnet_info");
	unsigned count = queues(vi, "max_queue_pairs");

	for (unsigned i = 0; i < count && !vr_failed(dev.prog); i++) {
		struct vr_obj sq = vr_index(vr_get(vi, "sq"), i);

		add_parts(vr_index(vr_get(vi, "rq"), i), receive, s);
		add_parts(sq, send, s);
		if (vr_has(sq, "stats.tx_timeouts")) /* since 5.16 */
			s->values[VR_TX_ERRORS] += number(sq, "stats.tx_timeouts");
	}
	s->values[VR_TX_DROPPED] = own(dev, VR_TX_DROPPED);
	s->values[VR_TX_FIFO_ERRORS] = own(dev, VR_TX_FIFO_ERRORS);
	s->values[VR_RX_LENGTH_ERRORS] = own(dev, VR_RX_LENGTH_ERRORS);
	s->values[VR_RX_FRAME_ERRORS] = own(dev, VR_RX_FRAME_ERRORS);
}

static void add_xen(struct vr_obj dev, struct vr_net_stats *s)
{
	struct vr_obj np = vr_netdev_priv(dev, "struct netfront_info");

	add_per_cpu(vr_get(np, "rx_stats"), received_parts, s);
	add_per_cpu(vr_get(np, "tx_stats"), sent_parts, s);
	s->values[VR_RX_ERRORS] = own(dev, VR_RX_ERRORS);
	s->values[VR_TX_DROPPED] = own(dev, VR_TX_DROPPED);
}

/* What XDP did in one device of a pair: sums over its queues. */
struct veth_rx {
	uint64_t packets, bytes, drops, tx_err, peer_xmit_err;
};

static struct veth_rx veth_rx(struct vr_obj dev)
{
	struct vr_obj rq = vr_get(vr_netdev_priv(dev, "struct veth_priv"), "rq");
	unsigned count = queues(dev, "num_rx_queues");
	struct veth_rx sum = {0};

	for (unsigned i = 0; i < count && !vr_failed(dev.prog); i++) {
		struct vr_obj vs = vr_get(vr_index(rq, i), "stats.vs");

		sum.packets += vr_u64(vs, "xdp_packets");
		sum.bytes += vr_u64(vs, "xdp_bytes");
		sum.drops += vr_u64(vs, "rx_drops");
		sum.tx_err += vr_u64(vs, "xdp_tx_err");
		sum.peer_xmit_err += vr_u64(vs, "peer_tq_xdp_xmit_err");
	}
	return sum;
}

/*
 * What a device of a pair sent (until 6.0 that alone is counted for it: lstats), and since then what
 * it received from elsewhere than its peer.
 */
static void add_veth_half(struct vr_obj dev, struct vr_net_stats *s)
{
	if (vr_has(dev, "pcpu_stat_type"))
		add_per_cpu(vr_get(dev, "tstats"), tstats_parts, s);
	else
		add_per_cpu(vr_get(dev, "lstats"), sent_parts, s);
}

static void add_veth(struct vr_obj dev, struct vr_net_stats *s)
{
	struct vr_obj priv = vr_netdev_priv(dev, "struct veth_priv");
	struct veth_rx rx = veth_rx(dev);
	struct vr_net_stats half = {0};
	struct vr_obj peer;

	add_veth_half(dev, s);
	s->values[VR_TX_DROPPED] = number(priv, "dropped") + rx.tx_err;
	s->values[VR_RX_DROPPED] = rx.drops + rx.peer_xmit_err;
	s->values[VR_RX_BYTES] += rx.bytes;
	s->values[VR_RX_PACKETS] += rx.packets;
	if (!vr_u64(priv, "peer"))
		return;
	peer = vr_deref(priv, "peer");
	add_veth_half(peer, &half);
	rx = veth_rx(peer);
	s->values[VR_RX_BYTES] += half.values[VR_TX_BYTES];
	s->values[VR_RX_PACKETS] += half.values[VR_TX_PACKETS];
	s->values[VR_TX_DROPPED] += rx.peer_xmit_err;
	s->values[VR_RX_DROPPED] += rx.tx_err;
	s->values[VR_TX_BYTES] += rx.bytes;
	s->values[VR_TX_PACKETS] += rx.packets;
}

static bool read_stats(struct vr_obj dev, struct vr_net_stats *s, unsigned nest);

static void read_kept(struct vr_obj kept, struct vr_net_stats *s)
{
	memset(s, 0, sizeof(*s));
	for (unsigned i = 0; i < VR_NET_STATS; i++)
		if (i < VR_RX_NOHANDLER || vr_has(kept, names[i]))
			s->values[i] = vr_u64(kept, names[i]);
}

/* What a slave has counted since it was last asked: bond_fold_stats(). */
static void fold(struct vr_net_stats *s, const struct vr_net_stats *now,
		 const struct vr_net_stats *before)
{
	for (unsigned i = 0; i < VR_NET_STATS; i++) {
		uint64_t n = now->values[i], b = before->values[i];
		int64_t delta = (int64_t)(n - b);

		if (!((n | b) >> 32))
			delta = (int32_t)((uint32_t)n - (uint32_t)b);
		if (delta > 0)
			s->values[i] += (uint64_t)delta;
	}
}

static void add_bond(struct vr_obj dev, struct vr_net_stats *s, unsigned nest)
{
	struct vr_obj bond = vr_netdev_priv(dev, "struct bonding");
	struct vr_list_walk w;

	read_kept(vr_get(bond, "bond_stats"), s);
	w = vr_list_begin(vr_get(dev, "adj_list.lower"), "struct netdev_adjacent", "list");
	while (vr_list_next(&w)) {
		struct vr_obj slave = vr_cast(vr_deref(w.entry, "dev"), "struct net_device");
		struct vr_obj priv = vr_at(dev.prog, "struct slave", vr_u64(w.entry, "private"));
		struct vr_net_stats now, before;

		read_kept(vr_get(priv, "slave_stats"), &before);
		if (read_stats(slave, &now, nest + 1))
			fold(s, &now, &before);
	}
}

/* ---- All of them ---- */

/* By the name of their ndo_get_stats64(). */
static const struct {
	const char *function;
	void (*add)(struct vr_obj dev, struct vr_net_stats *s);
} drivers[] = {
	{"br_get_stats64", add_bridge}, /* until 5.11 */
	{"dev_get_tstats64", add_tstats},      {"dummy_get_stats64", add_dummy},
	{"ip_tunnel_get_stats64", add_tstats}, /* until 5.11 */
	{"ipvlan_get_stats64", add_ipvlan},    {"loopback_get_stats64", add_loopback},
	{"macsec_get_stats64", add_macsec},    {"macvlan_dev_get_stats64", add_macvlan},
	{"nlmon_get_stats64", add_monitor},    {"team_get_stats64", add_team},
	{"tun_net_get_stats64", add_tun},      {"veth_get_stats64", add_veth},
	{"virtnet_stats", add_virtio},         {"vlan_dev_get_stats64", add_vlan},
	{"vrf_get_stats64", add_vrf}, /* until 6.9 */
	{"vsockmon_get_stats64", add_monitor}, {"xennet_get_stats64", add_xen},
};

static void add_by_driver(struct vr_obj dev, uint64_t function, struct vr_net_stats *s,
			  unsigned nest)
{
	char name[128];

	vr_symbolize(dev.prog, function, name, sizeof(name));
	*strchrnul(name, '+') = '\0';
	if (!strcmp(name, "bond_get_stats")) {
		add_bond(dev, s, nest);
		return;
	}
	for (size_t i = 0; i < VR_ARRAY_SIZE(drivers); i++)
		if (!strcmp(name, drivers[i].function)) {
			drivers[i].add(dev, s);
			return;
		}
	vr_latch(dev.prog, VR_UNSUPPORTED, "a driver that counts in %s()", name);
}

/* Where the driver has no function, the kind of counters tells (since 6.11). */
static void add_by_kind(struct vr_obj dev, struct vr_net_stats *s)
{
	uint64_t kind = 0;

	if (vr_has(dev, "pcpu_stat_type") &&
	    vr_has_member(dev.prog, "struct pcpu_dstats", "rx_drops"))
		kind = vr_u64(dev, "pcpu_stat_type");
	if (kind && kind == (uint64_t)vr_constant(dev.prog, "NETDEV_PCPU_STAT_TSTATS"))
		add_tstats(dev, s);
	else if (kind && kind == (uint64_t)vr_constant(dev.prog, "NETDEV_PCPU_STAT_DSTATS"))
		add_dstats(dev, s);
	else
		add_own(dev, s);
}

/* What the kernel itself dropped: per CPU since 5.18. */
static void add_core(struct vr_obj dev, struct vr_net_stats *s)
{
	struct part parts[VR_ARRAY_SIZE(core_parts)], *p = parts;

	if (!vr_has(dev, "core_stats")) {
		s->values[VR_RX_DROPPED] += number(dev, "rx_dropped");
		s->values[VR_TX_DROPPED] += number(dev, "tx_dropped");
		s->values[VR_RX_NOHANDLER] += number(dev, "rx_nohandler");
		return;
	}
	if (!vr_u64(dev, "core_stats"))
		return;
	for (const struct part *c = core_parts; c->path; c++)
		if (vr_has_member(dev.prog, "struct net_device_core_stats", c->path))
			*p++ = *c;
	*p = (struct part){0};
	add_per_cpu(vr_get(dev, "core_stats"), parts, s);
}

static bool read_stats(struct vr_obj dev, struct vr_net_stats *s, unsigned nest)
{
	struct vr_obj ops = vr_deref(dev, "netdev_ops");
	uint64_t own64 = vr_u64(ops, "ndo_get_stats64"), old = vr_u64(ops, "ndo_get_stats");

	memset(s, 0, sizeof(*s));
	if (nest > MAX_NEST)
		vr_latch(dev.prog, VR_CORRUPT, "bonds on top of each other");
	if (vr_failed(dev.prog))
		return false;
	if (own64)
		add_by_driver(dev, own64, s, nest);
	else if (old)
		add_by_driver(dev, old, s, nest);
	else
		add_by_kind(dev, s);
	add_core(dev, s);
	return !vr_failed(dev.prog);
}

bool vr_net_stats_read(struct vr_obj dev, struct vr_net_stats *stats)
{
	return read_stats(dev, stats, 0);
}
