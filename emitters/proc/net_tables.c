// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * proc/net/{rt6_stats,rt_cache,rt_acct,connector,ip6_flowlabel}, proc/net/stat/, proc/net/netfilter/nf_log:
 * small tables (net/ipv6/route.c, net/ipv4/route.c, net/core/neighbour.c, net/netfilter/,
 * drivers/connector/connector.c, net/ipv6/ip6_flowlabel.c).
 */
#include <arpa/inet.h>
#include <inttypes.h>
#include <string.h>

#include "kernel/cpus.h"
#include "kernel/function_text.h"
#include "kernel/globals.h"
#include "kernel/inet_address.h"
#include "kernel/list.h"
#include "kernel/net_namespace.h"
#include "kernel/percpu_counter.h"
#include "kernel/ticks.h"
#include "plugin/emitter.h"

/* Entries of a struct dst_ops: dst_entries_get_slow(). */
static uint32_t dst_entries(struct vr_obj ops)
{
	struct vr_cpumask online;
	int64_t sum;

	vr_cpus_online(ops.prog, &online);
	sum = vr_percpu_counter_sum(vr_get(ops, "pcpuc_entries"), &online);
	return sum > 0 ? (uint32_t)sum : 0;
}

static void emit_rt6_stats(struct vr_file *f, const struct vr_key *key)
{
	struct vr_obj stats = vr_deref(key->obj, "ipv6.rt6_stats");

	vr_printf(f, "%04x %04x %04x %04x %04x %04x %04x\n", (uint32_t)vr_u64(stats, "fib_nodes"),
		  (uint32_t)vr_u64(stats, "fib_route_nodes"),
		  (uint32_t)vr_u64(stats, "fib_rt_alloc.counter"),
		  (uint32_t)vr_u64(stats, "fib_rt_entries"),
		  (uint32_t)vr_u64(stats, "fib_rt_cache"),
		  dst_entries(vr_get(key->obj, "ipv6.ip6_dst_ops")),
		  (uint32_t)vr_u64(stats, "fib_discarded_routes"));
}

/* There has been no cache of routes since 3.6: the title alone is left. */
static void emit_rt_cache(struct vr_file *f, const struct vr_key *key)
{
	(void)key;
	vr_printf(
		f, "%-127s\n",
		"Iface\tDestination\tGateway \tFlags\t\tRefCnt\tUse\tMetric\tSource\t\tMTU\tWindow"
		"\tIRTT\tTOS\tHHRef\tHHUptod\tSpecDst");
}

/* Counters of 256 realms, in binary. */
static void emit_rt_acct(struct vr_file *f, const struct vr_key *key)
{
	struct vr_obj acct = vr_deref(vr_kernel_global(key->prog, "ip_rt_acct"), "");
	uint32_t sum[1024] = {0}, part[1024];
	uint64_t base = acct.addr;
	struct vr_cpumask possible;

	if (vr_sizeof(key->prog, "struct ip_rt_acct") != 16)
		vr_latch(key->prog, VR_UNSUPPORTED, "counters of realms of another size");
	vr_cpumask_read(key->prog, "__cpu_possible_mask", &possible);
	for (unsigned cpu = 0; (cpu = vr_cpumask_next(&possible, cpu)) < possible.nr; cpu++) {
		struct vr_error err;

		if (vr_failed(key->prog))
			return;
		if (vr_read(key->prog, vr_per_cpu_addr(key->prog, base, cpu), part, sizeof(part),
			    &err) != VR_OK) {
			vr_latch(key->prog, err.kind, "%s", err.text);
			return;
		}
		for (unsigned i = 0; i < 1024; i++)
			sum[i] += part[i];
	}
	vr_write(f, sum, sizeof(sum));
}

/* Numbers of each CPU, in hexadecimal; what stands between them changed with 5.18. */
struct columns {
	const char *member; /* NULL: always 0 */
	const char *before, *was_before;
};

static void put_columns(struct vr_file *f, struct vr_obj obj, const struct columns *c, bool wide)
{
	for (; c->before; c++)
		vr_printf(f, "%s%08" PRIx64, wide ? c->before : c->was_before,
			  c->member ? vr_u64(obj, c->member) : 0);
}

