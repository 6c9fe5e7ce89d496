/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Network devices of a namespace (include/linux/netdevice.h).
 *
 *	struct vr_netdev_walk w = vr_netdevs_begin(net);
 *
 *	while (vr_netdev_next(&w))
 *		use(w.dev);
 */
#ifndef KERNEL_NET_DEVICE_H
#define KERNEL_NET_DEVICE_H

#include "kernel/list.h"
#include "kernel/xarray.h"

/** IFNAMSIZ: room for a device's name and its NUL. */
#define VR_NETDEV_NAME 16

/** A walk over devices; bounded, cuts are recorded in the caller's scope. */
struct vr_netdev_walk {
	struct vr_obj dev; /* struct net_device */
	/* private */
	struct vr_list_walk list;
	struct vr_xarray_walk tree;
	struct vr_obj buckets;
	unsigned bucket;
	enum { VR_NETDEVS_LISTED, VR_NETDEVS_HASHED, VR_NETDEVS_INDEXED } how;
};

/** In the order in which they came to be, for_each_netdev(). net: a struct net. Latches. */
struct vr_netdev_walk vr_netdevs_begin(struct vr_obj net);
/** In the order of /proc/net/dev: by ifindex, until 6.9 modulo 256. Latches. */
struct vr_netdev_walk vr_netdevs_by_index_begin(struct vr_obj net);
/** Advance; false at the end, or where the walk was cut short, or the scope failed. */
bool vr_netdev_next(struct vr_netdev_walk *walk);

/** A device's name into buf; returns buf. Latches. */
char *vr_netdev_name(struct vr_obj dev, char buf[VR_NETDEV_NAME]);
/** A device's ifindex. Latches. */
int32_t vr_netdev_index(struct vr_obj dev);

#endif
