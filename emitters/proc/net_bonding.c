// SPDX-License-Identifier: GPL-2.0-or-later
/* proc/net/bonding/: bonds of devices (drivers/net/bonding/bond_procfs.c), as root reads them. */
#include <string.h>

#include "kernel/globals.h"
#include "kernel/inet_address.h"
#include "kernel/net_device.h"
#include "kernel/net_namespace.h"
#include "kernel/net_stats.h"
#include "kernel/symbol_at.h"
#include "kernel/utsname.h"
#include "object/memo.h"
#include "plugin/emitter.h"

/* ETH_ALEN */
#define ETHERNET_ADDRESS 6
/* SPEED_UNKNOWN and DUPLEX_UNKNOWN (uapi/linux/ethtool.h), as wide as their members */
#define UNKNOWN_SPEED UINT32_MAX
#define UNKNOWN_DUPLEX UINT8_MAX
/* Room for one of the names that the module has. */
#define NAME 64

/* BOND_MODE_* (uapi/linux/if_bonding.h) */
enum { ROUNDROBIN, ACTIVEBACKUP, XOR, BROADCAST, LACP, TLB, ALB };
/* BOND_LINK_* */
enum { LINK_UP, LINK_FAIL, LINK_DOWN, LINK_BACK };
/* The last of churn_description, for states that there aren't. */
#define UNKNOWN_CHURN 3

/* Arrays of names within functions, which have a number behind theirs; looked for once. */
struct arrays {
	bool looked;
	const char *modes, *churns;
};

static const struct arrays *arrays(struct vr_program *prog)
{
	static const char key;
	struct arrays *a = vr_memo(prog, &key, sizeof(*a));

	if (a && !a->looked) {
		a->modes = vr_symbol_named(prog, "names", "bonding");
		a->churns = vr_symbol_named(prog, "churn_description", "bonding");
		a->looked = true;
	}
	return a;
}

/* Element i of an array of names, which the caller knows to have as many. */
static const char *array_name(struct vr_program *prog, const char *symbol, unsigned i,
			      char name[NAME])
{
	if (!symbol) {
		vr_latch(prog, VR_ABSENT, "no names of the module bonding");
		return "";
	}
	return vr_str(vr_at(prog, "char *", vr_symbol(prog, symbol) + i * sizeof(uint64_t)), "",
		      name, NAME);
}

static const char *mode_name(struct vr_obj bond, char name[NAME])
{
	const struct arrays *a = arrays(bond.prog);
	uint32_t mode = (uint32_t)vr_u64(bond, "params.mode");

	return mode > ALB ? "unknown" : array_name(bond.prog, a ? a->modes : NULL, mode, name);
}

static const char *churn_name(struct vr_obj port, const char *path, char name[NAME])
{
	const struct arrays *a = arrays(port.prog);
	uint32_t state = (uint32_t)vr_u64(port, path);

	return array_name(port.prog, a ? a->churns : NULL,
			  state > UNKNOWN_CHURN ? UNKNOWN_CHURN : state, name);
}

/* What a table of an option's values (its last one has no name) calls this one. */
static const char *option_name(struct vr_program *prog, const char *table, int32_t value,
			       char name[NAME])
{
	for (unsigned i = 0; !vr_failed(prog); i++) {
		struct vr_obj option = vr_kernel_element(prog, table, i);

		if (!vr_u64(option, "string"))
			break;
		if (vr_u64(option, "value") == (uint64_t)value)
			return vr_str(option, "string", name, NAME);
	}
	vr_latch(prog, VR_CORRUPT, "%s has no value %d", table, value);
	return "";
}

static int32_t param(struct vr_obj bond, const char *path)
{
	return (int32_t)vr_u64(vr_get(bond, "params"), path);
}

static bool uses_hash(struct vr_obj bond, int32_t mode)
{
	return mode == LACP || mode == XOR ||
	       ((mode == TLB || mode == ALB) && !param(bond, "tlb_dynamic_lb"));
}