static void emit_stat_rt_cache(struct vr_file *f, const struct vr_key *key)
{
	static const struct columns columns[] = {
		{NULL, " ", "  "},
		{"in_slow_tot", " ", " "},
		{"in_slow_mc", "    ", " "},
		{"in_no_route", "   ", " "},
		{"in_brd", "    ", " "},
		{"in_martian_dst", " ", " "},
		{"in_martian_src", "       ", " "},
		{NULL, "       ", "  "},
		{"out_slow_tot", " ", " "},
		{"out_slow_mc", "     ", " "},
		{NULL, "    ", " "},
		{NULL, " ", " "},
		{NULL, "   ", " "},
		{NULL, "     ", " "},
		{NULL, "        ", " "},
		{NULL, "        ", " "},
		{NULL, NULL, NULL},
	};
	bool wide = vr_function_has_text(key->prog, "rt_cpu_seq_show", "%08x %08x %08x    %08x");
	uint32_t entries = dst_entries(vr_kernel_global(key->prog, "ipv4_dst_ops"));
	struct vr_cpumask possible;

	vr_puts(f, wide ? "entries  in_hit   in_slow_tot in_slow_mc in_no_route in_brd   "
			  "in_martian_dst in_martian_src out_hit  out_slow_tot out_slow_mc "
			  "gc_total gc_ignored gc_goal_miss gc_dst_overflow in_hlist_search "
			  "out_hlist_search\n"
			: "entries  in_hit in_slow_tot in_slow_mc in_no_route in_brd "
			  "in_martian_dst in_martian_src  out_hit out_slow_tot out_slow_mc  "
			  "gc_total gc_ignored gc_goal_miss gc_dst_overflow in_hlist_search "
			  "out_hlist_search\n");
	vr_cpumask_read(key->prog, "__cpu_possible_mask", &possible);
	for (unsigned cpu = 0; (cpu = vr_cpumask_next(&possible, cpu)) < possible.nr; cpu++) {
		vr_row_begin(f);
		vr_printf(f, "%08x", entries);
		put_columns(f, vr_kernel_per_cpu(key->prog, "rt_cache_stat", cpu), columns, wide);
		vr_puts(f, wide ? "\n" : " \n");
		vr_row_end(f);
	}
}

static void put_neighbours(struct vr_file *f, const struct vr_key *key, const char *table)
{
	static const struct columns columns[] = {
		{"allocs", " ", "  "},
		{"destroys", " ", " "},
		{"hash_grows", " ", " "},
		{"lookups", "   ", "  "},
		{"hits", " ", " "},
		{"res_failed", " ", "  "},
		{"rcv_probes_mcast", "   ", "  "},
		{"rcv_probes_ucast", "         ", " "},
		{"periodic_gc_runs", "         ", "  "},
		{"forced_gc_runs", "         ", " "},
		{"unres_discards", "       ", " "},
		{"table_fulls", "            ", " "},
		{NULL, NULL, NULL},
	};
	bool wide = vr_function_has_text(key->prog, "neigh_stat_seq_show", "%08lx   %08lx");
	struct vr_obj tbl = vr_kernel_global(key->prog, table), stats = vr_deref(tbl, "stats");
	uint32_t entries = (uint32_t)vr_u64(tbl, "entries.counter");
	uint64_t base = stats.addr;
	struct vr_cpumask possible;

	vr_puts(f, wide ? "entries  allocs   destroys hash_grows lookups  hits     res_failed "
			  "rcv_probes_mcast rcv_probes_ucast periodic_gc_runs forced_gc_runs "
			  "unresolved_discards table_fulls\n"
			: "entries  allocs destroys hash_grows  lookups hits  res_failed  "
			  "rcv_probes_mcast rcv_probes_ucast  periodic_gc_runs forced_gc_runs "
			  "unresolved_discards table_fulls\n");
	vr_cpumask_read(key->prog, "__cpu_possible_mask", &possible);
	for (unsigned cpu = 0; (cpu = vr_cpumask_next(&possible, cpu)) < possible.nr; cpu++) {
		vr_row_begin(f);
		vr_printf(f, "%08x", entries);
		stats.addr = vr_per_cpu_addr(key->prog, base, cpu);
		put_columns(f, stats, columns, wide);
		vr_puts(f, "\n");
		vr_row_end(f);
	}
}

