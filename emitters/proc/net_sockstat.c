// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * proc/net/{sockstat,sockstat6,protocols}: sockets in numbers (net/ipv4/proc.c, net/ipv6/proc.c,
 * net/core/sock.c).
 */
#include <inttypes.h>

#include "base/bits.h"
#include "kernel/cpus.h"
#include "kernel/globals.h"
#include "kernel/list.h"
#include "kernel/module.h"
#include "kernel/percpu_counter.h"
#include "plugin/emitter.h"

/* Add up an int of each CPU's copy of what a pointer leads to; sums are ints in the kernel, too. */
static int32_t sum_per_cpu(struct vr_obj pointer, const char *path, uint64_t index)
{
	struct vr_obj part = vr_deref(pointer, "");
	uint64_t base = part.addr;
	struct vr_cpumask possible;
	uint32_t sum = 0;

	vr_cpumask_read(part.prog, "__cpu_possible_mask", &possible);
	for (unsigned cpu = 0; (cpu = vr_cpumask_next(&possible, cpu)) < possible.nr; cpu++) {
		struct vr_obj number;

		part.addr = vr_per_cpu_addr(part.prog, base, cpu);
		number = vr_get(part, path);
		sum += (uint32_t)vr_u64(index == UINT64_MAX ? number : vr_index(number, index), "");
	}
	return (int32_t)sum;
}

/* Sockets of a protocol in the namespace: sock_prot_inuse_get(). */
static int32_t in_use(struct vr_obj net, struct vr_obj proto)
{
	int32_t sum = sum_per_cpu(vr_get(net, "core.prot_inuse"), "val",
				  (uint32_t)vr_u64(proto, "inuse_idx"));

	return sum > 0 ? sum : 0;
}

/* All sockets of the namespace: sock_inuse_get(). A member of its own until 5.17. */
static int32_t all_in_use(struct vr_obj net)
{
	if (vr_has(net, "core.sock_inuse"))
		return sum_per_cpu(vr_get(net, "core.sock_inuse"), "", UINT64_MAX);
	return sum_per_cpu(vr_get(net, "core.prot_inuse"), "all", UINT64_MAX);
}

/* Pages that a protocol has: never less than none since CPUs keep some of their own (6.0). */
static int64_t memory(struct vr_obj proto)
{
	int64_t pages = vr_s64(proto, "memory_allocated->counter");

	return pages < 0 && vr_has(proto, "per_cpu_fw_alloc") ? 0 : pages;
}

static int64_t positive_sum(struct vr_obj counter)
{
	struct vr_cpumask online;
	int64_t sum;

	vr_cpus_online(counter.prog, &online);
	sum = vr_percpu_counter_sum(counter, &online);
	return sum > 0 ? sum : 0;
}

/* A counter with parts until 5.16, then one number for each CPU. */
static int64_t orphans(struct vr_obj tcp)
{
	struct vr_program *prog = tcp.prog;
	struct vr_cpumask possible;
	uint32_t sum = 0;

	if (vr_has(tcp, "orphan_count->count"))
		return positive_sum(vr_deref(tcp, "orphan_count"));
	vr_cpumask_read(prog, "__cpu_possible_mask", &possible);
	for (unsigned cpu = 0; (cpu = vr_cpumask_next(&possible, cpu)) < possible.nr; cpu++)
		sum += (uint32_t)vr_u64(vr_kernel_per_cpu(prog, "tcp_orphan_count", cpu), "");
	return (int32_t)sum > 0 ? (int32_t)sum : 0;
}

/* Sockets in TIME_WAIT: the counter of references has one more since 5.19. */
static int32_t time_waits(struct vr_obj net)
{
	struct vr_obj row = vr_get(net, "ipv4.tcp_death_row");

	if (vr_has(row, "tw_count"))
		return (int32_t)vr_u64(row, "tw_count.counter");
	return (int32_t)vr_u64(net, "ipv4.tcp_death_row.tw_refcount.refs.counter|"
				    "ipv4.tcp_death_row->tw_refcount.refs.counter") -
	       1;
}

static void emit_sockstat(struct vr_file *f, const struct vr_key *key)
{
	struct vr_program *prog = key->prog;
	struct vr_obj net = key->obj, tcp = vr_kernel_global(prog, "tcp_prot");
	struct vr_obj udp = vr_kernel_global(prog, "udp_prot");

	vr_printf(f, "sockets: used %d\n", all_in_use(net));
	vr_printf(f, "TCP: inuse %d orphan %d tw %d alloc %d mem %" PRId64 "\n", in_use(net, tcp),
		  (int)orphans(tcp), time_waits(net),
		  (int)positive_sum(vr_deref(tcp, "sockets_allocated")), memory(tcp));
	vr_printf(f, "UDP: inuse %d mem %" PRId64 "\n", in_use(net, udp), memory(udp));
	if (vr_has_symbol(prog, "udplite_prot")) /* not in 7.x */
		vr_printf(f, "UDPLITE: inuse %d\n",
			  in_use(net, vr_kernel_global(prog, "udplite_prot")));
	vr_printf(f, "RAW: inuse %d\n", in_use(net, vr_kernel_global(prog, "raw_prot")));
	vr_printf(f, "FRAG: inuse %u memory %" PRIu64 "\n",
		  (uint32_t)vr_u64(net, "ipv4.fqdir->rhashtable.nelems.counter"),
		  vr_u64(net, "ipv4.fqdir->mem.counter"));
}

