// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pstree -lp of psmisc in the C locale: process 1 and all below it, each below its parent, threads in
 * braces, children in the order of their names. What isn't printable is octal.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/task.h"
#include "kernel/task_pid.h"
#include "kernel/task_set.h"
#include "plugin/emitter.h"

#define ROOT_PID 1
/* Deeper than this nothing is drawn: ids that the dump has wrong may go in a circle. */
#define DEPTH_MAX 256
#define NAME_SIZE 18 /* comm in braces */

struct node {
	char name[NAME_SIZE];
	int64_t pid, parent;
	bool drawn;
};

struct tree {
	struct vr_file *f;
	struct vr_program *prog;
	struct node *nodes; /* by parent, name, id */
	size_t count;
	/* For each level: the column of its branches; 0: none are to come. */
	size_t branch[DEPTH_MAX];
};

static int compare(const void *a, const void *b)
{
	const struct node *x = a, *y = b;
	int order;

	if (x->parent != y->parent)
		return x->parent < y->parent ? -1 : 1;
	order = strcmp(x->name, y->name);
	return order ? order : (x->pid > y->pid) - (x->pid < y->pid);
}

/* A thread is a child of its process, by whose name it goes. */
static void read_node(struct vr_obj task, struct node *node)
{
	int64_t tgid = vr_s64(task, "tgid");
	char comm[16];

	node->pid = vr_s64(task, "pid");
	vr_task_comm(vr_deref(task, "group_leader"), comm);
	if (node->pid == tgid)
		snprintf(node->name, sizeof(node->name), "%s", comm);
	else
		snprintf(node->name, sizeof(node->name), "{%s}", comm);
	node->parent = node->pid == tgid ? vr_task_ppid(task) : tgid;
}

static void read_nodes(struct tree *tree)
{
	const struct vr_task_set *set = vr_tasks(tree->prog);

	tree->nodes = calloc(set->count + 1, sizeof(*tree->nodes));
	if (!tree->nodes) {
		vr_latch(tree->prog, VR_NOMEM, "out of memory");
		return;
	}
	for (size_t i = 0; i < set->count; i++) {
		struct vr_scope scope;

		vr_scope_enter(tree->prog, &scope);
		read_node(vr_task_set_at(set, i), &tree->nodes[tree->count]);
		if (vr_scope_leave(tree->prog, &scope) == VR_OK)
			tree->count++;
		else
			vr_cut(tree->prog, scope.error.kind, "a task: %s", scope.error.text);
	}
	qsort(tree->nodes, tree->count, sizeof(*tree->nodes), compare);
}

/* The first child of a process; tree->count where it has none. */
static size_t first_child(const struct tree *tree, int64_t parent)
{
	size_t low = 0, high = tree->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (tree->nodes[middle].parent < parent)
			low = middle + 1;
		else
			high = middle;
	}
	return low < tree->count && tree->nodes[low].parent == parent ? low : tree->count;
}

/* Returns its width. */
static size_t put_label(struct tree *tree, const struct node *node)
{
	char text[NAME_SIZE * 4 + 32];
	size_t len = 0;

	for (const char *p = node->name; *p; p++) {
		unsigned char c = (unsigned char)*p;

		if (c == '\\')
			len += (size_t)sprintf(text + len, "\\\\");
		else if (c < ' ' || c > '~')
			len += (size_t)sprintf(text + len, "\\%03o", c);
		else
			text[len++] = *p;
	}
	len += (size_t)sprintf(text + len, "(%" PRId64 ")", node->pid);
	vr_write(tree->f, text, len);
	return len;
}

/* What stands before a further branch: the branches of the levels above that go on. */
static void put_margin(struct tree *tree, unsigned depth)
{
	size_t column = 0;

	for (unsigned i = 0; i < depth; i++) {
		if (!tree->branch[i])
			continue;
		vr_printf(tree->f, "%*s|", (int)(tree->branch[i] - column), "");
		column = tree->branch[i] + 1;
	}
	vr_printf(tree->f, "%*s", (int)(tree->branch[depth] - column), "");
}

/* The children of a process that are to be drawn: none twice, however ids and parents are. */
static size_t find_children(struct tree *tree, int64_t pid, unsigned depth, size_t *end)
{
	size_t child = first_child(tree, pid);

	*end = child;
	while (*end < tree->count && tree->nodes[*end].parent == pid)
		++*end;
	if (child < *end && (tree->nodes[child].drawn || depth + 1 == DEPTH_MAX)) {
		vr_cut(tree->prog, VR_CORRUPT,
		       "process %" PRId64 " has a place in the tree that can't be", pid);
		*end = child;
	}
	return child;
}

static void draw(struct tree *tree, struct node *node, size_t column, unsigned depth)
{
	size_t end, child;

	node->drawn = true;
	column += put_label(tree, node);
	child = find_children(tree, node->pid, depth, &end);
	if (child == end)
		vr_puts(tree->f, "\n");
	for (size_t i = child; i < end; i++) {
		bool last = i + 1 == end;

		tree->branch[depth] = column + 1;
		if (i == child) {
			vr_puts(tree->f, last ? "---" : "-+-");
		} else {
			put_margin(tree, depth);
			vr_puts(tree->f, last ? "`-" : "|-");
		}
		if (last)
			tree->branch[depth] = 0;
		draw(tree, &tree->nodes[i], column + 3, depth + 1);
	}
	tree->branch[depth] = 0;
}

static void emit(struct vr_file *f, const struct vr_key *key)
{
	struct tree tree = {.f = f, .prog = key->prog};
	struct node *root = NULL;

	read_nodes(&tree);
	for (size_t i = 0; i < tree.count && !root; i++)
		if (tree.nodes[i].pid == ROOT_PID)
			root = &tree.nodes[i];
	if (root)
		draw(&tree, root, 0, 0);
	else
		vr_latch(key->prog, VR_CORRUPT, "there is no process 1");
	free(tree.nodes);
}

VR_EMITTER(.path = "sos_commands/process/pstree_-lp", .source = "task_struct", .emit = emit)
