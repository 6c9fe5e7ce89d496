// SPDX-License-Identifier: GPL-2.0-or-later
/* proc/meminfo (meminfo_proc_show() in fs/proc/meminfo.c). */
#include <inttypes.h>
#include <string.h>

#include "base/bits.h"
#include "kernel/cpus.h"
#include "kernel/globals.h"
#include "kernel/hugetlb.h"
#include "kernel/list.h"
#include "kernel/memory_use.h"
#include "kernel/percpu_counter.h"
#include "kernel/swap.h"
#include "kernel/vmalloc.h"
#include "kernel/vmstat.h"
#include "kernel/whole.h"
#include "plugin/emitter.h"

#define PAGE_KB 4
#define HUGE_PAGES 512 /* HPAGE_PMD_NR */

static void print_kb(struct vr_file *f, const char *name, uint64_t kb)
{
	vr_printf(f, "%-16s%8" PRIu64 " kB\n", name, kb);
}

static void print_pages(struct vr_file *f, const char *name, uint64_t pages)
{
	print_kb(f, name, pages * PAGE_KB);
}

static uint64_t counter(struct vr_program *prog, const char *symbol)
{
	return vr_u64(vr_kernel_global(prog, symbol), "counter");
}

static uint64_t number(struct vr_program *prog, const char *symbol)
{
	return vr_u64(vr_kernel_global(prog, symbol), "");
}

/* A counter that later kernels don't have, and show as 0. */
static uint64_t zone_stat_or_none(struct vr_program *prog, const char *item)
{
	return vr_has_zone_stat(prog, item) ? vr_zone_stat(prog, item) : 0;
}

static uint64_t node_stat_or_none(struct vr_program *prog, const char *item)
{
	return vr_has_node_stat(prog, item) ? vr_node_stat(prog, item) : 0;
}

/* vm_commit_limit() in mm/util.c */
static uint64_t commit_limit(struct vr_program *prog)
{
	uint64_t kb = number(prog, "sysctl_overcommit_kbytes"), pages, huge = 0;
	struct vr_hugetlb hugetlb;

	if (vr_has_hugetlb(prog) && vr_hugetlb_read(prog, &hugetlb))
		huge = hugetlb.bytes / (PAGE_KB * 1024);
	if (kb)
		pages = kb / PAGE_KB;
	else
		pages = (counter(prog, "_totalram_pages") - huge) *
			number(prog, "sysctl_overcommit_ratio") / 100;
	return pages +
	       (vr_has_symbol(prog, "total_swap_pages") ? number(prog, "total_swap_pages") : 0);
}

/* vm_memory_committed() in mm/util.c */
static uint64_t committed(struct vr_program *prog)
{
	struct vr_cpumask online;
	int64_t pages;

	if (!vr_cpus_online(prog, &online))
		return 0;
	pages = vr_percpu_counter_sum(vr_kernel_global(prog, "vm_committed_as"), &online);
	return pages < 0 ? 0 : (uint64_t)pages;
}

/* A zswap pool's pages, by its allocator: zpool_get_total_pages() of mm/zpool.c, until 6.18. */
static uint64_t zswap_pool_pages(struct vr_obj pool)
{
	static const struct {
		const char *driver, *type, *path;
	} allocators[] = {
		{"zsmalloc", "struct zs_pool", "pages_allocated.counter"},
		{"zbud", "struct zbud_pool", "pages_nr"},
		{"z3fold", "struct z3fold_pool", "pages_nr.counter"},
	};
	char driver[16];

	if (vr_has(pool, "zs_pool"))
		return vr_u64(pool, "zs_pool->pages_allocated.counter");
	vr_str(pool, "zpool->driver->type", driver, sizeof(driver));
	for (size_t i = 0; i < VR_ARRAY_SIZE(allocators); i++)
		if (!strcmp(driver, allocators[i].driver))
			return vr_u64(
				vr_at(pool.prog, allocators[i].type, vr_u64(pool, "zpool->pool")),
				allocators[i].path);
	vr_latch(pool.prog, VR_UNSUPPORTED, "zswap's allocator is `%s`", driver);
	return 0;
}

