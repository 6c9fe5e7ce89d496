// SPDX-License-Identifier: GPL-2.0-or-later
/* Handlers of net/ that do more than show what their table says. Their network is the first one. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/bits.h"
#include "kernel/bitmap.h"
#include "kernel/globals.h"
#include "kernel/list.h"
#include "kernel/percpu.h"
#include "kernel/sysctl_format.h"

/* include/net/tcp.h */
#define TCP_CONG_NON_RESTRICTED 1u
#define TCP_CA_BUF_MAX 2048u
/* include/uapi/linux/if_ether.h */
#define ETH_FRAME_LEN 1514u
#define SMP_CACHE_BYTES 64u
/* dump_cpumask() cuts longer ones, in some kernels. */
#define MAX_MASK_TEXT 126u
/* proc_do_xprt(), svc_print_xprts(): room for all lines, and for one. */
#define XPRTS_ROOM 256u
#define XPRT_ROOM 80u

static struct vr_obj net_of(const struct vr_sysctl *s)
{
	return vr_kernel_global(s->prog, "init_net");
}

/* ---- net/core ---- */

void vr_sysctl_default_qdisc(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	struct vr_obj ops = vr_deref(vr_kernel_global(s->prog, "default_qdisc_ops"), "");
	char id[32];

	vr_strbuf_printf(out, "%s\n", vr_str(ops, "id", id, sizeof(id)));
}

static void put_mask(const struct vr_sysctl *s, const struct vr_cpumask *mask,
		     struct vr_strbuf *out)
{
	char text[VR_MAX_CPUS / 32 * 9 + 1];

	vr_cpumask_hex(mask, text, sizeof(text));
	if (strlen(text) > MAX_MASK_TEXT)
		vr_latch(s->prog, VR_UNSUPPORTED, "a mask of %u CPUs", mask->nr);
	vr_strbuf_printf(out, "%s\n", text);
}

void vr_sysctl_flow_limit_cpus(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	struct vr_cpumask possible, mask = {.nr = vr_nr_cpus(s->prog)};

	if (!vr_cpumask_read(s->prog, "__cpu_possible_mask", &possible))
		return;
	for (unsigned cpu = 0; (cpu = vr_cpumask_next(&possible, cpu)) < possible.nr; cpu++)
		if (vr_u64(vr_kernel_per_cpu(s->prog, "softnet_data", cpu), "flow_limit"))
			mask.bits[cpu / 64] |= 1ull << (cpu % 64);
	put_mask(s, &mask, out);
}

void vr_sysctl_rps_default_mask(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	struct vr_obj net = vr_at(s->prog, "struct net", s->data);
	struct vr_cpumask mask = {.nr = vr_nr_cpus(s->prog)};

	if (vr_u64(net, "core.rps_default_mask"))
		vr_bitmap_read(vr_deref(net, "core.rps_default_mask"), "", mask.bits, mask.nr);
	put_mask(s, &mask, out);
}

/* A table, whose size less one is its mask; since 7.1 a word with the size's logarithm in it. */
void vr_sysctl_rps_sock_flow(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	static const char member[] = "rps_sock_flow_table";
	struct vr_obj var;
	uint64_t table, size;

	if (vr_has_symbol(s->prog, "net_hotdata"))
		var = vr_get(vr_kernel_global(s->prog, "net_hotdata"), member);
	else
		var = vr_kernel_global(s->prog, member);
	table = vr_u64(var, "");
	if (!table)
		size = 0;
	else if (vr_has_member(s->prog, "struct rps_sock_flow_table", "mask"))
		size = vr_u64(vr_at(s->prog, "struct rps_sock_flow_table", table), "mask") + 1;
	else
		size = 1ull << (table & 31);
	vr_sysctl_put(out, (int32_t)size);
}

/* ---- net/core/neighbour.c, net/ipv6/ndisc.c ---- */

static uint64_t cache_aligned(uint64_t size)
{
	return (size + SMP_CACHE_BYTES - 1) & ~(uint64_t)(SMP_CACHE_BYTES - 1);
}

