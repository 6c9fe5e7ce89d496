// SPDX-License-Identifier: GPL-2.0-or-later
/* proc/net/{dev,dev_mcast,softnet_stat,ptype}: devices and who takes packets (net/core/net-procfs.c). */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/bits.h"
#include "kernel/cpus.h"
#include "kernel/function_text.h"
#include "kernel/globals.h"
#include "kernel/inet_address.h"
#include "kernel/net_device.h"
#include "kernel/net_stats.h"
#include "kernel/symbol_at.h"
#include "plugin/emitter.h"

#define ETH_P_ALL 3
#define WORDS_5 "%08x %08x %08x %08x %08x"
#define WORDS_15 WORDS_5 " " WORDS_5 " " WORDS_5
/* PTYPE_HASH_SIZE */
#define PTYPE_BUCKETS 16

static void put_device(struct vr_file *f, struct vr_obj dev)
{
	char name[VR_NETDEV_NAME];
	struct vr_net_stats s;
	const uint64_t *v = s.values;

	vr_net_stats_read(dev, &s);
	vr_printf(f,
		  "%6s: %7" PRIu64 " %7" PRIu64 " %4" PRIu64 " %4" PRIu64 " %4" PRIu64 " %5" PRIu64
		  " %10" PRIu64 " %9" PRIu64,
		  vr_netdev_name(dev, name), v[VR_RX_BYTES], v[VR_RX_PACKETS], v[VR_RX_ERRORS],
		  v[VR_RX_DROPPED] + v[VR_RX_MISSED_ERRORS], v[VR_RX_FIFO_ERRORS],
		  v[VR_RX_LENGTH_ERRORS] + v[VR_RX_OVER_ERRORS] + v[VR_RX_CRC_ERRORS] +
			  v[VR_RX_FRAME_ERRORS],
		  v[VR_RX_COMPRESSED], v[VR_MULTICAST]);
	vr_printf(f,
		  " %8" PRIu64 " %7" PRIu64 " %4" PRIu64 " %4" PRIu64 " %4" PRIu64 " %5" PRIu64
		  " %7" PRIu64 " %10" PRIu64 "\n",
		  v[VR_TX_BYTES], v[VR_TX_PACKETS], v[VR_TX_ERRORS], v[VR_TX_DROPPED],
		  v[VR_TX_FIFO_ERRORS], v[VR_COLLISIONS],
		  v[VR_TX_CARRIER_ERRORS] + v[VR_TX_ABORTED_ERRORS] + v[VR_TX_WINDOW_ERRORS] +
			  v[VR_TX_HEARTBEAT_ERRORS],
		  v[VR_TX_COMPRESSED]);
}

static void emit_dev(struct vr_file *f, const struct vr_key *key)
{
	struct vr_netdev_walk w = vr_netdevs_by_index_begin(key->obj);

	vr_puts(f, "Inter-|   Receive                                                |  Transmit\n"
		   " face |bytes    packets errs drop fifo frame compressed multicast|bytes    "
		   "packets errs drop fifo colls carrier compressed\n");
	while (vr_netdev_next(&w)) {
		vr_row_begin(f);
		put_device(f, w.dev);
		vr_row_end(f);
	}
}

static void put_mcast(struct vr_file *f, struct vr_obj dev)
{
	struct vr_list_walk w =
		vr_list_begin(vr_get(dev, "mc.list"), "struct netdev_hw_addr", "list");
	uint64_t len = VR_MIN(vr_u64(dev, "addr_len"), (uint64_t)VR_HW_ADDRESS);
	char name[VR_NETDEV_NAME], text[VR_HW_TEXT];
	uint8_t addr[VR_HW_ADDRESS] = {0};

	vr_netdev_name(dev, name);
	while (vr_list_next(&w)) {
		vr_bytes(w.entry, "addr", addr, sizeof(addr));
		vr_printf(f, "%-4d %-15s %-5d %-5d %s\n", vr_netdev_index(dev), name,
			  (int)vr_s64(w.entry, "refcount"), (int)vr_u64(w.entry, "global_use"),
			  vr_hw_text(addr, (size_t)len, "", text));
	}
}

static void emit_mcast(struct vr_file *f, const struct vr_key *key)
{
	struct vr_netdev_walk w = vr_netdevs_by_index_begin(key->obj);

	while (vr_netdev_next(&w)) {
		vr_row_begin(f);
		put_mcast(f, w.dev);
		vr_row_end(f);
	}
}

/* Since 7.x a number per node, the second at the first one's side. */
static uint32_t dropped(struct vr_obj sd)
{
	struct vr_obj counters;

	if (!vr_has(sd, "drop_counters")) /* atomic since 6.10 */
		return (uint32_t)vr_u64(sd, vr_has(sd, "dropped.counter") ? "dropped.counter"
									  : "dropped");
	counters = vr_get(sd, "drop_counters");
	return (uint32_t)(vr_u64(counters, "drops0.counter") + vr_u64(counters, "drops1.counter"));
}