static uint64_t zswap_kb(struct vr_program *prog)
{
	struct vr_list_walk w;
	struct vr_scope scope;
	uint64_t pages = 0;

	if (vr_has_symbol(prog, "zswap_pool_total_size"))
		return number(prog, "zswap_pool_total_size") / 1024;
	w = vr_list_begin(vr_kernel_global(prog, "zswap_pools"), "struct zswap_pool", "list");
	vr_scope_enter(prog, &scope);
	while (vr_list_next(&w))
		pages += zswap_pool_pages(w.entry);
	vr_scope_leave_whole(prog, &scope);
	return pages * PAGE_KB;
}

static void print_zswap(struct vr_file *f, struct vr_program *prog)
{
	int64_t unused;

	/* The lines came with the events, in 5.19. */
	if (vr_enum_value(prog, "enum vm_event_item", "ZSWPIN", &unused) != VR_OK)
		return;
	vr_row_begin(f);
	print_kb(f, "Zswap:", zswap_kb(prog));
	vr_row_end(f);
	print_pages(f, "Zswapped:", counter(prog, "zswap_stored_pages"));
}

static void print_lru(struct vr_file *f, struct vr_program *prog)
{
	uint64_t active_anon = vr_node_stat(prog, "NR_ACTIVE_ANON");
	uint64_t active_file = vr_node_stat(prog, "NR_ACTIVE_FILE");
	uint64_t inactive_anon = vr_node_stat(prog, "NR_INACTIVE_ANON");
	uint64_t inactive_file = vr_node_stat(prog, "NR_INACTIVE_FILE");

	print_pages(f, "Active:", active_anon + active_file);
	print_pages(f, "Inactive:", inactive_anon + inactive_file);
	print_pages(f, "Active(anon):", active_anon);
	print_pages(f, "Inactive(anon):", inactive_anon);
	print_pages(f, "Active(file):", active_file);
	print_pages(f, "Inactive(file):", inactive_file);
	print_pages(f, "Unevictable:", vr_node_stat(prog, "NR_UNEVICTABLE"));
	print_pages(f, "Mlocked:", vr_zone_stat(prog, "NR_MLOCK"));
}

/* What block devices have in the page cache is counted by their inodes, one of which may be missing. */
static void print_cache(struct vr_file *f, struct vr_program *prog)
{
	uint64_t blocks = vr_memory_buffers(prog);

	print_pages(f, "Buffers:", blocks);
	print_pages(f, "Cached:", vr_memory_cached(prog, blocks));
}

static void print_memory(struct vr_file *f, struct vr_program *prog)
{
	print_pages(f, "MemTotal:", counter(prog, "_totalram_pages"));
	print_pages(f, "MemFree:", vr_zone_stat(prog, "NR_FREE_PAGES"));
	print_pages(f, "MemAvailable:", vr_memory_available(prog));
	vr_row_begin(f);
	print_cache(f, prog);
	vr_row_end(f);
	print_pages(f, "SwapCached:", vr_memory_swap_cached(prog));
	print_lru(f, prog);
}

