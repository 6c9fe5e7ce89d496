// SPDX-License-Identifier: GPL-2.0-or-later
/* Where all tasks were in the kernel: identical stacks folded together, the most common first. */
#include <vmcore-report/plugin.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/hash.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "kernel/list.h"
#include "kernel/source.h"
#include "kernel/task_set.h"

/* One distinct stack and who stood there. */
struct group {
	char *frames; /* one a line */
	struct member {
		int64_t pid;
		char comm[16];
		char state;
		struct vr_stack_parameters parameters;
	} * members;
	bool *common; /* of the first member's parameters: has each member that value? */
	size_t count;
	uint64_t first; /* order of the first member, which decides between equals */
};

struct groups {
	struct group *list;
	size_t count, cap;
	struct vr_map
		by_hash; /* hash of frames to index; another stack of that hash takes the next */
	bool failed;     /* out of memory */
};

static void groups_free(struct groups *g)
{
	for (size_t i = 0; i < g->count; i++) {
		for (size_t k = 0; k < g->list[i].count; k++)
			vr_stack_parameters_free(&g->list[i].members[k].parameters);
		free(g->list[i].frames);
		free(g->list[i].members);
		free(g->list[i].common);
	}
	free(g->list);
	vr_map_free(&g->by_hash);
}

static struct group *find_group(struct groups *g, const char *frames)
{
	uint64_t key = vr_hash_bytes(frames, strlen(frames));
	uint64_t *at;

	/* Another stack of the same hash takes the next key. */
	while ((at = vr_map_get(&g->by_hash, key))) {
		if (!strcmp(g->list[*at].frames, frames))
			return &g->list[*at];
		key++;
	}
	if (g->count == g->cap) {
		size_t cap = g->cap ? g->cap * 2 : 64;
		struct group *list = reallocarray(g->list, cap, sizeof(*list));

		if (!list)
			return NULL;
		g->list = list;
		g->cap = cap;
	}
	g->list[g->count] = (struct group){.frames = strdup(frames), .first = g->count};
	if (!g->list[g->count].frames || !vr_map_put(&g->by_hash, key, g->count, NULL)) {
		free(g->list[g->count].frames);
		return NULL;
	}
	return &g->list[g->count++];
}

static bool add_member(struct groups *g, const char *frames, const struct member *member)
{
	struct group *group = find_group(g, frames);
	struct member *members;

	if (!group)
		return false;
	/* Room grows by doubling, whenever the count is a power of two. */
	if (!(group->count & (group->count - 1))) {
		size_t cap = group->count ? group->count * 2 : 1;

		members = reallocarray(group->members, cap, sizeof(*members));
		if (!members)
			return false;
		group->members = members;
	}
	group->members[group->count++] = *member;
	return true;
}

/* The frames as text, and a last line in parentheses where the stack says less than it could. */
static void stack_text(struct vr_program *prog, struct vr_obj task, struct vr_strbuf *text,
		       struct vr_stack_parameters *parameters)
{
	struct vr_frame_style style = {.prog = prog, .indent = ""};
	struct vr_stack stack;
	enum vr_err r = vr_stack_of_task(task, &stack);

	text->len = 0;
	vr_strbuf_puts(text, "");
	for (size_t i = 0; i < stack.count; i++)
		vr_frame_print(text, &style, &stack.frames[i],
			       stack.frames[i].kind == VR_FRAME_UNRELIABLE ? "? " : "");
	if (stack.user_mode && !stack.count)
		vr_strbuf_puts(text, "(in user mode)\n");
	else if (stack.released)
		vr_strbuf_puts(text, "(exited, its stack is released)\n");
	else if (r != VR_OK)
		vr_strbuf_printf(text, "(incomplete: %s)\n", stack.error.text);
	vr_stack_parameters(prog, &stack, parameters);
}

static int most_common_first(const void *a, const void *b)
{
	const struct group *x = a, *y = b;

	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	return x->first < y->first ? -1 : x->first > y->first;
}

/* ---- Parameters ---- */

/* The one of a list that stands at the same place as p; its count: none does. */
static size_t find_parameter(const struct vr_stack_parameters *list,
			     const struct vr_stack_parameter *p)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		if (list->list[i].line == p->line && !strcmp(list->list[i].of.name, p->of.name))
			break;
	return i;
}

/* Find out which of the first member's parameters have the same value with all members. */
static bool find_common(struct group *g)
{
	const struct vr_stack_parameters *first = &g->members[0].parameters;

	g->common = calloc(first->count + 1, sizeof(*g->common));
	for (size_t i = 0; g->common && i < first->count; i++) {
		g->common[i] = true;
		for (size_t k = 1; k < g->count && g->common[i]; k++) {
			const struct vr_stack_parameters *other = &g->members[k].parameters;
			size_t at = find_parameter(other, &first->list[i]);

			g->common[i] = at < other->count &&
				       other->list[at].of.value == first->list[i].of.value;
		}
	}
	return g->common != NULL;
}

static bool is_common(const struct group *g, const struct vr_stack_parameter *p)
{
	return g->common[find_parameter(&g->members[0].parameters, p)];
}

