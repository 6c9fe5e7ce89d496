// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/globals.h"

#include <string.h>

#include "base/bits.h"
#include "kernel/percpu.h"

/*
 * Sorted by name. An array whose length depends on the configuration is given as its first element;
 * a comment says so. A release in a comment is the first with that line, or the first without it.
 */
static const struct vr_global_type types[] = {
	{"__cpu_online_mask", "struct cpumask"},
	{"__cpu_possible_mask", "struct cpumask"},
	{"__cpu_present_mask", "struct cpumask"},
	{"__per_cpu_offset", "unsigned long"},  /* [NR_CPUS] */
	{"btf_modules", "struct list_head"},    /* since 5.11, kernel/bpf/btf.c */
	{"cpu_number", "int", .per_cpu = true}, /* 6.2 to 6.14: in pcpu_hot */
	{"css_set_table", "struct hlist_head"}, /* [128], kernel/cgroup/cgroup.c */
	{"current_task", "struct task_struct *", .per_cpu = true}, /* 6.2 to 6.14: in pcpu_hot */
	/* Linked by their own member `next` before they were on a hash list (7.x). */
	{"file_systems", "struct hlist_head", .only_if = "struct file_system_type", .path = "list"},
	{"file_systems", "struct file_system_type *"},
	{"init_pid_ns", "struct pid_namespace"},
	{"init_task", "struct task_struct"},
	{"init_uts_ns", "struct uts_namespace"},
	{"irq_desc_tree", "struct xarray"}, /* until 6.5, kernel/irq/irqdesc.c: a radix tree */
	{"linux_banner", "char [512]"},     /* at most: ends with its NUL */
	{"modules", "struct list_head"},
	{"nr_cpu_ids", "unsigned int"},
	{"nr_threads", "int"},
	{"nr_vmap_nodes", "unsigned int"},                /* since 6.9, mm/vmalloc.c */
	{"pcpu_hot", "struct pcpu_hot", .per_cpu = true}, /* 6.2 to 6.14 */
	{"prb", "struct printk_ringbuffer *"},
	{"runqueues", "struct rq", .per_cpu = true},
	{"saved_command_line", "char *"},
	{"sparse_irqs", "struct maple_tree"}, /* since 6.5, kernel/irq/irqdesc.c */
	{"super_blocks", "struct list_head"},
	{"taint_flags", "struct taint_flag"}, /* [TAINT_FLAGS_COUNT] */
	{"tainted_mask", "unsigned long"},
	{"timekeeper_data", "struct tk_data"}, /* 7.x: an array, the first is what was tk_core */
	/* Until 6.13 the type had no name: see timekeeping.c. */
	{"tk_core", "struct tk_data", .only_if = "struct tk_data"},
	{"vmap_area_list", "struct list_head"}, /* until 6.9 */
	{"vmap_area_root", "struct rb_root"},   /* until 6.9 */
	{"vmap_nodes", "struct vmap_node *"},   /* since 6.9: an array of nr_vmap_nodes */
};

const struct vr_global_type *vr_global_types(size_t *count)
{
	*count = VR_ARRAY_SIZE(types);
	return types;
}

static bool holds(struct vr_program *prog, const struct vr_global_type *line)
{
	if (!line->only_if)
		return true;
	return line->path ? vr_has_member(prog, line->only_if, line->path)
			  : vr_type_find(prog, line->only_if) != NULL;
}

const struct vr_global_type *vr_global_type_find(struct vr_program *prog, const char *symbol)
{
	size_t low = 0, high = VR_ARRAY_SIZE(types);

	/* The first line of that name. */
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (strcmp(types[mid].symbol, symbol) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	for (; low < VR_ARRAY_SIZE(types) && !strcmp(types[low].symbol, symbol); low++)
		if (holds(prog, &types[low]))
			return &types[low];
	return NULL;
}

/* The first alternative that the kernel has, with its line of the table. */
static enum vr_err find(struct vr_program *prog, const char *names, uint64_t *addr,
			const struct vr_global_type **line, struct vr_error *err)
{
	for (const char *p = names; *p;) {
		const char *end = strchrnul(p, '|');
		char name[128];
		enum vr_err r;

		if ((size_t)(end - p) >= sizeof(name))
			break;
		memcpy(name, p, (size_t)(end - p));
		name[end - p] = '\0';
		r = vr_try_symbol(prog, name, addr);
		if (r == VR_OK) {
			*line = vr_global_type_find(prog, name);
			return *line ? VR_OK
				     : vr_error_set(err, VR_ABSENT,
						    "nothing says of which type `%s` is", name);
		}
		p = *end ? end + 1 : end;
	}
	return vr_error_set(err, VR_ABSENT, "no symbol `%s`", names);
}

struct vr_obj vr_kernel_global(struct vr_program *prog, const char *symbol)
{
	const struct vr_global_type *line;
	struct vr_error err;
	uint64_t addr;

	if (vr_failed(prog))
		return (struct vr_obj){.prog = prog};
	if (find(prog, symbol, &addr, &line, &err) == VR_OK)
		return vr_at(prog, line->type, addr);
	vr_latch(prog, err.kind, "%s", err.text);
	return (struct vr_obj){.prog = prog};
}

enum vr_err vr_try_kernel_global(struct vr_program *prog, const char *symbol, struct vr_obj *out)
{
	const struct vr_global_type *line;
	uint64_t addr;
	enum vr_err r = find(prog, symbol, &addr, &line, NULL);

	*out = (struct vr_obj){.prog = prog};
	if (r != VR_OK)
		return r;
	out->type = vr_type_find(prog, line->type);
	out->addr = addr;
	return out->type ? VR_OK : VR_ABSENT;
}

struct vr_obj vr_kernel_per_cpu(struct vr_program *prog, const char *symbol, unsigned cpu)
{
	struct vr_obj copy = vr_kernel_global(prog, symbol);

	if (vr_ok(copy))
		copy.addr = vr_per_cpu_addr(prog, copy.addr, cpu);
	return vr_failed(prog) ? (struct vr_obj){.prog = prog} : copy;
}
