// SPDX-License-Identifier: GPL-2.0-or-later
/* proc/net/{snmp,netstat}: counters of IPv4 and what is on it (net/ipv4/proc.c, net/mptcp/mib.c). */
#include <inttypes.h>

#include "kernel/globals.h"
#include "kernel/snmp_mib.h"
#include "plugin/emitter.h"

/* An ICMP message's type as the index of its counter: those sent have this bit. */
#define OUT 0x100u
#define PER_LINE 16u

static void put_names(struct vr_file *f, const struct vr_key *key, const char *table,
		      const char *prefix)
{
	struct vr_mib_walk w = vr_mib_names_begin(key->prog, table);

	while (vr_mib_next(&w))
		vr_printf(f, " %s%s", prefix, w.name);
}

/* The counters that a table names; bits are added to each one's index. */
static void put_values(struct vr_file *f, const struct vr_key *key, const char *table,
		       const struct vr_mib *mib, unsigned bits)
{
	struct vr_mib_walk w = vr_mib_names_begin(key->prog, table);

	while (vr_mib_next(&w))
		vr_printf(f, " %" PRIu64, vr_mib_value(key->prog, mib, w.entry | bits));
}

/* A line of names and one of numbers; member: net's pointer. */
static void put_lines(struct vr_file *f, const struct vr_key *key, const char *title,
		      const char *table, const char *member)
{
	struct vr_mib mib;

	vr_mib_read(vr_get(key->obj, member), &mib);
	vr_printf(f, "%s:", title);
	put_names(f, key, table, "");
	vr_printf(f, "\n%s:", title);
	put_values(f, key, table, &mib, 0);
	vr_puts(f, "\n");
}

static void put_ip(struct vr_file *f, const struct vr_key *key)
{
	/* IPV4_DEVCONF_FORWARDING is the first. */
	bool forwards = vr_s64(key->obj, "ipv4.devconf_all->data[0]") != 0;
	struct vr_mib mib;

	vr_mib_read(vr_get(key->obj, "mib.ip_statistics"), &mib);
	vr_puts(f, "Ip: Forwarding DefaultTTL");
	put_names(f, key, "snmp4_ipstats_list", "");
	vr_printf(f, "\nIp: %d %" PRId64, forwards ? 1 : 2,
		  vr_s64(key->obj, "ipv4.sysctl_ip_default_ttl"));
	put_values(f, key, "snmp4_ipstats_list", &mib, 0);
	vr_puts(f, "\n");
}

/* A counter by its enumerator. */
static void put_icmp_value(struct vr_file *f, const struct vr_key *key, const struct vr_mib *mib,
			   const char *enumerator)
{
	vr_printf(f, " %" PRIu64,
		  vr_mib_value(key->prog, mib, (uint64_t)vr_constant(key->prog, enumerator)));
}

static void put_icmp(struct vr_file *f, const struct vr_key *key, const struct vr_mib *types)
{
	/* Counters of limits: since 6.1, where the array has room for them. */
	struct vr_mib mib;
	bool limits;

	vr_mib_read(vr_get(key->obj, "mib.icmp_statistics"), &mib);
	limits = mib.count > (uint64_t)vr_constant(key->prog, "ICMP_MIB_CSUMERRORS") + 2;
	vr_puts(f, "Icmp: InMsgs InErrors InCsumErrors");
	put_names(f, key, "icmpmibmap", "In");
	vr_printf(f, " OutMsgs OutErrors%s", limits ? " OutRateLimitGlobal OutRateLimitHost" : "");
	put_names(f, key, "icmpmibmap", "Out");
	vr_puts(f, "\nIcmp:");
	put_icmp_value(f, key, &mib, "ICMP_MIB_INMSGS");
	put_icmp_value(f, key, &mib, "ICMP_MIB_INERRORS");
	put_icmp_value(f, key, &mib, "ICMP_MIB_CSUMERRORS");
	put_values(f, key, "icmpmibmap", types, 0);
	put_icmp_value(f, key, &mib, "ICMP_MIB_OUTMSGS");
	put_icmp_value(f, key, &mib, "ICMP_MIB_OUTERRORS");
	if (limits) {
		put_icmp_value(f, key, &mib, "ICMP_MIB_RATELIMITGLOBAL");
		put_icmp_value(f, key, &mib, "ICMP_MIB_RATELIMITHOST");
	}
	put_values(f, key, "icmpmibmap", types, OUT);
	vr_puts(f, "\n");
}