/* Bytes as packets: SKB_TRUESIZE(ETH_FRAME_LEN) each. */
void vr_sysctl_unres_qlen(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	uint64_t size = ETH_FRAME_LEN + cache_aligned(vr_sizeof(s->prog, "struct sk_buff")) +
			cache_aligned(vr_sizeof(s->prog, "struct skb_shared_info"));
	int32_t bytes;

	if (vr_sysctl_read(s, s->data, &bytes, sizeof(bytes)))
		vr_sysctl_put(out, (int32_t)((uint64_t)bytes / size));
}

/* One handler, several units: what the file is called says which. */
void vr_sysctl_neigh_time(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	size_t len = strlen(s->name);

	if (!strcmp(s->name, "retrans_time"))
		vr_sysctl_ints(s, out);
	else if (!strcmp(s->name, "base_reachable_time"))
		vr_sysctl_jiffies(s, out);
	else if (len > 3 && !strcmp(s->name + len - 3, "_ms"))
		vr_sysctl_ms_jiffies(s, out);
	else
		vr_latch(s->prog, VR_UNSUPPORTED, "what %s() shows in %s", s->handler, s->name);
}

/* ---- net/ipv4, net/mptcp ---- */

/* An integer until 5.13. */
void vr_sysctl_u8_or_int(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	if (s->maxlen == 1)
		vr_sysctl_u8(s, out);
	else
		vr_sysctl_ints(s, out);
}

void vr_sysctl_port_range(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	struct vr_obj range = vr_get(net_of(s), "ipv4.ip_local_ports.range");
	uint32_t low, high;

	/* One word since 6.8. */
	if (vr_type_kind(vr_type_strip(range.type)) == VR_TYPE_ARRAY) {
		low = (uint32_t)vr_u64(vr_index(range, 0), "");
		high = (uint32_t)vr_u64(vr_index(range, 1), "");
	} else {
		uint32_t both = (uint32_t)vr_u64(range, "");

		low = both & 0xffff;
		high = both >> 16;
	}
	vr_strbuf_printf(out, "%" PRIu32 "\t%" PRIu32 "\n", low, high);
}

void vr_sysctl_privileged_ports(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	vr_sysctl_put(out, vr_s64(net_of(s), "ipv4.sysctl_ip_prot_sock"));
}

void vr_sysctl_ping_group_range(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	struct vr_obj range = vr_get(net_of(s), "ipv4.ping_group_range.range");

	for (unsigned i = 0; i < 2; i++) {
		uint32_t gid = (uint32_t)vr_u64(vr_index(range, i), "val");

		if (gid == UINT32_MAX) /* from_kgid_munged() */
			gid = (uint32_t)vr_sysctl_global(s, "overflowgid");
		vr_strbuf_printf(out, "%" PRIu32 "%c", gid, i ? '\n' : '\t');
	}
}

/* The names of what is on a list, of those with all the flags. */
static void put_names(const struct vr_sysctl *s, const char *list, const char *type, uint64_t flags,
		      struct vr_strbuf *out)
{
	struct vr_list_walk w = vr_list_begin(vr_kernel_global(s->prog, list), type, "list");
	size_t start = out->len;

	while (vr_list_next(&w) && out->len - start < TCP_CA_BUF_MAX) {
		char name[64];

		if (flags && (vr_u64(w.entry, "flags") & flags) != flags)
			continue;
		vr_strbuf_printf(out, out->len > start ? " %s" : "%s",
				 vr_str(w.entry, "name", name, sizeof(name)));
	}
	vr_strbuf_putc(out, '\n');
}

void vr_sysctl_tcp_available(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	put_names(s, "tcp_cong_list", "struct tcp_congestion_ops", 0, out);
}

void vr_sysctl_tcp_allowed(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	put_names(s, "tcp_cong_list", "struct tcp_congestion_ops", TCP_CONG_NON_RESTRICTED, out);
}

void vr_sysctl_tcp_ulps(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	put_names(s, "tcp_ulp_list", "struct tcp_ulp_ops", 0, out);
}

void vr_sysctl_mptcp_schedulers(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	put_names(s, "mptcp_sched_list", "struct mptcp_sched_ops", 0, out);
}

void vr_sysctl_mptcp_path_managers(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	put_names(s, "mptcp_pm_list", "struct mptcp_pm_ops", 0, out);
}

