// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * proc/net/{snmp6,xfrm_stat,tls_stat}, proc/net/dev_snmp6/: counters, one a line (net/ipv6/proc.c,
 * net/xfrm/xfrm_proc.c, net/tls/tls_proc.c).
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/bits.h"
#include "kernel/globals.h"
#include "kernel/snmp_mib.h"
#include "plugin/emitter.h"

#define OUT 0x100u

static void put_line(struct vr_file *f, int width, const char *name, uint64_t value)
{
	vr_printf(f, "%-*s\t%" PRIu64 "\n", width, name, value);
}

/* Those that a table names, without one where an enumerator says so. */
static void put_table(struct vr_file *f, const struct vr_key *key, const char *table,
		      const struct vr_mib *mib, const char *except, int width)
{
	struct vr_mib_walk w = vr_mib_names_begin(key->prog, table);
	int64_t left_out = except ? vr_constant(key->prog, except) : -1;

	while (vr_mib_next(&w))
		if (w.entry != left_out)
			put_line(f, width, w.name, vr_mib_value(key->prog, mib, w.entry));
}

/*
 * The name of a type of ICMPv6 messages; false: it has none here. Until 6.18 they stand in a
 * table, since then in the function snmp6_seq_show_icmpv6msg().
 */
static bool type_name(struct vr_program *prog, unsigned type, char *buf, size_t size)
{
	static const struct {
		unsigned type;
		const char *name;
	} names[] = {
		{1, "DestUnreachs"},
		{2, "PktTooBigs"},
		{3, "TimeExcds"},
		{4, "ParmProblems"},
		{128, "Echos"},
		{129, "EchoReplies"},
		{130, "GroupMembQueries"},
		{131, "GroupMembResponses"},
		{132, "GroupMembReductions"},
		{133, "RouterSolicits"},
		{134, "RouterAdvertisements"},
		{135, "NeighborSolicits"},
		{136, "NeighborAdvertisements"},
		{137, "Redirects"},
		{143, "MLDv2Reports"},
	};

	if (vr_has_symbol(prog, "icmp6type2name")) {
		struct vr_obj name = vr_kernel_element(prog, "icmp6type2name", type);

		if (!vr_u64(name, ""))
			return false;
		vr_str(name, "", buf, size);
		return true;
	}
	for (size_t i = 0; i < VR_ARRAY_SIZE(names); i++)
		if (names[i].type == type) {
			snprintf(buf, size, "%s", names[i].name);
			return true;
		}
	return false;
}

/* By name where there is one, then by number where there were any. */
static void put_types(struct vr_file *f, const struct vr_key *key, const struct vr_mib *mib)
{
	char name[VR_MIB_NAME + 8], type[VR_MIB_NAME];

	for (unsigned i = 0; i < mib->count; i++) {
		if (!type_name(key->prog, i & 0xff, type, sizeof(type)))
			continue;
		snprintf(name, sizeof(name), "Icmp6%s%s", i & OUT ? "Out" : "In", type);
		put_line(f, 32, name, mib->values[i]);
	}
	for (unsigned i = 0; i < mib->count; i++) {
		if (!mib->values[i])
			continue;
		snprintf(name, sizeof(name), "Icmp6%sType%u", i & OUT ? "Out" : "In", i & 0xff);
		put_line(f, 32, name, mib->values[i]);
	}
}

static void put_counters(struct vr_file *f, const struct vr_key *key, const char *table,
			 const char *member, int width)
{
	struct vr_mib mib;

	vr_mib_read(vr_get(key->obj, member), &mib);
	put_table(f, key, table, &mib, NULL, width);
}

static void emit_snmp6(struct vr_file *f, const struct vr_key *key)
{
	struct vr_mib types;

	vr_mib_read_shared(vr_get(key->obj, "mib.icmpv6msg_statistics"), &types);
	put_counters(f, key, "snmp6_ipstats_list", "mib.ipv6_statistics", 32);
	put_counters(f, key, "snmp6_icmp6_list", "mib.icmpv6_statistics", 32);
	put_types(f, key, &types);
	put_counters(f, key, "snmp6_udp6_list", "mib.udp_stats_in6", 32);
	if (vr_has(key->obj, "mib.udplite_stats_in6")) /* not in 7.x */
		put_counters(f, key, "snmp6_udplite6_list", "mib.udplite_stats_in6", 32);
}

static void emit_device(struct vr_file *f, const struct vr_key *key)
{
	struct vr_obj idev = vr_deref(key->dev, "ip6_ptr");
	struct vr_mib ip, icmp, types;

	vr_mib_read(vr_get(idev, "stats.ipv6"), &ip);
	vr_mib_read_shared(vr_get(idev, "stats.icmpv6dev"), &icmp);
	vr_mib_read_shared(vr_get(idev, "stats.icmpv6msgdev"), &types);
	put_line(f, 32, "ifIndex", (uint32_t)vr_u64(idev, "dev->ifindex"));
	put_table(f, key, "snmp6_ipstats_list", &ip, NULL, 32);
	/* Since 6.18, which took away that table, one isn't counted for devices. */
	put_table(f, key, "snmp6_icmp6_list", &icmp,
		  vr_has_symbol(key->prog, "icmp6type2name") ? NULL : "ICMP6_MIB_RATELIMITHOST",
		  32);
	put_types(f, key, &types);
}

static void emit_xfrm(struct vr_file *f, const struct vr_key *key)
{
	put_counters(f, key, "xfrm_mib_list", "mib.xfrm_statistics", 24);
}

static void emit_tls(struct vr_file *f, const struct vr_key *key)
{
	put_counters(f, key, "tls_mib_list", "mib.tls_statistics", 32);
}

VR_EMITTER(.path = "{net}/snmp6", .source = "net.mib, snmp6_*_list", .emit = emit_snmp6)
VR_EMITTER(.path = "{net}/dev_snmp6/{dev}", .source = "inet6_dev.stats, snmp6_*_list",
	   .emit = emit_device)
VR_EMITTER(.path = "{net}/xfrm_stat", .source = "net.mib, xfrm_mib_list", .emit = emit_xfrm)
VR_EMITTER(.path = "{net}/tls_stat", .source = "net.mib, tls_mib_list", .emit = emit_tls)
