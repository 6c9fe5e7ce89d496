// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * proc/net/{if_inet6,anycast6,igmp,igmp6,mcfilter,mcfilter6}: addresses and groups of devices
 * (net/ipv6/addrconf.c, net/ipv6/anycast.c, net/ipv4/igmp.c, net/ipv6/mcast.c).
 */
#include <arpa/inet.h>
#include <inttypes.h>

#include "kernel/globals.h"
#include "kernel/inet_address.h"
#include "kernel/net_device.h"
#include "kernel/ticks.h"
#include "plugin/emitter.h"

/* IN6_ADDR_HSIZE */
#define ADDRESS_BUCKETS 256
/* MAF_TIMER_RUNNING */
#define MAF_TIMER_RUNNING 1
/* MCAST_INCLUDE, MCAST_EXCLUDE: indexes of a source's counters */
#define INCLUDE 1
#define EXCLUDE 0

/* A walk along structures that a member links, bounded by its cycle check. */
struct chain {
	struct vr_obj at;
	struct vr_cycle_check seen;
};

/* To the structure that a pointer leads to; false at the end. */
static bool follow(struct chain *c, struct vr_obj from, const char *path)
{
	if (!vr_u64(from, path) || vr_failed(from.prog))
		return false;
	c->at = vr_deref(from, path);
	if (!vr_cycle_seen(&c->seen, c->at.addr))
		return vr_ok(c->at);
	vr_cut(from.prog, VR_CORRUPT, "a chain in a circle at 0x%" PRIx64, c->at.addr);
	return false;
}

/* A timer's rest in USER_HZ: jiffies_delta_to_clock_t(). */
static int64_t rest(uint64_t expires, uint64_t now, unsigned hz)
{
	int64_t delta = (int64_t)(expires - now);

	if (delta < 0 || !hz)
		return 0;
	return (int64_t)((uint64_t)delta * ((1000000000u + hz / 2) / hz) / 10000000u);
}

static void put_address(struct vr_file *f, struct vr_obj ifa)
{
	char text[VR_INET_TEXT], name[VR_NETDEV_NAME];
	struct vr_obj dev = vr_deref(ifa, "idev->dev");
	uint8_t addr[16];

	vr_get_ip6(ifa, "addr", addr);
	vr_printf(f, "%s %02x %02x %02x %02x %8s\n", vr_ip6_digits(addr, text),
		  vr_netdev_index(dev), (uint32_t)vr_u64(ifa, "prefix_len"),
		  (uint16_t)vr_u64(ifa, "scope"), (uint8_t)vr_u64(ifa, "flags"),
		  vr_netdev_name(dev, name));
}

/* One table for all namespaces until 5.18. */
static void emit_if_inet6(struct vr_file *f, const struct vr_key *key)
{
	bool own = vr_has(key->obj, "ipv6.inet6_addr_lst");
	struct vr_obj table = own ? vr_get(key->obj, "ipv6.inet6_addr_lst")
				  : vr_kernel_global(key->prog, "inet6_addr_lst");

	for (unsigned i = 0; i < ADDRESS_BUCKETS; i++) {
		struct vr_list_walk w =
			vr_hlist_begin(vr_index(table, i), "struct inet6_ifaddr", "addr_lst");

		while (vr_list_next(&w)) {
			vr_row_begin(f);
			if (own || vr_u64(w.entry, "idev->dev->nd_net.net") == key->obj.addr)
				put_address(f, w.entry);
			vr_row_end(f);
		}
	}
}

static void put_anycast(struct vr_file *f, struct vr_obj dev)
{
	struct chain c = {0};
	bool more = vr_u64(dev, "ip6_ptr") && follow(&c, vr_deref(dev, "ip6_ptr"), "ac_list");
	char text[VR_INET_TEXT], name[VR_NETDEV_NAME];

	for (; more; more = follow(&c, c.at, "aca_next")) {
		uint8_t addr[16];

		vr_get_ip6(c.at, "aca_addr", addr);
		vr_printf(f, "%-4d %-15s %s %5d\n", vr_netdev_index(dev), vr_netdev_name(dev, name),
			  vr_ip6_digits(addr, text), (int)vr_s64(c.at, "aca_users"));
	}
}

static void emit_anycast6(struct vr_file *f, const struct vr_key *key)
{
	struct vr_netdev_walk w = vr_netdevs_begin(key->obj);

	while (vr_netdev_next(&w)) {
		vr_row_begin(f);
		put_anycast(f, w.dev);
		vr_row_end(f);
	}
}

