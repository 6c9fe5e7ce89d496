/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Devices of a bus or a class, in the order in which they came (drivers/base/). */
#ifndef KERNEL_DRIVER_CORE_H
#define KERNEL_DRIVER_CORE_H

#include "kernel/list.h"

/** A walk over devices: next_device() and class_dev_iter_next(). */
struct vr_device_walk {
	struct vr_obj device; /* struct device */
	/* private */
	struct vr_list_walk nodes;
	const char *node; /* member of struct device_private that is on the list */
};

/** Devices of the class at a symbol ("block_class"). Latches. */
struct vr_device_walk vr_class_devices_begin(struct vr_program *prog, const char *symbol);
/** Devices of the bus at a symbol ("pci_bus_type"). Latches. */
struct vr_device_walk vr_bus_devices_begin(struct vr_program *prog, const char *symbol);
/** Advance; bounded as a walk over a list. Those that are being removed are left out. */
bool vr_device_next(struct vr_device_walk *walk);

#endif