void vr_sysctl_tcp_default(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	char name[64];

	vr_strbuf_printf(
		out, "%s\n",
		vr_str(net_of(s), "ipv4.tcp_congestion_control->name", name, sizeof(name)));
}

void vr_sysctl_tcp_ehash(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	uint64_t mask = vr_u64(net_of(s), "ipv4.tcp_death_row.hashinfo->ehash_mask|"
					  "ipv4.tcp_death_row->hashinfo->ehash_mask");

	vr_sysctl_put(out, (int32_t)(mask + 1));
}

void vr_sysctl_udp_hash(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	vr_sysctl_put(out, (int32_t)(vr_u64(net_of(s), "ipv4.udp_table->mask") + 1));
}

void vr_sysctl_multipath_seed(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	struct vr_obj net = vr_at(s->prog, "struct net", s->data);

	vr_sysctl_put(out, (uint32_t)vr_u64(net, "ipv4.sysctl_fib_multipath_hash_seed.user_seed"));
}

/* ---- net/ipv6 ---- */

bool vr_sysctl_has_secret(const struct vr_sysctl *s)
{
	uint8_t initialized;

	/* Of all interfaces together there is none, and those that have none give an error. */
	return strcmp(s->path, "net/ipv6/conf/all/stable_secret") != 0 &&
	       (vr_read(s->prog, s->data, &initialized, 1, NULL) != VR_OK || initialized);
}

/* ---- net/netfilter ---- */

void vr_sysctl_nf_log(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	struct vr_obj loggers = vr_get(vr_at(s->prog, "struct net", s->extra2), "nf.nf_loggers");
	struct vr_obj logger = vr_index(loggers, s->extra1);
	char name[64] = "NONE";

	if (vr_u64(logger, ""))
		vr_str(vr_deref(logger, ""), "name", name, sizeof(name));
	vr_strbuf_printf(out, "%s\n", name);
}

void vr_sysctl_conntrack_buckets(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	vr_sysctl_put(out, vr_sysctl_global(s, "nf_conntrack_htable_size"));
}

void vr_sysctl_lwtunnel_hooks(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	struct vr_obj key = vr_kernel_global(s->prog, "nf_hooks_lwtunnel_enabled");

	vr_sysctl_put(out, vr_s64(key, "key.enabled.counter") > 0);
}

/* ---- net/sctp ---- */

/* An algorithm's name, or none; since 6.18 there is one, used or not. */
void vr_sysctl_sctp_hmac(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	struct vr_obj net = net_of(s);
	char name[64] = "none";

	if (!vr_has_member(s->prog, "struct net", "sctp.sctp_hmac_alg"))
		vr_strbuf_printf(out, "%s\n",
				 vr_u64(net, "sctp.cookie_auth_enable") ? "sha256" : name);
	else if (!vr_u64(net, "sctp.sctp_hmac_alg"))
		vr_strbuf_printf(out, "%s\n", name);
	else
		vr_strbuf_printf(out, "%s\n",
				 vr_str(net, "sctp.sctp_hmac_alg", name, sizeof(name)));
}

/* ---- net/sunrpc ---- */

void vr_sysctl_rpc_debug(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	uint32_t flags;

	if (vr_sysctl_read(s, s->data, &flags, sizeof(flags)))
		vr_strbuf_printf(out, "0x%04" PRIx32 "\n", flags);
}

void vr_sysctl_rpc_transports(const struct vr_sysctl *s, struct vr_strbuf *out)
{
	struct vr_list_walk w = vr_list_begin(vr_kernel_global(s->prog, "svc_xprt_class_list"),
					      "struct svc_xprt_class", "xcl_list");
	size_t used = 0;

	while (vr_list_next(&w)) {
		char name[XPRT_ROOM], line[2 * XPRT_ROOM];
		size_t len;

		vr_str(w.entry, "xcl_name", name, sizeof(name));
		len = (size_t)snprintf(line, sizeof(line), "%s %" PRId32 "\n", name,
				       (int32_t)vr_u64(w.entry, "xcl_max_payload"));
		if (len >= XPRT_ROOM || used + len >= XPRTS_ROOM)
			break;
		vr_strbuf_add(out, line, len);
		used += len;
	}
}