/* ---- Groups ---- */

struct now {
	uint64_t jiffies;
	unsigned hz;
};

/* Does a device keep to an old version of IGMP: IGMP_V1_SEEN(), IGMP_V2_SEEN()? */
static bool keeps_to(struct vr_obj net, struct vr_obj in_dev, int version, const char *seen_path,
		     uint64_t jiffies)
{
	uint64_t i = (uint64_t)vr_constant(net.prog, "IPV4_DEVCONF_FORCE_IGMP_VERSION") - 1;
	uint64_t seen = vr_u64(in_dev, seen_path);

	return vr_s64(vr_index(vr_get(net, "ipv4.devconf_all->data"), i), "") == version ||
	       vr_s64(vr_index(vr_get(in_dev, "cnf.data"), i), "") == version ||
	       (seen && (int64_t)(jiffies - seen) < 0);
}

static void put_groups(struct vr_file *f, struct vr_obj net, struct vr_obj dev, const struct now *n)
{
	struct chain c = {0};
	char name[VR_NETDEV_NAME];
	struct vr_obj in_dev;

	if (!vr_u64(dev, "ip_ptr"))
		return;
	in_dev = vr_deref(dev, "ip_ptr");
	if (!follow(&c, in_dev, "mc_list"))
		return;
	vr_printf(f, "%d\t%-10s: %5d %7s\n", vr_netdev_index(dev), vr_netdev_name(dev, name),
		  (int)vr_s64(in_dev, "mc_count"),
		  keeps_to(net, in_dev, 1, "mr_v1_seen", n->jiffies)   ? "V1"
		  : keeps_to(net, in_dev, 2, "mr_v2_seen", n->jiffies) ? "V2"
								       : "V3");
	do {
		bool runs = vr_u64(c.at, "tm_running") != 0;

		vr_printf(f, "\t\t\t\t%08X %5d %d:%08" PRIX64 "\t\t%d\n",
			  (uint32_t)vr_u64(c.at, "multiaddr"), (int)vr_s64(c.at, "users"), runs,
			  runs ? (uint64_t)rest(vr_u64(c.at, "timer.expires"), n->jiffies, n->hz)
			       : 0,
			  (int)vr_u64(c.at, "reporter"));
	} while (follow(&c, c.at, "next_rcu"));
}

static void emit_igmp(struct vr_file *f, const struct vr_key *key)
{
	const struct now n = {vr_jiffies(key->prog), vr_hz(key->prog)};
	struct vr_netdev_walk w = vr_netdevs_begin(key->obj);

	vr_puts(f, "Idx\tDevice    : Count Querier\tGroup    Users Timer\tReporter\n");
	while (vr_netdev_next(&w)) {
		vr_row_begin(f);
		put_groups(f, key->obj, w.dev, &n);
		vr_row_end(f);
	}
}

static void put_groups6(struct vr_file *f, struct vr_obj dev, const struct now *n)
{
	struct chain c = {0};
	bool more = vr_u64(dev, "ip6_ptr") && follow(&c, vr_deref(dev, "ip6_ptr"), "mc_list");
	char text[VR_INET_TEXT], name[VR_NETDEV_NAME];

	for (; more; more = follow(&c, c.at, "next")) {
		uint32_t flags = (uint32_t)vr_u64(c.at, "mca_flags");
		uint64_t expires = vr_u64(c.at, "mca_work.timer.expires|mca_timer.expires");
		uint8_t addr[16];

		vr_get_ip6(c.at, "mca_addr", addr);
		vr_printf(f, "%-4d %-15s %s %5d %08X %" PRId64 "\n", vr_netdev_index(dev),
			  vr_netdev_name(dev, name), vr_ip6_digits(addr, text),
			  (int)vr_s64(c.at, "mca_users"), flags,
			  flags & MAF_TIMER_RUNNING ? rest(expires, n->jiffies, n->hz) : 0);
	}
}

static void emit_igmp6(struct vr_file *f, const struct vr_key *key)
{
	const struct now n = {vr_jiffies(key->prog), vr_hz(key->prog)};
	struct vr_netdev_walk w = vr_netdevs_begin(key->obj);

	while (vr_netdev_next(&w)) {
		vr_row_begin(f);
		put_groups6(f, w.dev, &n);
		vr_row_end(f);
	}
}

/* ---- Sources that groups are filtered by ---- */

