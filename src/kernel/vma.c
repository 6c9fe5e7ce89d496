// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/vma.h"

#include "base/bits.h"
#include "kernel/globals.h"

/* arch/x86/include/asm/vsyscall.h, mmu.h */
#define VSYSCALL_NONE 2
#define MM_CONTEXT_HAS_VSYSCALL 1

static const struct vr_view_field fields[] = {
	VR_VIEW_FIELD(struct vr_vma, start, "vm_start"),
	VR_VIEW_FIELD(struct vr_vma, end, "vm_end"),
	VR_VIEW_FIELD(struct vr_vma, flags, "vm_flags"),
	VR_VIEW_FIELD(struct vr_vma, pgoff, "vm_pgoff"),
	VR_VIEW_FIELD(struct vr_vma, mm, "vm_mm"),
	VR_VIEW_FIELD(struct vr_vma, file, "vm_file"),
	VR_VIEW_FIELD(struct vr_vma, ops, "vm_ops"),
	VR_VIEW_FIELD(struct vr_vma, private_data, "vm_private_data"),
	{"anon_name", offsetof(struct vr_vma, anon_name), 8, true}, /* since 5.17 */
	{"vm_next", offsetof(struct vr_vma, next), 8, true},
};

/*
 * The name of anonymous memory shared a union with what only mapped files have, until those could
 * have such names too (6.2, commit d09e8ca6cb93).
 */
static bool is_name_in_union(struct vr_program *prog)
{
	uint64_t name, file;
	const struct vr_type *type = vr_type_find(prog, "struct vm_area_struct");

	return vr_type_offsetof(type, "anon_name", &name) == VR_OK &&
	       vr_type_offsetof(type, "shared", &file) == VR_OK && name == file;
}

void vr_vma_begin(struct vr_obj mm, struct vr_vma_walk *w)
{
	*w = (struct vr_vma_walk){
		.prog = mm.prog,
		.view = vr_view_bind(mm.prog, "struct vm_area_struct", fields,
				     VR_ARRAY_SIZE(fields)),
		.tree = vr_has(mm, "mm_mt"), /* since 6.1 */
		.name_in_union = is_name_in_union(mm.prog),
	};
	if (w->tree)
		vr_maple_begin(vr_get(mm, "mm_mt"), &w->areas);
	else
		w->next = vr_u64(mm, "mmap");
}

static bool fill(struct vr_vma_walk *w, uint64_t addr)
{
	w->vma = (struct vr_vma){.addr = addr};
	if (!vr_view_fill(w->prog, w->view, addr, &w->vma))
		return false;
	if (w->name_in_union && w->vma.file)
		w->vma.anon_name = 0;
	return true;
}

/* As fill(), but what can't be read is a cut and not the caller's failure. */
static bool try_fill(struct vr_vma_walk *w, uint64_t addr)
{
	struct vr_scope scope;

	if (vr_failed(w->prog))
		return false;
	vr_scope_enter(w->prog, &scope);
	fill(w, addr);
	if (vr_scope_leave(w->prog, &scope) == VR_OK)
		return true;
	vr_cut(w->prog, scope.error.kind, "an area at 0x%llx: %s", (unsigned long long)addr,
	       scope.error.text);
	return false;
}

bool vr_vma_next(struct vr_vma_walk *w)
{
	uint64_t addr;

	if (w->tree) {
		while (vr_maple_next(&w->areas))
			if (try_fill(w, w->areas.entry))
				return true;
		return false;
	}
	addr = w->next;
	w->next = 0;
	if (!addr)
		return false;
	if (vr_cycle_seen(&w->cycle, addr) || w->cycle.count > VR_WALK_LIMIT) {
		vr_cut(w->prog, VR_CORRUPT, "areas in a circle at 0x%llx",
		       (unsigned long long)addr);
		return false;
	}
	if (!try_fill(w, addr))
		return false;
	w->next = w->vma.next;
	return true;
}

/* get_gate_vma() of arch/x86/entry/vsyscall/vsyscall_64.c. */
bool vr_vma_gate(struct vr_vma_walk *w, struct vr_obj mm)
{
	struct vr_obj gate;

	if (vr_try_kernel_global(w->prog, "gate_vma", &gate) != VR_OK ||
	    vr_u64(vr_kernel_global(w->prog, "vsyscall_mode"), "") == VSYSCALL_NONE)
		return false;
	/* By a flag since 5.11; before that all 64-bit processes had it. */
	if (vr_has(mm, "context.flags")
		    ? !(vr_u64(mm, "context.flags") & 1u << MM_CONTEXT_HAS_VSYSCALL)
		    : vr_has(mm, "context.ia32_compat") && vr_u64(mm, "context.ia32_compat"))
		return false;
	return fill(w, gate.addr);
}

/* FMODE_BACKING of include/linux/fs.h made room for another flag in 6.14, which also began to
 * remember a namespace's first mount. */
static uint64_t backing_flag(struct vr_program *prog)
{
	return vr_has_member(prog, "struct mnt_namespace", "mnt_first_node") ? 1u << 24 : 1u << 25;
}

/*
 * file_user_path() and file_user_inode(): a file of an overlay is mapped by way of the file below
 * it, which knows both since 6.7 (commit def3ae83da02).
 */
struct vr_vma_file vr_vma_file(struct vr_program *prog, const struct vr_vma *vma)
{
	struct vr_obj file = vr_at(prog, "struct file", vma->file);
	struct vr_vma_file out;

	if (vr_has_member(prog, "struct backing_file", "user_path") &&
	    vr_u64(file, "f_mode") & backing_flag(prog)) {
		struct vr_obj outer =
			vr_container_of(prog, vma->file, "struct backing_file", "file");

		out.path = vr_path_get(outer, "user_path");
		out.inode = vr_deref(vr_at(prog, "struct dentry", out.path.dentry), "d_inode");
		return out;
	}
	out.path = vr_path_get(file, "f_path");
	out.inode = vr_deref(file, "f_inode");
	return out;
}
