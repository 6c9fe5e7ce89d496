// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * probe [--scan] DUMP WHAT [ARG...]: what the engine sees in a dump, as text that tests hold
 * against what the guest's own kernel said.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "base/text.h"
#include "kernel/globals.h"
#include "kernel/irq.h"
#include "kernel/list.h"
#include "kernel/module.h"
#include "kernel/percpu.h"
#include "kernel/pid.h"
#include "kernel/rbtree.h"
#include "kernel/saved_registers.h"
#include "kernel/task.h"
#include "kernel/task_set.h"
#include "kernel/timekeeping.h"
#include "kernel/utsname.h"
#include "object/program.h"
#include "session/session.h"

struct call {
	struct vr_program *prog;
	char **args;
	int count;
};

/* /proc/kallsyms, which has no sizes. */
static void symbols(struct call *c)
{
	struct vr_symtab *tab = c->prog->symtab;

	for (size_t i = 0; i < vr_symtab_count(tab); i++) {
		struct vr_symbol sym;

		vr_symtab_at(tab, i, &sym);
		printf("%016" PRIx64 " %c %s", sym.addr, sym.type, sym.name);
		if (sym.module)
			printf("\t[%s]", sym.module);
		putchar('\n');
	}
}

static void print_task(struct vr_obj task)
{
	char comm[16], text[VR_PRINTABLE_SIZE(16)];

	vr_printable(vr_task_comm(task, comm), text, sizeof(text));
	printf("%" PRId64 "\t%" PRId64 "\t%c\t%s\n", vr_s64(task, "pid"), vr_s64(task, "tgid"),
	       vr_task_state(task), text);
}

static void tasks(struct call *c)
{
	struct vr_task_walk w = vr_task_walk_begin(c->prog);

	while (vr_task_walk_next(&w))
		print_task(w.task);
}

/* The same tasks by another way: the id allocator, an xarray. */
static void pids(struct call *c)
{
	struct vr_pid_walk w = vr_pid_walk_begin(c->prog);

	while (vr_pid_walk_next(&w)) {
		if (!vr_ok(w.task))
			continue;
		if (vr_find_task(c->prog, w.nr).addr != w.task.addr)
			printf("found another task for %d\n", w.nr);
		print_task(w.task);
	}
}

static void modules(struct call *c)
{
	struct vr_list_walk w = vr_module_walk(c->prog);
	char name[VR_MODULE_NAME];

	while (vr_list_next(&w)) {
		struct vr_module_memory memory;
		uint64_t size = 0;

		if (vr_module_memory(w.entry, &memory))
			for (size_t i = 0; i < memory.count; i++)
				size += memory.ranges[i].size;
		printf("%s %" PRIu64 "\n", vr_module_name(w.entry, name), size);
	}
}

static void print_area(struct vr_obj area)
{
	printf("0x%016" PRIx64 "-0x%016" PRIx64 "\n", vr_u64(area, "va_start"),
	       vr_u64(area, "va_end"));
}

static void print_areas(struct vr_program *prog, struct vr_obj root, struct vr_obj head, bool tree)
{
	struct vr_rbtree_walk t;
	struct vr_list_walk l;

	if (tree) {
		t = vr_rbtree_begin(root, "struct vmap_area", "rb_node");
		while (vr_rbtree_next(&t))
			print_area(t.entry);
	} else if (!vr_failed(prog)) {
		l = vr_list_begin(head, "struct vmap_area", "list");
		while (vr_list_next(&l))
			print_area(l.entry);
	}
}

/* One set of areas twice, as a tree and as a list; since Linux 6.9 spread over several of both. */
static void vmap_areas(struct vr_program *prog, bool tree)
{
	struct vr_obj nodes;

	if (!vr_has_symbol(prog, "vmap_nodes")) {
		print_areas(prog, vr_kernel_global(prog, "vmap_area_root"),
			    vr_kernel_global(prog, "vmap_area_list"), tree);
		return;
	}
	nodes = vr_kernel_global(prog, "vmap_nodes");
	for (uint64_t i = 0; i < vr_u64(vr_kernel_global(prog, "nr_vmap_nodes"), ""); i++) {
		struct vr_obj node = vr_index(nodes, i);

		print_areas(prog, vr_get(node, "busy.root"), vr_get(node, "busy.head"), tree);
	}
}

static void vmap_tree(struct call *c)
{
	vmap_areas(c->prog, true);
}

