// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * {net}/fib_trie (fib_trie_seq_show()), {net}/fib_triestat (fib_triestat_seq_show()) and {net}/route
 * (fib_route_seq_show(), all in net/ipv4/fib_trie.c): IPv4's routes.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/bits.h"
#include "kernel/fib_trie.h"
#include "kernel/globals.h"
#include "kernel/percpu.h"
#include "plugin/emitter.h"

#define IFNAMSIZ 16
/* Rows of route are filled up to this width. */
#define ROUTE_WIDTH 127
/* net/ipv4/fib_trie.c */
#define MAX_STAT_DEPTH 32
/* include/uapi/linux/rtnetlink.h; the names are rtn_type()'s */
enum { RTN_BROADCAST = 3, RTN_MULTICAST = 5, RTN_UNREACHABLE = 7, RTN_PROHIBIT = 8 };
static const char *const type_names[] = {
	"UNSPEC",    "UNICAST",     "LOCAL",    "BROADCAST", "ANYCAST", "MULTICAST",
	"BLACKHOLE", "UNREACHABLE", "PROHIBIT", "THROW",     "NAT",     "XRESOLVE",
};
/* include/uapi/linux/route.h */
enum { RTF_UP = 1, RTF_GATEWAY = 2, RTF_HOST = 4, RTF_REJECT = 0x200 };
/* include/uapi/linux/rtnetlink.h: of a route's metrics, counted from 0 */
enum { WINDOW = 2, RTT = 3, ADVMSS = 7 };

static void put_table(struct vr_file *f, uint32_t id)
{
	if (id == VR_RT_TABLE_LOCAL)
		vr_puts(f, "Local:\n");
	else if (id == VR_RT_TABLE_MAIN)
		vr_puts(f, "Main:\n");
	else
		vr_printf(f, "Id %" PRId32 ":\n", (int32_t)id);
}

/* ---- fib_trie ---- */

static const char *scope_name(uint64_t scope, char buf[32])
{
	switch (scope) {
	case 0:
		return "universe";
	case 200:
		return "site";
	case 253:
		return "link";
	case 254:
		return "host";
	case 255:
		return "nowhere";
	default:
		snprintf(buf, 32, "scope=%" PRIu64, scope);
		return buf;
	}
}

static const char *type_name(uint64_t type, char buf[32])
{
	if (type < VR_ARRAY_SIZE(type_names))
		return type_names[type];
	snprintf(buf, 32, "type %" PRIu64, type);
	return buf;
}

/* The last bytes of a line's indentation and an address, as %pI4 has it. */
static void put_address(struct vr_file *f, unsigned indent, const char *mark, uint32_t key)
{
	vr_printf(f, "%*s  %s %u.%u.%u.%u", (int)indent * 3, "", mark, key >> 24, key >> 16 & 255,
		  key >> 8 & 255, key & 255);
}

static void put_leaf(struct vr_file *f, const struct vr_fib_walk *w)
{
	struct vr_list_walk aliases = vr_fib_aliases(w);

	put_address(f, w->depth, "|--", w->key);
	vr_puts(f, "\n");
	while (vr_list_next(&aliases)) {
		struct vr_obj fa = aliases.entry;
		uint64_t tos = vr_u64(fa, "fa_dscp|fa_tos");
		char scope[32], type[32];

		vr_printf(f, "%*s  /%d %s %s", (int)(w->depth + 1) * 3, "",
			  VR_FIB_KEY_BITS - (int)vr_u64(fa, "fa_slen"),
			  scope_name(vr_u64(vr_deref(fa, "fa_info"), "fib_scope"), scope),
			  type_name(vr_u64(fa, "fa_type"), type));
		if (tos)
			vr_printf(f, " tos=%" PRIu64, tos);
		vr_puts(f, "\n");
	}
}

static void put_node(struct vr_file *f, const struct vr_fib_walk *w)
{
	if (w->leaf) {
		put_leaf(f, w);
		return;
	}
	put_address(f, w->depth - 1, "+--", w->key);
	vr_printf(f, "/%u %u %" PRIu32 " %" PRIu32 "\n", VR_FIB_KEY_BITS - w->pos - w->bits,
		  w->bits, w->full_children, w->empty_children);
}