static void emit_sockstat6(struct vr_file *f, const struct vr_key *key)
{
	static const struct {
		const char *title, *symbol;
	} protocols[] = {
		{"TCP6", "tcpv6_prot"},
		{"UDP6", "udpv6_prot"},
		{"UDPLITE6", "udplitev6_prot"}, /* not in 7.x */
		{"RAW6", "rawv6_prot"},
	};

	for (size_t i = 0; i < VR_ARRAY_SIZE(protocols); i++)
		if (i != 2 || vr_has_symbol(key->prog, protocols[i].symbol))
			vr_printf(
				f, "%s: inuse %d\n", protocols[i].title,
				in_use(key->obj, vr_kernel_global(key->prog, protocols[i].symbol)));
	vr_printf(f, "FRAG6: inuse %u memory %" PRIu64 "\n",
		  (uint32_t)vr_u64(key->obj, "ipv6.fqdir->rhashtable.nelems.counter"),
		  vr_u64(key->obj, "ipv6.fqdir->mem.counter"));
}

/* Which functions a protocol has, and the column's title; one was there until 6.5. */
static const struct {
	const char *title, *member;
} methods[] = {
	{"cl", "close"},
	{"co", "connect"},
	{"di", "disconnect"},
	{"ac", "accept"},
	{"io", "ioctl"},
	{"in", "init"},
	{"de", "destroy"},
	{"sh", "shutdown"},
	{"ss", "setsockopt"},
	{"gs", "getsockopt"},
	{"se", "sendmsg"},
	{"re", "recvmsg"},
	{"sp", "sendpage"},
	{"bi", "bind"},
	{"br", "backlog_rcv"},
	{"ha", "hash"},
	{"uh", "unhash"},
	{"gp", "get_port"},
	{"em", "enter_memory_pressure"},
};

static const char *pressure(struct vr_obj proto)
{
	if (!vr_u64(proto, "memory_pressure"))
		return "NI";
	return vr_u64(vr_deref(proto, "memory_pressure"), "") ? "yes" : "no";
}

static void put_protocol(struct vr_file *f, struct vr_obj net, struct vr_obj proto)
{
	char name[64], module[VR_MODULE_NAME] = "kernel";

	if (vr_u64(proto, "owner"))
		vr_module_name(vr_deref(proto, "owner"), module);
	vr_printf(f, "%-9s %4u %6d  %6" PRId64 "   %-3s %6u   %-3s  %-10s ",
		  vr_str(proto, "name", name, sizeof(name)), (unsigned)vr_u64(proto, "obj_size"),
		  in_use(net, proto), vr_u64(proto, "memory_allocated") ? memory(proto) : -1,
		  pressure(proto), (unsigned)vr_u64(proto, "max_header"),
		  vr_u64(proto, "slab") ? "yes" : "no", module);
	for (size_t i = 0; i < VR_ARRAY_SIZE(methods); i++)
		if (vr_has(proto, methods[i].member))
			vr_printf(f, "%s %c", i ? " " : "",
				  vr_u64(proto, methods[i].member) ? 'y' : 'n');
	vr_puts(f, "\n");
}

static void emit_protocols(struct vr_file *f, const struct vr_key *key)
{
	struct vr_list_walk w =
		vr_list_begin(vr_kernel_global(key->prog, "proto_list"), "struct proto", "node");

	vr_printf(f, "%-9s %-4s %-8s %-6s %-5s %-7s %-4s %-10s ", "protocol", "size", "sockets",
		  "memory", "press", "maxhdr", "slab", "module");
	for (size_t i = 0; i < VR_ARRAY_SIZE(methods); i++)
		if (vr_has_member(key->prog, "struct proto", methods[i].member))
			vr_printf(f, "%s%s", i ? " " : "", methods[i].title);
	vr_puts(f, "\n");
	while (vr_list_next(&w)) {
		vr_row_begin(f);
		put_protocol(f, key->obj, w.entry);
		vr_row_end(f);
	}
}

VR_EMITTER(.path = "{net}/sockstat", .source = "net.core.prot_inuse, tcp_prot, udp_prot",
	   .emit = emit_sockstat)
VR_EMITTER(.path = "{net}/sockstat6", .source = "net.core.prot_inuse, tcpv6_prot, udpv6_prot",
	   .emit = emit_sockstat6)
VR_EMITTER(.path = "{net}/protocols", .source = "proto_list, net.core.prot_inuse",
	   .emit = emit_protocols)