static void vmap_list(struct call *c)
{
	vmap_areas(c->prog, false);
}

static void print_superblocks(struct vr_obj fs)
{
	struct vr_list_walk w =
		vr_hlist_begin(vr_get(fs, "fs_supers"), "struct super_block", "s_instances");
	char name[64];

	vr_str(fs, "name", name, sizeof(name));
	while (vr_list_next(&w))
		printf("%s 0x%016" PRIx64 "\n", name, w.entry.addr);
}

/* Super blocks by type: hash lists. */
static void superblocks(struct call *c)
{
	struct vr_obj fs = vr_kernel_global(c->prog, "file_systems");

	if (vr_has_member(c->prog, "struct file_system_type", "list")) {
		struct vr_list_walk w = vr_hlist_begin(fs, "struct file_system_type", "list");

		while (vr_list_next(&w))
			print_superblocks(w.entry);
		return;
	}
	for (uint64_t at = vr_u64(fs, ""); at && !vr_failed(c->prog); at = vr_u64(fs, "next")) {
		fs = vr_at(c->prog, "struct file_system_type", at);
		print_superblocks(fs);
	}
}

static void superblock_list(struct call *c)
{
	struct vr_list_walk w = vr_list_begin(vr_kernel_global(c->prog, "super_blocks"),
					      "struct super_block", "s_list");
	char name[64];

	while (vr_list_next(&w))
		printf("%s 0x%016" PRIx64 "\n", vr_str(w.entry, "s_type->name", name, sizeof(name)),
		       w.entry.addr);
}

static void irqs(struct call *c)
{
	struct vr_irq_walk w;

	vr_irq_walk_begin(c->prog, &w);
	while (vr_irq_walk_next(&w))
		printf("%u %" PRId64 "\n", w.irq, vr_s64(w.desc, "irq_data.irq"));
}

static struct vr_obj cpu_number(struct vr_program *prog, unsigned cpu)
{
	if (vr_has_symbol(prog, "pcpu_hot"))
		return vr_get(vr_kernel_per_cpu(prog, "pcpu_hot", cpu), "cpu_number");
	return vr_kernel_per_cpu(prog, "cpu_number", cpu);
}

static void per_cpu(struct call *c)
{
	struct vr_cpumask mask;
	char list[256], comm[16];

	vr_cpumask_read(c->prog, "__cpu_possible_mask", &mask);
	printf("possible %s\n", vr_cpumask_list(&mask, list, sizeof(list)));
	for (unsigned cpu = 0; (cpu = vr_cpumask_next(&mask, cpu)) < mask.nr; cpu++)
		printf("cpu %u number %" PRIu64 " current %s\n", cpu,
		       vr_u64(cpu_number(c->prog, cpu), ""),
		       vr_task_comm(vr_cpu_current(c->prog, cpu), comm));
}

/* globals: each variable of the table that this kernel has, its type, that one's size and its own.
 */
static void globals(struct call *c)
{
	struct vr_symtab *tab = c->prog->symtab;
	size_t count;
	const struct vr_global_type *types = vr_global_types(&count);

	for (size_t i = 0; i < count; i++) {
		const struct vr_type *btf = vr_types_variable(c->prog->types, types[i].symbol);
		struct vr_symbol sym;
		char name[128];

		if (vr_symtab_find_in(tab, NULL, types[i].symbol, &sym) != VR_OK ||
		    vr_global_type_find(c->prog, types[i].symbol) != &types[i])
			continue;
		printf("%s\t%s\t%" PRIu64 "\t%" PRIu64 "\t%s\n", types[i].symbol, types[i].type,
		       vr_sizeof(c->prog, types[i].type), sym.size,
		       btf ? vr_type_spell(btf, name, sizeof(name)) : "");
	}
}

/* task-set: all tasks by all ways, as address, ways, first missing byte, pid. */
static void task_set(struct call *c)
{
	struct vr_task_set set;

	vr_task_set_read(c->prog, &set);
	for (size_t i = 0; i < set.count; i++) {
		uint64_t pid;
		enum vr_err r = vr_try_u64(vr_task_set_at(&set, i), "pid", &pid);

		printf("0x%" PRIx64 "\t%u\t0x%" PRIx64 "\t%" PRId64 "\n", set.tasks[i].addr,
		       set.tasks[i].ways, set.tasks[i].missing, r == VR_OK ? (int64_t)pid : -1);
	}
	vr_task_set_free(&set);
}