static void emit_trie(struct vr_file *f, const struct vr_key *key)
{
	struct vr_fib_tables tables;

	vr_fib_tables_begin(&tables, key->obj);
	while (vr_fib_table_next(&tables)) {
		struct vr_fib_walk w;
		bool first = true;

		vr_fib_begin(&w, tables.table);
		while (vr_fib_next(&w)) {
			if (first)
				put_table(f, tables.id);
			first = false;
			vr_row_begin(f);
			put_node(f, &w);
			vr_row_end(f);
		}
	}
}

VR_EMITTER(.path = "{net}/fib_trie", .source = "fib_table", .emit = emit_trie)

/* ---- fib_triestat ---- */

/* trie_collect_stats() */
struct statistics {
	uint32_t depths, max_depth, nodes, leaves, prefixes, empty;
	uint32_t sizes[MAX_STAT_DEPTH]; /* how many nodes have so many bits */
};

static void collect(struct vr_obj table, struct statistics *s)
{
	struct vr_fib_walk w;

	memset(s, 0, sizeof(*s));
	vr_fib_begin(&w, table);
	while (vr_fib_next(&w)) {
		if (w.leaf) {
			struct vr_list_walk aliases = vr_fib_aliases(&w);

			s->leaves++;
			s->depths += w.depth;
			if (w.depth > s->max_depth)
				s->max_depth = w.depth;
			while (vr_list_next(&aliases))
				s->prefixes++;
		} else {
			s->nodes++;
			if (w.bits < MAX_STAT_DEPTH)
				s->sizes[w.bits]++;
			s->empty += w.empty_children;
		}
	}
}

/* What is before the children of a node: TNODE_SIZE(0). A leaf has room for one. */
static uint32_t node_size(struct vr_program *prog)
{
	return (uint32_t)(vr_offsetof(prog, "struct tnode", "kv") +
			  vr_offsetof(prog, "struct key_vector", "tnode"));
}

/* trie_show_stats() */
static void put_statistics(struct vr_file *f, struct vr_program *prog, const struct statistics *s)
{
	uint32_t depth = s->leaves ? s->depths * 100 / s->leaves : 0, pointers = 0, bytes;

	vr_printf(f, "\tAver depth:     %u.%02u\n\tMax depth:      %u\n\tLeaves:         %u\n",
		  depth / 100, depth % 100, s->max_depth, s->leaves);
	vr_printf(f, "\tPrefixes:       %u\n\tInternal nodes: %u\n\t", s->prefixes, s->nodes);
	for (unsigned i = 1; i < MAX_STAT_DEPTH; i++) {
		if (s->sizes[i])
			vr_printf(f, "  %u: %u", i, s->sizes[i]);
		pointers += s->sizes[i] << i;
	}
	bytes = (node_size(prog) + 8) * s->leaves + node_size(prog) * s->nodes + 8 * pointers +
		(uint32_t)vr_sizeof(prog, "struct fib_alias") * s->prefixes;
	vr_printf(f, "\n\tPointers: %u\nNull ptrs: %u\nTotal size: %u  kB\n", pointers, s->empty,
		  (bytes + 1023) / 1024);
}

/* trie_show_usage(): sums over all CPUs. */
static void put_usage(struct vr_file *f, struct vr_obj trie, const struct vr_cpumask *possible)
{
	static const struct {
		const char *text, *member;
	} counters[] = {
		{"gets =", "gets"},
		{"backtracks =", "backtrack"},
		{"semantic match passed =", "semantic_match_passed"},
		{"semantic match miss =", "semantic_match_miss"},
		{"null node hit=", "null_node_hit"},
		{"skipped node resize =", "resize_node_skipped"},
	};
	uint64_t stats = vr_u64(trie, "stats");

	vr_puts(f, "\nCounters:\n---------\n");
	for (size_t i = 0; i < VR_ARRAY_SIZE(counters); i++) {
		uint32_t sum = 0;

		for (unsigned cpu = vr_cpumask_next(possible, 0); cpu < possible->nr;
		     cpu = vr_cpumask_next(possible, cpu + 1))
			sum += (uint32_t)vr_u64(vr_at(trie.prog, "struct trie_use_stats",
						      vr_per_cpu_addr(trie.prog, stats, cpu)),
						counters[i].member);
		vr_printf(f, "%s %u\n", counters[i].text, sum);
	}
	vr_puts(f, "\n");
}

