/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counters of a network device: dev_get_stats() of net/core/dev.c, and what drivers add. */
#ifndef KERNEL_NET_STATS_H
#define KERNEL_NET_STATS_H

#include <vmcore-report/object.h>

/** struct rtnl_link_stats64, in its order. */
enum vr_net_stat {
	VR_RX_PACKETS,
	VR_TX_PACKETS,
	VR_RX_BYTES,
	VR_TX_BYTES,
	VR_RX_ERRORS,
	VR_TX_ERRORS,
	VR_RX_DROPPED,
	VR_TX_DROPPED,
	VR_MULTICAST,
	VR_COLLISIONS,
	VR_RX_LENGTH_ERRORS,
	VR_RX_OVER_ERRORS,
	VR_RX_CRC_ERRORS,
	VR_RX_FRAME_ERRORS,
	VR_RX_FIFO_ERRORS,
	VR_RX_MISSED_ERRORS,
	VR_TX_ABORTED_ERRORS,
	VR_TX_CARRIER_ERRORS,
	VR_TX_FIFO_ERRORS,
	VR_TX_HEARTBEAT_ERRORS,
	VR_TX_WINDOW_ERRORS,
	VR_RX_COMPRESSED,
	VR_TX_COMPRESSED,
	VR_RX_NOHANDLER,
	VR_RX_OTHERHOST_DROPPED,
	VR_NET_STATS,
};

struct vr_net_stats {
	uint64_t values[VR_NET_STATS];
};

/**
 * A device's counters, from its driver's own structures. False: latched; VR_UNSUPPORTED where the
 * driver isn't known, VR_ABSENT where the dump has no types of it.
 */
bool vr_net_stats_read(struct vr_obj dev, struct vr_net_stats *stats);

/** What a driver keeps behind a device, as that type: netdev_priv(). Latches. */
struct vr_obj vr_netdev_priv(struct vr_obj dev, const char *type);

#endif