static void put_source(struct vr_file *f, struct vr_obj dev, struct vr_obj group, struct vr_obj psf)
{
	struct vr_obj counts = vr_get(psf, "sf_count");
	char name[VR_NETDEV_NAME];

	vr_printf(f, "%3d %6.6s 0x%08x 0x%08x %6" PRIu64 " %6" PRIu64 "\n", vr_netdev_index(dev),
		  vr_netdev_name(dev, name), ntohl((uint32_t)vr_u64(group, "multiaddr")),
		  ntohl((uint32_t)vr_u64(psf, "sf_inaddr")), vr_u64(vr_index(counts, INCLUDE), ""),
		  vr_u64(vr_index(counts, EXCLUDE), ""));
}

static void put_source6(struct vr_file *f, struct vr_obj dev, struct vr_obj group,
			struct vr_obj psf)
{
	struct vr_obj counts = vr_get(psf, "sf_count");
	char name[VR_NETDEV_NAME], text[2][VR_INET_TEXT];
	uint8_t addr[2][16];

	vr_get_ip6(group, "mca_addr", addr[0]);
	vr_get_ip6(psf, "sf_addr", addr[1]);
	vr_printf(f, "%3d %6.6s %s %s %6" PRIu64 " %6" PRIu64 "\n", vr_netdev_index(dev),
		  vr_netdev_name(dev, name), vr_ip6_digits(addr[0], text[0]),
		  vr_ip6_digits(addr[1], text[1]), vr_u64(vr_index(counts, INCLUDE), ""),
		  vr_u64(vr_index(counts, EXCLUDE), ""));
}

/* How both protocols name the same. */
struct family {
	const char *pointer, *next, *sources;
	void (*put)(struct vr_file *f, struct vr_obj dev, struct vr_obj group, struct vr_obj psf);
};

/*
 * The kernel begins with the first device whose first group has sources (igmp_mcf_get_first()) and
 * goes through all groups from there on.
 */
static void put_filters(struct vr_file *f, struct vr_obj dev, const struct family *family,
			bool *begun)
{
	struct chain groups = {0};
	bool more = vr_u64(dev, family->pointer) &&
		    follow(&groups, vr_deref(dev, family->pointer), "mc_list");

	if (!more || (!*begun && !vr_u64(groups.at, family->sources)))
		return;
	*begun = true;
	for (; more; more = follow(&groups, groups.at, family->next)) {
		struct chain sources = {0};
		bool any = follow(&sources, groups.at, family->sources);

		for (; any; any = follow(&sources, sources.at, "sf_next"))
			family->put(f, dev, groups.at, sources.at);
	}
}

static void put_all_filters(struct vr_file *f, const struct vr_key *key,
			    const struct family *family)
{
	struct vr_netdev_walk w = vr_netdevs_begin(key->obj);
	bool begun = false;

	while (vr_netdev_next(&w)) {
		vr_row_begin(f);
		put_filters(f, w.dev, family, &begun);
		vr_row_end(f);
	}
}

static void emit_mcfilter(struct vr_file *f, const struct vr_key *key)
{
	static const struct family ip4 = {"ip_ptr", "next_rcu", "sources", put_source};

	vr_puts(f, "Idx Device        MCA        SRC    INC    EXC\n");
	put_all_filters(f, key, &ip4);
}

static void emit_mcfilter6(struct vr_file *f, const struct vr_key *key)
{
	static const struct family ip6 = {"ip6_ptr", "next", "mca_sources", put_source6};

	vr_puts(f,
		"Idx Device                Multicast Address                   Source Address    "
		"INC    EXC\n");
	put_all_filters(f, key, &ip6);
}

VR_EMITTER(.path = "{net}/if_inet6", .source = "net.ipv6.inet6_addr_lst", .emit = emit_if_inet6)
VR_EMITTER(.path = "{net}/anycast6", .source = "inet6_dev.ac_list", .emit = emit_anycast6)
VR_EMITTER(.path = "{net}/igmp", .source = "in_device.mc_list", .emit = emit_igmp)
VR_EMITTER(.path = "{net}/igmp6", .source = "inet6_dev.mc_list", .emit = emit_igmp6)
VR_EMITTER(.path = "{net}/mcfilter", .source = "ip_mc_list.sources", .emit = emit_mcfilter)
VR_EMITTER(.path = "{net}/mcfilter6", .source = "ifmcaddr6.mca_sources", .emit = emit_mcfilter6)
