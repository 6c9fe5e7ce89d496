// SPDX-License-Identifier: GPL-2.0-or-later
/* The iterators of vmcore-report/kernel.h: this folder's walks behind one opaque structure. */
#include <vmcore-report/kernel.h>

#include <stdlib.h>

#include "base/bits.h"
#include "base/strbuf.h"
#include "kernel/list.h"
#include "kernel/maple_tree.h"
#include "kernel/module.h"
#include "kernel/percpu.h"
#include "kernel/pid.h"
#include "kernel/rbtree.h"
#include "kernel/stack_text.h"
#include "kernel/task_set.h"
#include "kernel/xarray.h"

struct vr_iter {
	struct vr_program *prog;
	/* Advance, and set entry. */
	bool (*next)(struct vr_iter *it);
	struct vr_obj entry;
	uint64_t given; /* entries so far */
	uint64_t index, value;
	const struct vr_type *type; /* of what a stored pointer points to; NULL: nobody said */
	union {
		struct vr_list_walk list;
		struct vr_rbtree_walk rbtree;
		struct vr_xarray_walk xarray;
		struct vr_maple_walk maple;
		struct {
			const struct vr_task_set *set; /* the program's */
			size_t at;
			bool leaders;
		} tasks;
		struct {
			struct vr_cpumask mask;
			unsigned cpu;
			uint64_t addr; /* of the variable, as its symbol has it */
			bool plain;    /* no variable: just the numbers */
		} cpus;
	} u;
};

static struct vr_iter *begin(struct vr_program *prog, bool (*next)(struct vr_iter *it))
{
	struct vr_iter *it = calloc(1, sizeof(*it));

	if (!it) {
		vr_latch(prog, VR_NOMEM, "out of memory for an iterator");
		return NULL;
	}
	it->prog = prog;
	it->next = next;
	return it;
}

bool vr_iter_next(struct vr_iter *it, struct vr_obj *entry)
{
	if (!it || vr_failed(it->prog))
		return false;
	it->index = it->given;
	it->value = 0;
	if (!it->next(it))
		return false;
	it->given++;
	*entry = it->entry;
	return true;
}

uint64_t vr_iter_index(const struct vr_iter *it)
{
	return it ? it->index : 0;
}

uint64_t vr_iter_value(const struct vr_iter *it)
{
	return it ? it->value : 0;
}

/* ---- Containers whose entries embed a link ---- */

static bool next_listed(struct vr_iter *it)
{
	bool more = vr_list_next(&it->u.list);

	it->entry = it->u.list.entry;
	return more;
}

struct vr_iter *vr_iter_list(struct vr_obj head, const char *type, const char *member)
{
	struct vr_iter *it = begin(head.prog, next_listed);

	if (it)
		it->u.list = vr_list_begin(head, type, member);
	return it;
}

struct vr_iter *vr_iter_hlist(struct vr_obj head, const char *type, const char *member)
{
	struct vr_iter *it = begin(head.prog, next_listed);

	if (it)
		it->u.list = vr_hlist_begin(head, type, member);
	return it;
}

struct vr_iter *vr_iter_modules(struct vr_program *prog)
{
	struct vr_iter *it = begin(prog, next_listed);

	if (it)
		it->u.list = vr_module_walk(prog);
	return it;
}

static bool next_in_rbtree(struct vr_iter *it)
{
	bool more = vr_rbtree_next(&it->u.rbtree);

	it->entry = it->u.rbtree.entry;
	return more;
}

struct vr_iter *vr_iter_rbtree(struct vr_obj root, const char *type, const char *member)
{
	struct vr_iter *it = begin(root.prog, next_in_rbtree);

	if (it)
		it->u.rbtree = vr_rbtree_begin(root, type, member);
	return it;
}

/* ---- Containers of pointers and values ---- */

static struct vr_iter *begin_stored(struct vr_program *prog, const char *type,
				    bool (*next)(struct vr_iter *it))
{
	struct vr_iter *it = begin(prog, next);

	if (it && type)
		it->type = vr_at(prog, type, 0).type;
	return it;
}

static void set_stored(struct vr_iter *it, uint64_t index, uint64_t value)
{
	it->index = index;
	it->value = value;
	it->entry = (struct vr_obj){.prog = it->prog};
	if (vr_xa_is_value(value))
		return;
	it->entry.type = it->type;
	/* Pointers may carry two bits of their owner's (xa_tag_pointer()). */
	it->entry.addr = value & ~(uint64_t)3;
}

static bool next_in_xarray(struct vr_iter *it)
{
	if (!vr_xarray_next(&it->u.xarray))
		return false;
	set_stored(it, it->u.xarray.index, it->u.xarray.entry);
	return true;
}

struct vr_iter *vr_iter_xarray(struct vr_obj xarray, const char *type)
{
	struct vr_iter *it = begin_stored(xarray.prog, type, next_in_xarray);

	if (it)
		it->u.xarray = vr_xarray_begin(xarray);
	return it;
}

struct vr_iter *vr_iter_idr(struct vr_obj idr, const char *type)
{
	struct vr_iter *it = begin_stored(idr.prog, type, next_in_xarray);

	if (it)
		it->u.xarray = vr_idr_begin(idr);
	return it;
}

