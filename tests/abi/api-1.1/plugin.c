// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A plugin of API 1.1, compiled against the headers of that version as they are in this folder. It
 * calls something of each kind, so that a table that has moved shows.
 */
#include <vmcore-report/plugin.h>

#include <stdlib.h>
#include <string.h>

static const char *const needs[] = {"symbol:init_task", "type:struct task_struct|struct nothing",
				    "member:struct task_struct.__state|state", NULL};

/* What setup() found, for collect(). */
static uint64_t task_size;

static bool check_enabled(struct vr_run *run, struct vr_program *prog)
{
	(void)run;
	return vr_has_symbol(prog, "init_task") && !vr_has_symbol(prog, "no_such_symbol");
}

static void setup(struct vr_run *run, struct vr_program *prog)
{
	vr_warn(run, "a warning, number %d", 1);
	task_size = vr_sizeof(prog, "struct task_struct");
}

static void write_values(struct vr_run *run, struct vr_program *prog)
{
	struct vr_file *f = vr_file_new(run, "values.txt");
	struct vr_obj init = vr_global(prog, "init_task", "struct task_struct");
	char comm[16], name[64];
	struct vr_member member;
	uint64_t value;

	vr_file_source(f, "init_%s", "task");
	vr_printf(f, "comm %s\n", vr_str(init, "comm", comm, sizeof(comm)));
	vr_printf(f, "pid %lld\n", (long long)vr_s64(init, "pid"));
	vr_printf(f, "again %d\n", vr_at(prog, "struct task_struct", init.addr).type == init.type);
	vr_printf(f, "size %d\n", vr_type_size(init.type) == task_size);
	vr_printf(f, "spelled %s\n", vr_type_spell(init.type, name, sizeof(name)));
	vr_printf(f, "member %d\n",
		  vr_type_member(init.type, "pid", &member) == VR_OK &&
			  vr_type_size(member.type) == 4);
	vr_printf(f, "absent %s\n", vr_err_name(vr_try_u64(init, "no_such_member", &value)));
	vr_printf(f, "symbol %s\n", vr_symbolize(prog, init.addr, name, sizeof(name)));
	vr_puts(f, "end\n");
	vr_file_end(f);
}

static void write_rows(struct vr_run *run, struct vr_program *prog)
{
	struct vr_file *f = vr_file_new(run, "rows.txt");

	for (int i = 0; i < 3; i++) {
		vr_row_begin(f);
		vr_printf(f, "row %d\n", i);
		if (i == 1)
			vr_latch(prog, VR_CORRUPT, "row %d is bad", i);
		vr_row_end(f);
	}
	vr_file_end(f);
}

static void write_walks(struct vr_run *run, struct vr_program *prog)
{
	struct vr_json *json = vr_json_object(), *names = vr_json_add_array(json, "modules");
	struct vr_iter *it = vr_iter_modules(prog);
	uint64_t processes = 0, cpus = 0, pids = 0;
	struct vr_obj obj;
	char name[64];
	char *stack;

	while (vr_iter_next(it, &obj))
		vr_json_set_string(names, NULL, vr_module_name(obj, name));
	vr_iter_end(it);
	it = vr_iter_processes(prog);
	while (vr_iter_next(it, &obj))
		processes++;
	vr_iter_end(it);
	it = vr_iter_per_cpu(prog, VR_CPUS_ONLINE, "runqueues", "struct rq");
	while (vr_iter_next(it, &obj))
		cpus += vr_u64(obj, "cpu") == vr_iter_index(it);
	vr_iter_end(it);
	it = vr_iter_idr(vr_get(vr_global(prog, "init_pid_ns", "struct pid_namespace"), "idr"),
			 "struct pid");
	while (vr_iter_next(it, &obj))
		pids += vr_s64(obj, "numbers[0].nr") == (int64_t)vr_iter_index(it);
	vr_iter_end(it);
	stack = vr_task_stack_text(vr_find_task(prog, 1));
	vr_json_set_uint(json, "processes", processes);
	vr_json_set_uint(json, "cpus", cpus);
	vr_json_set_uint(json, "pids", pids);
	vr_json_set_bool(json, "stack", stack && strstr(stack, "schedule"));
	free(stack);
	vr_write_json(run, "walks.json", json);
}

static const struct vr_plugin_option options[] = {
	{.name = "loud", .description = "or not", .value = "on", .kind = VR_OPTION_BOOL},
	{.name = "depth", .description = "how far", .value = "3", .kind = VR_OPTION_NUMBER},
	{.name = "word", .description = "what to say", .kind = VR_OPTION_TEXT},
	{NULL},
};

static void write_options(struct vr_run *run)
{
	struct vr_file *f = vr_file_new(run, "options.txt");

	vr_printf(f, "%d %lld '%s'\n", vr_option_bool(run, "loud"),
		  (long long)vr_option_number(run, "depth"), vr_option_text(run, "word"));
	vr_file_end(f);
}

static void collect(struct vr_run *run, struct vr_program *prog)
{
	struct vr_scope scope;

	write_values(run, prog);
	write_rows(run, prog);
	write_walks(run, prog);
	write_options(run);
	vr_scope_enter(prog, &scope);
	vr_u64(vr_global(prog, "no_such_symbol", "int"), "");
	if (vr_scope_leave(prog, &scope) == VR_ABSENT)
		vr_note(run, "%s", scope.error.text);
	vr_omit(run, "plugins/old_one/never.txt", VR_UNSUPPORTED, "told so");
}

VR_PLUGIN(.name = "old_one", .description = "compiled against API 1.1", .needs = needs,
	  .check_enabled = check_enabled, .setup = setup, .collect = collect, .options = options)
