// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/emitter.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/irq.h"
#include "plugin/processes.h"
#include "plugin/run.h"

extern const struct vr_emitter *const __start_vr_emitters[] __attribute__((weak));
extern const struct vr_emitter *const __stop_vr_emitters[] __attribute__((weak));

enum keys { KEYS_NONE, KEYS_PROCESS, KEYS_THREAD, KEYS_IRQ };

static enum keys keys_of(const struct vr_emitter *e)
{
	if (strstr(e->path, "{tid}"))
		return KEYS_THREAD;
	if (strstr(e->path, "{irq}"))
		return KEYS_IRQ;
	return strstr(e->path, "{pid}") ? KEYS_PROCESS : KEYS_NONE;
}

static int compare_paths(const void *a, const void *b)
{
	const struct vr_emitter *const *x = a, *const *y = b;

	return strcmp((*x)->path, (*y)->path);
}

/* Those with that prefix, sorted by path: *list is the caller's to free. */
static size_t find_emitters(const char *prefix, const struct vr_emitter ***list)
{
	size_t n = 0;

	*list = calloc((size_t)(__stop_vr_emitters - __start_vr_emitters) + 1, sizeof(**list));
	if (!*list)
		return 0;
	/* Sanitizers may put room, which is zero, between the entries. */
	for (const struct vr_emitter *const *p = __start_vr_emitters; p < __stop_vr_emitters; p++)
		if (*p && !strncmp((*p)->path, prefix, strlen(prefix)))
			(*list)[n++] = *p;
	qsort(*list, n, sizeof(**list), compare_paths);
	return n;
}

/* The path with the keys' values in place of their names. */
static void expand(const char *path, const struct vr_key *key, char *buf, size_t size)
{
	size_t len = 0;

	while (*path && len + 24 < size) {
		int64_t value;

		if (!strncmp(path, "{pid}", 5)) {
			value = key->pid;
		} else if (!strncmp(path, "{tid}", 5)) {
			value = key->tid;
		} else if (!strncmp(path, "{irq}", 5)) {
			value = key->irq;
		} else {
			buf[len++] = *path++;
			continue;
		}
		len += (size_t)snprintf(buf + len, size - len, "%" PRId64, value);
		path += 5;
	}
	buf[len] = '\0';
}

static void run_one(struct vr_run *run, const struct vr_emitter *e, const struct vr_key *key)
{
	char path[512];
	struct vr_file *f;

	if (!vr_run_unit(run))
		return;
	if (e->exists && !e->exists(key))
		return;
	expand(e->path, key, path, sizeof(path));
	f = vr_file_new_at(run, path);
	if (e->source)
		vr_file_source(f, "%s", e->source);
	e->emit(f, key);
	vr_file_end(f);
}

static void run_kind(struct vr_run *run, const struct vr_emitter *const *list, size_t count,
		     enum keys kind, const struct vr_key *key)
{
	for (size_t i = 0; i < count; i++)
		if (keys_of(list[i]) == kind)
			run_one(run, list[i], key);
}

/* Each thread, and each process when its leader (pid equal to tgid) comes by. */
static void run_tasks(struct vr_run *run, struct vr_program *prog,
		      const struct vr_emitter *const *list, size_t count)
{
	VR_CLEANUP(vr_chosen_free) struct vr_chosen chosen;

	if (!vr_processes_choose(prog, vr_run_pids(run), &chosen))
		return;
	if (chosen.left_out)
		vr_note(run, "%zu of %zu processes have no files here (--pids)", chosen.left_out,
			chosen.processes);
	if (chosen.unreadable)
		vr_warn(run, "%zu tasks have no ids that can be read", chosen.unreadable);
	for (size_t i = 0; i < chosen.count; i++) {
		const struct vr_chosen_task *task = &chosen.tasks[i];
		struct vr_key key = {
			.prog = prog, .obj = task->task, .pid = task->tgid, .tid = task->pid};

		run_kind(run, list, count, KEYS_THREAD, &key);
		if (key.tid == key.pid) {
			key.tid = 0;
			run_kind(run, list, count, KEYS_PROCESS, &key);
		}
	}
}

static void run_irqs(struct vr_run *run, struct vr_program *prog,
		     const struct vr_emitter *const *list, size_t count)
{
	struct vr_irq_walk w;

	vr_irq_walk_begin(prog, &w);
	while (vr_irq_walk_next(&w)) {
		const struct vr_key key = {.prog = prog, .obj = w.desc, .irq = w.irq};

		run_kind(run, list, count, KEYS_IRQ, &key);
	}
}

static bool any_of(const struct vr_emitter *const *list, size_t count, enum keys first,
		   enum keys last)
{
	for (size_t i = 0; i < count; i++)
		if (keys_of(list[i]) >= first && keys_of(list[i]) <= last)
			return true;
	return false;
}

void vr_emit_all(struct vr_run *run, struct vr_program *prog, const char *prefix)
{
	const struct vr_key none = {.prog = prog, .obj = {.prog = prog}};
	const struct vr_emitter **list;
	size_t count = find_emitters(prefix, &list);

	/* Each emitter's run over a key is a unit: one that kills its worker is skipped. */
	run_kind(run, list, count, KEYS_NONE, &none);
	if (any_of(list, count, KEYS_IRQ, KEYS_IRQ))
		run_irqs(run, prog, list, count);
	if (any_of(list, count, KEYS_PROCESS, KEYS_THREAD))
		run_tasks(run, prog, list, count);
	vr_run_unit_end(run);
	free(list);
}
