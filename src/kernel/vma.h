/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Areas of a process's address space (include/linux/mm_types.h). */
#ifndef KERNEL_VMA_H
#define KERNEL_VMA_H

#include "kernel/list.h"
#include "kernel/maple_tree.h"
#include "kernel/path.h"

/** A struct vm_area_struct. */
struct vr_vma {
	uint64_t addr; /* of the structure */
	uint64_t start, end, flags, pgoff;
	uint64_t mm, file, ops, private_data;
	uint64_t anon_name; /* struct anon_vma_name, 0 where it has none */
	uint64_t next;      /* private; until 6.0 */
};

/* vma->vm_flags: include/linux/mm.h; macros, the same in all kernels. */
#define VR_VM_READ 0x1u
#define VR_VM_WRITE 0x2u
#define VR_VM_EXEC 0x4u
#define VR_VM_SHARED 0x8u
#define VR_VM_MAYSHARE 0x80u

/** A walk over the areas of a struct mm_struct in order of their addresses; bounded. */
struct vr_vma_walk {
	struct vr_vma vma; /* the current one */
	/* private */
	struct vr_program *prog;
	const struct vr_view *view;
	bool tree, name_in_union;
	uint64_t next;
	struct vr_cycle_check cycle;
	struct vr_maple_walk areas;
};
/** The walk points into itself: pass its address on, don't copy it. */
void vr_vma_begin(struct vr_obj mm, struct vr_vma_walk *walk);
/** Advance; an area that can't be read ends a list (a cut) and is left out of a tree (likewise). */
bool vr_vma_next(struct vr_vma_walk *walk);

/** The page that all processes see behind their own areas, "[vsyscall]"; false: none (or latched). */
bool vr_vma_gate(struct vr_vma_walk *walk, struct vr_obj mm);

/** The file that an area maps, as its process knows it: its place and its struct inode. */
struct vr_vma_file {
	struct vr_path path;
	struct vr_obj inode;
};
/** Latches. vma->file must not be 0. */
struct vr_vma_file vr_vma_file(struct vr_program *prog, const struct vr_vma *vma);

#endif
