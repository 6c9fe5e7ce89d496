// SPDX-License-Identifier: GPL-2.0-or-later
/* proc/<pid>/ksm_merging_pages and ksm_stat (fs/proc/base.c, mm/ksm.c). */
#include "kernel/mm.h"
#include "kernel/vma.h"
#include "pid_emitter.h"

#define PAGE_SIZE 4096u
#define MMF_VM_MERGE_ANY 30
#define VM_MERGEABLE 0x80000000u

static bool has_merging_pages(const struct vr_key *key)
{
	return vr_key_has_entry(key, "ksm_merging_pages") &&
	       vr_has_member(key->prog, "struct mm_struct", "ksm_merging_pages");
}

static void emit_merging_pages(struct vr_file *f, const struct vr_key *key)
{
	struct vr_obj mm = vr_task_mm(key->obj);

	if (vr_ok(mm))
		vr_printf(f, "%" PRIu64 "\n", vr_u64(mm, "ksm_merging_pages"));
}

/* ksm_process_mergeable() */
static bool is_mergeable(struct vr_obj mm)
{
	struct vr_vma_walk w;

	vr_vma_begin(mm, &w);
	while (vr_vma_next(&w))
		if (w.vma.flags & VM_MERGEABLE)
			return true;
	return false;
}

static bool has_stat(const struct vr_key *key)
{
	return vr_key_has_entry(key, "ksm_stat") &&
	       vr_has_member(key->prog, "struct mm_struct", "ksm_rmap_items");
}

static void emit_stat(struct vr_file *f, const struct vr_key *key)
{
	struct vr_obj mm = vr_task_mm(key->obj);
	uint64_t items, zero, merging;

	if (!vr_ok(mm))
		return;
	items = vr_u64(mm, "ksm_rmap_items");
	vr_printf(f, "ksm_rmap_items %" PRIu64 "\n", items);
	/* The rest came with the count of zero pages, in 6.6; the last two lines in 6.16. */
	if (!vr_has(mm, "ksm_zero_pages"))
		return;
	zero = vr_u64(mm, "ksm_zero_pages.counter|ksm_zero_pages");
	merging = vr_u64(mm, "ksm_merging_pages");
	vr_printf(f, "ksm_zero_pages %" PRId64 "\n", (int64_t)zero);
	vr_printf(f, "ksm_merging_pages %" PRIu64 "\n", merging);
	vr_printf(f, "ksm_process_profit %" PRId64 "\n",
		  (int64_t)((merging + zero) * PAGE_SIZE -
			    items * vr_sizeof(key->prog, "struct ksm_rmap_item")));
	if (!vr_has_symbol(key->prog, "ksm_process_mergeable"))
		return;
	vr_printf(f, "ksm_merge_any: %s\n", vr_mm_flags(mm) >> MMF_VM_MERGE_ANY & 1 ? "yes" : "no");
	vr_printf(f, "ksm_mergeable: %s\n", is_mergeable(mm) ? "yes" : "no");
}

VR_EMITTER(.path = "proc/{pid}/ksm_merging_pages", .source = "mm_struct.ksm_merging_pages",
	   .exists = has_merging_pages, .emit = emit_merging_pages)
VR_EMITTER(.path = "proc/{pid}/task/{tid}/ksm_merging_pages",
	   .source = "mm_struct.ksm_merging_pages", .exists = has_merging_pages,
	   .emit = emit_merging_pages)
VR_EMITTER(.path = "proc/{pid}/ksm_stat", .source = "mm_struct.ksm_rmap_items", .exists = has_stat,
	   .emit = emit_stat)
VR_EMITTER(.path = "proc/{pid}/task/{tid}/ksm_stat", .source = "mm_struct.ksm_rmap_items",
	   .exists = has_stat, .emit = emit_stat)