static void print_use(struct vr_file *f, struct vr_program *prog)
{
	uint64_t reclaimable = vr_memory_reclaimable(prog);
	uint64_t unreclaimable = vr_node_stat(prog, "NR_SLAB_UNRECLAIMABLE_B");
	uint64_t total, free;

	vr_swap_totals(prog, &total, &free);
	print_pages(f, "SwapTotal:", total);
	print_pages(f, "SwapFree:", free);
	print_zswap(f, prog);
	print_pages(f, "Dirty:", vr_node_stat(prog, "NR_FILE_DIRTY"));
	print_pages(f, "Writeback:", vr_node_stat(prog, "NR_WRITEBACK"));
	print_pages(f, "AnonPages:", vr_node_stat(prog, "NR_ANON_MAPPED"));
	print_pages(f, "Mapped:", vr_node_stat(prog, "NR_FILE_MAPPED"));
	print_pages(f, "Shmem:", vr_node_stat(prog, "NR_SHMEM"));
	print_pages(
		f, "KReclaimable:", reclaimable + vr_node_stat(prog, "NR_KERNEL_MISC_RECLAIMABLE"));
	print_pages(f, "Slab:", reclaimable + unreclaimable);
	print_pages(f, "SReclaimable:", reclaimable);
	print_pages(f, "SUnreclaim:", unreclaimable);
	print_kb(f, "KernelStack:", vr_node_stat(prog, "NR_KERNEL_STACK_KB"));
	if (vr_has_node_stat(prog, "NR_KERNEL_SCS_KB"))
		print_kb(f, "ShadowCallStack:", vr_node_stat(prog, "NR_KERNEL_SCS_KB"));
	/* A zone's counter until 5.11. */
	print_pages(f, "PageTables:",
		    vr_has_node_stat(prog, "NR_PAGETABLE") ? vr_node_stat(prog, "NR_PAGETABLE")
							   : vr_zone_stat(prog, "NR_PAGETABLE"));
	if (vr_has_node_stat(prog, "NR_SECONDARY_PAGETABLE"))
		print_pages(f, "SecPageTables:", vr_node_stat(prog, "NR_SECONDARY_PAGETABLE"));
	print_pages(f, "NFS_Unstable:", 0);
	print_pages(f, "Bounce:", zone_stat_or_none(prog, "NR_BOUNCE"));
	print_pages(f, "WritebackTmp:", node_stat_or_none(prog, "NR_WRITEBACK_TEMP"));
	print_pages(f, "CommitLimit:", commit_limit(prog));
	print_pages(f, "Committed_AS:", committed(prog));
}

static void print_vmalloc(struct vr_file *f, struct vr_program *prog)
{
	/* Its end is its last byte. */
	print_kb(f, "VmallocTotal:", (vr_vmalloc_size(prog) - 1) / 1024);
	print_pages(f, "VmallocUsed:",
		    vr_has_node_stat(prog, "NR_VMALLOC") ? vr_node_stat(prog, "NR_VMALLOC")
							 : counter(prog, "nr_vmalloc_pages"));
	print_pages(f, "VmallocChunk:", 0);
	print_pages(f,
		    "Percpu:", number(prog, "pcpu_nr_populated") * number(prog, "pcpu_nr_units"));
}

/* memtest_report_meminfo() of mm/memtest.c */
static void print_memtest(struct vr_file *f, struct vr_program *prog)
{
	uint64_t bytes;

	if (!vr_has_symbol(prog, "early_memtest_done") || !number(prog, "early_memtest_done"))
		return;
	bytes = number(prog, "early_memtest_bad_size");
	vr_printf(f, "EarlyMemtestBad:   %5" PRIu64 " kB\n",
		  bytes && bytes < 1024 ? 1 : bytes / 1024);
}

static void print_huge(struct vr_file *f, struct vr_program *prog)
{
	uint64_t unit = vr_thp_in_pages(prog) ? 1 : HUGE_PAGES;

	if (!vr_has_symbol(prog, "transparent_hugepage_flags"))
		return;
	print_pages(f, "AnonHugePages:", vr_node_stat(prog, "NR_ANON_THPS") * unit);
	print_pages(f, "ShmemHugePages:", vr_node_stat(prog, "NR_SHMEM_THPS") * unit);
	print_pages(f, "ShmemPmdMapped:", vr_node_stat(prog, "NR_SHMEM_PMDMAPPED") * unit);
	print_pages(f, "FileHugePages:", vr_node_stat(prog, "NR_FILE_THPS") * unit);
	print_pages(f, "FilePmdMapped:", vr_node_stat(prog, "NR_FILE_PMDMAPPED") * unit);
}