static void put_softnet(struct vr_file *f, struct vr_obj sd, unsigned cpu, bool lengths)
{
	uint32_t input = (uint32_t)vr_u64(sd, "input_pkt_queue.qlen");
	uint32_t process = (uint32_t)vr_u64(sd, "process_queue.qlen");
	uint32_t limited = 0;

	if (vr_has(sd, "flow_limit") && vr_u64(sd, "flow_limit")) /* CONFIG_NET_FLOW_LIMIT */
		limited = (uint32_t)vr_u64(sd, "flow_limit->count");
	vr_printf(f, WORDS_5 " " WORDS_5 " %08x %08x %08x", (uint32_t)vr_u64(sd, "processed"),
		  dropped(sd), (uint32_t)vr_u64(sd, "time_squeeze"), 0, 0, 0, 0, 0, 0,
		  vr_has(sd, "received_rps") ? (uint32_t)vr_u64(sd, "received_rps") : 0, limited,
		  input + process, cpu);
	if (lengths)
		vr_printf(f, " %08x %08x", input, process);
	vr_puts(f, "\n");
}

static void emit_softnet(struct vr_file *f, const struct vr_key *key)
{
	struct vr_cpumask online;
	/* Both queues' lengths: since 6.4. */
	bool lengths = vr_function_has_text(key->prog, "softnet_seq_show", WORDS_15);

	vr_cpus_online(key->prog, &online);
	for (unsigned cpu = 0; (cpu = vr_cpumask_next(&online, cpu)) < online.nr; cpu++) {
		vr_row_begin(f);
		put_softnet(f, vr_kernel_per_cpu(key->prog, "softnet_data", cpu), cpu, lengths);
		vr_row_end(f);
	}
}

/* Those on one list that belong to the namespace; dev: what they listen at, or no object. */
static void put_types(struct vr_file *f, const struct vr_key *key, struct vr_obj head,
		      struct vr_obj dev)
{
	struct vr_list_walk w = vr_list_begin(head, "struct packet_type", "list");

	while (vr_list_next(&w)) {
		char name[VR_NETDEV_NAME] = "", function[160];
		struct vr_symbol_at at;
		uint64_t net = 0;
		uint16_t type;

		vr_row_begin(f);
		if (vr_ok(dev))
			vr_netdev_name(dev, name);
		if (vr_has(w.entry, "af_packet_net"))
			net = vr_u64(w.entry, "af_packet_net");
		type = ntohs((uint16_t)vr_u64(w.entry, "type"));
		if (!vr_symbol_at(key->prog, vr_u64(w.entry, "func"), &at))
			vr_latch(key->prog, VR_CORRUPT, "a function that has no name");
		else
			snprintf(function, sizeof(function), at.module ? "%s [%s]" : "%s", at.name,
				 at.module);
		if (!net || net == key->obj.addr) {
			if (type == ETH_P_ALL)
				vr_puts(f, "ALL ");
			else
				vr_printf(f, "%04x", type);
			vr_printf(f, " %-8s %s\n", name, function);
		}
		vr_row_end(f);
	}
}

static void emit_ptype(struct vr_file *f, const struct vr_key *key)
{
	struct vr_obj none = {.prog = key->prog}, buckets;
	struct vr_netdev_walk w = vr_netdevs_begin(key->obj);

	vr_puts(f, "Type Device      Function\n");
	while (vr_netdev_next(&w))
		put_types(f, key, vr_get(w.dev, "ptype_all"), w.dev);
	if (vr_has(key->obj, "ptype_all")) { /* since 7.x */
		put_types(f, key, vr_get(key->obj, "ptype_all"), none);
		put_types(f, key, vr_get(key->obj, "ptype_specific"), none);
	} else if (vr_has_member(key->prog, "struct net_hotdata", "ptype_all")) {
		put_types(f, key, vr_get(vr_kernel_global(key->prog, "net_hotdata"), "ptype_all"),
			  none);
	} else {
		put_types(f, key, vr_kernel_global(key->prog, "ptype_all"), none);
	}
	buckets = vr_kernel_global(key->prog, "ptype_base");
	for (unsigned i = 0; i < PTYPE_BUCKETS; i++)
		put_types(f, key, vr_index(buckets, i), none);
}

VR_EMITTER(.path = "{net}/dev", .source = "net.dev_index_head|dev_by_index", .emit = emit_dev)
VR_EMITTER(.path = "{net}/dev_mcast", .source = "net_device.mc", .emit = emit_mcast)
VR_EMITTER(.path = "{net}/softnet_stat", .source = "softnet_data", .emit = emit_softnet)
VR_EMITTER(.path = "{net}/ptype", .source = "net_device.ptype_all, ptype_base", .emit = emit_ptype)
