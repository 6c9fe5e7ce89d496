// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * {net}/nf_conntrack: connections that netfilter knows (ct_seq_show() in
 * net/netfilter/nf_conntrack_standalone.c), and nf_conntrack_expect: those that it expects
 * (exp_seq_show() in nf_conntrack_expect.c).
 */
#include <inttypes.h>
#include <string.h>

#include "base/bits.h"
#include "kernel/globals.h"
#include "kernel/hash_table.h"
#include "kernel/inet_address.h"
#include "kernel/ticks.h"
#include "kernel/timekeeping.h"
#include "plugin/emitter.h"

#define AF_INET 2
#define AF_INET6 10
#define NSEC_PER_SEC 1000000000
/* include/uapi/linux/netfilter/nf_conntrack_common.h: bits of a connection's status */
enum { SEEN_REPLY = 1, ASSURED = 2, CONFIRMED = 3, DYING = 9, OFFLOAD = 14, HW_OFFLOAD = 15 };
/* The same file: an expectation's flags */
enum { PERMANENT = 1, INACTIVE = 2, USERSPACE = 4, DEAD = 8 };
/* include/net/netfilter/nf_conntrack_zones.h, nf_conntrack_zones_common.h */
enum { ZONE_ORIG = 1, ZONE_REPLY = 2, ZONE_BOTH = 3 };
enum { ORIGINAL, REPLY };

enum parts { NOTHING, PORTS, ICMP, KEYS };

/* Protocols that the kernel may know; those that it doesn't it calls unknown. */
static const struct protocol {
	unsigned number;
	const char *name, *symbol;
	enum parts parts;
	const char *states; /* names of what the connection's state may be */
	const char *state;
} protocols[] = {
	{1, "icmp", "nf_conntrack_l4proto_icmp", ICMP, NULL, NULL},
	{6, "tcp", "nf_conntrack_l4proto_tcp", PORTS, "tcp_conntrack_names", "proto.tcp.state"},
	{17, "udp", "nf_conntrack_l4proto_udp", PORTS, NULL, NULL},
	{33, "dccp", "nf_conntrack_l4proto_dccp", PORTS, "dccp_state_names", "proto.dccp.state"},
	{47, "gre", "nf_conntrack_l4proto_gre", KEYS, NULL, NULL},
	{58, "icmpv6", "nf_conntrack_l4proto_icmpv6", ICMP, NULL, NULL},
	{132, "sctp", "nf_conntrack_l4proto_sctp", PORTS, "sctp_conntrack_names",
	 "proto.sctp.state"},
	{136, "udplite", "nf_conntrack_l4proto_udplite", PORTS, NULL, NULL},
};
static const struct protocol unknown = {255, "unknown", NULL, NOTHING, NULL, NULL};

struct table {
	struct vr_file *f;
	struct vr_obj net;
	uint32_t jiffies;
	unsigned hz;
	int64_t realtime_ns;
};

static const struct protocol *protocol_of(struct vr_program *prog, uint64_t number)
{
	for (size_t i = 0; i < VR_ARRAY_SIZE(protocols); i++)
		if (protocols[i].number == number && vr_has_symbol(prog, protocols[i].symbol))
			return &protocols[i];
	return &unknown;
}

static unsigned from_network(uint64_t number)
{
	return (unsigned)((number & 0xff) << 8 | (number >> 8 & 0xff));
}

static void put_addresses(struct vr_file *f, struct vr_obj tuple)
{
	uint64_t family = vr_u64(tuple, "src.l3num");
	char from[VR_INET_TEXT], to[VR_INET_TEXT];
	uint8_t a[16], b[16];

	if (family == AF_INET) {
		vr_printf(f, "src=%s dst=%s ", vr_get_ip4(tuple, "src.u3.ip", from),
			  vr_get_ip4(tuple, "dst.u3.ip", to));
	} else if (family == AF_INET6) {
		vr_get_ip6(tuple, "src.u3.in6", a);
		vr_get_ip6(tuple, "dst.u3.in6", b);
		vr_printf(f, "src=%s dst=%s ", vr_ip6_groups(a, from), vr_ip6_groups(b, to));
	}
}