/* Of the types that there were, sixteen a line. */
static void put_icmp_types(struct vr_file *f, const struct vr_mib *types)
{
	unsigned used[PER_LINE], count = 0;

	for (unsigned i = 0; i <= types->count; i++) {
		if (i < types->count && types->values[i])
			used[count++] = i;
		if (!count || (count < PER_LINE && i < types->count))
			continue;
		vr_puts(f, "IcmpMsg:");
		for (unsigned k = 0; k < count; k++)
			vr_printf(f, " %sType%u", used[k] & OUT ? "Out" : "In", used[k] & 0xff);
		vr_puts(f, "\nIcmpMsg:");
		for (unsigned k = 0; k < count; k++)
			vr_printf(f, " %" PRIu64, types->values[used[k]]);
		vr_puts(f, "\n");
		count = 0;
	}
}

/* One value can be less than nothing. */
static void put_tcp(struct vr_file *f, const struct vr_key *key)
{
	uint64_t max_conn = (uint64_t)vr_constant(key->prog, "TCP_MIB_MAXCONN");
	struct vr_mib_walk w = vr_mib_names_begin(key->prog, "snmp4_tcp_list");
	struct vr_mib mib;

	vr_mib_read(vr_get(key->obj, "mib.tcp_statistics"), &mib);
	vr_puts(f, "Tcp:");
	put_names(f, key, "snmp4_tcp_list", "");
	vr_puts(f, "\nTcp:");
	while (vr_mib_next(&w)) {
		uint64_t value = vr_mib_value(key->prog, &mib, w.entry);

		if (w.entry == max_conn)
			vr_printf(f, " %" PRId64, (int64_t)value);
		else
			vr_printf(f, " %" PRIu64, value);
	}
	vr_puts(f, "\n");
}

static void emit_snmp(struct vr_file *f, const struct vr_key *key)
{
	struct vr_mib types;

	vr_mib_read_shared(vr_get(key->obj, "mib.icmpmsg_statistics"), &types);
	put_ip(f, key);
	put_icmp(f, key, &types);
	put_icmp_types(f, &types);
	put_tcp(f, key);
	put_lines(f, key, "Udp", "snmp4_udp_list", "mib.udp_statistics");
	if (vr_has(key->obj, "mib.udplite_statistics")) /* not in 7.x */
		put_lines(f, key, "UdpLite", "snmp4_udp_list", "mib.udplite_statistics");
}

/* A namespace that has had no socket of MPTCP has no counters of it: each is shown as 0. */
static void put_mptcp(struct vr_file *f, const struct vr_key *key)
{
	static const struct vr_mib none = {.count = VR_MIB_MAX};

	if (!vr_has_symbol(key->prog, "mptcp_snmp_list")) /* CONFIG_MPTCP */
		return;
	if (vr_u64(key->obj, "mib.mptcp_statistics")) {
		put_lines(f, key, "MPTcpExt", "mptcp_snmp_list", "mib.mptcp_statistics");
		return;
	}
	vr_puts(f, "MPTcpExt:");
	put_names(f, key, "mptcp_snmp_list", "");
	vr_puts(f, "\nMPTcpExt:");
	put_values(f, key, "mptcp_snmp_list", &none, 0);
	vr_puts(f, "\n");
}

static void emit_netstat(struct vr_file *f, const struct vr_key *key)
{
	put_lines(f, key, "TcpExt", "snmp4_net_list", "mib.net_statistics");
	put_lines(f, key, "IpExt", "snmp4_ipextstats_list", "mib.ip_statistics");
	put_mptcp(f, key);
}

VR_EMITTER(.path = "{net}/snmp", .source = "net.mib, snmp4_*_list", .emit = emit_snmp)
VR_EMITTER(.path = "{net}/netstat", .source = "net.mib, snmp4_net_list, snmp4_ipextstats_list",
	   .emit = emit_netstat)
