/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's own containers and tasks, for plugins.
 *
 *	struct vr_iter *it = vr_iter_list(vr_global(prog, "modules", "struct list_head"),
 *					  "struct module", "list");
 *	struct vr_obj mod;
 *
 *	while (vr_iter_next(it, &mod))
 *		...
 *	vr_iter_end(it);
 *
 * Every iterator is bounded and notices cycles. What could not be begun is latched in the current
 * scope (object.h); a walk that has to end early, or to leave something out, is recorded as by
 * vr_cut(): what it gave stands, and the file becomes partial. An iterator stops where a required
 * read fails in the current scope, so end rows before asking for the next entry.
 */
/* Elsewhere than in the program itself all headers come together (host.h says why). */
#ifndef VR_BUILTIN
#include <vmcore-report/plugin.h>
#endif

#ifndef VMCORE_REPORT_KERNEL_H
#define VMCORE_REPORT_KERNEL_H

#include <vmcore-report/object.h>

/** A walk under way. */
struct vr_iter;

/** Advance: true, and the entry in *entry; or false at the end. it may be NULL. */
VR_API bool vr_iter_next(struct vr_iter *it, struct vr_obj *entry);
/** Release an iterator, at its end or before. it may be NULL. */
VR_API void vr_iter_end(struct vr_iter *it);
/**
 * The current entry's place: its index in an xarray, maple tree (the first index of its range) or
 * IDR (its id), the CPU's number; of all others how many came before it.
 */
VR_API uint64_t vr_iter_index(const struct vr_iter *it);
/**
 * The current entry of an xarray, IDR or maple tree as it is stored. Values (xa_mk_value()) have
 * bit 0 set and are no pointers: their objects are not vr_ok().
 */
VR_API uint64_t vr_iter_value(const struct vr_iter *it);

/* ---- Containers. NULL: out of memory, latched; type is the entries', as vr_at() takes it. ---- */

/** Entries of a list: head is its struct list_head, which entries embed as member. */
VR_API struct vr_iter *vr_iter_list(struct vr_obj head, const char *type, const char *member);
/** The same for a struct hlist_head. */
VR_API struct vr_iter *vr_iter_hlist(struct vr_obj head, const char *type, const char *member);
/** Entries of a red-black tree in order: root is its struct rb_root. */
VR_API struct vr_iter *vr_iter_rbtree(struct vr_obj root, const char *type, const char *member);
/** Entries of a struct xarray (a struct radix_tree_root is the same). type may be NULL. */
VR_API struct vr_iter *vr_iter_xarray(struct vr_obj xarray, const char *type);
/** Entries of a struct idr. type may be NULL. */
VR_API struct vr_iter *vr_iter_idr(struct vr_obj idr, const char *type);
/** Entries of a struct maple_tree (Linux 6.1 and later). type may be NULL. */
VR_API struct vr_iter *vr_iter_maple(struct vr_obj tree, const char *type);
/** The entry at one index of an xarray as it is stored; 0 where there is none (or latched). */
VR_API uint64_t vr_xarray_load(struct vr_obj xarray, uint64_t index);

/* ---- Tasks ---- */

/** Every process, as the struct task_struct of its leader. Idle tasks are left out. */
VR_API struct vr_iter *vr_iter_processes(struct vr_program *prog);
/**
 * Every thread of every process. Where memory is missing those are given too that can't be reached
 * by the kernel's lists but by other ways, in this and in vr_iter_processes().
 */
VR_API struct vr_iter *vr_iter_threads(struct vr_program *prog);
/** The task with that thread id; !vr_ok() where there is none. */
VR_API struct vr_obj vr_find_task(struct vr_program *prog, int32_t pid);
/** The task that a CPU was running. */
VR_API struct vr_obj vr_cpu_current(struct vr_program *prog, unsigned cpu);
/** comm as the kernel has it: any bytes, at most 15 and a NUL. Returns buf. */
VR_API char *vr_task_comm(struct vr_obj task, char buf[16]);
/** The state letter of /proc/<pid>/stat and ps, one of R S D T t X Z P I. */
VR_API char vr_task_state(struct vr_obj task);
/** The CPU it runs on or ran on last. */
VR_API unsigned vr_task_cpu(struct vr_obj task);
/**
 * The task's call trace, in the kernel's own form: one frame a line, each beginning with a blank.
 * free() it. NULL: there is none to be had, latched. One that isn't complete says why in its last
 * line, and is recorded as cut.
 */
VR_API char *vr_task_stack_text(struct vr_obj task);

/* ---- CPUs and per-CPU memory ---- */

enum vr_cpus { VR_CPUS_POSSIBLE, VR_CPUS_PRESENT, VR_CPUS_ONLINE };

/**
 * Each such CPU's copy of a per-CPU variable: "runqueues", "struct rq". vr_iter_index() is the
 * CPU's number.
 */
VR_API struct vr_iter *vr_iter_per_cpu(struct vr_program *prog, enum vr_cpus which,
				       const char *symbol, const char *type);
/**
 * Each such CPU; the entries are no objects, vr_iter_index() is the number. For per-CPU memory that
 * was allocated give the value of its __percpu pointer to vr_per_cpu_addr().
 */
VR_API struct vr_iter *vr_iter_cpus(struct vr_program *prog, enum vr_cpus which);
/** Number of possible CPU ids (nr_cpu_ids); 0 and latched on failure. */
VR_API unsigned vr_nr_cpus(struct vr_program *prog);
/** A CPU's copy of a per-CPU variable. */
VR_API struct vr_obj vr_per_cpu(struct vr_program *prog, const char *symbol, const char *type,
				unsigned cpu);
/** The address of a CPU's copy of the per-CPU object at addr. */
VR_API uint64_t vr_per_cpu_addr(struct vr_program *prog, uint64_t addr, unsigned cpu);

/* ---- Modules ---- */

/** All modules, the last one loaded first. Entries: struct module. */
VR_API struct vr_iter *vr_iter_modules(struct vr_program *prog);
/** A module's name into buf, which has room for 64 bytes; returns buf. Latches. */
VR_API char *vr_module_name(struct vr_obj module, char *buf);

#endif
