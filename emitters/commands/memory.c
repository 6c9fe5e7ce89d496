// SPDX-License-Identifier: GPL-2.0-or-later
/* free and free -m of procps 4, of the figures of proc/meminfo. */
#include <inttypes.h>

#include "kernel/globals.h"
#include "kernel/memory_use.h"
#include "kernel/swap.h"
#include "kernel/vmstat.h"
#include "plugin/emitter.h"

#define PAGE_KB 4

/* Pages as kB, or as MiB of which free drops the rest. */
static void put(struct vr_file *f, uint64_t pages, bool mib)
{
	uint64_t kb = pages * PAGE_KB;

	vr_printf(f, " %11" PRIu64, mib ? kb / 1024 : kb);
}

static void put_memory(struct vr_file *f, struct vr_program *prog, bool mib)
{
	uint64_t total = vr_u64(vr_kernel_global(prog, "_totalram_pages"), "counter");
	uint64_t free = vr_zone_stat(prog, "NR_FREE_PAGES");
	uint64_t available = vr_memory_available(prog);
	uint64_t buffers = vr_memory_buffers(prog);

	if (available > total)
		available = free;
	vr_puts(f, "Mem:    ");
	put(f, total, mib);
	put(f, total - available, mib);
	put(f, free, mib);
	put(f, vr_node_stat(prog, "NR_SHMEM"), mib);
	put(f, buffers + vr_memory_cached(prog, buffers) + vr_memory_reclaimable(prog), mib);
	put(f, available, mib);
	vr_puts(f, "\n");
}

static void put_swap(struct vr_file *f, struct vr_program *prog, bool mib)
{
	uint64_t total, free;

	vr_swap_totals(prog, &total, &free);
	vr_puts(f, "Swap:   ");
	put(f, total, mib);
	put(f, total - free, mib);
	put(f, free, mib);
	vr_puts(f, "\n");
}

static void emit_free(struct vr_file *f, struct vr_program *prog, bool mib)
{
	vr_puts(f, "               total        used        free      shared  buff/cache   "
		   "available\n");
	put_memory(f, prog, mib);
	put_swap(f, prog, mib);
}

static void emit_kb(struct vr_file *f, const struct vr_key *key)
{
	emit_free(f, key->prog, false);
}

static void emit_mib(struct vr_file *f, const struct vr_key *key)
{
	emit_free(f, key->prog, true);
}

#define SOURCE "vm_zone_stat, vm_node_stat, swap_info"

VR_EMITTER(.path = "sos_commands/memory/free", .source = SOURCE, .emit = emit_kb)
VR_EMITTER(.path = "sos_commands/memory/free_-m", .source = SOURCE, .emit = emit_mib)