static void print_special(struct vr_file *f, struct vr_program *prog)
{
	int64_t unused;

	if (vr_has_symbol(prog, "num_poisoned_pages"))
		vr_printf(f, "HardwareCorrupted: %5" PRIu64 " kB\n",
			  counter(prog, "num_poisoned_pages") * PAGE_KB);
	print_huge(f, prog);
	/* There are such blocks with CONFIG_CMA only. */
	if (vr_enum_value(prog, "enum migratetype", "MIGRATE_CMA", &unused) == VR_OK) {
		print_pages(f, "CmaTotal:", number(prog, "totalcma_pages"));
		print_pages(f, "CmaFree:", vr_zone_stat(prog, "NR_FREE_CMA_PAGES"));
	}
	if (vr_has_zone_stat(prog, "NR_UNACCEPTED"))
		print_pages(f, "Unaccepted:", vr_zone_stat(prog, "NR_UNACCEPTED"));
	if (vr_has_node_stat(prog, "NR_BALLOON_PAGES"))
		print_pages(f, "Balloon:", vr_node_stat(prog, "NR_BALLOON_PAGES"));
	if (vr_has_node_stat(prog, "NR_GPU_ACTIVE"))
		print_pages(f, "GPUActive:", vr_node_stat(prog, "NR_GPU_ACTIVE"));
	if (vr_has_node_stat(prog, "NR_GPU_RECLAIM"))
		print_pages(f, "GPUReclaim:", vr_node_stat(prog, "NR_GPU_RECLAIM"));
}

/* hugetlb_report_meminfo() of mm/hugetlb.c */
static void print_hugetlb(struct vr_file *f, struct vr_program *prog)
{
	struct vr_hugetlb h;

	if (!vr_has_hugetlb(prog) || !vr_hugetlb_read(prog, &h))
		return;
	vr_printf(f, "HugePages_Total:   %5" PRIu64 "\n", h.standard.pages);
	vr_printf(f, "HugePages_Free:    %5" PRIu64 "\n", h.standard.free);
	vr_printf(f, "HugePages_Rsvd:    %5" PRIu64 "\n", h.standard.reserved);
	vr_printf(f, "HugePages_Surp:    %5" PRIu64 "\n", h.standard.surplus);
	print_kb(f, "Hugepagesize:", h.standard.page_size / 1024);
	print_kb(f, "Hugetlb:", h.bytes / 1024);
}

/* arch_report_meminfo() of arch/x86/mm/pat/set_memory.c */
static void print_direct_map(struct vr_file *f, struct vr_program *prog)
{
	struct vr_obj count = vr_kernel_global(prog, "direct_pages_count");
	uint64_t first = count.addr;

	count.addr = first + 8 * (uint64_t)vr_constant(prog, "PG_LEVEL_4K");
	print_kb(f, "DirectMap4k:", vr_u64(count, "") << 2);
	count.addr = first + 8 * (uint64_t)vr_constant(prog, "PG_LEVEL_2M");
	print_kb(f, "DirectMap2M:", vr_u64(count, "") << 11);
	count.addr = first + 8 * (uint64_t)vr_constant(prog, "PG_LEVEL_1G");
	if (number(prog, "direct_gbpages"))
		print_kb(f, "DirectMap1G:", vr_u64(count, "") << 20);
}

static void emit(struct vr_file *f, const struct vr_key *key)
{
	print_memory(f, key->prog);
	print_use(f, key->prog);
	print_vmalloc(f, key->prog);
	print_memtest(f, key->prog);
	print_special(f, key->prog);
	print_hugetlb(f, key->prog);
	print_direct_map(f, key->prog);
}

VR_EMITTER(.path = "proc/meminfo",
	   .source = "vm_zone_stat, vm_node_stat, hstates, swap_info, direct_pages_count",
	   .emit = emit)
