// SPDX-License-Identifier: GPL-2.0-or-later
/* proc/swaps: where memory is swapped to (swap_show() in mm/swapfile.c). */
#include <inttypes.h>
#include <string.h>

#include "base/bits.h"
#include "kernel/globals.h"
#include "kernel/path.h"
#include "plugin/emitter.h"

/* include/linux/swap.h: MAX_SWAPFILES is less, by as much as the configuration says. */
#define MAX_SWAPFILES 32
#define SWP_USED 1u
/* mm/swapfile.c since 6.13: set in inuse_pages while the area isn't for use. */
#define SWAP_USAGE_OFFLIST_BIT (1ull << 30)
/* include/uapi/linux/stat.h */
#define S_IFMT 0170000u
#define S_IFBLK 0060000u

static bool has_swap(const struct vr_key *key)
{
	uint64_t addr;

	return vr_try_symbol(key->prog, "swap_info", &addr) != VR_ABSENT;
}

/* In use is what swap_start() takes for that. */
static bool is_used(struct vr_obj area)
{
	return (vr_u64(area, "flags") & SWP_USED) && vr_u64(area, "swap_map|cluster_info");
}

/* swap_usage_in_pages() */
static uint64_t used_pages(struct vr_obj area)
{
	if (vr_has(area, "inuse_pages.counter"))
		return vr_u64(area, "inuse_pages.counter") & ~SWAP_USAGE_OFFLIST_BIT;
	return vr_u64(area, "inuse_pages");
}

static void put_area(struct vr_file *f, const struct vr_paths *paths, struct vr_obj area)
{
	struct vr_obj file = vr_deref(area, "swap_file");
	uint64_t size = vr_u64(area, "pages") * 4;
	uint64_t used = used_pages(area) * 4;
	bool is_device = (vr_u64(file, "f_inode->i_mode") & S_IFMT) == S_IFBLK;
	char buf[VR_PATH_SIZE], name[VR_ESCAPED_SIZE(VR_PATH_SIZE)];
	const char *path = vr_d_path(paths, vr_path_get(file, "f_path"), buf);
	int len = (int)strlen(vr_seq_escape(path, VR_SEQ_PATH, name, sizeof(name)));

	vr_printf(f, "%s%*s%s\t%" PRIu64 "\t%s%" PRIu64 "\t%s%" PRId64 "\n", name,
		  len < 40 ? 40 - len : 1, " ", is_device ? "partition" : "file\t", size,
		  size < 10000000 ? "\t" : "", used, used < 10000000 ? "\t" : "",
		  vr_s64(area, "prio"));
}

static void emit(struct vr_file *f, const struct vr_key *key)
{
	struct vr_obj slot = vr_kernel_global(key->prog, "swap_info");
	uint64_t count = vr_u64(vr_kernel_global(key->prog, "nr_swapfiles"), "");
	struct vr_paths paths;

	vr_paths_begin(key->prog, &paths);
	vr_puts(f, "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n");
	if (count > MAX_SWAPFILES)
		vr_latch(key->prog, VR_CORRUPT, "%llu areas of swap", (unsigned long long)count);
	for (uint64_t i = 0; i < count && !vr_failed(key->prog); i++, slot.addr += 8) {
		struct vr_obj area;

		vr_row_begin(f);
		area = vr_deref(slot, "");
		if (is_used(area))
			put_area(f, &paths, area);
		vr_row_end(f);
	}
}

VR_EMITTER(.path = "proc/swaps", .source = "swap_info", .exists = has_swap, .emit = emit)
