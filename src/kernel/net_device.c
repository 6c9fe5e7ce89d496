// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/net_device.h"

#define TYPE "struct net_device"
/* NETDEV_HASHENTRIES: lists of net.dev_index_head */
#define BUCKETS 256

struct vr_netdev_walk vr_netdevs_begin(struct vr_obj net)
{
	return (struct vr_netdev_walk){
		.how = VR_NETDEVS_LISTED,
		.list = vr_list_begin(vr_get(net, "dev_base_head"), TYPE, "dev_list"),
	};
}

/* The tree came with 6.6, and what goes by it with 6.9, as net_hotdata did. */
static bool goes_by_tree(struct vr_obj net)
{
	return vr_has(net, "dev_by_index") &&
	       vr_has_member(net.prog, "struct net_hotdata", "offload_base");
}

struct vr_netdev_walk vr_netdevs_by_index_begin(struct vr_obj net)
{
	struct vr_netdev_walk w = {.list = {.prog = net.prog, .done = true}};

	if (goes_by_tree(net)) {
		w.how = VR_NETDEVS_INDEXED;
		w.tree = vr_xarray_begin(vr_get(net, "dev_by_index"));
		w.tree.past_holes = true;
	} else {
		w.how = VR_NETDEVS_HASHED;
		w.buckets = vr_get(net, "dev_index_head");
	}
	return w;
}

/* The lists one after the other: one that is cut short costs no other. */
static bool next_hashed(struct vr_netdev_walk *w)
{
	while (!vr_list_next(&w->list)) {
		if (vr_failed(w->list.prog) || w->bucket == BUCKETS)
			return false;
		w->list = vr_hlist_begin(vr_index(w->buckets, w->bucket++), TYPE, "index_hlist");
	}
	return true;
}

bool vr_netdev_next(struct vr_netdev_walk *w)
{
	struct vr_program *prog = w->list.prog;

	switch (w->how) {
	case VR_NETDEVS_LISTED:
		if (!vr_list_next(&w->list))
			return false;
		break;
	case VR_NETDEVS_HASHED:
		if (!next_hashed(w))
			return false;
		break;
	case VR_NETDEVS_INDEXED:
		do {
			if (!vr_xarray_next(&w->tree))
				return false;
		} while (vr_xa_is_value(w->tree.entry));
		w->dev = vr_at(prog, TYPE, w->tree.entry);
		return !vr_failed(prog);
	}
	w->dev = w->list.entry;
	return true;
}

char *vr_netdev_name(struct vr_obj dev, char buf[VR_NETDEV_NAME])
{
	return vr_str(dev, "name", buf, VR_NETDEV_NAME);
}

int32_t vr_netdev_index(struct vr_obj dev)
{
	return (int32_t)vr_s64(dev, "ifindex");
}
