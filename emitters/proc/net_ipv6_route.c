// SPDX-License-Identifier: GPL-2.0-or-later
/* {net}/ipv6_route: IPv6's routes (ipv6_route_native_seq_show() in net/ipv6/ip6_fib.c). */
#include "kernel/fib6_tree.h"
#include "kernel/inet_address.h"
#include "plugin/emitter.h"

#define IFNAMSIZ 16
/* include/uapi/linux/route.h */
#define RTF_GATEWAY 2

static void put_address(struct vr_file *f, struct vr_obj obj, const char *member)
{
	char text[VR_INET_TEXT];
	uint8_t address[16];

	vr_get_ip6(obj, member, address);
	vr_puts(f, vr_ip6_digits(address, text));
}

static void put_route(struct vr_file *f, struct vr_obj route)
{
	struct vr_obj hop = vr_fib6_next_hop(route), dev;
	uint64_t flags = vr_u64(route, "fib6_flags");
	char name[IFNAMSIZ] = "";

	put_address(f, route, "fib6_dst.addr");
	vr_printf(f, " %02x ", (unsigned)vr_u64(route, "fib6_dst.plen"));
	if (vr_has(route, "fib6_src")) { /* CONFIG_IPV6_SUBTREES */
		put_address(f, route, "fib6_src.addr");
		vr_printf(f, " %02x ", (unsigned)vr_u64(route, "fib6_src.plen"));
	} else {
		vr_puts(f, "00000000000000000000000000000000 00 ");
	}
	if (vr_u64(hop, "nhc_gw_family")) {
		flags |= RTF_GATEWAY;
		put_address(f, hop, "nhc_gw.ipv6");
	} else {
		vr_puts(f, "00000000000000000000000000000000");
	}
	dev = vr_at(route.prog, "struct net_device", vr_u64(hop, "nhc_dev"));
	if (dev.addr)
		vr_str(dev, "name", name, sizeof(name));
	vr_printf(f, " %08x %08x %08x %08x %8s\n", (unsigned)vr_u64(route, "fib6_metric"),
		  (unsigned)vr_u64(route, "fib6_ref.refs.counter"), 0, (unsigned)flags, name);
}

static void emit(struct vr_file *f, const struct vr_key *key)
{
	struct vr_fib6_tables tables;

	vr_fib6_tables_begin(&tables, key->obj);
	while (vr_fib6_table_next(&tables)) {
		struct vr_fib6_walk w;

		vr_fib6_begin(&w, tables.table);
		while (vr_fib6_next(&w)) {
			vr_row_begin(f);
			put_route(f, w.route);
			vr_row_end(f);
		}
	}
}

VR_EMITTER(.path = "{net}/ipv6_route", .source = "fib6_table", .emit = emit)