static void emit_statistics(struct vr_file *f, const struct vr_key *key)
{
	struct vr_program *prog = key->prog;
	struct vr_fib_tables tables;
	struct vr_cpumask possible;

	if (!vr_cpumask_read(prog, "__cpu_possible_mask", &possible))
		return;
	vr_printf(f, "Basic info: size of leaf: %u bytes, size of tnode: %u bytes.\n",
		  node_size(prog) + 8, node_size(prog));
	vr_fib_tables_begin(&tables, key->obj);
	while (vr_fib_table_next(&tables)) {
		struct vr_obj trie = vr_at(prog, "struct trie", vr_u64(tables.table, "tb_data"));
		struct statistics s;

		collect(tables.table, &s);
		put_table(f, tables.id);
		put_statistics(f, prog, &s);
		if (vr_has(trie, "stats")) /* CONFIG_IP_FIB_TRIE_STATS */
			put_usage(f, trie, &possible);
	}
}

VR_EMITTER(.path = "{net}/fib_triestat", .source = "fib_table", .emit = emit_statistics)

/* ---- route ---- */

static uint32_t swap(uint32_t word)
{
	return __builtin_bswap32(word);
}

/* Of a length that no key has it's what the kernel would make of it: of all bits. */
static uint32_t mask_of(uint64_t suffix)
{
	return suffix >= VR_FIB_KEY_BITS ? 0 : swap(UINT32_MAX << suffix);
}

static int32_t metric(struct vr_obj info, unsigned which)
{
	return (int32_t)vr_u64(vr_index(vr_get(info, "fib_metrics->metrics"), which), "");
}

static void put_route(struct vr_file *f, const struct vr_fib_walk *w, struct vr_obj fa,
		      uint32_t table)
{
	uint64_t type = vr_u64(fa, "fa_type");
	uint32_t mask = mask_of(vr_u64(fa, "fa_slen")), gateway = 0;
	struct vr_obj info = vr_deref(fa, "fa_info"), hop, dev;
	unsigned flags = RTF_UP;
	char name[IFNAMSIZ] = "*", row[160];
	int32_t mss;

	if (type == RTN_BROADCAST || type == RTN_MULTICAST || vr_u64(fa, "tb_id") != table)
		return;
	hop = vr_fib_next_hop(info);
	if (type == RTN_UNREACHABLE || type == RTN_PROHIBIT)
		flags = RTF_REJECT | RTF_UP;
	if (vr_u64(hop, "nhc_gw.ipv4"))
		flags |= RTF_GATEWAY;
	if (mask == UINT32_MAX)
		flags |= RTF_HOST;
	if (vr_u64(hop, "nhc_gw_family") == 2 /* AF_INET */)
		gateway = (uint32_t)vr_u64(hop, "nhc_gw.ipv4");
	dev = vr_at(fa.prog, "struct net_device", vr_u64(hop, "nhc_dev"));
	if (dev.addr)
		vr_str(dev, "name", name, sizeof(name));
	mss = metric(info, ADVMSS);
	snprintf(row, sizeof(row), "%s\t%08X\t%08X\t%04X\t%d\t%u\t%d\t%08X\t%d\t%u\t%u", name,
		 swap(w->key), gateway, flags, 0, 0, (int)vr_u64(info, "fib_priority"), mask,
		 mss ? mss + 40 : 0, (unsigned)metric(info, WINDOW),
		 (unsigned)metric(info, RTT) >> 3);
	vr_printf(f, "%-*s\n", ROUTE_WIDTH, row);
}

static void emit_route(struct vr_file *f, const struct vr_key *key)
{
	struct vr_obj table = vr_fib_table_find(key->obj, VR_RT_TABLE_MAIN);
	struct vr_fib_walk w;

	vr_printf(f, "%-*s\n", ROUTE_WIDTH,
		  "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\t"
		  "IRTT");
	if (!vr_ok(table))
		return;
	vr_fib_begin(&w, table);
	while (vr_fib_next(&w)) {
		struct vr_list_walk aliases;

		if (!w.leaf)
			continue;
		aliases = vr_fib_aliases(&w);
		while (vr_list_next(&aliases)) {
			vr_row_begin(f);
			put_route(f, &w, aliases.entry, VR_RT_TABLE_MAIN);
			vr_row_end(f);
		}
	}
}

VR_EMITTER(.path = "{net}/route", .source = "fib_table", .emit = emit_route)