/* print_tuple() */
static void put_tuple(struct vr_file *f, struct vr_obj tuple, const struct protocol *protocol)
{
	put_addresses(f, tuple);
	switch (protocol->parts) {
	case PORTS:
		vr_printf(f, "sport=%u dport=%u ", from_network(vr_u64(tuple, "src.u.tcp.port")),
			  from_network(vr_u64(tuple, "dst.u.tcp.port")));
		break;
	case ICMP:
		vr_printf(f, "type=%u code=%u id=%u ", (unsigned)vr_u64(tuple, "dst.u.icmp.type"),
			  (unsigned)vr_u64(tuple, "dst.u.icmp.code"),
			  from_network(vr_u64(tuple, "src.u.icmp.id")));
		break;
	case KEYS:
		vr_printf(f, "srckey=0x%x dstkey=0x%x ",
			  from_network(vr_u64(tuple, "src.u.gre.key")),
			  from_network(vr_u64(tuple, "dst.u.gre.key")));
		break;
	case NOTHING:
		break;
	}
}

/* What a connection has besides (nf_ct_ext_find()): an object at address 0 where it hasn't. */
static struct vr_obj extension(struct vr_obj ct, const char *id, const char *type)
{
	struct vr_obj ext = vr_at(ct.prog, "struct nf_ct_ext", vr_u64(ct, "ext"));
	uint64_t offset = 0;

	if (ext.addr)
		offset = vr_u64(vr_index(vr_get(ext, "offset"), (uint64_t)vr_constant(ct.prog, id)),
				"");
	return vr_at(ct.prog, type, offset ? ext.addr + offset : 0);
}

static void put_zone(struct vr_file *f, struct vr_obj ct, unsigned dir)
{
	static const char *const names[] = {
		[ZONE_ORIG] = "zone-orig", [ZONE_REPLY] = "zone-reply", [ZONE_BOTH] = "zone"};

	if (vr_has(ct, "zone.dir") && vr_u64(ct, "zone.dir") == dir)
		vr_printf(f, "%s=%u ", names[dir], (unsigned)vr_u64(ct, "zone.id"));
}

static void put_counters(struct vr_file *f, struct vr_obj acct, unsigned dir)
{
	struct vr_obj counter;

	if (!acct.addr)
		return;
	counter = vr_index(vr_get(acct, "counter"), dir);
	vr_printf(f, "packets=%" PRIu64 " bytes=%" PRIu64 " ", vr_u64(counter, "packets.counter"),
		  vr_u64(counter, "bytes.counter"));
}

/* What the protocol's own print_conntrack() says. */
static void put_state(const struct table *t, struct vr_obj ct, const struct protocol *protocol,
		      bool offload)
{
	char name[32];

	if (protocol->parts == KEYS) {
		vr_printf(t->f, "timeout=%u, stream_timeout=%u ",
			  (unsigned)vr_u64(ct, "proto.gre.timeout") / t->hz,
			  (unsigned)vr_u64(ct, "proto.gre.stream_timeout") / t->hz);
	} else if (protocol->states && !(offload && protocol->number == 6)) {
		/* No protocol has more of them. */
		uint64_t state = vr_u64(ct, protocol->state) & 15;

		vr_printf(t->f, "%s ",
			  vr_str(vr_kernel_element(ct.prog, protocol->states, state), "", name,
				 sizeof(name)));
	}
}

static void put_rest(const struct table *t, struct vr_obj ct)
{
	struct vr_obj stamp;

	if (vr_has(ct, "mark"))
		vr_printf(t->f, "mark=%u ", (unsigned)vr_u64(ct, "mark"));
	if (vr_has(ct, "secmark") && vr_u64(ct, "secmark"))
		vr_latch(ct.prog, VR_UNSUPPORTED, "a connection with a security context");
	put_zone(t->f, ct, ZONE_BOTH);
	if (vr_type_find(ct.prog, "struct nf_conn_tstamp")) {
		stamp = extension(ct, "NF_CT_EXT_TSTAMP", "struct nf_conn_tstamp");
		if (stamp.addr) {
			int64_t since = t->realtime_ns - vr_s64(stamp, "start");

			vr_printf(t->f, "delta-time=%" PRId64 " ",
				  since > 0 ? since / NSEC_PER_SEC : 0);
		}
	}
	/* Who reads the file holds one, too. */
	vr_printf(t->f, "use=%d\n",
		  (int)vr_u64(ct, "ct_general.use.refs.counter|ct_general.use.counter") + 1);
}

