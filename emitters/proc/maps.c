// SPDX-License-Identifier: GPL-2.0-or-later
/* proc/<pid>/maps: the areas of a process's address space (show_map_vma() in fs/proc/task_mmu.c). */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "kernel/mm.h"
#include "kernel/vma.h"
#include "plugin/emitter.h"

/* ANON_VMA_NAME_MAX_LEN, the NUL included. */
#define MAX_ANON_NAME 80

/* What the areas of one process are named by. */
struct process {
	struct vr_program *prog;
	struct vr_paths paths;
	uint64_t brk, start_brk, start_stack;
	bool strict;
};

/*
 * vma_is_initial_heap(): since 6.6 an area that only borders on an empty heap
 * isn't it. Counting a process's zero pages came with the same release.
 */
static bool is_heap(const struct process *p, const struct vr_vma *vma)
{
	if (p->strict)
		return vma->start < p->brk && vma->end > p->start_brk;
	return vma->start <= p->brk && vma->end >= p->start_brk;
}

/* A name that the area's owner gives: vm_operations_struct.name(). "" where it gives none. */
static const char *special_name(const struct process *p, const struct vr_vma *vma,
				char buf[VR_PATH_SIZE])
{
	uint64_t function = 0;
	char symbol[128];

	if (vma->ops)
		function = vr_u64(vr_at(p->prog, "struct vm_operations_struct", vma->ops), "name");
	if (!function)
		return "";
	vr_function_name(p->prog, function, symbol, sizeof(symbol));
	if (!strcmp(symbol, "special_mapping_name"))
		return vr_str(vr_at(p->prog, "struct vm_special_mapping", vma->private_data),
			      "name", buf, VR_PATH_SIZE);
	if (!strcmp(symbol, "gate_vma_name"))
		return "[vsyscall]";
	vr_cut(p->prog, VR_UNSUPPORTED, "an area that is named by %s()", symbol);
	return "";
}

static const char *anon_name(const struct process *p, const struct vr_vma *vma, const char *kind,
			     char buf[VR_PATH_SIZE])
{
	uint64_t offset = vr_offsetof(p->prog, "struct anon_vma_name", "name");
	struct vr_obj text = vr_at(p->prog, "char [80]", vma->anon_name + offset);
	char name[MAX_ANON_NAME];

	snprintf(buf, VR_PATH_SIZE, "[%s:%s]", kind, vr_str(text, "", name, sizeof(name)));
	return buf;
}

/* get_vma_name() */
static const char *area_name(const struct process *p, const struct vr_vma *vma,
			     const struct vr_vma_file *file, char buf[VR_PATH_SIZE])
{
	const char *name;

	if (vma->file && vma->anon_name)
		return anon_name(p, vma, "anon_shmem", buf);
	if (vma->file)
		return vr_d_path(&p->paths, file->path, buf);
	name = special_name(p, vma, buf);
	if (*name)
		return name;
	if (!vma->mm)
		return "[vdso]";
	if (is_heap(p, vma))
		return "[heap]";
	if (vma->start <= p->start_stack && vma->end >= p->start_stack)
		return "[stack]";
	return vma->anon_name ? anon_name(p, vma, "anon", buf) : "";
}

static void put_area(struct vr_file *f, const struct process *p, const struct vr_vma *vma)
{
	char head[160], buf[VR_PATH_SIZE], escaped[VR_ESCAPED_SIZE(VR_PATH_SIZE)];
	struct vr_vma_file file = {.inode = {.prog = p->prog}};
	uint64_t dev = 0, ino = 0;
	const char *name;

	if (vma->file) {
		file = vr_vma_file(p->prog, vma);
		dev = vr_u64(file.inode, "i_sb->s_dev");
		ino = vr_u64(file.inode, "i_ino");
	}
	snprintf(head, sizeof(head),
		 "%08" PRIx64 "-%08" PRIx64 " %c%c%c%c %08" PRIx64 " %02" PRIx64 ":%02" PRIx64
		 " %" PRIu64 " ",
		 vma->start, vma->end, vma->flags & VR_VM_READ ? 'r' : '-',
		 vma->flags & VR_VM_WRITE ? 'w' : '-', vma->flags & VR_VM_EXEC ? 'x' : '-',
		 vma->flags & VR_VM_MAYSHARE ? 's' : 'p', vma->file ? vma->pgoff << 12 : 0,
		 dev >> 20, dev & 0xfffff, ino);
	name = area_name(p, vma, &file, buf);
	if (*name)
		vr_printf(f, "%-72s %s\n", head,
			  vr_seq_escape(name, "\n", escaped, sizeof(escaped)));
	else
		vr_printf(f, "%s\n", head);
}

static void emit(struct vr_file *f, const struct vr_key *key)
{
	struct process p = {.prog = key->prog};
	struct vr_obj mm = vr_task_mm(key->obj);
	struct vr_vma_walk w;

	/* A kernel thread's file is empty. */
	if (!vr_ok(mm))
		return;
	p.brk = vr_u64(mm, "brk");
	p.start_brk = vr_u64(mm, "start_brk");
	p.start_stack = vr_u64(mm, "start_stack");
	p.strict = vr_has(mm, "ksm_zero_pages");
	vr_paths_begin(key->prog, &p.paths);
	vr_vma_begin(mm, &w);
	while (vr_vma_next(&w)) {
		vr_row_begin(f);
		put_area(f, &p, &w.vma);
		vr_row_end(f);
	}
	if (vr_vma_gate(&w, mm))
		put_area(f, &p, &w.vma);
}

VR_EMITTER(.path = "proc/{pid}/maps", .source = "mm_struct, vm_area_struct", .emit = emit)
