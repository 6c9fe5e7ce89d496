// SPDX-License-Identifier: GPL-2.0-or-later
/* proc/mdstat (md_seq_show() in drivers/md/md.c, and the status() of each personality). */
#include <inttypes.h>
#include <string.h>

#include "base/bits.h"
#include "kernel/disk.h"
#include "kernel/globals.h"
#include "kernel/list.h"
#include "kernel/path.h"
#include "kernel/proc_tree.h"
#include "kernel/seq.h"
#include "kernel/ticks.h"
#include "kernel/xarray.h"
#include "plugin/emitter.h"

/* drivers/md/md.h */
#define MAX_SECTOR UINT64_MAX
enum { MD_RESYNC_NONE, MD_RESYNC_YIELDED, MD_RESYNC_DELAYED, MD_RESYNC_ACTIVE };
enum { MD_RDWR, MD_RDONLY, MD_AUTO_READ };
/* More devices than an array can have: 1920 with superblocks of version 1. */
#define MAX_DISKS 4096
#define PAGE_KB 4

/* Is the bit of that name set? Bits were macros until 5.19 (fallback: their number then). */
static bool has_flag(struct vr_obj obj, const char *member, const char *name, int fallback)
{
	uint64_t flags = vr_u64(obj, member);
	struct vr_scope scope;
	int64_t bit;

	vr_scope_enter(obj.prog, &scope);
	bit = vr_constant(obj.prog, name);
	if (vr_scope_leave(obj.prog, &scope) != VR_OK)
		bit = fallback;
	return bit >= 0 && bit < 64 && flags >> bit & 1;
}

static bool device_has(struct vr_obj rdev, const char *name)
{
	return has_flag(rdev, "flags", name, -1);
}

static bool recovery_has(struct vr_obj mddev, const char *name, int fallback)
{
	return has_flag(mddev, "recovery", name, fallback);
}

/* ---- What each personality says ---- */

/* The conf's devices: their number, the array of a type that has a struct md_rdev pointer. */
struct slots {
	const char *conf, *count, *array;
};

static void put_slots(struct vr_file *f, struct vr_obj mddev, const struct slots *slots)
{
	struct vr_obj conf = vr_at(mddev.prog, slots->conf, vr_u64(mddev, "private"));
	int64_t count = vr_s64(conf, slots->count);
	struct vr_obj array = vr_get(conf, slots->array);

	if (count < 0 || count > MAX_DISKS)
		vr_latch(mddev.prog, VR_CORRUPT, "an array of %" PRId64 " devices", count);
	vr_printf(f, " [%" PRId64 "/%" PRId64 "] [", count, count - vr_s64(mddev, "degraded"));
	for (int64_t i = 0; i < count && !vr_failed(mddev.prog); i++) {
		struct vr_obj slot = vr_index(array, (uint64_t)i);
		uint64_t rdev = vr_u64(slot, "rdev");
		bool up = rdev && device_has(vr_at(mddev.prog, "struct md_rdev", rdev), "In_sync");

		vr_puts(f, up ? "U" : "_");
	}
	vr_puts(f, "]");
}

static void put_raid0(struct vr_file *f, struct vr_obj mddev)
{
	vr_printf(f, " %" PRId64 "k chunks", vr_s64(mddev, "chunk_sectors") / 2);
}

static void put_linear(struct vr_file *f, struct vr_obj mddev)
{
	vr_printf(f, " %" PRId64 "k rounding", vr_s64(mddev, "chunk_sectors") / 2);
}

static void put_raid1(struct vr_file *f, struct vr_obj mddev)
{
	static const struct slots slots = {"struct r1conf", "raid_disks", "mirrors"};

	put_slots(f, mddev, &slots);
}