/* The name of the device of a slave that a member points to. */
static const char *slave_name(struct vr_obj bond, const char *path, char name[VR_NETDEV_NAME])
{
	return vr_u64(bond, path) ? vr_netdev_name(vr_deref(vr_deref(bond, path), "dev"), name)
				  : "None";
}

static void put_policy(struct vr_file *f, struct vr_obj bond, int32_t mode)
{
	char name[NAME], dev[VR_NETDEV_NAME];
	int32_t value;

	vr_printf(f, "Bonding Mode: %s", mode_name(bond, name));
	value = param(bond, "fail_over_mac");
	if (mode == ACTIVEBACKUP && value)
		vr_printf(f, " (fail_over_mac %s)",
			  option_name(bond.prog, "bond_fail_over_mac_tbl", value, name));
	vr_puts(f, "\n");
	if (uses_hash(bond, mode)) {
		value = param(bond, "xmit_policy");
		vr_printf(f, "Transmit Hash Policy: %s (%d)\n",
			  option_name(bond.prog, "bond_xmit_hashtype_tbl", value, name), value);
	}
	if (mode != ACTIVEBACKUP && mode != TLB && mode != ALB)
		return;
	vr_printf(f, "Primary Slave: %s", slave_name(bond, "primary_slave", dev));
	if (vr_u64(bond, "primary_slave"))
		vr_printf(f, " (primary_reselect %s)",
			  option_name(bond.prog, "bond_primary_reselect_tbl",
				      param(bond, "primary_reselect"), name));
	vr_printf(f, "\nCurrently Active Slave: %s\n", slave_name(bond, "curr_active_slave", dev));
}

static void put_monitor(struct vr_file *f, struct vr_obj bond, struct vr_obj dev)
{
	uint64_t no_carrier = 1ull << (vr_constant(dev.prog, "__LINK_STATE_NOCARRIER") & 63);
	uint32_t miimon = (uint32_t)param(bond, "miimon");

	vr_printf(f, "MII Status: %s\n", vr_u64(dev, "state") & no_carrier ? "down" : "up");
	vr_printf(f, "MII Polling Interval (ms): %d\n", (int)miimon);
	/* They are kept in units of the interval. */
	vr_printf(f, "Up Delay (ms): %d\n", (int)((uint32_t)param(bond, "updelay") * miimon));
	vr_printf(f, "Down Delay (ms): %d\n", (int)((uint32_t)param(bond, "downdelay") * miimon));
	vr_printf(f, "Peer Notification Delay (ms): %d\n",
		  (int)((uint32_t)param(bond, "peer_notif_delay") * miimon));
}

/* A list of addresses, which ends with the first that is zero: IPv4's or IPv6's. */
static void put_targets(struct vr_file *f, struct vr_obj targets, size_t size)
{
	static const uint8_t none[16];
	uint64_t count = vr_type_size(vr_type_strip(targets.type)) / size;
	uint8_t addr[16];
	char text[VR_INET_TEXT];

	for (uint64_t i = 0; i < count && vr_bytes(vr_index(targets, i), "", addr, size); i++) {
		if (!memcmp(addr, none, size))
			break;
		vr_printf(f, "%s %s", i ? "," : "",
			  size == 4 ? vr_ip4_text(addr, text) : vr_ip6_text(addr, text));
	}
	vr_puts(f, "\n");
}

static void put_arp(struct vr_file *f, struct vr_obj bond)
{
	int32_t interval = param(bond, "arp_interval");

	if (interval <= 0)
		return;
	vr_printf(f, "ARP Polling Interval (ms): %d\n", interval);
	if (vr_has(bond, "params.missed_max")) /* since 5.17 */
		vr_printf(f, "ARP Missed Max: %u\n", (uint32_t)param(bond, "missed_max"));
	vr_puts(f, "ARP IP target/s (n.n.n.n form):");
	put_targets(f, vr_get(bond, "params.arp_targets"), 4);
	if (vr_has(bond, "params.ns_targets")) { /* since 5.18, where there is IPv6 */
		vr_puts(f, "NS IPv6 target/s (xx::xx form):");
		put_targets(f, vr_get(bond, "params.ns_targets"), 16);
	}
}