static void put_connection(const struct table *t, struct vr_obj ct)
{
	struct vr_obj tuples[2] = {vr_get(ct, "tuplehash[0].tuple"),
				   vr_get(ct, "tuplehash[1].tuple")};
	uint64_t status = vr_u64(ct, "status"), number = vr_u64(tuples[0], "dst.protonum");
	uint64_t family = vr_u64(tuples[0], "src.l3num");
	const struct protocol *protocol = protocol_of(ct.prog, number);
	int32_t left = (int32_t)((uint32_t)vr_u64(ct, "timeout") - t->jiffies);
	struct vr_obj acct;

	if (vr_u64(ct, "ct_net.net") != t->net.addr)
		return;
	/* What has expired is taken out before it's shown. */
	if (left <= 0 && (status >> CONFIRMED & 1) && !(status >> DYING & 1))
		return;
	acct = extension(ct, "NF_CT_EXT_ACCT", "struct nf_conn_acct");
	vr_printf(t->f, "%-8s %u %-8s %u ",
		  family == AF_INET    ? "ipv4"
		  : family == AF_INET6 ? "ipv6"
				       : "unknown",
		  (unsigned)family, protocol->name, (unsigned)number);
	if (!(status >> OFFLOAD & 1))
		vr_printf(t->f, "%" PRId32 " ", (left > 0 ? left : 0) / (int32_t)t->hz);
	put_state(t, ct, protocol, status >> OFFLOAD & 1);
	put_tuple(t->f, tuples[ORIGINAL], protocol);
	put_zone(t->f, ct, ZONE_ORIG);
	put_counters(t->f, acct, ORIGINAL);
	if (!(status >> SEEN_REPLY & 1))
		vr_puts(t->f, "[UNREPLIED] ");
	put_tuple(t->f, tuples[REPLY], protocol);
	put_zone(t->f, ct, ZONE_REPLY);
	put_counters(t->f, acct, REPLY);
	if (status >> HW_OFFLOAD & 1)
		vr_puts(t->f, "[HW_OFFLOAD] ");
	else if (status >> OFFLOAD & 1)
		vr_puts(t->f, "[OFFLOAD] ");
	else if (status >> ASSURED & 1)
		vr_puts(t->f, "[ASSURED] ");
	put_rest(t, ct);
}

static bool prepare(struct table *t, struct vr_file *f, const struct vr_key *key)
{
	struct vr_clocks clocks;

	*t = (struct table){.f = f, .net = key->obj};
	t->jiffies = (uint32_t)vr_jiffies(key->prog);
	t->hz = vr_hz(key->prog);
	if (!vr_clocks_read(key->prog, &clocks) || vr_failed(key->prog))
		return false;
	t->realtime_ns = clocks.realtime_ns;
	return true;
}

static void emit_connections(struct vr_file *f, const struct vr_key *key)
{
	struct vr_program *prog = key->prog;
	struct vr_hash_table hash = vr_hash_table(
		vr_deref(vr_kernel_global(prog, "nf_conntrack_hash"), ""), "",
		(uint32_t)vr_u64(vr_kernel_global(prog, "nf_conntrack_htable_size"), ""));
	struct vr_hash_walk w;
	struct table t;

	if (!prepare(&t, f, key))
		return;
	/* Each connection is in the table twice, once for each direction. */
	vr_hash_begin(&w, &hash, "struct nf_conntrack_tuple_hash", "hnnode");
	while (vr_hash_next(&w)) {
		vr_row_begin(f);
		if (vr_u64(w.entry, "tuple.dst.dir") == ORIGINAL)
			put_connection(&t, vr_container_of(prog, w.entry.addr, "struct nf_conn",
							   "tuplehash"));
		vr_row_end(f);
	}
}