static void put_raid5(struct vr_file *f, struct vr_obj mddev)
{
	static const struct slots slots = {"struct r5conf", "raid_disks", "disks"};
	struct vr_obj conf = vr_at(mddev.prog, "struct r5conf", vr_u64(mddev, "private"));

	vr_printf(f, " level %" PRId64 ", %" PRId64 "k chunk, algorithm %" PRId64,
		  vr_s64(mddev, "level"), vr_s64(conf, "chunk_sectors") / 2,
		  vr_s64(mddev, "layout"));
	put_slots(f, mddev, &slots);
}

static void put_raid10(struct vr_file *f, struct vr_obj mddev)
{
	static const struct slots slots = {"struct r10conf", "geo.raid_disks", "mirrors"};
	struct vr_obj geo =
		vr_get(vr_at(mddev.prog, "struct r10conf", vr_u64(mddev, "private")), "geo");
	int64_t disks = vr_s64(geo, "raid_disks"), near = vr_s64(geo, "near_copies");
	int64_t far = vr_s64(geo, "far_copies"), set = vr_s64(geo, "far_set_size");

	if (near < disks)
		vr_printf(f, " %" PRId64 "K chunks", vr_s64(mddev, "chunk_sectors") / 2);
	if (near > 1)
		vr_printf(f, " %" PRId64 " near-copies", near);
	if (far > 1) {
		vr_printf(f, " %" PRId64 " %s-copies", far,
			  vr_u64(geo, "far_offset") ? "offset" : "far");
		if (set != disks)
			vr_printf(f, " %" PRId64 " devices per set", set);
	}
	put_slots(f, mddev, &slots);
}

static const struct {
	const char *status;
	void (*put)(struct vr_file *f, struct vr_obj mddev);
} personalities[] = {
	{"raid0_status", put_raid0}, {"linear_status", put_linear}, {"raid1_status", put_raid1},
	{"raid5_status", put_raid5}, {"raid10_status", put_raid10},
};

static void put_personality(struct vr_file *f, struct vr_obj mddev)
{
	char name[512];

	vr_function_name(mddev.prog, vr_u64(mddev, "pers->status"), name, sizeof(name));
	for (size_t i = 0; i < VR_ARRAY_SIZE(personalities); i++) {
		if (!strcmp(name, personalities[i].status)) {
			personalities[i].put(f, mddev);
			return;
		}
	}
	vr_latch(mddev.prog, VR_UNSUPPORTED, "an array whose state %s() tells", name);
}

/* ---- Resynchronisation: status_resync() ---- */

static const char *remote_work(struct vr_obj mddev)
{
	struct vr_list_walk w = vr_list_begin(vr_get(mddev, "disks"), "struct md_rdev", "same_set");

	while (vr_list_next(&w)) {
		uint64_t done = vr_u64(w.entry, "recovery_offset");

		if (vr_s64(w.entry, "raid_disk") >= 0 && !device_has(w.entry, "Faulty") && done &&
		    done != MAX_SECTOR)
			return "recover";
	}
	return vr_u64(mddev, "reshape_position") != MAX_SECTOR ? "reshape" : "resync";
}

/* Where it has got to; MD_RESYNC_ACTIVE and more: a number of sectors. */
static uint64_t resync_position(struct vr_obj mddev, uint64_t max)
{
	uint64_t at = vr_u64(mddev, "curr_resync");
	uint64_t active = (uint64_t)vr_s64(mddev, "recovery_active.counter");

	if (at < MD_RESYNC_ACTIVE)
		return recovery_has(mddev, "MD_RECOVERY_DONE", 4) ? max : at;
	if (at > max)
		return max;
	return at < active || at - active < MD_RESYNC_ACTIVE ? MD_RESYNC_ACTIVE : at - active;
}