/* Those of a line of frames: a value that not all members share is "*". */
static void print_parameters(struct vr_file *f, struct vr_program *prog, const struct group *g,
			     unsigned line)
{
	const struct vr_stack_parameters *first = &g->members[0].parameters;
	VR_STRBUF sb = {0};

	for (size_t i = 0; i < first->count; i++) {
		if (first->list[i].line != line)
			continue;
		vr_strbuf_printf(&sb, "%s%s%s=", sb.len ? ", " : "", first->list[i].of.name,
				 first->list[i].of.at_entry ? "@entry" : "");
		if (is_common(g, &first->list[i]))
			vr_parameter_print_value(&sb, prog, &first->list[i].of);
		else
			vr_strbuf_putc(&sb, '*');
	}
	if (sb.len)
		vr_printf(f, "        %s\n", vr_strbuf_str(&sb));
}

/* Those of a member, which all have (or not), with the lines they belong to. */
static void json_parameters(struct vr_json *o, struct vr_program *prog, const struct group *g,
			    const struct member *member, bool common)
{
	struct vr_json *list = NULL;

	for (size_t i = 0; i < member->parameters.count; i++) {
		const struct vr_stack_parameter *p = &member->parameters.list[i];

		if (is_common(g, p) != common)
			continue;
		if (!list)
			list = vr_json_add_array(o, "parameters");
		vr_json_set_uint(vr_parameter_add_json(list, prog, &p->of), "frame", p->line);
	}
}

/* ---- Files ---- */

static void print_group(struct vr_file *f, struct vr_program *prog, const struct group *g)
{
	const char *line = g->frames;

	vr_printf(f, "%zu task%s:", g->count, g->count == 1 ? "" : "s");
	for (size_t i = 0; i < g->count; i++) {
		char comm[VR_PRINTABLE_SIZE(16)];

		vr_printf(f, "%s %" PRId64 " (%s) %c", i ? "," : "", g->members[i].pid,
			  vr_printable(g->members[i].comm, comm, sizeof(comm)),
			  g->members[i].state);
	}
	vr_puts(f, "\n");
	for (unsigned number = 0; *line; number++) {
		const char *end = strchrnul(line, '\n');

		vr_printf(f, "    %.*s\n", (int)(end - line), line);
		print_parameters(f, prog, g, number);
		line = *end ? end + 1 : end;
	}
	vr_puts(f, "\n");
}

static void add_json(struct vr_json *list, struct vr_program *prog, const struct group *g)
{
	struct vr_json *o = vr_json_add_object(list, NULL), *frames, *tasks;
	const char *line = g->frames;

	vr_json_set_uint(o, "count", g->count);
	frames = vr_json_add_array(o, "frames");
	while (*line) {
		const char *end = strchrnul(line, '\n');

		if (*line == '(')
			vr_json_set_bytes(o, "note", line + 1, (size_t)(end - line) - 2);
		else
			vr_json_set_bytes(frames, NULL, line, (size_t)(end - line));
		line = *end ? end + 1 : end;
	}
	json_parameters(o, prog, g, &g->members[0], true);
	tasks = vr_json_add_array(o, "tasks");
	for (size_t i = 0; i < g->count; i++) {
		char state[2] = {g->members[i].state, '\0'};
		struct vr_json *task = vr_json_add_object(tasks, NULL);

		vr_json_set_int(task, "pid", g->members[i].pid);
		vr_json_set_string(task, "comm", g->members[i].comm);
		vr_json_set_string(task, "state", state);
		json_parameters(task, prog, g, &g->members[i], false);
	}
}

static void gather(struct vr_program *prog, struct vr_file *text, struct groups *g)
{
	VR_CLEANUP(vr_strbuf_free) struct vr_strbuf frames = {0};
	const struct vr_task_set *set = vr_tasks(prog);

	for (size_t i = 0; i < set->count && !g->failed; i++) {
		struct vr_obj task = vr_task_set_at(set, i);
		struct member member = {0};
		bool kept;

		vr_row_begin(text);
		member.pid = vr_s64(task, "pid");
		member.state = vr_task_state(task);
		vr_task_comm(task, member.comm);
		stack_text(prog, task, &frames, &member.parameters);
		kept = vr_row_end(text);
		g->failed =
			kept && (frames.failed || !add_member(g, vr_strbuf_str(&frames), &member));
		if (!kept || g->failed)
			vr_stack_parameters_free(&member.parameters);
	}
	if (g->failed)
		vr_latch(prog, VR_NOMEM, "out of memory");
}

static void collect(struct vr_run *run, struct vr_program *prog)
{
	VR_CLEANUP(groups_free) struct groups g = {0};
	struct vr_file *json = vr_file_new(run, "stacks.json");
	struct vr_file *text = vr_file_new(run, "stacks.txt");
	struct vr_json *list = vr_json_array();
	enum vr_err failed;

	vr_file_source(json, "task_struct.thread, crash_notes, ORC");
	vr_file_source(text, "task_struct.thread, crash_notes, ORC");
	gather(prog, text, &g);
	if (g.count)
		qsort(g.list, g.count, sizeof(*g.list), most_common_first);
	for (size_t i = 0; i < g.count; i++) {
		if (!find_common(&g.list[i])) {
			vr_latch(prog, VR_NOMEM, "out of memory");
			break;
		}
		print_group(text, prog, &g.list[i]);
		add_json(list, prog, &g.list[i]);
	}
	failed = vr_file_end(text);
	if (failed != VR_OK)
		vr_cut(prog, failed, "stacks are missing, as in stacks.txt");
	vr_print_json(json, list);
	vr_file_end(json);
}

static const char *const needs[] = {"symbol:init_task", "type:struct task_struct", NULL};

VR_PLUGIN(.description = "all tasks' kernel stacks, identical ones folded together", .needs = needs,
	  .collect = collect)
