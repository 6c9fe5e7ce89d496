// SPDX-License-Identifier: GPL-2.0-or-later
/* proc/acpi/wakeup (acpi_system_wakeup_device_seq_show() in drivers/acpi/proc.c). */
#include <inttypes.h>

#include "kernel/globals.h"
#include "kernel/list.h"
#include "kernel/proc_tree.h"
#include "plugin/emitter.h"

/* device_may_wakeup() */
static bool may_wakeup(struct vr_obj dev)
{
	return vr_u64(dev, "power.can_wakeup") && vr_u64(dev, "power.wakeup");
}

/* dev_name() */
static char *name_of(struct vr_obj dev, char *buf, size_t size)
{
	return vr_str(dev, vr_u64(dev, "init_name") ? "init_name" : "kobj.name", buf, size);
}

static void put_node(struct vr_file *f, struct vr_obj acpi, struct vr_obj dev)
{
	char bus[64] = "no-bus", name[256];

	if (vr_u64(dev, "bus"))
		vr_str(dev, "bus->name", bus, sizeof(bus));
	vr_printf(f, "*%-8s  %s:%s\n",
		  may_wakeup(dev) || may_wakeup(vr_get(acpi, "dev")) ? "enabled" : "disabled", bus,
		  name_of(dev, name, sizeof(name)));
}

static void put_device(struct vr_file *f, struct vr_obj acpi)
{
	struct vr_list_walk w;
	char id[16];
	bool first = true;

	if (!vr_u64(acpi, "wakeup.flags.valid"))
		return;
	vr_printf(f, "%s\t  S%" PRIu64 "\t", vr_str(acpi, "pnp.bus_id", id, sizeof(id)),
		  vr_u64(acpi, "wakeup.sleep_state"));
	if (!vr_u64(acpi, "physical_node_count")) {
		vr_printf(f, "*%-8s\n", may_wakeup(vr_get(acpi, "dev")) ? "enabled" : "disabled");
		return;
	}
	w = vr_list_begin(vr_get(acpi, "physical_node_list"), "struct acpi_device_physical_node",
			  "node");
	while (vr_list_next(&w)) {
		if (!first)
			vr_puts(f, "\t\t");
		first = false;
		put_node(f, acpi, vr_deref(w.entry, "dev"));
	}
}

static void emit(struct vr_file *f, const struct vr_key *key)
{
	struct vr_list_walk w =
		vr_list_begin(vr_kernel_global(key->prog, "acpi_wakeup_device_list"),
			      "struct acpi_device", "wakeup_list");

	vr_puts(f, "Device\tS-state\t  Status   Sysfs node\n");
	while (vr_list_next(&w)) {
		vr_row_begin(f);
		put_device(f, w.entry);
		vr_row_end(f);
	}
}

static bool exists(const struct vr_key *key)
{
	return vr_proc_has_file(key->prog, "acpi/wakeup");
}

VR_EMITTER(.path = "proc/acpi/wakeup", .source = "acpi_wakeup_device_list", .exists = exists,
	   .emit = emit)