static void put_speed(struct vr_file *f, struct vr_obj mddev, uint64_t left)
{
	unsigned hz = vr_hz(mddev.prog);
	uint64_t mark = vr_u64(mddev, "curr_mark_cnt"), blocks = 0, seconds, rest;
	uint64_t base = (uint64_t)vr_s64(mddev, "recovery_active.counter") +
			vr_u64(mddev, "resync_mark_cnt");

	if (!hz)
		return;
	seconds = (vr_jiffies(mddev.prog) - vr_u64(mddev, "resync_mark")) / hz;
	if (!seconds)
		seconds = 1;
	if (mark >= base)
		blocks = mark - base;
	rest = left / (blocks / 32 + 1) * seconds >> 5;
	vr_printf(f, " finish=%" PRIu64 ".%" PRIu64 "min", rest / 60, rest % 60 / 6);
	vr_printf(f, " speed=%" PRIu64 "K/sec", blocks / 2 / seconds);
}

static void put_progress(struct vr_file *f, struct vr_obj mddev, uint64_t at, uint64_t max)
{
	uint64_t permille = (at >> 10) * 1000 / ((max >> 10) + 1);

	vr_puts(f, "[");
	for (uint64_t i = 0; i < permille / 50; i++)
		vr_puts(f, "=");
	vr_puts(f, ">");
	for (uint64_t i = permille / 50; i < 20; i++)
		vr_puts(f, ".");
	vr_printf(f, "]  %s =%3" PRIu64 ".%" PRIu64 "%% (%" PRIu64 "/%" PRIu64 ")",
		  recovery_has(mddev, "MD_RECOVERY_RESHAPE", 8) ? "reshape"
		  : recovery_has(mddev, "MD_RECOVERY_CHECK", 7) ? "check"
		  : recovery_has(mddev, "MD_RECOVERY_SYNC", 1)  ? "resync"
								: "recovery",
		  permille / 10, permille % 10, at / 2, max / 2);
	put_speed(f, mddev, max - at);
}

/* False: there is nothing to say. */
static bool put_resync(struct vr_file *f, struct vr_obj mddev)
{
	bool whole = recovery_has(mddev, "MD_RECOVERY_SYNC", 1) ||
		     recovery_has(mddev, "MD_RECOVERY_RESHAPE", 8);
	uint64_t max = vr_u64(mddev, whole ? "resync_max_sectors" : "dev_sectors");
	uint64_t at = resync_position(mddev, max);

	if (at == MD_RESYNC_NONE) {
		if (recovery_has(mddev, "MD_RESYNCING_REMOTE", 12))
			vr_printf(f, "\t%s=REMOTE", remote_work(mddev));
		else if (vr_u64(mddev, "resync_offset|recovery_cp") < MAX_SECTOR)
			vr_puts(f, "\tresync=PENDING");
		else
			return false;
	} else if (at < MD_RESYNC_ACTIVE) {
		vr_puts(f, "\tresync=DELAYED");
	} else {
		put_progress(f, mddev, at, max);
	}
	return true;
}

/* ---- Bitmaps: md_bitmap_status() ---- */

static bool has_bitmap(struct vr_obj mddev)
{
	struct vr_obj bitmap;

	if (!vr_u64(mddev, "bitmap"))
		return false;
	/* Since 6.17 there are other kinds of them. */
	if (vr_has(mddev, "bitmap_ops->head.name")) {
		char name[64];

		vr_str(mddev, "bitmap_ops->head.name", name, sizeof(name));
		if (!strcmp(name, "none"))
			return false;
		if (strcmp(name, "bitmap"))
			vr_latch(mddev.prog, VR_UNSUPPORTED, "a bitmap of the kind \"%s\"", name);
	}
	bitmap = vr_at(mddev.prog, "struct bitmap", vr_u64(mddev, "bitmap"));
	/* Of one without a superblock kernels that have this function say nothing. */
	return (!vr_has_symbol(mddev.prog, "bitmap_get_stats") &&
		!vr_has_symbol(mddev.prog, "md_bitmap_get_stats")) ||
	       vr_u64(bitmap, "storage.sb_page");
}