static void clocks(struct call *c)
{
	struct vr_clocks clocks;

	vr_clocks_read(c->prog, &clocks);
	printf("realtime_ns=%" PRId64 "\nmonotonic_ns=%" PRId64 "\nboottime_ns=%" PRId64 "\n",
	       clocks.realtime_ns, clocks.monotonic_ns, clocks.boottime_ns);
	printf("crash_seconds=%" PRId64 "\n", vr_crash_seconds(c->prog));
}

/* offset TYPE MEMBER...: for comparison with other readers of the same types. */
static void offset(struct call *c)
{
	for (int i = 1; i < c->count; i++)
		printf("%s %s %" PRIu64 "\n", c->args[0], c->args[i],
		       vr_offsetof(c->prog, c->args[0], c->args[i]));
}

static void size_of(struct call *c)
{
	for (int i = 0; i < c->count; i++)
		printf("%s %" PRIu64 "\n", c->args[i], vr_sizeof(c->prog, c->args[i]));
}

static void print_members(const struct vr_type *type, uint64_t base, int depth)
{
	size_t count = 0;
	const struct vr_member *m = vr_type_members(type, &count);

	for (size_t i = 0; depth < 16 && i < count; i++) {
		uint64_t at = base + m[i].bit_offset;

		if (!m[i].name[0])
			print_members(m[i].type, at, depth + 1);
		else
			printf("  %s %" PRIu64 " %" PRIu64 "\n", m[i].name, at,
			       m[i].bit_size ? m[i].bit_size : 8 * vr_type_size(m[i].type));
	}
}

/* layout TYPE...: every member, those of anonymous ones too: name, offset and size in bits. */
static void layout(struct call *c)
{
	for (int i = 0; i < c->count; i++) {
		const struct vr_type *type = vr_type_find(c->prog, c->args[i]);

		if (!type)
			continue;
		printf("%s %" PRIu64 "\n", c->args[i], 8 * vr_type_size(type));
		print_members(type, 0, 0);
	}
}

/* string SYMBOL TYPE */
static void string(struct call *c)
{
	char text[4096];

	if (c->count == 2)
		puts(vr_str(vr_global(c->prog, c->args[0], c->args[1]), "", text, sizeof(text)));
}

/* phys SYMBOL|0xADDR...: where in physical memory, for tests that damage a dump on purpose. */
static void phys(struct call *c)
{
	for (int i = 0; i < c->count; i++) {
		uint64_t addr, at = 0;

		if (vr_try_symbol(c->prog, c->args[i], &addr) != VR_OK)
			addr = strtoull(c->args[i], NULL, 0);
		if (vr_aspace_translate(c->prog->as, addr, &at) == VR_MEM_OK)
			printf("0x%" PRIx64 " 0x%" PRIx64 "\n", addr, at);
	}
}

/* addrs: addresses of all tasks and modules. */
static void addrs(struct call *c)
{
	struct vr_task_walk t = vr_task_walk_begin(c->prog);
	struct vr_list_walk m = vr_module_walk(c->prog);

	while (vr_task_walk_next(&t))
		printf("task 0x%" PRIx64 "\n", t.task.addr);
	while (vr_list_next(&m))
		printf("module 0x%" PRIx64 "\n", m.entry.addr);
}

/* missing TYPE 0xADDR...: where the object there can't be read in full, the first such page; else
 * 0. */
static void missing(struct call *c)
{
	uint64_t size = c->count ? vr_sizeof(c->prog, c->args[0]) : 0;

	for (int i = 1; size && i < c->count; i++) {
		uint64_t at = strtoull(c->args[i], NULL, 0), end = at + size;
		unsigned char byte;

		while (at < end && vr_read(c->prog, at, &byte, 1, NULL) == VR_OK)
			at = (at | 4095) + 1;
		printf("%s 0x%" PRIx64 "\n", c->args[i], at < end ? at : 0);
	}
}

