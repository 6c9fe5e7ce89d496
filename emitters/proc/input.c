// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * proc/bus/input/devices and proc/bus/input/handlers (input_devices_seq_show() and
 * input_handlers_seq_show() in drivers/input/input.c).
 */
#include <inttypes.h>

#include "base/bits.h"
#include "kernel/globals.h"
#include "kernel/kernfs.h"
#include "kernel/list.h"
#include "kernel/proc_tree.h"
#include "plugin/emitter.h"

/* Longs of the longest bitmap, that of keys. */
#define MAX_LONGS 32

/* A device's bitmaps: the type of event (include/uapi/linux/input-event-codes.h) that it has if
 * there is one. */
static const struct {
	const char *name, *member;
	int event;
} bitmaps[] = {
	{"PROP", "propbit", -1}, {"EV", "evbit", -1},     {"KEY", "keybit", 0x01},
	{"REL", "relbit", 0x02}, {"ABS", "absbit", 0x03}, {"MSC", "mscbit", 0x04},
	{"LED", "ledbit", 0x11}, {"SND", "sndbit", 0x12}, {"FF", "ffbit", 0x15},
	{"SW", "swbit", 0x05},
};

/* input_seq_print_bitmap(): highest long first, without leading zeros */
static void put_bitmap(struct vr_file *f, const char *name, struct vr_obj bits)
{
	uint64_t count = vr_ok(bits) ? vr_type_length(vr_type_strip(bits.type)) : 0;
	bool any = false;

	if (count > MAX_LONGS)
		vr_latch(bits.prog, VR_CORRUPT, "a bitmap of %" PRIu64 " longs", count);
	vr_printf(f, "B: %s=", name);
	for (uint64_t i = count; i-- > 0 && !vr_failed(bits.prog);) {
		uint64_t value = vr_u64(vr_index(bits, i), "");

		if (!value && !any)
			continue;
		vr_printf(f, "%" PRIx64 "%s", value, i ? " " : "");
		any = true;
	}
	vr_puts(f, any ? "\n" : "0\n");
}

static void put_text(struct vr_file *f, struct vr_obj dev, const char *format, const char *member)
{
	char text[256] = "";

	if (vr_u64(dev, member))
		vr_str(dev, member, text, sizeof(text));
	vr_printf(f, "%s%s", format, text);
}

static void put_device(struct vr_file *f, struct vr_obj dev)
{
	struct vr_list_walk w;
	char path[VR_KERNFS_PATH_SIZE];
	uint64_t events;

	vr_printf(f,
		  "I: Bus=%04" PRIx64 " Vendor=%04" PRIx64 " Product=%04" PRIx64
		  " Version=%04" PRIx64 "\n",
		  vr_u64(dev, "id.bustype"), vr_u64(dev, "id.vendor"), vr_u64(dev, "id.product"),
		  vr_u64(dev, "id.version"));
	put_text(f, dev, "N: Name=\"", "name");
	put_text(f, dev, "\"\nP: Phys=", "phys");
	vr_printf(f, "\nS: Sysfs=%s", vr_kernfs_path(vr_deref(dev, "dev.kobj.sd"), path));
	put_text(f, dev, "\nU: Uniq=", "uniq");
	vr_puts(f, "\nH: Handlers=");
	w = vr_list_begin(vr_get(dev, "h_list"), "struct input_handle", "d_node");
	while (vr_list_next(&w)) {
		put_text(f, w.entry, "", "name");
		vr_puts(f, " ");
	}
	vr_puts(f, "\n");
	events = vr_u64(dev, "evbit[0]");
	for (size_t i = 0; i < VR_ARRAY_SIZE(bitmaps); i++)
		if (bitmaps[i].event < 0 || events >> bitmaps[i].event & 1)
			put_bitmap(f, bitmaps[i].name, vr_get(dev, bitmaps[i].member));
	vr_puts(f, "\n");
}

static void emit_devices(struct vr_file *f, const struct vr_key *key)
{
	struct vr_list_walk w = vr_list_begin(vr_kernel_global(key->prog, "input_dev_list"),
					      "struct input_dev", "node");

	while (vr_list_next(&w)) {
		vr_row_begin(f);
		put_device(f, w.entry);
		vr_row_end(f);
	}
}

static void emit_handlers(struct vr_file *f, const struct vr_key *key)
{
	struct vr_list_walk w = vr_list_begin(vr_kernel_global(key->prog, "input_handler_list"),
					      "struct input_handler", "node");

	for (unsigned i = 0; vr_list_next(&w); i++) {
		char name[64];

		vr_row_begin(f);
		vr_printf(f, "N: Number=%u Name=%s", i,
			  vr_str(w.entry, "name", name, sizeof(name)));
		if (vr_u64(w.entry, "filter"))
			vr_puts(f, " (filter)");
		if (vr_u64(w.entry, "legacy_minors"))
			vr_printf(f, " Minor=%" PRId64, vr_s64(w.entry, "minor"));
		vr_puts(f, "\n");
		vr_row_end(f);
	}
}

static bool has_devices(const struct vr_key *key)
{
	return vr_proc_has_file(key->prog, "bus/input/devices");
}

static bool has_handlers(const struct vr_key *key)
{
	return vr_proc_has_file(key->prog, "bus/input/handlers");
}

VR_EMITTER(.path = "proc/bus/input/devices", .source = "input_dev_list", .exists = has_devices,
	   .emit = emit_devices)
VR_EMITTER(.path = "proc/bus/input/handlers", .source = "input_handler_list",
	   .exists = has_handlers, .emit = emit_handlers)