static void put_bitmap(struct vr_file *f, struct vr_obj mddev)
{
	struct vr_obj bitmap = vr_at(mddev.prog, "struct bitmap", vr_u64(mddev, "bitmap"));
	uint64_t pages = vr_u64(bitmap, "counts.pages");
	uint64_t used = pages - vr_u64(bitmap, "counts.missing_pages");
	uint64_t chunk = vr_u64(mddev, "bitmap_info.chunksize");

	vr_printf(f, "bitmap: %" PRIu64 "/%" PRIu64 " pages [%" PRIu64 "KB], %" PRIu64 "%s chunk",
		  used, pages, used * PAGE_KB, chunk >> 10 ? chunk >> 10 : chunk,
		  chunk >> 10 ? "KB" : "B");
	if (vr_u64(bitmap, "storage.file")) {
		char path[VR_PATH_SIZE], escaped[VR_ESCAPED_SIZE(VR_PATH_SIZE)];
		struct vr_paths paths;

		vr_paths_begin(mddev.prog, &paths);
		vr_d_path(&paths, vr_path_get(vr_deref(bitmap, "storage.file"), "f_path"), path);
		vr_printf(f, ", file: %s", vr_seq_escape(path, " \t\n", escaped, sizeof(escaped)));
	}
	vr_puts(f, "\n");
}

/* ---- Arrays ---- */

/* " sda1[0](F)"; gives the sectors that it adds to those of an array that isn't started. */
static uint64_t put_device(struct vr_file *f, struct vr_obj rdev)
{
	char name[VR_DISK_NAME];

	vr_printf(f, " %s[%" PRId64 "]", vr_bdev_name(vr_deref(rdev, "bdev"), name),
		  vr_s64(rdev, "desc_nr"));
	if (device_has(rdev, "WriteMostly"))
		vr_puts(f, "(W)");
	if (device_has(rdev, "Journal"))
		vr_puts(f, "(J)");
	if (device_has(rdev, "Faulty")) {
		vr_puts(f, "(F)");
		return 0;
	}
	if (vr_s64(rdev, "raid_disk") < 0)
		vr_puts(f, "(S)");
	if (device_has(rdev, "Replacement"))
		vr_puts(f, "(R)");
	return vr_u64(rdev, "sectors");
}

static void put_devices(struct vr_file *f, struct vr_obj mddev, bool started)
{
	struct vr_list_walk w = vr_list_begin(vr_get(mddev, "disks"), "struct md_rdev", "same_set");
	uint64_t sectors = 0;
	bool any = false;

	while (vr_list_next(&w)) {
		sectors += put_device(f, w.entry);
		any = true;
	}
	if (any)
		vr_printf(f, "\n      %" PRIu64 " blocks",
			  (started ? vr_u64(mddev, "array_sectors") : sectors) / 2);
}

static void put_metadata(struct vr_file *f, struct vr_obj mddev)
{
	int64_t major = vr_s64(mddev, "major_version"), minor = vr_s64(mddev, "minor_version");
	char type[64];

	if (vr_s64(mddev, "persistent")) {
		if (major || minor != 90)
			vr_printf(f, " super %" PRId64 ".%" PRId64, major, minor);
	} else if (vr_s64(mddev, "external")) {
		vr_printf(f, " super external:%s",
			  vr_str(mddev, "metadata_type", type, sizeof(type)));
	} else {
		vr_puts(f, " super non-persistent");
	}
}

static void put_state(struct vr_file *f, struct vr_obj mddev, bool started)
{
	/* Some kernels say "broken", and it isn't told which, but for those with another member. */
	bool broken = started && has_flag(mddev, "flags", "MD_BROKEN", -1);
	int64_t ro = vr_s64(mddev, "ro");
	char name[64];

	if (broken && !vr_has(mddev, "resync_offset"))
		vr_latch(mddev.prog, VR_UNSUPPORTED, "what this kernel calls a broken array");
	vr_puts(f, !started ? "inactive" : broken ? "broken" : "active");
	if (!started)
		return;
	if (ro == MD_RDONLY)
		vr_puts(f, " (read-only)");
	if (ro == MD_AUTO_READ)
		vr_puts(f, " (auto-read-only)");
	vr_printf(f, " %s", vr_str(mddev, "pers->name|pers->head.name", name, sizeof(name)));
}