static struct vr_list_walk slaves(struct vr_obj dev)
{
	return vr_list_begin(vr_get(dev, "adj_list.lower"), "struct netdev_adjacent", "list");
}

static struct vr_obj slave(struct vr_list_walk *w)
{
	return vr_at(w->prog, "struct slave", vr_u64(w->entry, "private"));
}

static void put_mac(struct vr_file *f, const char *title, struct vr_obj obj, const char *path)
{
	uint8_t addr[ETHERNET_ADDRESS] = {0};
	char text[VR_HW_TEXT];

	vr_bytes(obj, path, addr, sizeof(addr));
	vr_printf(f, "%s: %s\n", title, vr_hw_text(addr, sizeof(addr), ":", text));
}

static void put_number(struct vr_file *f, const char *title, struct vr_obj obj, const char *path)
{
	vr_printf(f, "%s: %d\n", title, (int)vr_u64(obj, path));
}

/* The aggregator of a slave's port; no object where it has none. */
static struct vr_obj aggregator(struct vr_obj port)
{
	return vr_u64(port, "aggregator") ? vr_deref(port, "aggregator") : (struct vr_obj){0};
}

/* The first slave's whose aggregator is the active one; no object where none is. */
static struct vr_obj active_aggregator(struct vr_obj dev)
{
	struct vr_list_walk w = slaves(dev);

	while (vr_list_next(&w)) {
		struct vr_obj agg = aggregator(vr_get(slave(&w), "ad_info->port"));

		if (vr_ok(agg) && vr_u64(agg, "is_active"))
			return agg;
	}
	return (struct vr_obj){0};
}

static int enabled_ports(struct vr_obj agg)
{
	struct vr_cycle_check seen = {0};
	struct vr_obj pointer = vr_get(agg, "lag_ports");
	int count = 0;

	for (uint64_t addr; (addr = vr_u64(pointer, "")) != 0;) {
		struct vr_obj port = vr_deref(pointer, "");

		if (vr_cycle_seen(&seen, addr)) {
			vr_cut(agg.prog, VR_CORRUPT, "ports in a circle");
			break;
		}
		count += vr_u64(port, "is_enabled") != 0;
		pointer = vr_get(port, "next_port_in_aggregator");
	}
	return count;
}

static void put_lacp(struct vr_file *f, struct vr_obj bond, struct vr_obj dev)
{
	char name[NAME], dev_name[VR_NETDEV_NAME];
	struct vr_obj agg;

	vr_puts(f, "\n802.3ad info\n");
	if (vr_has(bond, "params.lacp_active")) /* since 5.15 */
		vr_printf(f, "LACP active: %s\n", param(bond, "lacp_active") ? "on" : "off");
	vr_printf(f, "LACP rate: %s\n", param(bond, "lacp_fast") ? "fast" : "slow");
	put_number(f, "Min links", bond, "params.min_links");
	vr_printf(f, "Aggregator selection policy (ad_select): %s\n",
		  option_name(bond.prog, "bond_ad_select_tbl", param(bond, "ad_select"), name));
	put_number(f, "System priority", bond, "ad_info.system.sys_priority");
	put_mac(f, "System MAC address", bond, "ad_info.system.sys_mac_addr");
	agg = active_aggregator(dev);
	if (!vr_ok(agg)) {
		vr_printf(f, "bond %s has no active aggregator\n", vr_netdev_name(dev, dev_name));
		return;
	}
	vr_puts(f, "Active Aggregator Info:\n");
	put_number(f, "\tAggregator ID", agg, "aggregator_identifier");
	vr_printf(f, "\tNumber of ports: %d\n", enabled_ports(agg));
	put_number(f, "\tActor Key", agg, "actor_oper_aggregator_key");
	put_number(f, "\tPartner Key", agg, "partner_oper_aggregator_key");
	put_mac(f, "\tPartner Mac Address", agg, "partner_system");
}

