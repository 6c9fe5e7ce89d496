// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * proc/scsi/scsi (proc_print_scsidevice() in drivers/scsi/scsi_proc.c) and proc/scsi/device_info
 * (devinfo_seq_show() in drivers/scsi/scsi_devinfo.c), of kernels with CONFIG_SCSI_PROC_FS.
 */
#include <inttypes.h>

#include "kernel/driver_core.h"
#include "kernel/globals.h"
#include "kernel/proc_tree.h"
#include "kernel/symbol_at.h"
#include "plugin/emitter.h"

/* include/scsi/scsi_proto.h */
#define TYPE_WLUN 0x1eu
#define TYPE_NO_LUN 0x1fu
#define SCSI_1_CCS 2

/*
 * What a device said of itself, behind a pointer until 7.0 and without a NUL at its end: what isn't
 * ASCII, and what is below a blank, is shown as one.
 */
static void put_words(struct vr_file *f, struct vr_obj sdev, const char *member, size_t len)
{
	struct vr_obj words = vr_get(sdev, member);
	bool array = vr_ok(words) && vr_type_kind(vr_type_strip(words.type)) == VR_TYPE_ARRAY;
	uint64_t at = array ? words.addr : vr_u64(words, "");
	char text[16];

	for (size_t i = 0; i < len && i < sizeof(text) && !vr_failed(sdev.prog); i++) {
		uint64_t byte = vr_u64(vr_at(sdev.prog, "unsigned char", at + i), "");

		text[i] = byte < ' ' || byte > 0x7f ? ' ' : (char)byte;
	}
	if (!vr_failed(sdev.prog))
		vr_write(f, text, len);
}

/* scsi_device_type() */
static void put_type(struct vr_file *f, struct vr_program *prog, uint64_t type)
{
	struct vr_obj names = vr_kernel_global(prog, "scsi_device_types");
	struct vr_symbol_at at = {0};
	char name[32];

	vr_symbol_at(prog, names.addr, &at);
	if (type == TYPE_WLUN)
		vr_puts(f, "Well-known LUN   ");
	else if (type == TYPE_NO_LUN)
		vr_puts(f, "No Device        ");
	else if (type >= at.size / sizeof(uint64_t))
		vr_puts(f, "Unknown          ");
	else
		vr_puts(f, vr_str(vr_kernel_element(prog, "scsi_device_types", type), "", name,
				  sizeof(name)));
}

static void put_device(struct vr_file *f, struct vr_obj sdev)
{
	int64_t level = vr_s64(sdev, "scsi_level");

	vr_printf(f,
		  "Host: scsi%" PRIu64 " Channel: %02" PRIu64 " Id: %02" PRIu64 " Lun: %02" PRIu64
		  "\n  Vendor: ",
		  vr_u64(sdev, "host->host_no"), vr_u64(sdev, "channel"), vr_u64(sdev, "id"),
		  vr_u64(sdev, "lun"));
	put_words(f, sdev, "vendor", 8);
	vr_puts(f, " Model: ");
	put_words(f, sdev, "model", 16);
	vr_puts(f, " Rev: ");
	put_words(f, sdev, "rev", 4);
	vr_puts(f, "\n  Type:   ");
	put_type(f, sdev.prog, vr_u64(sdev, "type"));
	vr_printf(f, "                ANSI  SCSI revision: %02" PRIx64 "%s\n",
		  (uint64_t)(level - (level > 1)), level == SCSI_1_CCS ? " CCS" : "");
}

static void emit_devices(struct vr_file *f, const struct vr_key *key)
{
	struct vr_device_walk w = vr_bus_devices_begin(key->prog, "scsi_bus_type");
	uint64_t type = vr_symbol(key->prog, "scsi_dev_type");
	bool any = false;

	while (vr_device_next(&w)) {
		if (!any)
			vr_puts(f, "Attached devices:\n");
		any = true;
		vr_row_begin(f);
		/* Hosts and targets are on that bus, too. */
		if (vr_u64(w.device, "type") == type)
			put_device(f, vr_container_of(key->prog, w.device.addr,
						      "struct scsi_device", "sdev_gendev"));
		vr_row_end(f);
	}
}

static void put_table(struct vr_file *f, struct vr_obj table)
{
	struct vr_list_walk w = vr_list_begin(vr_get(table, "scsi_dev_info_list"),
					      "struct scsi_dev_info_list", "dev_info_list");
	bool named = vr_u64(table, "name"), first = true;
	char name[64], vendor[9], model[17];

	while (vr_list_next(&w)) {
		vr_row_begin(f);
		if (first && named)
			vr_printf(f, "[%s]:\n", vr_str(table, "name", name, sizeof(name)));
		vr_printf(f, "'%.8s' '%.16s' 0x%" PRIx64 "\n",
			  vr_str(w.entry, "vendor", vendor, sizeof(vendor)),
			  vr_str(w.entry, "model", model, sizeof(model)), vr_u64(w.entry, "flags"));
		first = false;
		vr_row_end(f);
	}
}

static void emit_info(struct vr_file *f, const struct vr_key *key)
{
	struct vr_list_walk w = vr_list_begin(vr_kernel_global(key->prog, "scsi_dev_info_list"),
					      "struct scsi_dev_info_list_table", "node");

	while (vr_list_next(&w))
		put_table(f, w.entry);
}

static bool has_devices(const struct vr_key *key)
{
	return vr_has_symbol(key->prog, "scsi_bus_type") &&
	       vr_proc_has_file(key->prog, "scsi/scsi");
}

static bool has_info(const struct vr_key *key)
{
	return vr_has_symbol(key->prog, "scsi_dev_info_list") &&
	       vr_proc_has_file(key->prog, "scsi/device_info");
}

VR_EMITTER(.path = "proc/scsi/scsi", .source = "scsi_bus_type", .exists = has_devices,
	   .emit = emit_devices)
VR_EMITTER(.path = "proc/scsi/device_info", .source = "scsi_dev_info_list", .exists = has_info,
	   .emit = emit_info)