static void emit_arp_cache(struct vr_file *f, const struct vr_key *key)
{
	put_neighbours(f, key, "arp_tbl");
}

static void emit_ndisc_cache(struct vr_file *f, const struct vr_key *key)
{
	put_neighbours(f, key, "nd_tbl");
}

/* The chain's length came with 5.15. */
static void emit_conntrack(struct vr_file *f, const struct vr_key *key)
{
	static const struct columns columns[] = {
		{"clash_resolve", "  ", NULL},
		{"found", " ", NULL},
		{NULL, " ", NULL},
		{"invalid", " ", NULL},
		{NULL, " ", NULL},
		{NULL, " ", NULL},
		{NULL, NULL, NULL},
	};
	static const struct columns rest[] = {
		{"insert", " ", NULL},         {"insert_failed", " ", NULL},
		{"drop", " ", NULL},           {"early_drop", " ", NULL},
		{"error", " ", NULL},          {"expect_new", "  ", NULL},
		{"expect_create", " ", NULL},  {"expect_delete", " ", NULL},
		{"search_restart", " ", NULL}, {NULL, NULL, NULL},
	};
	struct vr_obj stat = vr_deref(key->obj, "ct.stat");
	bool chains = vr_has(stat, "chaintoolong");
	uint64_t base = stat.addr, count;
	struct vr_cpumask possible;

	/* A member of struct net until 5.13. */
	count = vr_has(key->obj, "ct.count")
			? vr_u64(key->obj, "ct.count.counter")
			: vr_u64(vr_net_generic(key->obj, "nf_conntrack_net_id",
						"struct nf_conntrack_net"),
				 "count.counter");
	vr_printf(f,
		  "entries  clashres found new invalid ignore delete %s insert insert_failed drop "
		  "early_drop icmp_error  expect_new expect_create expect_delete search_restart\n",
		  chains ? "chainlength" : "delete_list");
	vr_cpumask_read(key->prog, "__cpu_possible_mask", &possible);
	for (unsigned cpu = 0; (cpu = vr_cpumask_next(&possible, cpu)) < possible.nr; cpu++) {
		vr_row_begin(f);
		stat.addr = vr_per_cpu_addr(key->prog, base, cpu);
		vr_printf(f, "%08x", (uint32_t)count);
		put_columns(f, stat, columns, true);
		vr_printf(f, " %08" PRIx64, chains ? vr_u64(stat, "chaintoolong") : 0);
		put_columns(f, stat, rest, true);
		vr_puts(f, "\n");
		vr_row_end(f);
	}
}

/* Who logs packets of each protocol, and who could. */
static void emit_nf_log(struct vr_file *f, const struct vr_key *key)
{
	struct vr_obj used = vr_get(key->obj, "nf.nf_loggers");
	uint64_t count = vr_ok(used) ? vr_type_length(vr_type_strip(used.type)) : 0;
	uint64_t types = (uint64_t)vr_constant(key->prog, "NF_LOG_TYPE_MAX");

	for (uint64_t i = 0; i < count && types < 16; i++) {
		struct vr_obj logger = vr_index(used, i);
		char name[64] = "NONE";

		vr_row_begin(f);
		if (vr_u64(logger, ""))
			vr_str(vr_deref(logger, ""), "name", name, sizeof(name));
		vr_printf(f, "%2" PRIu64 " %s (", i, name);
		for (uint64_t k = 0; k < types; k++) {
			logger = vr_kernel_element(key->prog, "loggers", i * types + k);
			if (!vr_u64(logger, ""))
				continue;
			vr_puts(f, vr_str(vr_deref(logger, ""), "name", name, sizeof(name)));
			if (!k &&
			    vr_u64(vr_kernel_element(key->prog, "loggers", i * types + 1), ""))
				vr_puts(f, ",");
		}
		vr_puts(f, ")\n");
		vr_row_end(f);
	}
}