static bool next_in_maple(struct vr_iter *it)
{
	if (!vr_maple_next(&it->u.maple))
		return false;
	set_stored(it, it->u.maple.first, it->u.maple.entry);
	return true;
}

struct vr_iter *vr_iter_maple(struct vr_obj tree, const char *type)
{
	struct vr_iter *it = begin_stored(tree.prog, type, next_in_maple);

	if (it)
		vr_maple_begin(tree, &it->u.maple);
	return it;
}

/* ---- Tasks ---- */

/* One whose ids can't be read is a thread of who knows which process. */
static bool is_leader(struct vr_obj task)
{
	uint64_t pid, tgid;

	return vr_try_u64(task, "pid", &pid) == VR_OK && vr_try_u64(task, "tgid", &tgid) == VR_OK &&
	       pid == tgid;
}

static bool next_task(struct vr_iter *it)
{
	while (it->u.tasks.at < it->u.tasks.set->count) {
		it->entry = vr_task_set_at(it->u.tasks.set, it->u.tasks.at++);
		if (!it->u.tasks.leaders || is_leader(it->entry))
			return true;
	}
	return false;
}

static struct vr_iter *begin_tasks(struct vr_program *prog, bool leaders)
{
	struct vr_iter *it = begin(prog, next_task);
	char holes[240];

	if (!it)
		return NULL;
	it->u.tasks.leaders = leaders;
	it->u.tasks.set = vr_tasks(prog);
	if (!vr_failed(prog) && vr_task_set_holes(it->u.tasks.set, holes, sizeof(holes)))
		vr_cut(prog, VR_FAULT, "%s", holes);
	return it;
}

struct vr_iter *vr_iter_processes(struct vr_program *prog)
{
	return begin_tasks(prog, true);
}

struct vr_iter *vr_iter_threads(struct vr_program *prog)
{
	return begin_tasks(prog, false);
}

char *vr_task_stack_text(struct vr_obj task)
{
	struct vr_strbuf text = {0};
	struct vr_stack *stack;

	if (!vr_ok(task) || vr_failed(task.prog)) {
		vr_u64(task, "pid"); /* latches what is wrong with it */
		return NULL;
	}
	stack = calloc(1, sizeof(*stack));
	if (!stack) {
		vr_latch(task.prog, VR_NOMEM, "out of memory for a stack");
		return NULL;
	}
	vr_stack_of_task(task, stack);
	vr_strbuf_puts(&text, "");
	if (!stack->count && stack->error.kind != VR_OK) {
		vr_latch(task.prog, stack->error.kind, "the stack of the task at 0x%llx: %s",
			 (unsigned long long)task.addr, stack->error.text);
		text.failed = true;
	} else {
		vr_stack_print(&text, task.prog, stack);
		if (!stack->complete && stack->error.kind != VR_OK)
			vr_cut(task.prog, stack->error.kind, "the stack of the task at 0x%llx: %s",
			       (unsigned long long)task.addr, stack->error.text);
		if (text.failed)
			vr_latch(task.prog, VR_NOMEM, "out of memory for a stack");
	}
	free(stack);
	if (!text.failed)
		return text.data;
	vr_strbuf_free(&text);
	return NULL;
}

/* ---- CPUs ---- */

static bool next_cpu(struct vr_iter *it)
{
	unsigned cpu = vr_cpumask_next(&it->u.cpus.mask, it->u.cpus.cpu);

	if (cpu >= it->u.cpus.mask.nr)
		return false;
	it->u.cpus.cpu = cpu + 1;
	it->index = cpu;
	it->entry = (struct vr_obj){.prog = it->prog};
	if (it->u.cpus.plain)
		return true;
	it->entry.type = it->type;
	it->entry.addr = vr_per_cpu_addr(it->prog, it->u.cpus.addr, cpu);
	return !vr_failed(it->prog);
}

struct vr_iter *vr_iter_cpus(struct vr_program *prog, enum vr_cpus which)
{
	static const char *const masks[] = {
		[VR_CPUS_POSSIBLE] = "__cpu_possible_mask",
		[VR_CPUS_PRESENT] = "__cpu_present_mask",
		[VR_CPUS_ONLINE] = "__cpu_online_mask",
	};
	struct vr_iter *it = begin(prog, next_cpu);

	if (!it)
		return NULL;
	it->u.cpus.plain = true;
	if ((unsigned)which >= VR_ARRAY_SIZE(masks))
		vr_latch(prog, VR_UNSUPPORTED, "no such set of CPUs: %d", (int)which);
	else
		vr_cpumask_read(prog, masks[which], &it->u.cpus.mask);
	return it;
}

struct vr_iter *vr_iter_per_cpu(struct vr_program *prog, enum vr_cpus which, const char *symbol,
				const char *type)
{
	struct vr_iter *it = vr_iter_cpus(prog, which);

	if (!it)
		return NULL;
	it->u.cpus.plain = false;
	it->u.cpus.addr = vr_symbol(prog, symbol);
	it->type = vr_at(prog, type, 0).type;
	return it;
}

void vr_iter_end(struct vr_iter *it)
{
	if (!it)
		return;
	free(it);
}