static void put_port(struct vr_file *f, struct vr_obj port)
{
	struct vr_obj agg = aggregator(port), partner = vr_get(port, "partner_oper");
	char name[NAME];

	if (!vr_ok(agg)) {
		vr_puts(f, "Aggregator ID: N/A\n");
		return;
	}
	put_number(f, "Aggregator ID", agg, "aggregator_identifier");
	vr_printf(f, "Actor Churn State: %s\n", churn_name(port, "sm_churn_actor_state", name));
	vr_printf(f, "Partner Churn State: %s\n", churn_name(port, "sm_churn_partner_state", name));
	put_number(f, "Actor Churned Count", port, "churn_actor_count");
	put_number(f, "Partner Churned Count", port, "churn_partner_count");
	vr_puts(f, "details actor lacp pdu:\n");
	put_number(f, "    system priority", port, "actor_system_priority");
	put_mac(f, "    system mac address", port, "actor_system");
	put_number(f, "    port key", port, "actor_oper_port_key");
	put_number(f, "    port priority", port, "actor_port_priority");
	put_number(f, "    port number", port, "actor_port_number");
	put_number(f, "    port state", port, "actor_oper_port_state");
	vr_puts(f, "details partner lacp pdu:\n");
	put_number(f, "    system priority", partner, "system_priority");
	put_mac(f, "    system mac address", partner, "system");
	put_number(f, "    oper key", partner, "key");
	put_number(f, "    port priority", partner, "port_priority");
	put_number(f, "    port number", partner, "port_number");
	put_number(f, "    port state", partner, "port_state");
}

static const char *link_name(int8_t link)
{
	return link == LINK_UP     ? "up"
	       : link == LINK_FAIL ? "going down"
	       : link == LINK_DOWN ? "down"
	       : link == LINK_BACK ? "going back"
				   : "unknown";
}

static void put_slave(struct vr_file *f, struct vr_obj s, bool lacp)
{
	struct vr_obj dev = vr_deref(s, "dev");
	uint64_t speed = vr_u64(s, "speed"), duplex = vr_u64(s, "duplex");
	uint8_t addr[VR_HW_ADDRESS] = {0};
	char name[VR_NETDEV_NAME], text[VR_HW_TEXT];

	vr_printf(f, "\nSlave Interface: %s\n", vr_netdev_name(dev, name));
	vr_printf(f, "MII Status: %s\n", link_name((int8_t)vr_u64(s, "link")));
	if (speed == UNKNOWN_SPEED)
		vr_puts(f, "Speed: Unknown\n");
	else
		vr_printf(f, "Speed: %d Mbps\n", (int)speed);
	vr_printf(f, "Duplex: %s\n",
		  duplex == UNKNOWN_DUPLEX ? "Unknown"
		  : duplex                 ? "full"
					   : "half");
	vr_printf(f, "Link Failure Count: %u\n", (uint32_t)vr_u64(s, "link_failure_count"));
	vr_bytes(s, "perm_hwaddr", addr, sizeof(addr));
	vr_printf(f, "Permanent HW addr: %s\n",
		  vr_hw_text(addr, vr_u64(dev, "addr_len"), ":", text));
	put_number(f, "Slave queue ID", s, "queue_id");
	if (lacp)
		put_port(f, vr_get(s, "ad_info->port"));
}

static void emit(struct vr_file *f, const struct vr_key *key)
{
	struct vr_obj bond = vr_netdev_priv(key->dev, "struct bonding");
	int32_t mode = param(bond, "mode");
	struct vr_list_walk w = slaves(key->dev);
	struct vr_utsname uts;

	/* The module was built with the release that it is loaded into. */
	if (!vr_utsname_read(key->prog, &uts))
		return;
	vr_printf(f, "Ethernet Channel Bonding Driver: v%s\n\n", uts.release);
	put_policy(f, bond, mode);
	put_monitor(f, bond, key->dev);
	put_arp(f, bond);
	if (mode == LACP)
		put_lacp(f, bond, key->dev);
	while (vr_list_next(&w)) {
		vr_row_begin(f);
		put_slave(f, slave(&w), mode == LACP);
		vr_row_end(f);
	}
}

VR_EMITTER(.path = "{net}/bonding/{dev}", .source = "bonding, slave, ad_slave_info", .emit = emit)
