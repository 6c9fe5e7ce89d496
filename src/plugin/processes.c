// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/processes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

bool vr_pids_parse(const char *text, struct vr_pids *pids)
{
	unsigned long number;
	char *end;

	*pids = (struct vr_pids){0};
	if (!strcmp(text, "all"))
		return true;
	if (!strcmp(text, "blocked")) {
		pids->blocked_only = true;
		return true;
	}
	errno = 0;
	number = strtoul(text, &end, 10);
	if (errno || *text < '0' || *text > '9' || *end || !number || number > UINT32_MAX)
		return false;
	pids->limit = (uint32_t)number;
	return true;
}

/* A process, while it is decided. */
struct process {
	int64_t tgid;
	size_t order; /* of its first task in the set */
	bool urgent, chosen;
};

struct reading {
	struct vr_chosen_task task;
	bool urgent;
};

static bool read_task(struct vr_obj task, struct reading *r)
{
	struct vr_scope scope;
	char state;

	vr_scope_enter(task.prog, &scope);
	r->task.task = task;
	r->task.pid = vr_s64(task, "pid");
	r->task.tgid = vr_s64(task, "tgid");
	if (vr_scope_leave(task.prog, &scope) != VR_OK)
		return false;
	vr_scope_enter(task.prog, &scope);
	state = vr_task_state(task);
	r->urgent = vr_scope_leave(task.prog, &scope) == VR_OK && (state == 'D' || state == 'R');
	return true;
}

static int by_tgid(const void *a, const void *b)
{
	const struct process *x = a, *y = b;

	if (x->tgid != y->tgid)
		return x->tgid < y->tgid ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

static int by_urgency(const void *a, const void *b)
{
	const struct process *x = a, *y = b;

	if (x->urgent != y->urgent)
		return x->urgent ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

/* One entry for each process, of entries that are one for each task; sorted by tgid. */
static size_t join_threads(struct process *list, size_t count)
{
	size_t n = 0;

	qsort(list, count, sizeof(*list), by_tgid);
	for (size_t i = 0; i < count; i++) {
		if (n && list[n - 1].tgid == list[i].tgid)
			list[n - 1].urgent |= list[i].urgent;
		else
			list[n++] = list[i];
	}
	return n;
}

static size_t decide(struct process *list, size_t count, const struct vr_pids *pids)
{
	size_t chosen = 0;

	qsort(list, count, sizeof(*list), by_urgency);
	for (size_t i = 0; i < count; i++) {
		list[i].chosen = (list[i].urgent || !pids->blocked_only) &&
				 (!pids->limit || chosen < pids->limit);
		chosen += list[i].chosen;
	}
	qsort(list, count, sizeof(*list), by_tgid);
	return chosen;
}

static bool is_chosen(const struct process *list, size_t count, int64_t tgid)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (list[middle].tgid < tgid)
			low = middle + 1;
		else
			high = middle;
	}
	return low < count && list[low].tgid == tgid && list[low].chosen;
}

bool vr_processes_choose(struct vr_program *prog, const struct vr_pids *pids,
			 struct vr_chosen *chosen)
{
	const struct vr_task_set *set = vr_tasks(prog);
	VR_FREE struct process *list = calloc(set->count + 1, sizeof(*list));
	size_t n = 0, kept = 0;

	*chosen = (struct vr_chosen){.tasks = calloc(set->count + 1, sizeof(*chosen->tasks))};
	if (!list || !chosen->tasks) {
		vr_latch(prog, VR_NOMEM, "out of memory for %zu tasks", set->count);
		return false;
	}
	for (size_t i = 0; i < set->count; i++) {
		struct reading r;

		if (!read_task(vr_task_set_at(set, i), &r)) {
			chosen->unreadable++;
			continue;
		}
		chosen->tasks[n] = r.task;
		list[n] = (struct process){.tgid = r.task.tgid, .order = n, .urgent = r.urgent};
		n++;
	}
	chosen->processes = join_threads(list, n);
	chosen->left_out = chosen->processes - decide(list, chosen->processes, pids);
	for (size_t i = 0; i < n; i++)
		if (is_chosen(list, chosen->processes, chosen->tasks[i].tgid))
			chosen->tasks[kept++] = chosen->tasks[i];
	chosen->count = kept;
	return true;
}

void vr_chosen_free(struct vr_chosen *chosen)
{
	free(chosen->tasks);
	*chosen = (struct vr_chosen){0};
}