static void emit_connector(struct vr_file *f, const struct vr_key *key)
{
	struct vr_obj queue = vr_deref(vr_kernel_global(key->prog, "cdev"), "cbdev");
	struct vr_list_walk w = vr_list_begin(vr_get(queue, "queue_list"),
					      "struct cn_callback_entry", "callback_entry");

	vr_puts(f, "Name            ID\n");
	while (vr_list_next(&w)) {
		char name[64];

		vr_row_begin(f);
		vr_printf(f, "%-15s %u:%u\n", vr_str(w.entry, "id.name", name, sizeof(name)),
			  (uint32_t)vr_u64(w.entry, "id.id.idx"),
			  (uint32_t)vr_u64(w.entry, "id.id.val"));
		vr_row_end(f);
	}
}

/* Who may use a label (IPV6_FL_S_PROCESS, IPV6_FL_S_USER) and so has an owner. */
#define SHARE_PROCESS 2
#define SHARE_USER 3
#define LABEL_BUCKETS 256

static void put_label(struct vr_file *f, struct vr_obj fl, uint64_t now, unsigned hz)
{
	uint64_t share = vr_u64(fl, "share");
	char text[VR_INET_TEXT];
	uint8_t dst[16];
	int owner = 0;

	if (share == SHARE_PROCESS)
		owner = (int)vr_s64(vr_index(vr_get(vr_deref(fl, "owner.pid"), "numbers"), 0),
				    "nr");
	else if (share == SHARE_USER)
		owner = (int)vr_u64(fl, "owner.uid.val");
	vr_get_ip6(fl, "dst", dst);
	vr_printf(f, "%05X %-1d %-6d %-6d %-6" PRIu64 " %-8" PRId64 " %s %-4d\n",
		  ntohl((uint32_t)vr_u64(fl, "label")), (int)share, owner,
		  (int)vr_s64(fl, "users.counter"), vr_u64(fl, "linger") / hz,
		  (int64_t)(vr_u64(fl, "expires") - now) / (int64_t)hz, vr_ip6_digits(dst, text),
		  vr_u64(fl, "opt") ? (int)vr_u64(fl, "opt->opt_nflen") : 0);
}

static void emit_flowlabel(struct vr_file *f, const struct vr_key *key)
{
	struct vr_obj table = vr_kernel_global(key->prog, "fl_ht");
	uint64_t now = vr_jiffies(key->prog);
	unsigned hz = vr_hz(key->prog);

	vr_puts(f, "Label S Owner  Users  Linger Expires  Dst                              Opt\n");
	for (unsigned i = 0; hz && i < LABEL_BUCKETS; i++) {
		struct vr_obj fl =
			vr_at(key->prog, "struct ip6_flowlabel", vr_u64(vr_index(table, i), ""));
		struct vr_cycle_check seen = {0};

		for (; fl.addr && !vr_failed(key->prog); fl.addr = vr_u64(fl, "next")) {
			if (vr_cycle_seen(&seen, fl.addr)) {
				vr_cut(key->prog, VR_CORRUPT, "labels in a circle");
				break;
			}
			if (vr_u64(fl, "fl_net") == key->obj.addr)
				put_label(f, fl, now, hz);
		}
	}
}

VR_EMITTER(.path = "{net}/rt6_stats", .source = "net.ipv6.rt6_stats", .emit = emit_rt6_stats)
VR_EMITTER(.path = "{net}/rt_cache", .source = "the heading: the cache itself went with Linux 3.6",
	   .emit = emit_rt_cache)
VR_EMITTER(.path = "{net}/rt_acct", .source = "ip_rt_acct", .emit = emit_rt_acct)
VR_EMITTER(.path = "{net}/stat/rt_cache", .source = "rt_cache_stat", .emit = emit_stat_rt_cache)
VR_EMITTER(.path = "{net}/stat/arp_cache", .source = "arp_tbl", .emit = emit_arp_cache)
VR_EMITTER(.path = "{net}/stat/ndisc_cache", .source = "nd_tbl", .emit = emit_ndisc_cache)
VR_EMITTER(.path = "{net}/stat/nf_conntrack", .source = "net.ct.stat", .emit = emit_conntrack)
VR_EMITTER(.path = "{net}/netfilter/nf_log", .source = "net.nf.nf_loggers, loggers",
	   .emit = emit_nf_log)
VR_EMITTER(.path = "{net}/connector", .source = "cdev", .emit = emit_connector)
VR_EMITTER(.path = "{net}/ip6_flowlabel", .source = "fl_ht", .emit = emit_flowlabel)