static void print_saved(struct vr_orc_tables *tables, uint64_t entry, uint64_t ip)
{
	static const struct {
		const char *name;
		int number;
	} kept[] = {{"rbx", VR_DWARF_RBX}, {"rbp", VR_DWARF_RBP}, {"r12", VR_DWARF_R12},
		    {"r13", VR_DWARF_R13}, {"r14", VR_DWARF_R14}, {"r15", VR_DWARF_R15}};
	struct vr_saved_register saved[VR_DWARF_REG_COUNT];

	vr_saved_registers(tables, entry, ip, saved);
	printf("%" PRIx64, ip);
	for (size_t i = 0; i < VR_ARRAY_SIZE(kept); i++) {
		const struct vr_saved_register *s = &saved[kept[i].number];

		printf(" %s=", kept[i].name);
		if (s->saved == VR_SAVED_ON_STACK)
			printf("c%+d", s->offset);
		else
			printf("%c", s->saved == VR_SAVED_NOT ? 'u' : '?');
	}
	putchar('\n');
}

/* saved-registers: wherever something changes, where modules' functions have what they must keep. */
static void saved_registers(struct call *c)
{
	struct vr_symtab *tab = c->prog->symtab;
	static struct vr_orc_place places[4096];
	struct vr_orc_tables tables;

	vr_orc_tables_find(c->prog, &tables, NULL);
	for (size_t i = 0; i < vr_symtab_count(tab); i++) {
		struct vr_symbol symbol, whole;
		char name[512];
		size_t count;

		vr_symtab_at(tab, i, &symbol);
		if (!symbol.module || !symbol.size || (symbol.type != 't' && symbol.type != 'T'))
			continue;
		whole = symbol;
		snprintf(name, sizeof(name), "%s", symbol.name);
		if (strstr(name, ".cold")) {
			*strstr(name, ".cold") = '\0';
			if (vr_symtab_find_in(tab, symbol.module, name, &whole) != VR_OK)
				continue;
		}
		vr_orc_tables_list(&tables, symbol.addr, symbol.addr + symbol.size, places,
				   VR_ARRAY_SIZE(places), &count, NULL);
		for (size_t k = 0; k < count; k++)
			if (places[k].ip >= symbol.addr)
				print_saved(&tables, whole.addr, places[k].ip);
	}
}

static const struct {
	const char *name;
	void (*call)(struct call *);
} calls[] = {
	{"symbols", symbols},
	{"tasks", tasks},
	{"task-set", task_set},
	{"globals", globals},
	{"pids", pids},
	{"modules", modules},
	{"vmap-tree", vmap_tree},
	{"vmap-list", vmap_list},
	{"superblocks", superblocks},
	{"superblock-list", superblock_list},
	{"irqs", irqs},
	{"per-cpu", per_cpu},
	{"clocks", clocks},
	{"offset", offset},
	{"sizeof", size_of},
	{"layout", layout},
	{"string", string},
	{"phys", phys},
	{"addrs", addrs},
	{"missing", missing},
	{"saved-registers", saved_registers},
};

static void log_to_stderr(void *arg, enum vr_log_level level, const char *text)
{
	(void)arg;
	fprintf(stderr, "%s: %s\n", vr_log_level_name(level), text);
}

static int report(struct vr_program *prog)
{
	int failed = 0;

	if (prog->scope->error.kind != VR_OK) {
		printf("error: %s: %s\n", vr_err_name(prog->scope->error.kind),
		       prog->scope->error.text);
		failed = 1;
	}
	if (prog->scope->cuts) {
		printf("cut: %s: %s\n", vr_err_name(prog->scope->cut.kind), prog->scope->cut.text);
		failed = 1;
	}
	return failed;
}

int main(int argc, char **argv)
{
	const struct vr_log log = {.emit = log_to_stderr};
	struct vr_session_options options = {.log = &log};
	struct vr_session *session;
	struct vr_error err;
	int failed = 2;

	if (argc > 1 && !strcmp(argv[1], "--scan")) {
		options.ignore_hints = true;
		argc--;
		argv++;
	}
	if (argc < 3 || (options.dump_fd = open(argv[1], O_RDONLY | O_CLOEXEC)) < 0) {
		fprintf(stderr, "usage: probe [--scan] DUMP WHAT [ARG...]\n");
		return 2;
	}
	if (vr_session_open(&options, &session, &err) != VR_OK) {
		printf("error: %s: %s\n", vr_err_name(err.kind), err.text);
		return 1;
	}
	vr_modules_load(vr_session_program(session), &log);
	for (size_t i = 0; i < VR_ARRAY_SIZE(calls); i++) {
		struct call c = {vr_session_program(session), argv + 3, argc - 3};

		if (strcmp(calls[i].name, argv[2]))
			continue;
		calls[i].call(&c);
		failed = report(c.prog);
	}
	vr_session_close(session);
	return failed;
}