VR_EMITTER(.path = "{net}/nf_conntrack", .source = "nf_conntrack_hash", .emit = emit_connections)

/* ---- Expectations ---- */

/* How long it's still good for: false where it isn't any more, and so isn't shown. */
static bool put_time_left(const struct table *t, struct vr_obj expect, uint64_t flags)
{
	bool timer = vr_has(expect, "timeout.expires");
	int64_t left = 0;

	if (!timer) { /* since 7.2, and in stable kernels: jiffies */
		left = (int32_t)((uint32_t)vr_u64(expect, "timeout") - t->jiffies);
		if (flags & DEAD || left <= 0)
			return false;
	} else if (vr_u64(expect, "timeout.entry.pprev")) {
		left = (int32_t)((uint32_t)vr_u64(expect, "timeout.expires") - t->jiffies);
	}
	if (timer && !vr_u64(expect, "timeout.function"))
		vr_puts(t->f, "- ");
	else
		vr_printf(t->f, "%" PRId64 " ", left / (int64_t)t->hz);
	return true;
}

static void put_helper(struct vr_file *f, struct vr_obj expect, uint64_t flags)
{
	char name[64], policy[64];
	uint64_t class = vr_u64(expect, "class"), helper;
	struct vr_obj obj;

	/* An expectation's own, where it has one beside that for the new connection. */
	if (vr_has(expect, "assign_helper"))
		helper = vr_u64(expect, "helper");
	else
		helper = vr_u64(extension(vr_deref(expect, "master"), "NF_CT_EXT_HELPER",
					  "struct nf_conn_help"),
				"helper");
	if (!helper)
		return;
	obj = vr_at(expect.prog, "struct nf_conntrack_helper", helper);
	vr_printf(f, "%s%s", flags ? " " : "", vr_str(obj, "name", name, sizeof(name)));
	/* A pointer to them, or an array. */
	vr_str(vr_index(vr_get(obj, "expect_policy"), class), "name", policy, sizeof(policy));
	if (policy[0])
		vr_printf(f, "/%s", policy);
}

static void put_expectation(const struct table *t, struct vr_obj expect)
{
	uint64_t flags = vr_u64(expect, "flags"), number = vr_u64(expect, "tuple.dst.protonum");
	const char *comma = "";

	/* Kernels where an expectation doesn't know its namespace show all of them. */
	if (vr_has(expect, "net.net") && vr_u64(expect, "net.net") != t->net.addr)
		return;
	if (!put_time_left(t, expect, flags))
		return;
	vr_printf(t->f, "l3proto = %u proto=%u ", (unsigned)vr_u64(expect, "tuple.src.l3num"),
		  (unsigned)number);
	put_tuple(t->f, vr_get(expect, "tuple"), protocol_of(expect.prog, number));
	if (flags & PERMANENT) {
		vr_puts(t->f, "PERMANENT");
		comma = ",";
	}
	if (flags & INACTIVE) {
		vr_printf(t->f, "%sINACTIVE", comma);
		comma = ",";
	}
	if (flags & USERSPACE)
		vr_printf(t->f, "%sUSERSPACE", comma);
	put_helper(t->f, expect, flags);
	vr_puts(t->f, "\n");
}

static void emit_expectations(struct vr_file *f, const struct vr_key *key)
{
	struct vr_program *prog = key->prog;
	struct vr_hash_table hash =
		vr_hash_table(vr_deref(vr_kernel_global(prog, "nf_ct_expect_hash"), ""), "",
			      (uint32_t)vr_u64(vr_kernel_global(prog, "nf_ct_expect_hsize"), ""));
	struct vr_hash_walk w;
	struct table t;

	if (!prepare(&t, f, key))
		return;
	vr_hash_begin(&w, &hash, "struct nf_conntrack_expect", "hnode");
	while (vr_hash_next(&w)) {
		vr_row_begin(f);
		put_expectation(&t, w.entry);
		vr_row_end(f);
	}
}

VR_EMITTER(.path = "{net}/nf_conntrack_expect", .source = "nf_ct_expect_hash",
	   .emit = emit_expectations)
