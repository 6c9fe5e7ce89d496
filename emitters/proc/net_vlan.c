// SPDX-License-Identifier: GPL-2.0-or-later
/* proc/net/vlan/: virtual LANs (net/8021q/vlanproc.c). */
#include <inttypes.h>

#include "kernel/globals.h"
#include "kernel/net_device.h"
#include "kernel/net_namespace.h"
#include "kernel/net_stats.h"
#include "plugin/emitter.h"

/* IFF_802_1Q_VLAN of priv_flags */
#define IS_VLAN 1
/* vlan_dev_priv.egress_priority_map, a hash table of mappings */
#define EGRESS_BUCKETS 16

/* What type a namespace's names are of (enum vlan_name_types), as vlan_name_type_str has it. */
static void put_name_type(struct vr_file *f, const struct vr_key *key)
{
	struct vr_obj vn = vr_net_generic(key->obj, "vlan_net_id", "struct vlan_net");
	uint64_t type = vr_u64(vn, "name_type");
	char name[64] = "UNKNOWN";

	if (type < (uint64_t)vr_constant(key->prog, "VLAN_NAME_TYPE_HIGHEST"))
		vr_str(vr_kernel_element(key->prog, "vlan_name_type_str", type), "", name,
		       sizeof(name));
	vr_printf(f, "Name-Type: %s\n", name);
}

static void emit_config(struct vr_file *f, const struct vr_key *key)
{
	/* By index since 7.x. */
	struct vr_netdev_walk w = vr_has_symbol(key->prog, "vlan_seq_from_index")
					  ? vr_netdevs_by_index_begin(key->obj)
					  : vr_netdevs_begin(key->obj);

	vr_puts(f, "VLAN Dev name\t | VLAN ID\n");
	put_name_type(f, key);
	while (vr_netdev_next(&w)) {
		char name[VR_NETDEV_NAME], real[VR_NETDEV_NAME];

		vr_row_begin(f);
		if (vr_u64(w.dev, "priv_flags") & IS_VLAN) {
			struct vr_obj vlan = vr_netdev_priv(w.dev, "struct vlan_dev_priv");

			vr_printf(f, "%-15s| %d  | %s\n", vr_netdev_name(w.dev, name),
				  (int)vr_u64(vlan, "vlan_id"),
				  vr_netdev_name(vr_deref(vlan, "real_dev"), real));
		}
		vr_row_end(f);
	}
}

static void put_mappings(struct vr_file *f, struct vr_obj vlan)
{
	struct vr_obj map = vr_get(vlan, "ingress_priority_map");

	vr_puts(f, "\nINGRESS priority mappings:");
	for (unsigned i = 0; i < 8; i++)
		vr_printf(f, "%s%u:%u",
			  i == 7 ? " "
			  : i    ? "  "
				 : " ",
			  i, (uint32_t)vr_u64(vr_index(map, i), ""));
	vr_puts(f, "\n EGRESS priority mappings: ");
	map = vr_get(vlan, "egress_priority_map");
	for (unsigned i = 0; i < EGRESS_BUCKETS; i++) {
		struct vr_obj mp = vr_at(vlan.prog, "struct vlan_priority_tci_mapping",
					 vr_u64(vr_index(map, i), ""));
		struct vr_cycle_check seen = {0};

		for (; mp.addr && !vr_failed(vlan.prog); mp.addr = vr_u64(mp, "next")) {
			if (vr_cycle_seen(&seen, mp.addr)) {
				vr_cut(vlan.prog, VR_CORRUPT, "mappings in a circle");
				break;
			}
			vr_printf(f, "%u:%d ", (uint32_t)vr_u64(mp, "priority"),
				  (int)(vr_u64(mp, "vlan_qos") >> 13 & 7));
		}
	}
	vr_puts(f, "\n");
}

/* Of 32 bits, of which the file has the lower half, before the member became wider (5.17). */
static uint64_t flags(struct vr_obj dev)
{
	struct vr_obj member = vr_get(dev, "priv_flags");
	bool narrow =
		vr_ok(member) && !member.bit_size && vr_type_size(vr_type_strip(member.type)) == 4;

	return vr_u64(member, "") & (narrow ? UINT16_MAX : UINT64_MAX);
}

static void emit_device(struct vr_file *f, const struct vr_key *key)
{
	struct vr_obj vlan = vr_netdev_priv(key->dev, "struct vlan_dev_priv");
	char name[VR_NETDEV_NAME];
	struct vr_net_stats s;

	if (!(vr_u64(key->dev, "priv_flags") & IS_VLAN))
		return;
	vr_net_stats_read(key->dev, &s);
	vr_printf(f, "%s  VID: %d\t REORDER_HDR: %d  dev->priv_flags: %" PRIx64 "\n",
		  vr_netdev_name(key->dev, name), (int)vr_u64(vlan, "vlan_id"),
		  (int)(vr_u64(vlan, "flags") & 1), flags(key->dev));
	vr_printf(f, "%30s %12" PRIu64 "\n", "total frames received", s.values[VR_RX_PACKETS]);
	vr_printf(f, "%30s %12" PRIu64 "\n", "total bytes received", s.values[VR_RX_BYTES]);
	vr_printf(f, "%30s %12" PRIu64 "\n\n", "Broadcast/Multicast Rcvd", s.values[VR_MULTICAST]);
	vr_printf(f, "%30s %12" PRIu64 "\n", "total frames transmitted", s.values[VR_TX_PACKETS]);
	vr_printf(f, "%30s %12" PRIu64 "\n", "total bytes transmitted", s.values[VR_TX_BYTES]);
	vr_printf(f, "Device: %s", vr_netdev_name(vr_deref(vlan, "real_dev"), name));
	put_mappings(f, vlan);
}

VR_EMITTER(.path = "{net}/vlan/config", .source = "net.dev_base_head, vlan_net",
	   .emit = emit_config)
VR_EMITTER(.path = "{net}/vlan/{dev}", .source = "vlan_dev_priv", .emit = emit_device)