static bool has_devices(struct vr_obj mddev)
{
	struct vr_obj head = vr_get(mddev, "disks");

	return vr_u64(head, "next") != head.addr;
}

static void put_array(struct vr_file *f, struct vr_obj mddev)
{
	bool started = vr_u64(mddev, "pers");
	char name[VR_DISK_NAME] = "mdX";

	/* mddev_get() */
	if (has_flag(mddev, "flags", "MD_DELETED", -1) ||
	    (!started && !vr_s64(mddev, "raid_disks") && !has_devices(mddev)))
		return;
	if (vr_u64(mddev, "gendisk"))
		vr_str(mddev, "gendisk->disk_name", name, sizeof(name));
	vr_printf(f, "%s : ", name);
	put_state(f, mddev, started);
	put_devices(f, mddev, started);
	put_metadata(f, mddev);
	if (started) {
		put_personality(f, mddev);
		vr_puts(f, "\n      ");
		if (vr_u64(mddev, "pers->sync_request") && put_resync(f, mddev))
			vr_puts(f, "\n      ");
	} else {
		vr_puts(f, "\n       ");
	}
	if (has_bitmap(mddev))
		put_bitmap(f, mddev);
	vr_puts(f, "\n");
}

/* Modules for arrays: on a list until 6.14, then among others in a tree. */
static void put_personalities(struct vr_file *f, struct vr_program *prog)
{
	char name[64];

	vr_puts(f, "Personalities : ");
	if (vr_has_symbol(prog, "pers_list")) {
		struct vr_list_walk w = vr_list_begin(vr_kernel_global(prog, "pers_list"),
						      "struct md_personality", "list");

		while (vr_list_next(&w))
			vr_printf(f, "[%s] ", vr_str(w.entry, "name", name, sizeof(name)));
	} else {
		struct vr_xarray_walk w = vr_xarray_begin(vr_kernel_global(prog, "md_submodule"));
		int64_t wanted = vr_constant(prog, "MD_PERSONALITY");

		while (vr_xarray_next(&w)) {
			struct vr_obj head = vr_at(prog, "struct md_submodule_head", w.entry);

			if (vr_s64(head, "type") == wanted)
				vr_printf(f, "[%s] ", vr_str(head, "name", name, sizeof(name)));
		}
	}
	vr_puts(f, "\n");
}

static void put_unused(struct vr_file *f, struct vr_program *prog)
{
	struct vr_list_walk w = vr_list_begin(vr_kernel_global(prog, "pending_raid_disks"),
					      "struct md_rdev", "same_set");
	bool any = false;

	vr_puts(f, "unused devices: ");
	while (vr_list_next(&w)) {
		char name[VR_DISK_NAME];

		vr_printf(f, "%s ", vr_bdev_name(vr_deref(w.entry, "bdev"), name));
		any = true;
	}
	vr_puts(f, any ? "\n" : "<none>\n");
}

static void emit(struct vr_file *f, const struct vr_key *key)
{
	struct vr_list_walk w;

	put_personalities(f, key->prog);
	w = vr_list_begin(vr_kernel_global(key->prog, "all_mddevs"), "struct mddev", "all_mddevs");
	while (vr_list_next(&w)) {
		vr_row_begin(f);
		put_array(f, w.entry);
		vr_row_end(f);
	}
	put_unused(f, key->prog);
}

static bool exists(const struct vr_key *key)
{
	return vr_has_symbol(key->prog, "all_mddevs") && vr_proc_has_file(key->prog, "mdstat");
}

VR_EMITTER(.path = "proc/mdstat", .source = "all_mddevs, pers_list|md_submodule", .exists = exists,
	   .emit = emit)
