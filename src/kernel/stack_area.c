// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/stack_area.h"

#include "base/bits.h"
#include "kernel/percpu.h"

#define PAGE 4096ull
/* The upper half of the address space, whether paging has 4 levels or 5. */
#define KERNEL_START 0xff00000000000000ull

static const struct {
	enum vr_stack_kind kind;
	const char *member; /* of struct cea_exception_stacks */
	const char *name;   /* as the kernel prints it */
} exception_stacks[] = {
	{VR_STACK_DF, "DF_stack", "#DF"}, {VR_STACK_NMI, "NMI_stack", "NMI"},
	{VR_STACK_DB, "DB_stack", "#DB"}, {VR_STACK_MCE, "MCE_stack", "#MC"},
	{VR_STACK_VC, "VC_stack", "#VC"}, {VR_STACK_VC2, "VC2_stack", "#VC2"},
};

const char *vr_stack_kind_name(enum vr_stack_kind kind)
{
	size_t i;

	switch (kind) {
	case VR_STACK_TASK:
		return "TASK";
	case VR_STACK_IRQ:
		return "IRQ";
	case VR_STACK_ENTRY:
		return "ENTRY_TRAMPOLINE";
	default:
		break;
	}
	for (i = 0; i < VR_ARRAY_SIZE(exception_stacks); i++) {
		if (exception_stacks[i].kind == kind)
			return exception_stacks[i].name;
	}
	return "";
}

/* 16 KiB, doubled or more by sanitizers; always a power of two. */
static uint64_t sane_size(uint64_t size, uint64_t otherwise)
{
	return size >= PAGE && size <= 64 * PAGE && !(size & (size - 1)) ? size : otherwise;
}

uint64_t vr_thread_size(struct vr_program *prog)
{
	uint64_t start, end;

	/* Types don't tell it, but the linker script gives the first task's stack just that room.
	 */
	if (!vr_try_symbol(prog, "__start_init_stack|__start_init_task|init_stack", &start) &&
	    !vr_try_symbol(prog, "__end_init_stack|__end_init_task", &end))
		return sane_size(end - start, 4 * PAGE);
	return 4 * PAGE;
}

static uint64_t irq_stack_size(struct vr_program *prog)
{
	const struct vr_type *type = vr_type_find(prog, "struct irq_stack");

	return sane_size(type ? vr_type_size(type) : 0, 4 * PAGE);
}

struct vr_stack_area vr_task_stack_area(struct vr_obj task)
{
	struct vr_stack_area area = {0};
	uint64_t start, end;

	if (vr_ok(task) && !vr_try_u64(task, "stack", &start) && start >= KERNEL_START &&
	    !__builtin_add_overflow(start, vr_thread_size(task.prog), &end))
		area = (struct vr_stack_area){VR_STACK_TASK, start, end};
	return area;
}

static bool holds(const struct vr_stack_area *area, uint64_t addr)
{
	return addr >= area->start && addr < area->end;
}

static bool set_area(struct vr_stack_area *area, enum vr_stack_kind kind, uint64_t start,
		     uint64_t size)
{
	*area = (struct vr_stack_area){kind, start, start + size};
	return start >= KERNEL_START && size && area->end > start;
}

/* A per-CPU pointer that is a variable of its own. */
static bool per_cpu_pointer(struct vr_program *prog, const char *symbol, unsigned cpu,
			    uint64_t *value)
{
	uint64_t addr;

	return !vr_try_symbol(prog, symbol, &addr) &&
	       !vr_read(prog, vr_per_cpu_addr(prog, addr, cpu), value, sizeof(*value), NULL) &&
	       *value;
}

/* The pointer moved into struct pcpu_hot in 6.2 and out again in 6.15. */
static bool irq_stack(struct vr_program *prog, unsigned cpu, struct vr_stack_area *area)
{
	uint64_t size = irq_stack_size(prog);
	uint64_t top = 0;

	if (vr_has_symbol(prog, "pcpu_hot"))
		vr_try_u64(vr_per_cpu(prog, "pcpu_hot", "struct pcpu_hot", cpu),
			   "hardirq_stack_ptr", &top);
	if (!top && !per_cpu_pointer(prog, "hardirq_stack_ptr", cpu, &top))
		return false;
	/* Since 5.12 it points at the topmost word (951c2a51ae75), before that behind it. */
	if (top < KERNEL_START || top > -PAGE)
		return false;
	top = (top + PAGE - 1) & -PAGE;
	return set_area(area, VR_STACK_IRQ, top - size, size);
}

static bool exception_stack(struct vr_program *prog, unsigned cpu, uint64_t addr,
			    struct vr_stack_area *area)
{
	struct vr_obj stacks, stack;
	uint64_t at;
	size_t i;

	if (!per_cpu_pointer(prog, "cea_exception_stacks", cpu, &at))
		return false;
	stacks = vr_at(prog, "struct cea_exception_stacks", at);
	if (!vr_ok(stacks) || addr < at || addr - at >= vr_type_size(stacks.type))
		return false;
	for (i = 0; i < VR_ARRAY_SIZE(exception_stacks); i++) {
		if (vr_try_get(stacks, exception_stacks[i].member, &stack))
			continue;
		if (set_area(area, exception_stacks[i].kind, stack.addr,
			     vr_type_size(stack.type)) &&
		    holds(area, addr))
			return true;
	}
	return false;
}

static bool entry_stack(struct vr_program *prog, unsigned cpu, struct vr_stack_area *area)
{
	struct vr_obj stack;
	uint64_t at;

	return per_cpu_pointer(prog, "cpu_entry_area", cpu, &at) &&
	       !vr_try_get(vr_at(prog, "struct cpu_entry_area", at), "entry_stack_page", &stack) &&
	       set_area(area, VR_STACK_ENTRY, stack.addr, vr_type_size(stack.type));
}

static bool cpu_area(struct vr_program *prog, unsigned cpu, uint64_t addr,
		     struct vr_stack_area *area)
{
	return (irq_stack(prog, cpu, area) && holds(area, addr)) ||
	       exception_stack(prog, cpu, addr, area) ||
	       (entry_stack(prog, cpu, area) && holds(area, addr));
}

static bool find_cpu_area(struct vr_stack_areas *areas, uint64_t addr, struct vr_stack_area *area)
{
	struct vr_scope scope;
	unsigned cpu, nr;
	bool found = false;

	vr_scope_enter(areas->prog, &scope);
	cpu = areas->has_cpu ? areas->cpu : 0;
	nr = areas->has_cpu ? areas->cpu + 1 : vr_nr_cpus(areas->prog);
	for (; cpu < nr && !found && !vr_failed(areas->prog); cpu++)
		found = cpu_area(areas->prog, cpu, addr, area);
	vr_scope_leave(areas->prog, &scope);
	return found;
}

bool vr_stack_area_find(struct vr_stack_areas *areas, uint64_t addr, struct vr_stack_area *area)
{
	uint64_t size;

	if (holds(&areas->task, addr)) {
		*area = areas->task;
		return true;
	}
	if (addr < KERNEL_START)
		return false;
	if (find_cpu_area(areas, addr, area))
		return true;
	if (areas->task.start)
		return false;
	/* Whose stack it is isn't known; but task stacks are aligned to their size. */
	size = vr_thread_size(areas->prog);
	if (!set_area(&areas->task, VR_STACK_TASK, addr & -size, size))
		return false;
	*area = areas->task;
	return true;
}
