// SPDX-License-Identifier: GPL-2.0-or-later
/* proc/bus/pci/devices (show_device() in drivers/pci/proc.c). */
#include <inttypes.h>

#include "kernel/driver_core.h"
#include "kernel/proc_tree.h"
#include "plugin/emitter.h"

/* PCI_ROM_RESOURCE and the standard ones before it */
#define RESOURCES 7
#define PCI_REGION_FLAG_MASK 0x0fu
#define IORESOURCE_BUSY 0x80000000u

static void put_device(struct vr_file *f, struct vr_obj dev)
{
	struct vr_obj table = vr_get(dev, "resource");
	uint64_t start[RESOURCES], end[RESOURCES], flags[RESOURCES];
	bool busy = false;
	char name[256];

	vr_printf(f, "%02x%02x\t%04x%04x\t%x", (unsigned)vr_u64(dev, "bus->number"),
		  (unsigned)vr_u64(dev, "devfn"), (unsigned)vr_u64(dev, "vendor"),
		  (unsigned)vr_u64(dev, "device"), (unsigned)vr_u64(dev, "irq"));
	for (unsigned i = 0; i < RESOURCES; i++) {
		struct vr_obj r = vr_index(table, i);

		start[i] = vr_u64(r, "start");
		end[i] = vr_u64(r, "end");
		flags[i] = vr_u64(r, "flags");
		busy |= (flags[i] & IORESOURCE_BUSY) != 0;
		vr_printf(f, "\t%16" PRIx64, start[i] | (flags[i] & PCI_REGION_FLAG_MASK));
	}
	for (unsigned i = 0; i < RESOURCES; i++)
		vr_printf(f, "\t%16" PRIx64, start[i] < end[i] ? end[i] - start[i] + 1 : 0);
	vr_puts(f, "\t");
	/* pci_dev_driver(): somebody without a driver may have its memory */
	if (vr_u64(dev, "dev.driver"))
		vr_puts(f, vr_str(dev, "dev.driver->name", name, sizeof(name)));
	else if (busy)
		vr_puts(f, "compat");
	vr_puts(f, "\n");
}

static void emit(struct vr_file *f, const struct vr_key *key)
{
	struct vr_device_walk w = vr_bus_devices_begin(key->prog, "pci_bus_type");

	while (vr_device_next(&w)) {
		vr_row_begin(f);
		put_device(f, vr_container_of(key->prog, w.device.addr, "struct pci_dev", "dev"));
		vr_row_end(f);
	}
}

static bool exists(const struct vr_key *key)
{
	return vr_proc_has_file(key->prog, "bus/pci/devices");
}

VR_EMITTER(.path = "proc/bus/pci/devices", .source = "pci_bus_type", .exists = exists, .emit = emit)
